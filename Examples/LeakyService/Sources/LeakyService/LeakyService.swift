// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc

/// A shop without a network: customers ask for prices, read news, order reports, move money and get mail. Now and then one of them
/// gets stuck for ever, for one of five reasons; the others never notice.
@main
struct LeakyService {
    static func main() async throws {
        let endpoint = try DebugServer.startFromEnvironment() ?? DebugServer.start()
        defer { endpoint.stop() }
        print(endpoint.url)
        fflush(nil)  // into a pipe at once

        let shop = Shop()
        // Ten minutes, a customer every tenth of a second.
        for customer in 1...6000 {
            shop.serve(customer)
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
