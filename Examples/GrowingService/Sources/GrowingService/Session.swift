// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One visitor's stay.
final class Session {
    let visitor: String
    private(set) var transcript: [String] = []
    /// Called with each line that the visitor says.
    var onLine: ((String) -> Void)?
    /// What has arrived of the next line.
    private var input: [UInt8] = []

    init(visitor: String) {
        self.visitor = visitor
        input.reserveCapacity(2000)
    }

    func receive(_ text: String) {
        for byte in text.utf8 {
            if byte != UInt8(ascii: "\n") {
                input.append(byte)
            } else {
                onLine?(String(decoding: input, as: UTF8.self))
                input.removeAll(keepingCapacity: true)
            }
        }
    }

    func note(_ line: String) {
        transcript.append(line)
    }
}
