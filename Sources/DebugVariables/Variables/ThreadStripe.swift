// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Which of a variable's four stripes the calling thread writes, so that threads rarely write the same cache line.
///
/// A thread is told by where its stack lies, which costs three instructions: no call, no thread-local look-up. Stacks of
/// 8 MiB differ in bit 23, smaller ones in bit 20. Only speed depends on the choice; a thread that crosses a boundary just
/// writes another stripe.
enum ThreadStripe {
    static let count = 4

    static var index: Int {
        var onStack: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &onStack) { UInt(bitPattern: $0) }
        return Int(truncatingIfNeeded: ((address &>> 23) ^ (address &>> 20)) & UInt(count - 1))
    }
}
