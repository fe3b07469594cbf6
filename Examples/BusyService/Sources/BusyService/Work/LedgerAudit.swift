// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle

/// Audits the ledger once a second, and sleeps in between.
struct LedgerAudit: Service {
    let ledger: Ledger
    let statistics: ServiceStatistics

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(1))
                let entries = await ledger.audit()
                statistics.audit.set(entries.map { "\($0) entries, all sealed" } ?? "an entry was tampered with")
                for (account, totals) in await ledger.totals {
                    statistics.ledgerEntries[account].set(Double(totals.entries))
                }
            }
        }
    }
}
