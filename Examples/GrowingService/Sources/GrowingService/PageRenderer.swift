// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Asks for pages: a thousand a second, each at an address that nobody asks for again.
struct PageRenderer {
    let cache: PageCache

    func run(until limit: ContinuousClock.Instant?) async {
        var visits = 0
        while limit.map({ ContinuousClock.now < $0 }) ?? true {
            for _ in 0..<20 {
                visits += 1
                _ = await cache.page(at: "/rooms/lobby?visit=\(visits)")
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
