// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Reads pprof's format by its definition alone, and holds it to the rules of google/pprof's CheckValid and of stricter readers.

/// One message of Protocol Buffers' wire format: the fields in the order in which they came.
struct WireMessage {
    enum Field {
        case number(UInt64)
        case bytes([UInt8])
    }

    struct Malformed: Error {
        let reason: String
    }

    private(set) var fields: [(id: UInt64, field: Field)] = []

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let tag = try Self.varint(&rest)
            switch tag & 7 {
            case 0: fields.append((tag >> 3, .number(try Self.varint(&rest))))
            case 2:
                let length = try Self.varint(&rest)
                guard length <= UInt64(rest.count) else { throw Malformed(reason: "a length beyond the end") }
                fields.append((tag >> 3, .bytes(Array(rest.prefix(Int(length))))))
                rest = rest.dropFirst(Int(length))
            default: throw Malformed(reason: "wire type \(tag & 7)")
            }
        }
    }

    func number(_ id: UInt64) throws -> UInt64 {
        guard let last = fields.last(where: { $0.id == id }) else { return 0 }
        guard case .number(let number) = last.field else { throw Malformed(reason: "field \(id) is no number") }
        return number
    }

    func all(_ id: UInt64) throws -> [[UInt8]] {
        try fields.filter { $0.id == id }.map {
            guard case .bytes(let bytes) = $0.field else { throw Malformed(reason: "field \(id) has no length") }
            return bytes
        }
    }

    func messages(_ id: UInt64) throws -> [WireMessage] { try all(id).map(WireMessage.init) }

    func packed(_ id: UInt64) throws -> [UInt64] {
        var numbers: [UInt64] = []
        for bytes in try all(id) {
            var rest = bytes[...]
            while !rest.isEmpty { numbers.append(try Self.varint(&rest)) }
        }
        return numbers
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0 as UInt64, to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Malformed(reason: "a number without end") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Malformed(reason: "a number of more than ten bytes")
    }
}

struct DecodedProfile {
    struct Line: Equatable {
        var function: String
        var systemName: String
        var file: String
        var line: Int64
    }
    struct Location: Equatable {
        var address: UInt64
        /// From 1; 0 is none.
        var mapping: UInt64
        var lines: [Line]
    }
    struct Sample: Equatable {
        var stack: [UInt64]
        var values: [Int64]
        var labels: [String]
    }
    struct Mapping: Equatable {
        var start: UInt64
        var limit: UInt64
        var offset: UInt64
        var file: String
        var buildID: String
        var hasFunctions: Bool
    }

    let strings: [String]
    let sampleTypes: [String]
    let samples: [Sample]
    let mappings: [Mapping]
    let locations: [Location]
    let functionCount: Int
    let time: Int64
    let duration: Int64
    let periodType: String
    let period: Int64
    let comments: [String]
    let defaultSampleType: String

    init(_ bytes: [UInt8]) throws {
        typealias Malformed = WireMessage.Malformed
        let top = try WireMessage(bytes)
        let strings = try top.all(6).map { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(reason: "not UTF-8") }
            return text
        }
        guard strings.first == "" else { throw Malformed(reason: "string_table[0] is not empty") }
        func string(_ index: UInt64) throws -> String {
            guard index < strings.count else { throw Malformed(reason: "string \(index) of \(strings.count)") }
            return strings[Int(index)]
        }
        func type(_ message: WireMessage) throws -> String {
            try "\(string(message.number(1)))/\(string(message.number(2)))"
        }
        func requireSequence(_ messages: [WireMessage], _ what: String) throws {
            for (index, message) in messages.enumerated() where try message.number(1) != UInt64(index + 1) {
                throw Malformed(reason: "the ids of \(what) are not 1, 2, 3 …")
            }
        }
        self.strings = strings
        let sampleTypes = try top.messages(1).map(type)
        self.sampleTypes = sampleTypes

        let functions = try top.messages(5)
        try requireSequence(functions, "functions")
        functionCount = functions.count
        let mappings = try top.messages(3)
        try requireSequence(mappings, "mappings")
        self.mappings = try mappings.map { mapping in
            try Mapping(
                start: mapping.number(2), limit: mapping.number(3), offset: mapping.number(4),
                file: string(mapping.number(5)), buildID: string(mapping.number(6)),
                hasFunctions: mapping.number(7) == 1)
        }
        let locations = try top.messages(4)
        try requireSequence(locations, "locations")
        self.locations = try locations.map { location in
            guard try location.number(2) <= UInt64(mappings.count) else { throw Malformed(reason: "no such mapping") }
            return try Location(
                address: location.number(3), mapping: location.number(2),
                lines: location.messages(4).map { line in
                    let id = try line.number(1)
                    guard id >= 1, id <= UInt64(functions.count) else { throw Malformed(reason: "no such function") }
                    let function = functions[Int(id) - 1]
                    return try Line(
                        function: string(function.number(2)), systemName: string(function.number(3)),
                        file: string(function.number(4)), line: Int64(bitPattern: line.number(2)))
                })
        }
        samples = try top.messages(2).map { sample in
            let stack = try sample.packed(1)
            guard stack.allSatisfy({ $0 >= 1 && $0 <= UInt64(locations.count) }) else {
                throw Malformed(reason: "no such location")
            }
            let values = try sample.packed(2).map { Int64(bitPattern: $0) }
            guard values.count == sampleTypes.count else { throw Malformed(reason: "\(values.count) values") }
            return try Sample(
                stack: stack, values: values,
                labels: sample.messages(3).map { label in
                    let key = try string(label.number(1))
                    let text = try string(label.number(2))
                    guard text.isEmpty else { return "\(key)=\(text)" }
                    return "\(key)=\(Int64(bitPattern: try label.number(3))) \(try string(label.number(4)))"
                })
        }
        time = Int64(bitPattern: try top.number(9))
        duration = Int64(bitPattern: try top.number(10))
        periodType = try top.messages(11).first.map(type) ?? ""
        period = Int64(bitPattern: try top.number(12))
        comments = try top.packed(13).map(string)
        defaultSampleType = try string(top.number(14))
    }
}
