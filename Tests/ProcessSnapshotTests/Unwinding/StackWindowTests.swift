// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import ProcessSnapshot

@Suite struct StackWindowTests {
    /// Two pages of numbers between two that cannot be read.
    private struct Island: ~Copyable {
        let start: UInt
        static let words = 1024

        init() {
            let mapping = mmap(nil, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            start = UInt(bitPattern: mapping) + 4096
            mprotect(mapping, 4096, PROT_NONE)
            mprotect(mapping! + 3 * 4096, 4096, PROT_NONE)
            for index in 0..<Self.words {
                UnsafeMutablePointer<UInt>(bitPattern: start)![index] = UInt(index) + 1_000
            }
        }

        deinit { munmap(UnsafeMutableRawPointer(bitPattern: start - 4096), 4 * 4096) }
    }

    @Test func everyWordIsWhatMemoryHasWhateverTheOrder() {
        let island = Island()
        for indexes in [Array(0..<Island.words), (0..<Island.words).reversed(), [700, 0, 1023, 1, 512, 511]] {
            var window = StackWindow()
            for index in indexes {
                #expect(window.word(island.start + UInt(index) * 8) == UInt(index) + 1_000)
            }
        }
    }

    @Test func whatIsNotMappedHasNoWord() {
        let island = Island()
        var window = StackWindow()
        #expect(window.word(island.start) == 1_000)
        #expect(window.word(island.start - 8) == nil)
        #expect(window.word(island.start + 8 * UInt(Island.words)) == nil)
        #expect(window.word(0) == nil)
        #expect(window.word(UInt.max - 7) == nil)
    }
}
