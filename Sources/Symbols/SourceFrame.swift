// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A function and the line in it, for an address. What is not known is nil, never guessed.
package struct SourceFrame: Sendable, Hashable {
    /// For people: demangled, Swift's or C++'s.
    package var function: String?
    package var mangledName: String?
    /// As the compiler was given it, made absolute with the directory of compilation. Nil for code the compiler made up.
    package var file: String?
    package var line: Int?
    /// Its code is part of the function of the frame that follows.
    package var isInlined: Bool
    /// The module's path, or `[vdso]`; nil when no module is mapped there.
    package var image: String?
    /// The compiler's glue: a reabstraction, partial application or witness thunk.
    package var isThunk: Bool
    /// Not a function but a name for a trap, such as `Swift runtime failure: arithmetic overflow`.
    package var isRuntimeFailure: Bool

    package init(
        function: String?, mangledName: String? = nil, file: String? = nil, line: Int? = nil, isInlined: Bool = false,
        image: String? = nil, isThunk: Bool = false, isRuntimeFailure: Bool = false
    ) {
        self.function = function
        self.mangledName = mangledName
        self.file = file
        self.line = line
        self.isInlined = isInlined
        self.image = image
        self.isThunk = isThunk
        self.isRuntimeFailure = isRuntimeFailure
    }
}
