// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Five places that allocate a known number of blocks of a known size, each through other frames, and keep them.
enum KnownAllocations {
    /// Where it is, how many bytes a block has, and how many blocks. At one sample for 2 KiB, each has more than 10 000 samples.
    static let sites: [(name: String, size: Int, count: Int)] = [
        ("makeObject", 48, 500_000), ("makeArray", 32 + 1000, 25_000), ("copyTextInC", 240, 100_000),
        ("takeMemory", 4000, 12_000), ("makeInATask", 20_000, 11_000),
    ]

    private final class Object {
        var words = (0, 0, 0, 0)
    }

    /// What is kept, by site: pointers for `free`, or retained objects.
    struct Kept {
        let blocks: [UnsafeMutableBufferPointer<UnsafeRawPointer?>]

        init() {
            blocks = sites.map {
                let blocks = UnsafeMutableBufferPointer<UnsafeRawPointer?>.allocate(capacity: $0.count)
                blocks.initialize(repeating: nil)
                return blocks
            }
        }

        /// Makes each site's blocks from `part` of `parts`.
        func make(part: Int = 0, of parts: Int = 1) {
            for (site, blocks) in blocks.enumerated().dropLast() {
                for index in Self.range(blocks.count, part, parts) { blocks[index] = KnownAllocations.make(site) }
            }
            let task = blocks[sites.count - 1]
            let end = Door()
            let start = Sent(blocks: task, range: Self.range(task.count, part, parts))
            Task.detached {
                await serve(start.blocks, start.range)
                end.open()
            }
            end.wait()
        }

        /// Gives back each site's blocks from `part` of `parts`.
        func free(part: Int = 0, of parts: Int = 1) {
            for (site, blocks) in blocks.enumerated() {
                for index in Self.range(blocks.count, part, parts) {
                    guard let block = blocks[index] else { continue }
                    blocks[index] = nil
                    if site < 2 {
                        Unmanaged<AnyObject>.fromOpaque(block).release()
                    } else {
                        Glibc.free(UnsafeMutableRawPointer(mutating: block))
                    }
                }
            }
        }

        private static func range(_ count: Int, _ part: Int, _ parts: Int) -> Range<Int> {
            count / parts * part..<count / parts * (part + 1)
        }
    }

    private struct Sent: @unchecked Sendable {  // Safe: the one who sends it waits until it has been used.
        let blocks: UnsafeMutableBufferPointer<UnsafeRawPointer?>
        let range: Range<Int>
    }

    // Safe: written once, by its first reader; nobody writes to what it points to.
    nonisolated(unsafe) private static let text: UnsafeMutablePointer<CChar>? = strdup(
        String(repeating: "x", count: 239))

    private static func make(_ site: Int) -> UnsafeRawPointer? {
        switch site {
        case 0: makeObject()
        case 1: makeArray()
        case 2: copyTextInC()
        default: takeMemory()
        }
    }

    @inline(never) private static func makeObject() -> UnsafeRawPointer? {
        UnsafeRawPointer(Unmanaged.passRetained(Object()).toOpaque())
    }

    @inline(never) private static func makeArray() -> UnsafeRawPointer? {
        let array = [UInt8](repeating: 1, count: 1000)
        // An array is a reference to its storage.
        return UnsafeRawPointer(Unmanaged.passRetained(unsafeBitCast(array, to: AnyObject.self)).toOpaque())
    }

    @inline(never) private static func copyTextInC() -> UnsafeRawPointer? {
        text.map { UnsafeRawPointer(strdup($0)) } ?? nil
    }

    @inline(never) private static func takeMemory() -> UnsafeRawPointer? {
        UnsafeRawPointer(malloc(4000))
    }

    @inline(never) private static func serve(
        _ blocks: UnsafeMutableBufferPointer<UnsafeRawPointer?>, _ range: Range<Int>
    ) async {
        for index in range { blocks[index] = await handle() }
    }

    @inline(never) private static func handle() async -> UnsafeRawPointer? {
        await Task.yield()
        return makeInATask()
    }

    @inline(never) private static func makeInATask() -> UnsafeRawPointer? {
        UnsafeRawPointer(malloc(20_000))
    }
}
