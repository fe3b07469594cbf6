// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Blocks that had a pattern are freed and taken again with sizes that leave their last word to nobody: how many have the
/// pattern there, and, as the control, how many have it in a word that was asked for.
func lastWords(_: [String]) {
    let pattern: UInt = 0x5EED_5EED_5EED_5EED
    var (reused, inLastWord, inAskedWord, written) = (0, 0, 0, 0)
    for size in stride(from: 40, through: 1000, by: 16) {
        guard let old = malloc(size) else { continue }
        for offset in stride(from: 0, to: size, by: 8) {
            old.storeBytes(of: pattern, toByteOffset: offset, as: UInt.self)
        }
        let address = UInt(bitPattern: old)
        free(old)
        guard let new = malloc(size - 8) else { continue }
        if UInt(bitPattern: new) == address {
            reused += 1
            // The first two words are the allocator's own list.
            if new.load(fromByteOffset: 16, as: UInt.self) == pattern { inAskedWord += 1 }
            if new.load(fromByteOffset: size - 8, as: UInt.self) == pattern { inLastWord += 1 }
            // It may be used all the same, as Swift's arrays do.
            new.storeBytes(of: pattern, toByteOffset: size - 8, as: UInt.self)
            if usableSize(new) >= size, new.load(fromByteOffset: size - 8, as: UInt.self) == pattern { written += 1 }
        }
        free(new)
    }
    report("reused", reused)
    report("in_last_word", inLastWord)
    report("in_asked_word", inAskedWord)
    report("written", written)
}
