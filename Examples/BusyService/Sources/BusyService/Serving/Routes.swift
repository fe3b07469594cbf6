// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Hummingbird

/// What the service answers, and what it needs for it.
struct Routes: Sendable {
    let ledger: Ledger
    let dependency: SlowDependency
    let statistics: ServiceStatistics

    var router: Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: MetricsMiddleware())
        router.add(middleware: RequestStatistics(statistics: statistics))
        router.post("sum") { request, _ in try await sum(request) }
        router.get("slow") { request, _ in try await totalIn(request.uri.queryParameters.get("currency") ?? "EUR") }
        return router
    }

    struct Receipt: ResponseEncodable {
        let account: String
        let count: Int
        let sum: Double
        let seal: UInt32
    }

    /// `POST /sum`: parses the document, sums it in parallel, and posts the sum in the ledger.
    private func sum(_ request: Request) async throws -> Receipt {
        let body = Data(buffer: try await request.body.collect(upTo: 4 << 20))
        let document = try parseNumbers(body)
        let sum = await parallelSum(document.numbers)
        guard sum.isFinite else { throw HTTPError(.badRequest, message: "the sum is too large for a Double") }
        let documentChecksum = body.withUnsafeBytes { checksum($0) }
        let seal = await ledger.post(account: document.account, sum: sum, documentChecksum: documentChecksum)
        statistics.numbers.increment(by: document.numbers.count)
        return Receipt(account: document.account, count: document.numbers.count, sum: sum, seal: seal)
    }

    struct Conversion: ResponseEncodable {
        let currency: String
        let rate: Double
        let total: Double
    }

    /// `GET /slow?currency=USD`: the total of all accounts in a currency, whose rate only the slow dependency knows.
    private func totalIn(_ currency: String) async throws -> Conversion {
        // Nothing else may reach the dependency: a line end in it would be a second question.
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw HTTPError(.badRequest, message: "a currency is three capital letters, such as USD")
        }
        async let askedRate = dependency.rate(of: currency)
        async let totals = ledger.totals
        do {
            guard let rate = try await askedRate else {
                throw HTTPError(.notFound, message: "no rate is known for \(currency)")
            }
            let total = await totals.values.reduce(0) { $0 + $1.sum }
            return Conversion(currency: currency, rate: rate, total: total * rate)
        } catch is SlowDependency.Unavailable {
            throw HTTPError(.serviceUnavailable, message: "the program that knows the rates has ended")
        }
    }
}
