// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Threads by what they do, and how long they have waited for a processor.
struct ThreadFigures {
    var running: UInt64 = 0
    var waiting: UInt64 = 0
    var uninterruptible: UInt64 = 0
    var stopped: UInt64 = 0
    var dispatchWorkers: UInt64 = 0
    var busyDispatchWorkers: UInt64 = 0
    var endpoints: UInt64 = 0
    /// Nil where the kernel does not count.
    var runQueueSeconds: Double?
}

/// Looks at each thread. Sources: `stat` and `schedstat` in `/proc/self/task/ID`, and `syscall` for idle workers of Dispatch.
///
/// The kernel forgets a thread that ends, so what each had waited at the last look is kept, and the sum never shrinks:
/// sum = what threads that are gone had waited when last seen + what living ones have waited.
struct ThreadTally {
    private struct Wait {
        let thread: UInt64
        let nanoseconds: UInt64
    }
    /// A list that is filled anew each time, in the same storage.
    private struct Waits {
        private(set) var storage: [Wait] = []
        private(set) var count = 0

        mutating func clear() { count = 0 }

        mutating func append(_ wait: Wait) {
            if count < storage.count { storage[count] = wait } else { storage.append(wait) }
            count += 1
        }

        subscript(index: Int) -> Wait { storage[index] }

        mutating func sort() {
            var index = 1
            while index < count {
                if storage[index - 1].thread > storage[index].thread {
                    return storage[..<count].sort { $0.thread < $1.thread }
                }
                index += 1
            }
        }
    }
    /// Sorted by thread.
    private var last = Waits()
    private var next = Waits()
    private var sum: UInt64 = 0

    /// Nil when /proc cannot be read. Cost: two small files a thread, some 10 µs.
    mutating func read(_ files: SystemFiles) -> ThreadFigures? {
        var figures = ThreadFigures()
        // The kernel ends a listing early when the thread that it stands at ends.
        var attempt = 0
        while true {
            attempt += 1
            figures = ThreadFigures()
            next.clear()
            var listed = 0
            let isWhole = files.visitNumbers("/proc/self/task") { folder, thread in
                listed += 1
                look(at: thread, folder, files, &figures)
            }
            guard isWhole else { return nil }
            let isShort = listed < Self.count(files) ?? 0
            if isShort, attempt < 3 { continue }
            merge(keepingUnseen: isShort)
            break
        }
        if last.count > 0 { figures.runQueueSeconds = Double(sum) / 1e9 }
        return figures
    }

    /// How many threads there are: their folder has a link from each, and two more.
    static func count(_ files: SystemFiles) -> Int? {
        files.information("/proc/self/task").map { max(0, Int($0.st_nlink) - 2) }
    }

    private mutating func look(
        at thread: UInt64, _ folder: Int32, _ files: SystemFiles, _ figures: inout ThreadFigures
    ) {
        let kind = files.read(folder, thread, "stat") { text -> (state: UInt8, role: Role)? in
            // `12 (name) S …`, where the name may have spaces and parentheses of its own.
            guard let end = text.bytes.last(UInt8(ascii: ")")), end + 2 < text.bytes.count else { return nil }
            var words = Text.Words(text.bytes.upTo(end))
            let id = words.next()?.count ?? 0
            return (text.bytes[end + 2], Role(name: text.bytes.upTo(end).from(id + 2)))
        }
        guard let (state, role) = kind else { return }  // ended meanwhile
        switch state {
        case UInt8(ascii: "R"): figures.running += 1
        case UInt8(ascii: "D"): figures.uninterruptible += 1
        case UInt8(ascii: "T"), UInt8(ascii: "t"): figures.stopped += 1
        case UInt8(ascii: "Z"), UInt8(ascii: "X"): return
        default: figures.waiting += 1
        }
        switch role {
        case .dispatchWorker:
            figures.dispatchWorkers += 1
            if state != UInt8(ascii: "S") || !waitsInFutex(thread, folder, files) { figures.busyDispatchWorkers += 1 }
        case .endpoint: figures.endpoints += 1
        case .other: break
        }
        let waited = files.read(folder, thread, "schedstat") { text -> UInt64? in
            var words = Text.Words(text.bytes)
            return words.next(after: 1)?.number
        }
        if let waited { next.append(Wait(thread: thread, nanoseconds: waited)) }
    }

    private func waitsInFutex(_ thread: UInt64, _ folder: Int32, _ files: SystemFiles) -> Bool {
        #if arch(x86_64)
            let futex: UInt64 = 202
        #else
            let futex: UInt64 = 98
        #endif
        return files.read(folder, thread, "syscall") { $0.number } == futex
    }

    /// Takes `next` as what was seen last.
    private mutating func merge(keepingUnseen: Bool) {
        // Threads are listed in the order in which they began, which is that of their ids until those begin anew.
        next.sort()
        var old = 0
        let seen = next.count
        var index = 0
        while index < seen {
            let wait = next[index]
            index += 1
            while old < last.count, last[old].thread < wait.thread {
                if keepingUnseen { next.append(last[old]) }
                old += 1
            }
            if old < last.count, last[old].thread == wait.thread {
                let before = last[old].nanoseconds
                // Less than before is another thread with the same id.
                sum &+= wait.nanoseconds >= before ? wait.nanoseconds - before : wait.nanoseconds
                old += 1
            } else {
                sum &+= wait.nanoseconds
            }
        }
        if keepingUnseen {
            while old < last.count {
                next.append(last[old])
                old += 1
            }
            next.sort()
        }
        swap(&last, &next)
    }

    private enum Role {
        case dispatchWorker, endpoint, other

        /// Workers are named after a root queue, the label's end as far as the kernel keeps it.
        init(name: UnsafeBufferPointer<UInt8>) {
            if name.ends(in: "-qos") || name.ends(in: "-qos.overcommit") {
                self = .dispatchWorker
            } else if name.begins(with: "debug-") || name.begins(with: "MHD-") {
                self = .endpoint
            } else {
                self = .other
            }
        }
    }
}
