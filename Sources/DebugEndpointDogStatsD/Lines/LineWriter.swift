// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Writes the lines of a round, fills payloads with them, and gives these to the outbox.
///
/// What a count has reached is remembered once its payload is taken, so that a refused one is sent with the next round.
/// Used by one thread only.
final class LineWriter {
    let format: LineFormat
    let tally: ReporterTally
    private let outbox: Outbox
    private let memory = CountMemory<UInt64>()
    private let decimalMemory = CountMemory<Double>()

    private var text: [UInt8] = []
    private var lines = 0
    private var line: [UInt8] = []
    private var limit = LineWriter.datagramLimit
    private var timestamp: Int64?
    private var deadline = ContinuousClock.now
    /// What is remembered when the payload that is being filled is taken.
    private var reached: [(key: String, value: UInt64)] = []
    private var reachedDecimals: [(key: String, value: Double)] = []
    /// The names with a `.` that this round has used; others are those of variables, which are all different.
    private var derivedNames: Set<String> = []

    /// What fits into an Ethernet frame with its headers, and what the agent reads of a Unix socket at once.
    static let datagramLimit = 1432
    static let unixLimit = 8192

    init(format: LineFormat, outbox: Outbox, tally: ReporterTally) {
        self.format = format
        self.outbox = outbox
        self.tally = tally
    }

    /// - Parameter deadline: until when, all in all, the round waits for a slow agent.
    func beginRound(timestamp: Int64?, deadline: ContinuousClock.Instant) {
        _ = outbox.connectIfDue()
        limit =
            outbox.transport == .unixDatagram || outbox.transport == .unixStream ? Self.unixLimit : Self.datagramLimit
        // Before 1970 the agent takes the line for malformed.
        self.timestamp = timestamp.flatMap { $0 >= 1 ? $0 : nil }
        self.deadline = deadline
        derivedNames.removeAll(keepingCapacity: true)
    }

    func endRound() {
        flush()
        memory.forgetUnseen()
        decimalMemory.forgetUnseen()
        outbox.endRound()
    }

    /// Whether a name that was put together is still free in this round; says so in the tally if not.
    func claim(_ name: String, tags: String = "") -> Bool {
        guard derivedNames.insert(tags.isEmpty ? name : name + "|" + tags).inserted else {
            tally.skip(.clash)
            return false
        }
        return true
    }

    func gauge(_ name: String, tags: String = "", _ value: LineNumber) {
        if write(Line(name: name, kind: .gauge, value: value, tags: tags)) { tally.totals.gauges += 1 }
    }

    /// Sends by how much a total has risen since it was last sent; all of it the first time, or when it has begun anew.
    func count(_ name: String, tags: String = "", total: UInt64) {
        let key = name + "|" + tags
        guard let rise = memory.rise(of: key, to: total) else { return }
        guard write(Line(name: name, kind: .count, value: .whole(rise), tags: tags)) else { return }
        tally.totals.counts += 1
        reached.append((key, total))
    }

    /// The same for a total that is no whole number.
    func count(_ name: String, tags: String = "", total: Double) {
        guard total.isFinite else { return tally.skip(.notFinite) }
        let key = name + "|" + tags
        guard let rise = decimalMemory.rise(of: key, to: total) else { return }
        guard write(Line(name: name, kind: .count, value: .decimal(rise), tags: tags)) else { return }
        tally.totals.counts += 1
        reachedDecimals.append((key, total))
    }

    /// Sends what has come into a bucket since it was last sent, as one line that stands for so many values.
    func bucket(_ name: String, tags: String = "", index: Int, middle: Double, total: UInt64) {
        let key = "\(name)|\(tags)|\(index)"
        guard let rise = memory.rise(of: key, to: total), rise > 0 else { return }
        let line = Line(name: name, kind: .distribution, value: .decimal(middle), tags: tags, weight: rise)
        guard write(line) else { return }
        tally.totals.distributions += 1
        reached.append((key, total))
    }

    /// A count of the client's own telemetry, which no prefix stands before and no total counts.
    func own(_ name: String, tags: String, _ value: Int) {
        write(Line(name: name, kind: .count, value: .whole(UInt64(clamping: value)), tags: tags), isOwn: true)
    }

    @discardableResult
    private func write(_ content: Line, isOwn: Bool = false) -> Bool {
        guard MetricName.isSendable(content.name) else {
            tally.skip(.name)
            return false
        }
        guard content.value.isFinite else {
            tally.skip(.notFinite)
            return false
        }
        line.removeAll(keepingCapacity: true)
        format.append(content, isOwn: isOwn, timestamp: timestamp, to: &line)
        guard line.count <= limit else {
            tally.skip(.size)
            return false
        }
        if text.count + line.count > limit { flush() }
        text += line
        lines += 1
        return true
    }

    private func flush() {
        guard !text.isEmpty else { return }
        if outbox.put(Payload(bytes: text, lines: lines), until: deadline) {
            for (key, value) in reached { memory.remember(key, value) }
            for (key, value) in reachedDecimals { decimalMemory.remember(key, value) }
        }
        text = []
        text.reserveCapacity(limit)
        lines = 0
        reached.removeAll(keepingCapacity: true)
        reachedDecimals.removeAll(keepingCapacity: true)
    }
}
