// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One frame as debug information has it.
struct SourceLocation {
    /// Mangled where the language mangles; else as written.
    var name: String?
    var file: String?
    var line: Int?
    var isInlined: Bool
}
