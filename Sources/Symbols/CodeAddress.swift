// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// An address in code, and how it is to be looked up.
package enum CodeAddress: Hashable, Sendable {
    /// Looked up exactly: an interrupted instruction, or where an async function resumes.
    case instruction(UInt)
    /// What a call returns to. Looked up one byte before: the call may be the last instruction of its line or its function.
    case returnAddress(UInt)

    /// The address as it was captured.
    package var address: UInt {
        switch self {
        case .instruction(let address), .returnAddress(let address): address
        }
    }

    /// A byte of the instruction in question.
    var lookupAddress: UInt {
        switch self {
        case .instruction(let address): address
        case .returnAddress(let address): address &- 1
        }
    }
}
