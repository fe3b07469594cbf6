// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One variable for each set of label values: requests by route and status.
///
/// The subscript takes the values in the order of the labels: `requests["/users", "200"].increment()`. A look-up hashes
/// the values under a lock; keep the member where it is hot. At most `limit` sets are kept, so that a label made from
/// user input cannot eat the memory: what comes after is counted under `other` for every label.
public final class VariableFamily<Member: Variable>: Variable, @unchecked Sendable {  // Safe: locked.
    public let labels: [String]

    /// How many sets of label values are kept, `other` not counted.
    public let limit: Int

    private struct Members {
        var byValues: [[String]: Member] = [:]
        var sorted: [(values: [String], member: Member)] = []  // byte order of the values
    }
    private let members = Mutex(Members())
    private let make: @Sendable () -> Member
    private let detached: Member
    private let problems: ProblemLog

    init(
        name: String, help: String, unit: String, labels: [String], limit: Int, problems: ProblemLog,
        make: @escaping @Sendable () -> Member
    ) {
        self.labels = labels
        self.limit = limit
        self.problems = problems
        self.make = make
        detached = make()
        super.init(name: name, help: help, unit: unit)
    }

    /// The member with these label values, made at its first use. With a wrong number of values it is a working variable
    /// that is not exported, and the registry's problems say so.
    public subscript(_ values: String...) -> Member { member(values) }

    /// The same as the subscript, for values that are in an array already.
    public func member(_ values: [String]) -> Member {
        guard values.count == labels.count else {
            problems.note(
                name,
                "\(values.count) label values were given for \(labels.count) labels (\(labels.joined(separator: ", ")))"
            )
            return detached
        }
        let (member, overflowed) = members.withLock { members in
            if let known = members.byValues[values] { return (known, false) }
            let other = [String](repeating: "other", count: labels.count)
            let overflowed = members.byValues.count >= limit && values != other
            if overflowed, let known = members.byValues[other] { return (known, true) }
            let member = make()
            insert(member, under: overflowed ? other : values, into: &members)
            return (member, overflowed)
        }
        if overflowed {
            problems.note(name, "more than \(limit) sets of label values; what came after is counted under \"other\"")
        }
        return member
    }

    /// Forgets the member with these label values; whoever still holds it may go on using it, unseen.
    public func remove(_ values: String...) {
        members.withLock { members in
            guard members.byValues.removeValue(forKey: values) != nil else { return }
            members.sorted.removeAll { $0.values == values }
        }
    }

    public override var kind: VariableKind { detached.kind }

    override func read() -> VariableValue {
        let members = members.withLock { $0.sorted }
        return .family(
            labels: labels, members: members.map { FamilyMember(labels: $0.values, value: $0.member.read()) })
    }

    private func insert(_ member: Member, under values: [String], into members: inout Members) {
        let place = members.sorted.partitionPoint { known in
            known.values.lexicographicallyPrecedes(values) { $0.precedesInBytes($1) }
        }
        members.sorted.insert((values, member), at: place)
        members.byValues[values] = member
    }
}

public typealias CounterFamily = VariableFamily<CounterVariable>
public typealias GaugeFamily = VariableFamily<GaugeVariable>
public typealias HistogramFamily = VariableFamily<HistogramVariable>
public typealias TextFamily = VariableFamily<TextVariable>
