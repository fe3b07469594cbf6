// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

/// Accounts, each with a lock.
final class Accounts: Sendable {
    enum Name: Int {
        case shop, landlord
    }

    private final class Account: @unchecked Sendable {
        let lock = NSLock()
        // Safe: read and written with the lock held.
        var balance = 1000
    }

    private let accounts = [Account(), Account()]

    /// The mistake: two that move money in opposite directions take the locks in opposite order.
    func move(_ amount: Int, from: Name, to: Name) {
        let (source, target) = (accounts[from.rawValue], accounts[to.rawValue])
        source.lock.lock()
        defer { source.lock.unlock() }
        writeReceipt()
        target.lock.lock()  // stuck: locks
        defer { target.lock.unlock() }
        source.balance -= amount
        target.balance += amount
    }

    private func writeReceipt() { usleep(200_000) }
}
