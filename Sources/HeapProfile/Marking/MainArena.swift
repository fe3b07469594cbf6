// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The record of glibc's first arena lies in libc's data. Its lists of free chunks lead to the word before each, which is the end
// of the block in front of it, so as a root it would keep blocks that nobody refers to. Its place has no name in a stripped
// libc; it is found by the 127 heads of lists, most of which lead to themselves. Source: glibc, malloc/malloc.c (malloc_state).

/// Where glibc keeps what it knows of its first arena.
enum MainArena {
    private static let bins = 127
    /// Of the 127, small processes use few.
    private static let leastEmpty = 40
    /// The lists of small chunks, the top chunk and the last remainder lie before the heads.
    private static let before: UInt = 0x60

    /// Its record in `words`, which begin at `address`; nil when it is not there.
    static func find(in words: UnsafeBufferPointer<UInt>, at address: UInt) -> Range<UInt>? {
        var index = 0
        while index + 2 * bins <= words.count {
            // An empty list: both ways lead to where a chunk would begin that has these two as its links.
            guard isEmpty(words, index, address) else {
                index += 1
                continue
            }
            var run = index
            while run + 1 < words.count, isEmpty(words, run, address) || looksLikeLinks(words, run) { run += 2 }
            if run - index >= 2 * leastEmpty {
                var first = index
                var empty = 0
                while first >= 2, index - first < 2 * bins,
                    isEmpty(words, first - 2, address) || looksLikeLinks(words, first - 2)
                {
                    first -= 2
                }
                for pair in stride(from: first, to: run, by: 2) where isEmpty(words, pair, address) { empty += 1 }
                if empty >= leastEmpty {
                    let start = address + UInt(first * 8)
                    return start - min(before, start - address)..<address + UInt(run * 8)
                }
            }
            index = run
        }
        return nil
    }

    private static func isEmpty(_ words: UnsafeBufferPointer<UInt>, _ index: Int, _ address: UInt) -> Bool {
        let head = address &+ UInt(index * 8) &- 16
        return words[index] == head && words[index + 1] == head
    }

    private static func looksLikeLinks(_ words: UnsafeBufferPointer<UInt>, _ index: Int) -> Bool {
        let (next, previous) = (words[index], words[index + 1])
        return next & 15 == 0 && previous & 15 == 0 && next > 4096 && previous > 4096 && next >> 47 == 0
            && previous >> 47 == 0
    }
}
