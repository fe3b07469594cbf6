// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture

/// The caller's part of the own stack.
package enum OwnStack {
    /// Clears what earlier calls have left below the caller's frame, which frames of ours would else keep between their words.
    package static func clearBelow() { stackcap_clear_stack() }

    /// Runs `body` with the lowest address of the caller's part of the stack, above which lies everything that callers keep,
    /// the registers that they expect back included.
    @inline(never)
    package static func withCallers<Result, Failure: Error>(_ body: (_ stackFrom: UInt) throws(Failure) -> Result)
        throws(Failure) -> Result
    {
        var kept: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
            (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let from = withUnsafeMutableBytes(of: &kept) { bytes -> UInt in
            guard let base = bytes.baseAddress else { return 0 }
            stackcap_kept_registers(base.assumingMemoryBound(to: UInt64.self))
            return UInt(bitPattern: base)
        }
        let result = try body(from)
        withExtendedLifetime(kept) {}
        return result
    }
}
