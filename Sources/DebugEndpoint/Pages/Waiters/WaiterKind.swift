// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Threads or tasks: what a page lists and what it refers to.
enum WaiterKind: String, Sendable {
    case thread, task

    var path: String { "/debug/\(rawValue)s" }

    func counted(_ count: Int) -> String { "\(count) \(rawValue)\(count == 1 ? "" : "s")" }
}
