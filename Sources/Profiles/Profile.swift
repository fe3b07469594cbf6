// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// How often each stack was seen, and what the addresses in the stacks are. Made by ``SampleTable``.
package struct Profile: Sendable {
    package struct Sample: Sendable {
        /// Indices of the profile's locations, leaf first.
        package let stack: [Int]
        /// One for each sample type of the kind.
        package let values: [Int64]
        /// In order of their keys.
        package let labels: [Label]
    }

    package let kind: ProfileKind
    /// No two have the same stack and the same labels. In the order in which they were first seen.
    package let samples: [Sample]
    /// In order of address, each address once.
    package let locations: [Location]
    package let mappings: MappingTable
    /// Nanoseconds since 1970 when it was begun; 0 when unknown.
    package let time: Int64
    /// Nanoseconds; 0 for what was seen at one moment.
    package let duration: Int64
    package let comments: [String]
}
