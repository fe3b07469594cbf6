// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a customer does: mostly what works.
final class Shop: Sendable {
    private let prices = PriceList()
    private let news = NewsFeed()
    private let reports = ReportCache()
    private let accounts = Accounts()
    private let mailRoom = MailRoom()

    /// So many of each kind get stuck: enough to see, few enough to go on.
    private static let unluckyCustomers = 1...50

    func serve(_ customer: Int) {
        let isUnlucky = Self.unluckyCustomers.contains(customer) && customer.isMultiple(of: 10)
        Task(name: "price for \(customer)") {
            _ = await prices.price(of: isUnlucky ? "unicorn" : "tea")
        }
        Task(name: "news for \(customer)") { await news.read(by: customer, leavesEarly: isUnlucky) }
        Thread.start("report \(customer)") { [reports] in reports.read(customer, whileItIsDropped: isUnlucky) }
        if customer == 20 {
            Thread.start("rent") { [accounts] in accounts.move(100, from: .shop, to: .landlord) }
            Thread.start("refund") { [accounts] in accounts.move(100, from: .landlord, to: .shop) }
        }
        if customer == 30 { Task(name: "newsletter") { await mailRoom.sendNewsletter() } }
    }
}

extension Thread {
    /// With a name of at most 15 bytes.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            // From outside, Foundation's name stays unknown to the kernel.
            Thread.current.name = name
            body()
        }
        thread.start()
    }
}
