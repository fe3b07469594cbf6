// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Why a reporter could not start. `description` is one sentence: what was asked, what was found, what to do.
public struct RuntimeMetricsReporterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of problem, to branch on; more may be added.
    public enum Code: Sendable {
        /// The configured address, or one in the environment, cannot be understood.
        case invalidAddress
        /// A configured value is out of its range.
        case invalidConfiguration
        /// The system has no descriptor or thread to give.
        case systemRefused
    }
    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
