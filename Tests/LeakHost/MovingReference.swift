// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Dispatch
import Glibc
import Synchronization

/// The only references to three semaphores are moved all the time: between slots of the heap, between stacks of running
/// threads, and into boxes that are made anew. They must never be accused. Then they are dropped, and must be found.
enum MovingReference {
    private static let stop = Atomic(false)

    /// Slots far apart, each on pages of its own. Safe: words are exchanged atomically.
    private final class Slots: @unchecked Sendable {
        let words: UnsafeMutablePointer<Atomic<UInt>>
        let count = 64
        let stride = 1024
        init() {
            words = .allocate(capacity: 64 * 1024)
            for index in 0..<count * stride { (words + index).initialize(to: Atomic(0)) }
        }
        subscript(index: Int) -> UnsafeMutablePointer<Atomic<UInt>> { words + index * stride }
    }

    nonisolated(unsafe) private static var slots = Slots()  // Safe: written once.

    static func run(scans: Int) throws {
        start()
        clearStack()
        sleep(1)
        var accusations = 0
        var unknown = 0
        var longest = Duration.zero
        for _ in 0..<scans {
            let report = try LeakDetector.scan()
            accusations += report.leaks.count
            unknown += report.unknown.count
            longest = max(longest, report.duration)
            for leak in report.leaks { print("ACCUSED", leak.name ?? "?", leak.reason) }
        }
        print("accusations", accusations)
        print("unknown", unknown)
        print("longest", longest)
        stop.store(true, ordering: .relaxed)
        sleep(1)
        clearStack()
        print("found_when_dropped", try LeakDetector.scan().leaks.compactMap(\.name).sorted())
        exit(0)
    }

    @inline(never) private static func start() {
        let names = ["leak-slots", "leak-stacks", "leak-boxes"]
        for name in names {
            let semaphore = DispatchSemaphore(value: 0)
            // Retained for the mover too, as long as the process lives; its address is only in what moves.
            let address = UInt(bitPattern: Unmanaged.passRetained(semaphore).toOpaque())
            startThread(name) { semaphore.wait() }
            switch name {
            case "leak-slots": moveBetweenSlots(address)
            case "leak-stacks": moveBetweenStacks(address)
            default: moveBetweenBoxes(address)
            }
        }
    }

    @inline(never) private static func moveBetweenSlots(_ address: UInt) {
        slots[0].pointee.store(address, ordering: .relaxed)
        startThread("mover") {
            var generator = SystemRandomNumberGenerator()
            var from = 0
            while !stop.load(ordering: .relaxed) {
                let to = Int.random(in: 0..<slots.count, using: &generator)
                let value = slots[from].pointee.exchange(0, ordering: .relaxed)
                slots[to].pointee.store(value, ordering: .relaxed)
                from = to
            }
            _ = slots[from].pointee.exchange(0, ordering: .relaxed)
            clearStack()
        }
    }

    /// Two threads hand it to each other through one word; each keeps it in a local for a while.
    @inline(never) private static func moveBetweenStacks(_ address: UInt) {
        let word = slots[1]
        (word + 8).pointee.store(address, ordering: .relaxed)
        let sent = Sent(word + 8)
        for _ in 0..<2 {
            startThread("juggler") {
                while !stop.load(ordering: .relaxed) { juggle(sent.value) }
                sent.value.pointee.store(0, ordering: .relaxed)
                clearStack()
                sleepForAnHour()
            }
        }
    }

    @inline(never) private static func juggle(_ word: UnsafeMutablePointer<Atomic<UInt>>) {
        let value = word.pointee.exchange(0, ordering: .relaxed)
        var kept = value ^ 0
        for _ in 0..<1000 { kept = kept &+ 1 &- 1 }
        if value != 0 { word.pointee.store(kept, ordering: .relaxed) }
    }

    /// Each time in a new block, which the old one's slot leads to.
    @inline(never) private static func moveBetweenBoxes(_ address: UInt) {
        let word = Sent(slots[2] + 16)
        let first = UnsafeMutablePointer<UInt>.allocate(capacity: 8)
        first.initialize(repeating: 0, count: 8)
        first[3] = address
        word.value.pointee.store(UInt(bitPattern: first), ordering: .relaxed)
        startThread("boxer") {
            var size = 8
            while !stop.load(ordering: .relaxed) {
                size = size == 200 ? 8 : size + 8
                let next = UnsafeMutablePointer<UInt>.allocate(capacity: size)
                next.initialize(repeating: 0, count: size)
                let old = UnsafeMutablePointer<UInt>(bitPattern: word.value.pointee.load(ordering: .relaxed))!
                next[3] = old[3]
                word.value.pointee.store(UInt(bitPattern: next), ordering: .relaxed)
                old[3] = 0
                old.deallocate()
            }
            let last = UnsafeMutablePointer<UInt>(bitPattern: word.value.pointee.load(ordering: .relaxed))!
            last[3] = 0
            clearStack()
        }
    }
}
