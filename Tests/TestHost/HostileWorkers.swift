// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Work that holds the locks and walks the tables that a signal handler must not need: of malloc, of the loader, of Swift's
// runtime, of the unwinder. Each worker never ends.
import Glibc
import Synchronization

/// A thread, or tasks, that do one thing again and again and count it.
final class HostileWorker: Sendable {
    let name: String
    private let count = Atomic(0)

    /// How often it has done what it does.
    var rounds: Int { count.load(ordering: .relaxed) }

    /// Runs `body` for ever on a thread of its own.
    init(_ name: String, _ body: @escaping @Sendable (_ round: Int) -> Void) {
        self.name = name
        startThread {
            nameThread(name)
            while true { body(self.count.wrappingAdd(1, ordering: .relaxed).newValue) }
        }
    }

    /// Runs `body` for ever as a task.
    init(task name: String, _ body: @escaping @Sendable (_ round: Int) async -> Void) {
        self.name = name
        Task.detached { while true { await body(self.count.wrappingAdd(1, ordering: .relaxed).newValue) } }
    }

    static func startAll() -> [HostileWorker] {
        [
            HostileWorker("malloc-small") { round in mallocAndFree(round, size: 16 + round % 2000, count: 64) },
            HostileWorker("malloc-large") { round in mallocAndFree(round, size: 100_000 + round % 200_000, count: 8) },
            HostileWorker("loader", loadAndUnload),
            HostileWorker("type-names") { round in _ = nameOfNewType(Int.self, path: round, depth: 8) },
            HostileWorker("errors") { round in catchDeepError(round) },
            HostileWorker("unwinder") { _ in unwind(depth: 40) },
            HostileWorker("deep-stack") { _ in _ = sum(depth: 500) },
            HostileWorker("threads", runShortThreads),
            HostileWorker("mappings", mapAndUnmap),
            HostileWorker(task: "task-groups") { round in
                await withTaskGroup(of: Int.self) { group in
                    for child in 0..<8 { group.addTask { child + round } }
                    for await _ in group {}
                }
            },
            HostileWorker(task: "detached-tasks") { round in
                _ = await Task.detached { await Ledger.shared.add(round) }.value
            },
            HostileWorker(task: "sleeping-tasks") { _ in try? await Task.sleep(for: .microseconds(200)) },
        ]
    }

    private static func mallocAndFree(_ round: Int, size: Int, count: Int) {
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: count) { blocks in
            for index in 0..<count { blocks.initializeElement(at: index, to: malloc(size + index)) }
            for block in blocks { free(block) }
        }
    }

    /// Parts of glibc that programs seldom have loaded.
    private static func loadAndUnload(_ round: Int) {
        let names = ["libanl.so.1", "libBrokenLocale.so.1", "libutil.so.1", "libresolv.so.2"]
        guard let library = dlopen(names[round % names.count], RTLD_NOW) else { exit(3) }
        dlclose(library)
    }

    /// Has Swift make a type of its own for each `path` and demangle its name.
    private static func nameOfNewType<T>(_ type: T.Type, path: Int, depth: Int) -> Int {
        if depth == 0 { return _typeName(type, qualified: true).utf8.count }
        return switch path & 3 {
        case 0: nameOfNewType([T].self, path: path >> 2, depth: depth - 1)
        case 1: nameOfNewType(T?.self, path: path >> 2, depth: depth - 1)
        case 2: nameOfNewType(Pair<T, UInt8>.self, path: path >> 2, depth: depth - 1)
        default: nameOfNewType((T, Int).self, path: path >> 2, depth: depth - 1)
        }
    }

    private static func catchDeepError(_ round: Int) {
        do {
            try fail(depth: 20, round)
        } catch {
            _ = String(describing: error)
        }
    }

    private static func fail(depth: Int, _ round: Int) throws {
        let text = String(repeating: "x", count: depth)
        guard depth > 0 else { throw Failure(round: round, text: text) }
        try fail(depth: depth - 1, round)
        _ = text
    }

    @inline(never) private static func unwind(depth: Int) {
        guard depth == 0 else { return unwind(depth: depth - 1) }
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: 64) { buffer in
            _ = HiddenFunctions.backtrace(buffer.baseAddress!, 64)
        }
    }

    @inline(never) private static func sum(depth: Int) -> Int {
        depth == 0 ? 0 : depth &+ sum(depth: depth - 1)
    }

    /// Eight threads with the smallest stacks there may be.
    private static func runShortThreads(_ round: Int) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, max(16_384, sysconf(Int32(_SC_THREAD_STACK_MIN))))
        var threads: [pthread_t] = []
        for _ in 0..<8 {
            var thread = pthread_t()
            let failure = pthread_create(
                &thread, &attributes,
                { _ in
                    // No types here: Swift's runtime needs more stack than that to make one.
                    var rest: UInt = 100_000
                    while rest > 0 { rest &-= 1 }
                    return nil
                }, nil)
            if failure == 0 { threads.append(thread) }
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Memory that comes and goes between being listed and being read.
    private static func mapAndUnmap(_ round: Int) {
        let size = 4096 * (1 + round % 64)
        guard let pages = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            pages != MAP_FAILED
        else { return }
        pages.storeBytes(of: UInt(bitPattern: pages), as: UInt.self)
        munmap(pages, size)
    }

    private struct Failure: Error {
        let round: Int
        let text: String
    }

    private struct Pair<First, Second> {
        let first: First
        let second: Second
    }

    private actor Ledger {
        static let shared = Ledger()
        private var sum = 0
        func add(_ value: Int) -> Int {
            sum &+= value
            return sum
        }
    }
}
