// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The runtime keeps the current task of a thread in a thread-local word that has no exported name. Its own accessor has the
// place in its code: a few instructions that compiler and linker write in three known ways.
import Glibc

/// Where in a thread's local storage the concurrency runtime keeps what runs on it.
package struct CurrentTaskSlot: Sendable {
    /// The index of the runtime's block in a thread's DTV (dynamic thread vector), and the task's word in the block.
    package let tlsModule: UInt
    package let tlsOffset: UInt
    /// The word in the same block that leads to the executor that runs; nil where unknown.
    let executorOffset: UInt?

    /// The slot of this process; nil where the code is not known, as on other processors than x86-64.
    package static func find(_ layout: TaskLayout) -> CurrentTaskSlot? {
        guard let task = Place(code: layout.currentTaskCode) else { return nil }
        let executor = Place(code: layout.currentExecutorCode).flatMap { $0.module == task.module ? $0.offset : nil }
        return CurrentTaskSlot(tlsModule: task.module, tlsOffset: task.offset, executorOffset: executor)
    }

    struct Place: Equatable {
        let module: UInt
        let offset: UInt

        /// Decodes the beginning of a function that loads a thread-local word.
        init?(code: UInt) {
            #if arch(x86_64)
                let bytes = ProcessMemory.bytes(code, count: 64)
                guard code != 0, bytes.count == 64 else { return nil }
                self.init(bytes, at: code)
            #else
                return nil
            #endif
        }

        /// Seen in Swift 6.3, `push %rbp; mov %rsp,%rbp` before them:
        /// a shared library: `lea index(%rip),%rdi; call __tls_get_addr; mov offset(%rax),%r`, the index being {module, base};
        /// in a program: `mov %fs:0,%rax; mov offset(%rax),%r`, the offset being negative, from the thread pointer;
        /// the same through a table: `mov entry(%rip),%rax; mov %fs:(%rax),%r`.
        init?(_ bytes: [UInt8], at code: UInt) {
            var cursor = Cursor(bytes)
            cursor.skip([0xf3, 0x0f, 0x1e, 0xfa])  // endbr64
            cursor.skip([0x55])
            cursor.skip([0x48, 0x89, 0xe5])
            var prefixes = 0
            // Padding, so that a linker can write either form.
            while prefixes < 3, cursor.skip([0x66]) { prefixes += 1 }
            if cursor.skip([0x48, 0x8d, 0x3d]) {
                guard let distance = cursor.distance() else { return nil }
                let index = code &+ UInt(cursor.position) &+ UInt(bitPattern: distance)
                guard let module = ProcessMemory.load(index, as: UInt.self), module != 0, module < 1 << 16,
                    let base = ProcessMemory.load(index &+ 8, as: UInt.self)
                else { return nil }
                while cursor.skip([0x66]) || cursor.skip([0x48]) {}
                if cursor.skip([0xff, 0x15]) || cursor.skip([0xe8]) {
                    guard cursor.distance() != nil, let offset = cursor.load() else { return nil }
                    self.init(module: module, offset: base &+ UInt(bitPattern: offset))
                    return
                }
                return nil
            }
            if cursor.skip([0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0]) {
                guard let offset = cursor.load() else { return nil }
                self.init(fromThreadPointer: offset)
                return
            }
            if cursor.skip([0x48, 0x8b, 0x05]), let distance = cursor.distance() {
                let entry = code &+ UInt(cursor.position) &+ UInt(bitPattern: distance)
                guard cursor.skip([0x64, 0x48, 0x8b]), let offset = ProcessMemory.load(entry, as: Int.self) else {
                    return nil
                }
                self.init(fromThreadPointer: offset)
                return
            }
            return nil
        }

        private init(module: UInt, offset: UInt) {
            self.module = module
            self.offset = offset
        }

        /// The program itself is module 1, and its block lies at the same distance from every thread pointer.
        private init?(fromThreadPointer offset: Int) {
            let pointer = UInt(pthread_self())
            guard let table = ProcessMemory.load(pointer &+ 8, as: UInt.self),
                let block = ProcessMemory.load(table &+ 16, as: UInt.self), block != 0, block != .max
            else { return nil }
            let word = pointer &+ UInt(bitPattern: offset)
            guard word >= block, word < pointer else { return nil }
            self.init(module: 1, offset: word - block)
        }

        private struct Cursor {
            let bytes: [UInt8]
            var position = 0

            init(_ bytes: [UInt8]) {
                self.bytes = bytes
            }

            @discardableResult mutating func skip(_ code: [UInt8]) -> Bool {
                guard bytes.dropFirst(position).starts(with: code) else { return false }
                position += code.count
                return true
            }

            mutating func distance() -> Int? {
                guard position + 4 <= bytes.count else { return nil }
                defer { position += 4 }
                return Int(Int32(truncatingIfNeeded: (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }))
            }

            /// `mov offset(%rax),%r`: the offset.
            mutating func load() -> Int? {
                guard skip([0x48, 0x8b]), position < bytes.count else { return nil }
                let operands = bytes[position]
                position += 1
                guard operands & 7 == 0 else { return nil }  // from where %rax points
                switch operands >> 6 {
                case 0: return 0
                case 1:
                    guard position < bytes.count else { return nil }
                    return Int(Int8(bitPattern: bytes[position]))
                case 2: return distance()
                default: return nil
                }
            }
        }
    }
}
