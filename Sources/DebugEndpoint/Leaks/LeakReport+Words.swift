// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import LeakDetection
import ProcessSnapshot
import Symbols

extension LeakReport {
    /// Puts what was found into words and names.
    init(_ scan: LeakScan, blocked: [ProcessWaiter.Key: Duration], retracted: Int, scans: Int, duration: Duration) {
        let waiters = scan.waiters.waiters
        leaks = scan.findings.map { Leak($0, waiters, blocked: blocked[$0.waiter.key] ?? .zero) }
        leaks.sort { ($0.kind == .task ? 1 : 0, $0.id) < ($1.kind == .task ? 1 : 0, $1.id) }
        unknown = scan.unknown.map { Unknown(kind: $0.isTask ? .task : .thread, id: $0.id, reason: $0.reason) }
        self.waiters = waiters.count
        waits = Set(waiters.map(Wait.init))
        self.retracted = retracted
        self.scans = scans
        pause = scan.pause
        self.duration = duration
        scannedBytes = scan.scannedBytes
    }
}

extension LeakReport.Wait {
    fileprivate init(_ waiter: ProcessWaiter) {
        switch waiter {
        case .thread(let thread):
            self.init(kind: .thread, id: UInt64(thread.id), address: thread.primitive.address)
        case .task(let task):
            self.init(kind: .task, id: task.id, address: task.snapshot.waitingOn?.address ?? 0)
        }
    }
}

extension Leak {
    init(_ finding: LeakScan.Finding, _ waiters: [ProcessWaiter], blocked: Duration) {
        certainty = finding.isProven ? .proven : .suspected
        self.blocked = blocked
        verdict = Verdict(finding.leak.verdict)
        let behind = finding.leak.behind.compactMap { waiters.indices.contains($0) ? waiters[$0] : nil }
        let addresses: [CodeAddress]
        switch finding.waiter {
        case .thread(let thread):
            kind = .thread
            id = UInt64(thread.id)
            name = thread.name
            waitingOn = WaitedFor(
                primitive: thread.primitive.kind, address: thread.primitive.address, type: finding.type)
            holder = thread.holder.map {
                Holder(kind: .thread, id: UInt64($0), name: ProcessView.threadName($0))
            }
            addresses = thread.stack.enumerated().map {
                $0.offset == 0 ? .instruction($0.element) : .returnAddress($0.element)
            }
        case .task(let task):
            kind = .task
            id = task.id
            name = task.snapshot.name
            let wait = task.snapshot.waitingOn
            waitingOn = WaitedFor(
                primitive: wait?.kind.rawValue ?? "continuation", address: wait?.address ?? 0, type: finding.type)
            holder = behind.first.map { Holder($0) }
            addresses = task.snapshot.stack.map { .instruction($0) }
        }
        stack = zip(addresses, ProcessView.symbolicate(addresses)).flatMap { address, frames in
            (frames.isEmpty ? [SourceFrame(function: nil)] : frames).map { Frame($0, at: address.address) }
        }
        reason = Self.reason(finding, behind)
    }

    private static func reason(_ finding: LeakScan.Finding, _ behind: [ProcessWaiter]) -> String {
        let what: String
        switch finding.waiter {
        case .thread(let thread): what = thread.primitive.kind
        case .task(let task): what = task.snapshot.waitingOn?.kind.rawValue ?? "continuation"
        }
        let others = behind.map { Holder($0).phrase }.joined(separator: ", ")
        switch finding.leak.verdict {
        case .orphaned:
            if what == "pthread_join" || behind.isEmpty == false { return "it waits for \(others)" }
            return "nobody alive refers to the \(what) that it waits on"
                + (finding.isProven ? "" : ", but by what looks like handles of the task")
        case .deadlock where behind.contains { $0.key == finding.waiter.key }:
            return "it waits for what it holds itself"
        case .deadlock: return "it waits for \(others), which waits, directly or through others, for it"
        case .abandoned: return "the thread that holds the \(what) has exited"
        case .blockedBehind: return "it waits for \(others), which will never go on"
        }
    }
}

extension Leak.Frame {
    init(_ source: SourceFrame, at address: UInt) {
        self.init(
            address: address, function: source.function, file: source.file, line: source.line,
            isInlined: source.isInlined, image: source.image, isThunk: source.isThunk)
    }

    /// For pages, which show all stacks alike.
    var shown: SymbolicatedStacks.Frame {
        SymbolicatedStacks.Frame(
            function: function, file: file, line: line, isInlined: isInlined, image: image, isThunk: isThunk,
            address: function == nil ? address : 0)
    }
}

extension Leak.Holder {
    init(_ waiter: ProcessWaiter) {
        switch waiter {
        case .thread(let thread): self.init(kind: .thread, id: UInt64(thread.id), name: thread.name)
        case .task(let task): self.init(kind: .task, id: task.id, name: task.snapshot.name)
        }
    }

    var phrase: String { "\(kind.rawValue) \(id)" + (name.map { " (\($0))" } ?? "") }
}

extension Leak.Verdict {
    init(_ verdict: LeakDetection.Verdict) {
        switch verdict {
        case .orphaned: self = .orphaned
        case .deadlock: self = .deadlock
        case .abandoned: self = .abandoned
        case .blockedBehind: self = .blockedBehind
        }
    }
}
