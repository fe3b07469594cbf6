// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension Profile {
    /// A line for each different stack, `root;child;leaf 12`, as flame graph tools read it; sorted.
    ///
    /// Inlined functions are frames of their own. A place without a name is its file, such as `[libc.so.6]`, or else its
    /// address. A semicolon in a name becomes a colon. `value` is the index of the sample type that is shown; samples
    /// without such a value, or with 0, are left out. The values of the labels named in `rootLabels` are frames at the root.
    package func folded(value index: Int = 0, rootLabels: [String] = []) -> [UInt8] {
        let framesAt = locations.map { frames(of: $0) }
        var sums: [FoldedStack: Int64] = [:]
        for sample in samples where sample.values.indices.contains(index) && sample.values[index] != 0 {
            var stack: [UInt8] = []
            for key in rootLabels {
                guard let label = sample.labels.first(where: { $0.key == key }) else { continue }
                stack += Self.frame(label.text) + [UInt8(ascii: ";")]
            }
            for place in sample.stack.reversed() { stack += framesAt[place] }
            // Readers drop a line without a frame.
            if stack.isEmpty { stack = Self.frame("[unknown]") + [UInt8(ascii: ";")] }
            stack.removeLast()  // the semicolon that ends each frame
            sums[FoldedStack(bytes: stack), default: 0] &+= sample.values[index]
        }
        var text = TextLines()
        for (stack, sum) in sums.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
            text.write(bytes: stack.bytes)
            text.write(" ")
            text.write(sum)
            text.write("\n")
        }
        return text.bytes
    }

    /// The frames of one place, outermost first, each with a semicolon at its end.
    private func frames(of location: Location) -> [UInt8] {
        guard !location.lines.isEmpty else { return Self.frame(unnamed(location)) + [UInt8(ascii: ";")] }
        return location.lines.reversed().flatMap { line in
            let name = line.function.name.isEmpty ? unnamed(location) : line.function.name
            return Self.frame(name) + [UInt8(ascii: ";")]
        }
    }

    private func unnamed(_ location: Location) -> String {
        mappings.mapping(containing: location.address).flatMap { $0.file.isEmpty ? nil : "[\($0.fileName)]" }
            ?? "0x" + String(location.address, radix: 16)
    }

    private static func frame(_ name: String) -> [UInt8] {
        var text = TextLines()
        text.write(name: name.isEmpty ? "?" : name)
        return text.bytes.map { $0 == UInt8(ascii: ";") ? UInt8(ascii: ":") : $0 }
    }
}

/// Bytes that are hashed at once; an array would hash them one by one.
private struct FoldedStack: Hashable {
    let bytes: [UInt8]

    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
