// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture
import Glibc
import Testing

@testable import ProcessSnapshot

@Suite struct TaskLayoutTests {
    @Test func theRuntimeOfThisProcessIsKnown() throws {
        let layout = try TaskLayout.find()
        #expect(layout.taskMetadata != 0)
        #expect(layout.adapters.unstarted.count == 2)
        #expect(layout.adapters.waiting.count == 2)
    }

    @Test(arguments: [(2, 208), (1, 216), (0, 0)] as [(UInt32, UInt)])
    func anotherLayoutIsRefusedWithASentence(version: UInt32, size: UInt) throws {
        let refusal = #expect(throws: SnapshotRefusal.self) { try Self.layout(version: version, size: size) }
        #expect(refusal?.description.contains("(version \(version), \(size) bytes a task)") == true)
    }

    @Test func theSameVersionAndSizeAreAccepted() throws {
        _ = try Self.layout(version: 1, size: 208)
    }

    @Test func memoryThatCannotBeReadIsRefusedWithASentence() throws {
        var runtime = stackcap_task_runtime()
        stackcap_find_task_runtime(&runtime)
        runtime.layout_version = 8
        let refusal = #expect(throws: SnapshotRefusal.self) { try TaskLayout(runtime) }
        #expect(refusal?.description.contains("allow the system call process_vm_readv") == true)
    }

    @Test func noRuntimeIsRefusedWithASentence() throws {
        let refusal = #expect(throws: SnapshotRefusal.self) { try TaskLayout(stackcap_task_runtime()) }
        #expect(refusal?.description.contains("has no Swift concurrency runtime") == true)
    }

    /// This process's runtime as if it had another version.
    private static func layout(version: UInt32, size: UInt) throws -> TaskLayout {
        var runtime = stackcap_task_runtime()
        stackcap_find_task_runtime(&runtime)
        return try withUnsafePointer(to: version) { version in
            try withUnsafePointer(to: size) { size in
                runtime.layout_version = UInt64(UInt(bitPattern: version))
                runtime.task_size = UInt64(UInt(bitPattern: size))
                return try TaskLayout(runtime)
            }
        }
    }
}

#if arch(x86_64)
    @Suite struct CurrentTaskSlotTests {
        private typealias Place = CurrentTaskSlot.Place

        @Test func theSlotOfThisProcessIsFound() throws {
            let slot = try #require(CurrentTaskSlot.find(TaskLayout.find()))
            #expect(slot.tlsModule > 0)
            #expect(slot.executorOffset != nil)
        }

        @Test func aSharedLibrarysAccessorIsDecoded() {
            let index: (module: UInt, base: UInt) = (7, 16)
            withUnsafePointer(to: index) { index in
                // The distance from the end of the lea to the index must fit 32 bits, so the code is said to be near it.
                let code = UInt(bitPattern: index) - 4096
                let bytes: [UInt8] =
                    [0x55, 0x48, 0x89, 0xe5, 0x48, 0x8d, 0x3d] + Self.distance(4096 - 11)
                    + [0xe8, 1, 2, 3, 4, 0x48, 0x8b, 0x40, 0x08, 0x5d, 0xc3]
                #expect(Place(bytes, at: code)?.module == 7)
                #expect(Place(bytes, at: code)?.offset == 24)
            }
        }

        @Test func aProgramsAccessorIsDecoded() throws {
            let table = try #require(ProcessMemory.load(UInt(pthread_self()) + 8, as: UInt.self))
            let block = try #require(ProcessMemory.load(table + 16, as: UInt.self))
            try #require(block != 0 && block < UInt(pthread_self()))  // the test program has thread-local storage
            let offset = Int(block) - Int(UInt(pthread_self()))
            let bytes: [UInt8] =
                [0x55, 0x48, 0x89, 0xe5, 0x66, 0x66, 0x66, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x48, 0x8b, 0x80]
                + Self.distance(offset + 0) + [0x5d, 0xc3]
            #expect(Place(bytes, at: 0)?.module == 1)
            #expect(Place(bytes, at: 0)?.offset == 0)
        }

        @Test(
            arguments: [
                [],
                [0x55, 0x48, 0x89, 0xe5, 0x48, 0x8d, 0x3d, 1, 2],
                [0x55, 0x48, 0x89, 0xe5, 0x31, 0xc0, 0xc3],
                [0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0x48, 0x8b, 0xc7],
            ] as [[UInt8]]) func otherCodeIsNotGuessedAt(bytes: [UInt8])
        {
            #expect(Place(bytes, at: 0) == nil)
        }

        private static func distance(_ value: Int) -> [UInt8] {
            let bits = UInt32(bitPattern: Int32(value))
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
        }
    }
#endif
