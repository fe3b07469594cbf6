// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A stack as people read it: without the compiler's thunks, bounded in depth, and never empty without a word.
struct ShownStack {
    /// The innermost functions.
    let inner: [SymbolicatedStacks.Frame]
    /// How many frames are left out between them.
    let omitted: Int
    /// The outermost functions, where the middle is left out.
    let outer: [SymbolicatedStacks.Frame]
    /// What is missing, and why.
    let note: String?

    private static let innerLimit = 48
    private static let outerLimit = 12

    init(_ all: [SymbolicatedStacks.Frame], note: String?) {
        let written = all.filter { !$0.isThunk }
        let frames = written.isEmpty ? all : written
        omitted = max(0, frames.count - Self.innerLimit - Self.outerLimit)
        inner = Array(omitted == 0 ? frames[...] : frames.prefix(Self.innerLimit))
        outer = omitted == 0 ? [] : frames.suffix(Self.outerLimit)
        self.note =
            note.map { (frames.isEmpty ? "no stack: " : "the stack ends early: ") + shownText($0) }
            ?? (frames.isEmpty ? "no stack" : nil)
    }

    /// The innermost function whose file is known, or else the innermost.
    var place: SymbolicatedStacks.Frame? { inner.first { $0.file != nil } ?? inner.first }

    var count: Int { inner.count + omitted + outer.count }
}
