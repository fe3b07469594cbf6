// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP

/// Why a server could not start. `description` is one sentence: what was asked, what was found, what to do.
public struct DebugServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of problem, to branch on; more may be added.
    public enum Code: Sendable {
        case addressInUse
        /// Malformed, unknown, or not an address of this machine.
        case invalidAddress
        case permissionDenied
        /// The address can be reached from other machines and no protection was chosen.
        case unprotectedAddress
        /// A certificate or key file is missing or unusable.
        case invalidTLS
        /// A configured value is out of its range.
        case invalidConfiguration
        /// The system has no descriptor, thread or memory to give.
        case systemRefused
    }
    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ error: HTTPServerError) {
        code =
            switch error {
            case .addressInUse: .addressInUse
            case .addressNotHere, .hostUnknown, .socketPathTooLong, .socketPathTaken: .invalidAddress
            case .permissionDenied: .permissionDenied
            case .fileUnreadable, .certificateRefused: .invalidTLS
            case .limitOutOfRange: .invalidConfiguration
            case .systemRefused, .daemonRefused: .systemRefused
            }
        description = error.description
    }
}
