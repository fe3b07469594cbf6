// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Who waits for what, as far as somebody else must act.
package struct WaitGraph: Sendable {
    /// Who can end a wait.
    package enum Waker: Sendable, Equatable {
        /// Whoever is awake and can reach the primitive.
        case anyoneWhoReachesIt
        /// The holder of a lock, which must be awake and the lock reached.
        case holder(Party)
        /// Any of these, by getting on with their own work: an awaited task, a group's children, a joined thread.
        case oneOf([Party])
        /// Nobody: that was found before.
        case nobody
    }

    /// One who can act.
    package enum Party: Sendable, Equatable {
        case waiter(Int)
        /// One that does not wait, or of which that is not known.
        case awake
        /// One that has ended and will never act.
        case gone
    }

    /// By the waiter's number.
    package var wakers: [Waker]

    package init(wakers: [Waker]) {
        self.wakers = wakers
    }
}
