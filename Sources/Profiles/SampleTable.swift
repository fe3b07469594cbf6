// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Sums up samples that have the same stack and the same labels.
///
/// Stacks are addresses here, so that symbols are looked up once for each address and after everything is counted.
package struct SampleTable: Sendable {
    private struct Key: Hashable, Sendable {
        let stack: [UInt]
        let labels: [Label]

        func hash(into hasher: inout Hasher) {
            stack.withUnsafeBytes { hasher.combine(bytes: $0) }
            hasher.combine(labels)
        }
    }

    package let kind: ProfileKind
    private var keys: [Key] = []
    private var indices: [Key: Int] = [:]
    /// As many for each key as the kind has sample types.
    private var values: [Int64] = []

    package init(_ kind: ProfileKind) {
        self.kind = kind
    }

    /// The number of different samples.
    package var count: Int { keys.count }

    /// Adds to the sample with this stack and these labels; makes it if there is none. A sum that overflows wraps.
    ///
    /// `stack` is leaf first, and its addresses are those of ``Location/address``: the return address minus 1 for each
    /// frame that has called another. `values` are as the kind's sample types; missing ones are 0, others are ignored.
    package mutating func add(_ stack: [UInt], _ new: [Int64], labels: [Label] = []) {
        let width = kind.sampleTypes.count
        let index = index(of: Key(stack: stack, labels: Self.sorted(labels))) * width
        for (offset, value) in new.prefix(width).enumerated() { values[index + offset] &+= value }
    }

    /// The profile of all that was added.
    ///
    /// `locate` is called once, with every address in ascending order, and returns a location for each in the same order;
    /// an address that it leaves out stays without lines.
    package func profile(
        mappings: MappingTable, time: Int64 = 0, duration: Int64 = 0, comments: [String] = [],
        locate: ([UInt]) -> [Location]
    ) -> Profile {
        let addresses = addresses
        let found = locate(addresses)
        var indexOf = [UInt: Int](minimumCapacity: addresses.count)
        var locations: [Location] = []
        locations.reserveCapacity(addresses.count)
        for (index, address) in addresses.enumerated() {
            indexOf[address] = index
            let location = index < found.count ? found[index] : Location(address: address)
            locations.append(location.address == address ? location : Location(address: address))
        }
        let width = kind.sampleTypes.count
        let samples = keys.enumerated().map { index, key in
            Profile.Sample(
                // Every address of every key is in the dictionary: `addresses` has them all.
                stack: key.stack.compactMap { indexOf[$0] },
                values: Array(values[index * width..<(index + 1) * width]), labels: key.labels)
        }
        return Profile(
            kind: kind, samples: samples, locations: locations, mappings: mappings, time: time, duration: duration,
            comments: comments)
    }

    /// Each address once, ascending.
    private var addresses: [UInt] {
        var seen: Set<UInt> = []
        for key in keys { seen.formUnion(key.stack) }
        return seen.sorted()
    }

    private mutating func index(of key: Key) -> Int {
        if let index = indices[key] { return index }
        indices[key] = keys.count
        keys.append(key)
        values.append(contentsOf: repeatElement(0, count: kind.sampleTypes.count))
        return keys.count - 1
    }

    /// So that the order in which labels are given makes no difference.
    private static func sorted(_ labels: [Label]) -> [Label] {
        labels.count < 2 ? labels : labels.sorted { ($0.key, $0.text) < ($1.key, $1.text) }
    }
}
