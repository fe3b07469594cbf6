// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Prices, which an older library looks up with callbacks.
struct PriceList {
    private let prices = ["tea": 3, "coffee": 4]
    private let library = DispatchQueue(label: "price library")

    func price(of item: String) async -> Int {
        await withCheckedContinuation { continuation in  // stuck: continuation
            // The mistake: the early return forgets whoever waits.
            guard let price = prices[item] else { return }
            library.async { continuation.resume(returning: price) }
        }
    }
}
