// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The fields after the tags by which the agent finds the sender's container: `|c:`, `|e:` and `|card:`.
struct Origin {
    /// Container and external data, before the timestamp.
    let fields: String
    /// How many tags of the container the agent is to add, after the timestamp.
    let cardinality: String

    static let none = Origin(fields: "", cardinality: "")

    private init(fields: String, cardinality: String) {
        self.fields = fields
        self.cardinality = cardinality
    }

    /// Reads a few files of `/proc` unless `DD_ORIGIN_DETECTION_ENABLED` is false.
    init(_ environment: ProcessEnvironment, _ container: ContainerIdentity) {
        let isDetected = environment.flag("DD_ORIGIN_DETECTION_ENABLED") ?? true
        var fields = ""
        if isDetected {
            if let id = container.find() { fields += "|c:" + id }
            let external = Self.printable(environment["DD_EXTERNAL_ENV"] ?? "")
            if !external.isEmpty { fields += "|e:" + external }
        }
        self.fields = fields
        let cardinality = [environment["DD_CARDINALITY"], environment["DATADOG_CARDINALITY"]].lazy
            .compactMap { $0?.lowercased() }.first { ["none", "low", "orchestrator", "high"].contains($0) }
        self.cardinality = cardinality.map { "|card:" + $0 } ?? ""
    }

    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { isPrintable($0) && $0 != "|" }))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
