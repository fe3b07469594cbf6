// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A signal handler that allocates in the middle of the tap.
import CAllocationTap
import Glibc
import Synchronization

/// What handler and thread share. In mapped memory: the handler may not allocate where it must not.
private struct Shared: ~Copyable {
    static let places = 64
    let text = Atomic<UInt>(0)
    let textEnd = Atomic<UInt>(0)
    let handled = Atomic<Int>(0)
    let allocated = Atomic<Int>(0)
    let insideTap = Atomic<Int>(0)
    let bytes = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
}
// Safe: atomics in memory that stays.
nonisolated(unsafe) private let shared: UnsafeMutablePointer<Shared> = {
    let memory: UnsafeMutablePointer<Shared> = mapped(1)
    memory.initialize(to: Shared())
    return memory
}()
// Safe: the handler's alone, or read while it is blocked.
nonisolated(unsafe) private let blocks: UnsafeMutablePointer<Block?> = mapped(Shared.places)

private func interruptedAddress(_ context: UnsafeMutableRawPointer?) -> UInt {
    guard let machine = context?.assumingMemoryBound(to: ucontext_t.self).pointee.uc_mcontext else { return 0 }
    #if arch(x86_64)
        return UInt(truncatingIfNeeded: machine.gregs.16)  // REG_RIP
    #else
        return UInt(truncatingIfNeeded: machine.pc)
    #endif
}

/// Where this executable's code is: whoever is interrupted there, in the tap or in the scenario, holds no lock of the C library's.
private func findText() {
    guard let file = fopen("/proc/self/maps", "r") else { fatalError("no /proc/self/maps") }
    defer { fclose(file) }
    let own = UInt(bitPattern: alloctapSymbol())
    let line: UnsafeMutablePointer<CChar> = mapped(4096)
    while fgets(line, 4096, file) != nil {
        var rest: UnsafeMutablePointer<CChar>?
        let start = strtoul(line, &rest, 16)
        guard let dash = rest else { continue }
        let end = strtoul(dash + 1, nil, 16)
        if start <= own, own < end {
            shared.pointee.text.store(UInt(start), ordering: .relaxed)
            shared.pointee.textEnd.store(UInt(end), ordering: .relaxed)
        }
    }
}

private func alloctapSymbol() -> UnsafeRawPointer? { unsafeBitCast(malloc, to: UnsafeRawPointer?.self) }

/// Arguments: allocations of the thread that is interrupted, at least.
func handlerAllocations(_ arguments: [String]) {
    let least = Int(arguments[0])!
    findText()
    alloctap_set_rate(1)
    var action = sigaction()
    action.sa_flags = SA_SIGINFO | SA_RESTART
    action.__sigaction_handler.sa_sigaction = { _, _, context in
        let saved = errno
        let address = interruptedAddress(context)
        let text = shared.pointee.text.load(ordering: .relaxed)
        if address >= text, address < shared.pointee.textEnd.load(ordering: .relaxed) {
            let count = shared.pointee.allocated.add(1, ordering: .relaxed).newValue
            let place = count % Shared.places
            free(blocks[place])
            let size = 40 + place
            blocks[place] = malloc(size)
            shared.pointee.bytes.add(size, ordering: .relaxed)
            if alloctap_block_at(UInt(bitPattern: blocks[place])) == 0 {
                shared.pointee.wrong.add(1, ordering: .relaxed)
            }
            let tap = UInt(bitPattern: alloctapSymbol())
            if address &- (tap &- 8192) < 16_384 { shared.pointee.insideTap.add(1, ordering: .relaxed) }
        }
        shared.pointee.handled.add(1, ordering: .releasing)
        errno = saved
    }
    sigaction(SIGUSR1, &action, nil)
    setBlocked(false)  // whoever started this process may have blocked it
    let interrupted = pthread_self()
    let sender = thread {
        var sent = 0
        while !shared.pointee.isOver.load(ordering: .relaxed) {
            pthread_kill(interrupted, SIGUSR1)
            sent += 1
            while shared.pointee.handled.load(ordering: .acquiring) < sent,
                !shared.pointee.isOver.load(ordering: .relaxed)
            {}
        }
    }
    while shared.pointee.handled.load(ordering: .relaxed) == 0 { sched_yield() }
    _ = allocateMuch()  // Swift allocates when something is used for the first time
    setBlocked(true)
    let heldBefore = held()
    var list = BlockList(capacity: 1 << 20)
    list.read()
    let blocksBefore = list.count
    let before = totals()
    let (allocatedBefore, bytesBefore) = (allocated(), shared.pointee.bytes.load(ordering: .relaxed))
    setBlocked(false)
    var (own, ownBytes) = (0, 0)
    let deadline = time(nil) + 60
    while own < least || shared.pointee.insideTap.load(ordering: .relaxed) < 200, time(nil) < deadline {
        let (count, bytes) = allocateMuch()
        own += count
        ownBytes += bytes
    }
    setBlocked(true)
    let after = totals()
    list.read()
    shared.pointee.isOver.store(true, ordering: .relaxed)
    let byHandler = allocated() - allocatedBefore
    report("handler_allocations", byHandler)
    report("inside_tap", shared.pointee.insideTap.load(ordering: .relaxed))
    report("wrong", shared.pointee.wrong.load(ordering: .relaxed))
    report("expected", own + byHandler)
    report("counted", after.mallocs - before.mallocs)
    report("expected_bytes", ownBytes + shared.pointee.bytes.load(ordering: .relaxed) - bytesBefore)
    report("counted_bytes", after.bytes - before.bytes)
    report("expected_live", held() - heldBefore)
    report("counted_live", Int(after.mallocs - after.frees) - Int(before.mallocs - before.frees))
    report("listed_live", list.count - blocksBefore)
    report("unknown_frees", after.unknown_frees - before.unknown_frees)
    pthread_join(sender, nil)
}

private func allocateMuch() -> (count: Int, bytes: Int) {
    var sum = (count: 0, bytes: 0)
    for size in 1...100 {
        let moved = realloc(malloc(size), 200)
        if alloctap_block_at(UInt(bitPattern: moved)) == 0 { shared.pointee.wrong.add(1, ordering: .relaxed) }
        free(moved)
        sum.count += 2
        sum.bytes += size + 200
    }
    return sum
}

private func allocated() -> Int { shared.pointee.allocated.load(ordering: .relaxed) }
private func held() -> Int { (0..<Shared.places).count { blocks[$0] != nil } }

private func setBlocked(_ isBlocked: Bool) {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGUSR1)
    pthread_sigmask(isBlocked ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
}
