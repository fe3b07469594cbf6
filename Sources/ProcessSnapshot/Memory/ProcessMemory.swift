// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Every look at memory that somebody else may unmap or change goes through here: the kernel copies it, and where nothing is
// mapped it says so instead of ending the process. A copy of memory that is being written is torn; callers check what they read.
import CStackCapture

/// This process's own memory, read without faults. Safe from any thread; takes no lock. Source: process_vm_readv(2) on ourselves.
///
/// Cost: one system call, some 0.3 µs, and the copy.
package enum ProcessMemory {
    /// Copies what is mapped from `address` on; returns how many bytes came before the first unmapped page.
    package static func read(_ address: UInt, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        return stackcap_read(UInt64(address), base, buffer.count)
    }

    /// Whether the process may read its own memory at all: a seccomp filter may forbid it.
    package static var isAllowed: Bool {
        var word: UInt = 1
        return withUnsafeMutableBytes(of: &word) { bytes in
            guard let base = bytes.baseAddress else { return false }
            return load(UInt(bitPattern: base), as: UInt.self) == 1
        }
    }

    /// The bytes at `address`, fewer than `count` where the mapping ends.
    package static func bytes(_ address: UInt, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = read(address, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// The words at `address`, fewer than `count` where the mapping ends. A word that says that a task begins is 0 in a copy that is long
    /// enough for one: the copy lies in the heap, and freed or not, the next look would take it for a task.
    package static func words(_ address: UInt, count: Int) -> [UInt] {
        let task = count < TaskLayout.Task.size / 8 ? 0 : TaskLayout.metadata
        return [UInt](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = read(address, into: UnsafeMutableRawBufferPointer(buffer)) / MemoryLayout<UInt>.stride
            if task == 0 { return }
            for index in 0..<initialized where buffer[index] == task { buffer[index] = 0 }
        }
    }

    /// A trivial value at `address`; nil when not all of it is mapped.
    package static func load<Value: BitwiseCopyable>(_ address: UInt, as type: Value.Type = Value.self) -> Value? {
        withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer in
            let count = read(address, into: UnsafeMutableRawBufferPointer(buffer))
            return count == MemoryLayout<Value>.size ? buffer[0] : nil
        }
    }

    /// The text up to the first NUL, `limit` bytes at most; nil when the address is not mapped.
    package static func text(_ address: UInt, limit: Int = 256) -> String? {
        let bytes = bytes(address, count: limit)
        guard !bytes.isEmpty else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
