// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A part of a file that is mapped as code.
package struct Mapping: Hashable, Sendable {
    /// Addresses; the limit is the first one behind.
    package var start: UInt
    package var limit: UInt
    /// Where `start` is in the file.
    package var fileOffset: UInt
    /// The file's path, or a name such as `[vdso]`.
    package var file: String
    /// The GNU build id in hexadecimal; empty when there is none.
    package var buildID: String

    package init(start: UInt, limit: UInt, fileOffset: UInt = 0, file: String, buildID: String = "") {
        self.start = start
        self.limit = limit
        self.fileOffset = fileOffset
        self.file = file
        self.buildID = buildID
    }

    /// The address as an offset in the file; wraps for an address that is not in here.
    func offsetInFile(of address: UInt) -> UInt {
        address &- start &+ fileOffset
    }

    /// The last component of the path.
    var fileName: String {
        file.split(separator: "/").last.map(String.init) ?? file
    }
}

/// The mappings of one process, the main program's first.
package struct MappingTable: Sendable {
    /// In order of address, but those of the main program before all others: readers take the first for it.
    package let mappings: [Mapping]
    /// Indices of `mappings` in order of address.
    private let byAddress: [Int]

    /// Takes them in any order. `mainBinary` is the program's path, as the mappings have it; empty ranges are left out.
    package init(_ mappings: [Mapping], mainBinary: String? = nil) {
        let sorted = mappings.filter { $0.start < $0.limit }.sorted { $0.start < $1.start }
        let main = sorted.filter { $0.file == mainBinary }
        let ordered = main + sorted.filter { $0.file != mainBinary }
        self.mappings = ordered
        byAddress = ordered.indices.sorted { ordered[$0].start < ordered[$1].start }
    }

    /// The index of the mapping that contains the address; logarithmic.
    package func index(containing address: UInt) -> Int? {
        var low = 0
        var high = byAddress.count
        while low < high {  // all before `low` start at or below the address, all from `high` on start above it
            let middle = (low + high) / 2
            if mappings[byAddress[middle]].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let index = byAddress[low - 1]
        return address < mappings[index].limit ? index : nil
    }

    package func mapping(containing address: UInt) -> Mapping? {
        index(containing: address).map { mappings[$0] }
    }
}
