// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a service does for a request: writes a document, parses it into a dictionary and an array, and adds up what it
/// read. Some 30 µs, of which allocation and reference counts are a good part.
struct Work {
    private var seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func serveRequest() -> Int {
        let document = writeDocument(records: 24)
        let records = parse(document)
        return records.reduce(0) { $0 + $1.values.reduce(0, +) }
    }

    private mutating func next(below limit: UInt64) -> UInt64 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (seed >> 33) % limit
    }

    @inline(never)
    private mutating func writeDocument(records: Int) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "[")]
        for index in 0..<records {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += "{\"id\":\(index),\"price\":\(next(below: 10_000)),\"amount\":\(next(below: 100))}".utf8
        }
        text.append(UInt8(ascii: "]"))
        return text
    }

    @inline(never)
    private func parse(_ document: [UInt8]) -> [[String: Int]] {
        var records: [[String: Int]] = []
        var record: [String: Int] = [:]
        var key = ""
        var index = 0
        while index < document.count {
            switch document[index] {
            case UInt8(ascii: "{"): record = [:]
            case UInt8(ascii: "}"): records.append(record)
            case UInt8(ascii: "\""):
                let end = document[(index + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? document.count
                key = String(decoding: document[(index + 1)..<end], as: UTF8.self)
                index = end
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digits = document[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                record[key] = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
                index = digits.endIndex - 1
            default: break
            }
            index += 1
        }
        return records
    }
}
