// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Where a scenario places its threads and tasks, each with the fate that the scenario knows for it.
///
/// Keeps names, never a reference to anything that somebody waits for. Safe from any thread.
final class Stage: Sendable {
    struct Waiter: Sendable {
        enum Kind: String, Encodable, Sendable { case thread, task }
        let kind: Kind
        /// Unique in the scenario. Nil for a task that cannot have one: an `async let`.
        let name: String?
        /// For a task without a name, that of its parent.
        let parent: String?
        let fate: Fate
    }

    final class MainBody: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private struct Cast {
        var waiters: [Waiter] = []
        var release: [@Sendable () -> Void] = []
        var drop: [@Sendable () -> Void] = []
        var mainBody: MainBody?
    }

    private let cast = Mutex(Cast())
    private static let ended = Mutex<Set<String>>([])

    var waiters: [Waiter] { cast.withLock { $0.waiters } }
    var canDrop: Bool { cast.withLock { !$0.drop.isEmpty } }
    static var endedNames: Set<String> { ended.withLock { $0 } }

    /// Starts a thread of this name, of 15 bytes at most.
    @inline(never)
    func thread(_ name: String, _ fate: Fate, _ body: @escaping @Sendable () -> Void) {
        expect(.thread, name, fate)
        startThread {
            nameThread(name)
            body()
            Self.noteEnd(of: name)
        }
    }

    /// Starts a detached task of this name; nobody keeps its handle.
    @inline(never)
    func task(_ name: String, _ fate: Fate, _ body: @escaping @Sendable () async -> Void) {
        _ = keptTask(name, fate, body)
    }

    /// Starts a detached task of this name and returns its handle.
    @inline(never)
    func keptTask(
        _ name: String, _ fate: Fate, _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        expect(.task, name, fate)
        return Task.detached(name: name) {
            await body()
            Self.noteEnd(of: name)
        }
    }

    /// Notes a waiter that the scenario starts by other means. It calls `noteEnd` itself if it ends.
    func expect(_ kind: Waiter.Kind, _ name: String?, childOf parent: String? = nil, _ fate: Fate) {
        cast.withLock { $0.waiters.append(Waiter(kind: kind, name: name, parent: parent, fate: fate)) }
    }

    static func noteEnd(of name: String) {
        ended.withLock { _ = $0.insert(name) }
    }

    /// What the main thread does once the scenario is built, instead of reading commands.
    func onMain(_ body: @escaping @Sendable () -> Void) {
        cast.withLock { $0.mainBody = MainBody(run: body) }
    }

    /// What the main thread is to do, which from then on nobody but the caller refers to.
    func takeMainBody() -> MainBody? {
        cast.withLock { $0.mainBody.take() }
    }

    /// What wakes those that can be woken. It must find them by the very reference that the control is about.
    func onRelease(_ action: @escaping @Sendable () -> Void) {
        cast.withLock { $0.release.append(action) }
    }

    /// What destroys that very reference, so that the waiters that `release` would have woken are stuck.
    func onDrop(_ action: @escaping @Sendable () -> Void) {
        cast.withLock { $0.drop.append(action) }
    }

    func release() {
        for action in cast.withLock({ $0.release }) { action() }
    }

    func drop() {
        for action in cast.withLock({ $0.drop }) { action() }
        overwriteFreedBlocks()
    }
}

/// What a freed block had, its next owner may leave as it is: no scenario is about that.
private func overwriteFreedBlocks() {
    for size in stride(from: 24, through: 248, by: 16) {
        let blocks = (0..<64).map { _ in UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8) }
        for block in blocks { block.initializeMemory(as: UInt8.self, repeating: 0, count: size) }
        for block in blocks { block.deallocate() }
    }
}
