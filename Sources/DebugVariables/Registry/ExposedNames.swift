// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Which names a variable takes in /metrics. OpenMetrics names a family without its suffix and a sample with it, so
// counters `jobs` and `jobs_total`, or a histogram `a` and a gauge `a_count`, would both write the same series. It reserves `_created` too.

struct ExposedNames {
    /// The OpenMetrics name of the family: the name without the suffix that its kind's samples have.
    let family: String

    /// Every name that is taken: the family's, and those of its samples.
    let all: Set<String>

    init(of variable: Variable) {
        self.init(name: variable.name, kind: variable.kind)
    }

    init(name: String, kind: VariableKind) {
        switch kind {
        case .counter:
            family = Self.base(name, without: "_total")
            all = [family, family + "_total", family + "_created", name]
        case .histogram:
            family = name
            all = [family, family + "_bucket", family + "_count", family + "_sum", family + "_created"]
        case .text:
            family = Self.base(name, without: "_info")
            all = [family, family + "_info"]
        case .gauge, .computed:
            family = name
            all = [family]
        }
    }

    /// A known variable that takes one of these names too. Only variables with a related name can.
    func rival(find: (String) -> Variable?) -> Variable? {
        for name in all.sorted() {
            var candidates = [name, name + "_total", name + "_info"]
            for suffix in ["_total", "_info", "_bucket", "_count", "_sum", "_created"] where name.hasSuffix(suffix) {
                let stem = String(name.dropLast(suffix.utf8.count))
                candidates += [stem, stem + "_total"]
            }
            for candidate in candidates {
                if let known = find(candidate), ExposedNames(of: known).all.contains(name) { return known }
            }
        }
        return nil
    }

    static func base(_ name: String, without suffix: String) -> String {
        name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count ? String(name.dropLast(suffix.utf8.count)) : name
    }

    static func carries(unit: String, name: String) -> Bool {
        base(name, without: "_total").hasSuffix("_" + unit)
    }
}
