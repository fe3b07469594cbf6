// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// Lines of JSON on standard output, each written whole.
enum Output {
    static func line(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var bytes = try? encoder.encode(value) else { return }
        bytes.append(UInt8(ascii: "\n"))
        FileHandle.standardOutput.write(bytes)
    }

    static func refuse(_ sentence: String) -> Never {
        line(["error": sentence])
        exit(3)
    }
}
