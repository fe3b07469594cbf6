// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if Metrics
    import DebugVariables

    /// The rule by which a label of swift-metrics, or the name of a dimension, becomes a name that the formats can carry.
    enum ExportedName {
        /// The label itself where it is a name. Else every character that no name may have becomes an underscore, and one comes
        /// before a digit at the beginning: `http.server.requests` becomes `http_server_requests`.
        static func plain(_ label: String) -> String {
            let name = String(label.unicodeScalars.map { isNameScalar($0) ? Character($0) : "_" })
            guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
                return "_" + name
            }
            return name
        }

        /// A name that no other label has: Prometheus's own escaping "values", in which `_` is `__`, and what no name may have
        /// is its code point, so that `a.b` is `U__a_2E_b`.
        static func escaped(_ label: String) -> String {
            var name = "U__"
            for scalar in label.unicodeScalars {
                if scalar == "_" {
                    name += "__"
                } else if isNameScalar(scalar) {
                    name.unicodeScalars.append(scalar)
                } else {
                    name += "_" + String(scalar.value, radix: 16, uppercase: true) + "_"
                }
            }
            return name
        }

        /// The same for the name of a dimension, which may have no colon, not begin with `__` and not be `le`.
        static func ofDimension(_ dimension: String) -> String {
            let name = plain(dimension).split(separator: ":", omittingEmptySubsequences: false).joined(separator: "_")
            return name.hasPrefix("__") || name == "le" ? escapedDimension(dimension) : name
        }

        static func escapedDimension(_ dimension: String) -> String {
            escaped(dimension).split(separator: ":", omittingEmptySubsequences: false).joined(separator: "_3A_")
        }

        private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
            default: false
            }
        }
    }
#endif
