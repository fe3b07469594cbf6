// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The part of a stack that a walk has come to: one system call for many frames instead of one for each saved register.
///
/// For one walk: it does not see what is changed after it was read.
struct StackWindow {
    private static let wordCount = 512  // one page: some 30 frames of usual size

    private var start: UInt = 0
    private var words: [UInt] = []

    /// The word at `address`; nil when it is not mapped.
    mutating func word(_ address: UInt) -> UInt? {
        guard address % 8 == 0 else { return ProcessMemory.load(address, as: UInt.self) }
        if let word = known(address) { return word }
        // A frame's registers lie below its return address, callers' frames above: so mostly from here on, and a little before.
        start = address > 64 ? address - 64 : address
        words = ProcessMemory.words(start, count: Self.wordCount)
        // What is mapped may begin here.
        return known(address) ?? ProcessMemory.load(address, as: UInt.self)
    }

    private func known(_ address: UInt) -> UInt? {
        let index = (address &- start) / 8
        return index < UInt(words.count) ? words[Int(index)] : nil
    }
}
