// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if Metrics

    /// The dimensions of one metric as labels: names sorted, no name twice.
    struct ExportedDimensions {
        private(set) var labels: [String: String] = [:]

        /// Names that were given twice, of which the last value counts.
        private(set) var repeated: [String] = []

        init(_ dimensions: [(String, String)]) {
            guard !dimensions.isEmpty else { return }
            var names: [String: String] = [:]  // label: the dimension it stands for
            // In order of the names, so that which of two gets the plain label does not depend on the caller.
            for (dimension, value) in dimensions.sorted(by: { $0.0 < $1.0 }) {
                var label = ExportedName.ofDimension(dimension)
                if let known = names[label] {
                    if known == dimension {
                        repeated.append(dimension)
                    } else {
                        label = ExportedName.escapedDimension(dimension)
                    }
                }
                names[label] = dimension
                labels[label] = value
            }
        }

        var names: [String] { labels.keys.sorted() }

        /// The values for a family with these labels; empty where the metric has no such dimension.
        func values(for family: [String]) -> [String] { family.map { labels[$0] ?? "" } }
    }
#endif
