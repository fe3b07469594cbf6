// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles

/// A small program: `main` calls `serve`, into which `parse` is inlined; `parse` calls into a C library without symbols.
enum Fixture {
    static let mappings = MappingTable(
        [
            Mapping(start: 0x7000, limit: 0x8000, fileOffset: 0x1000, file: "/usr/lib/libc.so.6", buildID: "c0ffee"),
            Mapping(start: 0x4000, limit: 0x5000, file: "/opt/app", buildID: "abad1dea"),
        ], mainBinary: "/opt/app")

    static let main: UInt = 0x4010
    static let serve: UInt = 0x4120
    static let unnamed: UInt = 0x7040
    static let nowhere: UInt = 0x9999

    static func locate(_ addresses: [UInt]) -> [Location] { addresses.map(location) }

    static func location(_ address: UInt) -> Location {
        switch address {
        case main:
            Location(
                address: address, functionStart: 0x4000,
                lines: [Line(Function(name: "main", systemName: "main", file: "/src/main.swift"), line: 3)])
        case serve:
            Location(
                address: address, functionStart: 0x4100,
                lines: [
                    Line(Function(name: "parse(_:)", systemName: "$s5parse", file: "/src/Parser.swift"), line: 40),
                    Line(Function(name: "serve()", systemName: "$s5serve", file: "/src/Server.swift"), line: 12),
                ])
        default: Location(address: address)
        }
    }

    /// `stack` leaf first.
    static func profile(
        _ samples: [(stack: [UInt], values: [Int64], labels: [Label])], kind: ProfileKind = .count(of: "thread")
    ) -> Profile {
        var table = SampleTable(kind)
        for sample in samples { table.add(sample.stack, sample.values, labels: sample.labels) }
        return table.profile(mappings: mappings, locate: locate)
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A linear congruential generator: the same numbers in each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 32
    }
}
