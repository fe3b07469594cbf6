// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A page as it is sent.
final class RenderedPage: Sendable {
    let html: String

    init(html: String) {
        self.html = html
    }
}

/// Rendered pages by address.
actor PageCache {
    /// How many pages are kept; the mistake is nil.
    private let limit: Int?
    private var pages: [String: RenderedPage] = [:]
    /// The addresses of `pages`, oldest first.
    private var addresses: [String] = []

    init(limit: Int?) {
        self.limit = limit
    }

    func page(at address: String) -> RenderedPage {
        if let page = pages[address] { return page }
        let page = render(address)
        pages[address] = page
        addresses.append(address)
        // Half of them at a time.
        if let limit, addresses.count > limit {
            for address in addresses.prefix(limit / 2) { pages[address] = nil }
            addresses.removeFirst(limit / 2)
        }
        return page
    }

    /// Not inlined, so that the profile shows it by its name.
    @inline(never)
    private func render(_ address: String) -> RenderedPage {
        let greeting = "Welcome to \(address). "
        return RenderedPage(html: String(repeating: greeting, count: 40))
    }
}
