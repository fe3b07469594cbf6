// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import NIOCore

/// A few documents of random numbers to post in turn, made once. The same seed gives the same documents.
struct RandomDocuments: Sendable {
    private let documents: [ByteBuffer]
    private var index = 0

    init(seed: UInt64, count: Int = 8, numbers: Int = 4000) {
        var state = seed
        documents = (0..<count).map { _ in
            let account = ["blue", "green", "red"][Int(Self.random(&state) % 3)]
            let numbers = (0..<numbers).map { _ in
                let cents = Self.random(&state) % 100_000_000
                return "\(cents / 100).\(cents % 100 / 10)\(cents % 10)"
            }
            return ByteBuffer(string: #"{"account":"\#(account)","numbers":[\#(numbers.joined(separator: ","))]}"#)
        }
    }

    mutating func next() -> ByteBuffer {
        index = (index + 1) % documents.count
        return documents[index]
    }

    /// SplitMix64, whose constants these are.
    private static func random(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
