// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if Metrics
    import DebugVariables
    import Synchronization

    /// What a metric is for swift-metrics. Two of one label are two variables, with this word in the second one's name.
    enum MetricKind: String, Sendable {
        case counter
        case floatingCounter = "floating_point_counter"
        case gauge, meter, recorder, timer
    }

    /// Which variable a handler writes: found again when the metric is destroyed.
    struct MetricPlace: Hashable, Sendable {
        let label: String
        let kind: MetricKind
    }

    /// The variables that swift-metrics has in a registry, by label and kind. All factories of a registry share it.
    ///
    /// Its lock is held while the registry's is taken; no user code runs under it.
    final class BridgedMetrics: Sendable {
        /// A variable without labels, or a family.
        private struct Entry {
            var variable: Variable
            var labels: [String]
            /// The program registered it itself and keeps it, so it gets no more labels and is not removed.
            var isShared = false
        }
        private struct State {
            var entries: [MetricPlace: Entry] = [:]
            var owners: [String: MetricPlace] = [:]  // by the exported name

            /// Another may own the name by now.
            mutating func release(_ name: String, of place: MetricPlace) {
                if owners[name] == place { owners[name] = nil }
            }
        }
        private let state = Mutex(State())
        /// As many as a family may have.
        private static let mostLabels = 8
        // Unowned, not weak: the registry owns this object, and a factory owns both.
        private unowned let registry: VariableRegistry

        init(_ registry: VariableRegistry) {
            self.registry = registry
        }

        /// The variable for a metric with these dimensions, made at its first use.
        func member<Member: Variable>(
            _ place: MetricPlace, _ dimensions: [(String, String)], limit: Int, _ kind: MemberKind<Member>
        ) -> Member {
            let dimensions = ExportedDimensions(dimensions)
            for name in dimensions.repeated {
                registry.note(place.label, problem: "the dimension \(name) was given twice; its last value counts")
            }
            return state.withLock { state in
                var known = state.entries[place]
                if let variable = known?.variable, !registry.exports(variable) {
                    // The program has removed it: as with its own variables, the next one is a new one.
                    state.release(variable.name, of: place)
                    known = nil
                }
                let entry = known ?? begin(place, dimensions, limit, kind, &state)
                let (member, current) = find(dimensions, in: entry, limit, kind)
                if known == nil || current.labels != entry.labels { state.entries[place] = current }
                return member
            }
        }

        /// Stops exporting what a metric with these dimensions was written to.
        func destroy<Member: Variable>(_ place: MetricPlace, _ dimensions: [(String, String)], _: Member.Type) {
            let dimensions = ExportedDimensions(dimensions)
            state.withLock { state in
                guard let entry = state.entries[place], !entry.isShared else { return }
                let family = entry.variable as? VariableFamily<Member>
                let left = family?.remove(member: dimensions.values(for: entry.labels)) ?? 0
                guard left == 0 else { return }
                let name = entry.variable.name
                // Somebody may have removed it and registered another.
                if registry.exports(entry.variable) {
                    registry.remove(name)
                }
                state.entries[place] = nil
                state.release(name, of: place)
            }
        }

        /// Registers a variable under the first name that is free.
        private func begin<Member: Variable>(
            _ place: MetricPlace, _ dimensions: ExportedDimensions, _ limit: Int, _ kind: MemberKind<Member>,
            _ state: inout State
        ) -> Entry {
            let plain = ExportedName.plain(place.label)
            let escaped = ExportedName.escaped(place.label)
            let candidates = [plain, "\(plain)_\(place.kind.rawValue)", escaped, "\(escaped)_\(place.kind.rawValue)"]
            var taken: String?
            for name in candidates where !name.hasPrefix(VariableName.reservedPrefix) {
                let holder = registry.variable(taking: name, kind: kind.kind)
                if let holder {
                    taken = taken ?? holder.name
                    // The program's own variable of this name and kind is shared.
                    guard state.owners[name] == nil, holder.name == name,
                        let entry = entry(sharing: holder, Member.self)
                    else { continue }
                    state.owners[name] = place
                    return entry
                }
                state.owners[name] = place
                if let taken {
                    registry.note(
                        place.label,
                        problem: "the \(place.kind.rawValue) would be shown as \(taken); it is shown as \(name)")
                }
                let labels = Array(dimensions.names.prefix(Self.mostLabels))
                return Entry(variable: register(name, place, labels, limit, kind), labels: labels)
            }
            registry.note(
                place.label, problem: "every name for the \(place.kind.rawValue) is taken; it is not exported")
            return Entry(variable: VariableRegistry().variable(plain, help: "", kind), labels: [])
        }

        private func entry<Member: Variable>(sharing variable: Variable, _: Member.Type) -> Entry? {
            if variable is Member { return Entry(variable: variable, labels: [], isShared: true) }
            guard let family = variable as? VariableFamily<Member> else { return nil }
            return Entry(variable: family, labels: family.labels, isShared: true)
        }

        private func register<Member: Variable>(
            _ name: String, _ place: MetricPlace, _ labels: [String], _ limit: Int, _ kind: MemberKind<Member>
        ) -> Variable {
            let help = place.kind.help(place.label)
            return labels.isEmpty
                ? registry.variable(name, help: help, kind)
                : registry.family(name, help: help, labels: labels, limit: limit, kind)
        }

        /// The member of an entry, which gets more labels where the metric has some that it lacks.
        private func find<Member: Variable>(
            _ dimensions: ExportedDimensions, in entry: Entry, _ limit: Int, _ kind: MemberKind<Member>
        ) -> (Member, Entry) {
            var entry = entry
            if !dimensions.labels.keys.allSatisfy(entry.labels.contains) {
                let labels = Set(entry.labels).union(dimensions.names).sorted()
                if labels.count <= Self.mostLabels, !entry.isShared {
                    let wide = registry.widen(entry.variable, to: labels, limit: limit, kind)
                    entry = Entry(variable: wide, labels: labels)
                } else {
                    let missing = dimensions.names.filter { !entry.labels.contains($0) }.joined(separator: ", ")
                    let why =
                        entry.isShared ? "the program registered it without" : "it has \(entry.labels.count) already:"
                    registry.note(entry.variable.name, problem: "\(why) \(missing); these dimensions are not shown")
                }
            }
            if let family = entry.variable as? VariableFamily<Member> {
                return (family.member(dimensions.values(for: entry.labels)), entry)
            }
            // Never nil: an entry's variable is of this kind or a family of it.
            return (
                entry.variable as? Member ?? VariableRegistry().variable(entry.variable.name, help: "", kind), entry
            )
        }
    }

    extension MetricKind {
        fileprivate func help(_ label: String) -> String {
            switch self {
            case .counter, .floatingCounter: "The counter \(label) of swift-metrics."
            case .timer: "The timer \(label) of swift-metrics, in seconds."
            case .gauge, .meter, .recorder: "The \(rawValue) \(label) of swift-metrics."
            }
        }
    }
#endif
