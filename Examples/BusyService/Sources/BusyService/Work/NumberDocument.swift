// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Hummingbird

/// What clients post: `{"account": "blue", "numbers": [1, 2.5, 3]}`.
struct NumberDocument: Decodable, Sendable {
    let account: String
    let numbers: [Double]
}

/// Decodes a posted document. Not inlined, so that the profile shows it by its name.
@inline(never)
func parseNumbers(_ body: Data) throws(HTTPError) -> NumberDocument {
    do {
        return try JSONDecoder().decode(NumberDocument.self, from: body)
    } catch {
        throw HTTPError(.badRequest, message: #"the body is not like {"account": "blue", "numbers": [1, 2.5]}"#)
    }
}
