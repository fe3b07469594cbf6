// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Registering by a description instead of by a method for each kind: for bridges, which treat all kinds alike.

/// What the members of a family are, and how one is made.
package struct MemberKind<Member: Variable>: Sendable {
    package let kind: VariableKind
    let reservedLabel: String
    /// For names that end in it; others go without.
    let unit: String
    let make: @Sendable (VariableRegistry, _ name: String, _ help: String) -> Member
}

extension MemberKind<CounterVariable> {
    package static let counter = MemberKind(kind: .counter, reservedLabel: "", unit: "") { $0.makeCounter($1, $2, "") }
}

extension MemberKind<FloatingCounterVariable> {
    package static let floatingCounter = MemberKind(kind: .counter, reservedLabel: "", unit: "") {
        $0.makeFloatingCounter($1, $2, "")
    }
}

extension MemberKind<GaugeVariable> {
    package static let gauge = MemberKind(kind: .gauge, reservedLabel: "", unit: "") {
        GaugeVariable(name: $1, help: $2, unit: "")
    }
}

extension MemberKind<HistogramVariable> {
    package static func histogram(bounds: [Double], unit: String) -> MemberKind {
        MemberKind(kind: .histogram, reservedLabel: "le", unit: unit) {
            $0.makeHistogram($1, $2, ExposedNames.carries(unit: unit, name: $1) ? unit : "", bounds)
        }
    }
}

extension MemberKind {
    fileprivate func unit(of name: String) -> String { ExposedNames.carries(unit: unit, name: name) ? unit : "" }
}

extension VariableRegistry {
    /// The variable without labels; see ``counter(_:help:unit:)``.
    package func variable<Member>(_ name: String, help: String, _ kind: MemberKind<Member>) -> Member {
        register(name, unit: "") { kind.make(self, name, help) }
    }

    /// The family with these labels; see ``counter(_:help:unit:labels:limit:)``.
    package func family<Member>(
        _ name: String, help: String, labels: [String], limit: Int, _ kind: MemberKind<Member>
    ) -> VariableFamily<Member> {
        register(name, help, kind.unit(of: name), labels, limit, reservedLabel: kind.reservedLabel) {
            kind.make(self, name, help)
        }
    }

    /// Puts a family with more labels in the place of an exported one, or of a variable without labels. Its members stay
    /// what they are; for the new labels their value is empty, which in the exposition formats means no label at all.
    ///
    /// Nobody else may make members of `known` meanwhile.
    package func widen<Member>(
        _ known: Variable, to labels: [String], limit: Int, _ kind: MemberKind<Member>
    ) -> VariableFamily<Member> {
        let (name, help) = (known.name, known.help)
        let old = (known as? VariableFamily<Member>).map { ($0.labels, $0.all) }
        let wide = VariableFamily(
            name: name, help: help, unit: kind.unit(of: name), labels: labels, limit: limit, problems: problems
        ) { kind.make(self, name, help) }
        if let (oldLabels, members) = old {
            for (member, values) in members {
                let isOther = values.allSatisfy { $0 == "other" }
                let wideValues = labels.map { label in
                    isOther ? "other" : oldLabels.firstIndex(of: label).map { values[$0] } ?? ""
                }
                wide.adopt(member, wideValues)
            }
        } else if let member = known as? Member {
            wide.adopt(member, labels.map { _ in "" })
        }
        replace(known, by: wide)
        return wide
    }
}
