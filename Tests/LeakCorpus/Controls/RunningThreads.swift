// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// References that only a living thread has: on its stack, in its registers, or on their way.
import Foundation
import Synchronization

@inline(never)
private func maskedAddressWithWaiter(_ stage: Stage) -> UInt {
    let semaphore = PosixSemaphore()
    stage.thread("waiter", .waiting) { semaphore.wait() }
    untilThreadWaits("waiter")
    return UInt(bitPattern: semaphore.pointer) ^ mask
}

private let mask: UInt = 0xa5a5_a5a5_a5a5_a5a5

@inline(never)
private func post(_ address: UInt) {
    if let semaphore = UnsafeMutablePointer<sem_t>(bitPattern: address) { sem_post(semaphore) }
}

let runningThreadControls: [Scenario] = [
    .control("stack-of-a-reader", "the stack of a thread that reads a pipe has the only reference") { stage in
        let (masked, bell) = (maskedAddressWithWaiter(stage), Bell())
        stage.thread("reader", .blocked) {
            var address = masked ^ mask
            touch(&address)
            if bell.wait() == .release { post(address) }
        }
        stage.onCommands(ring: bell)
    },
    // Optimized, the address stays in a register that read() leaves alone: no look at memory finds it.
    .control("register-of-a-reader", "a saved register of a thread that reads a pipe has the only reference") { stage in
        let (masked, bell) = (maskedAddressWithWaiter(stage), Bell())
        stage.thread("reader", .blocked) { holdInRegister(masked, bell) }
        stage.onCommands(ring: bell)
    },
    .control("stack-of-a-busy-thread", "the stack of a thread that never stops has the only reference") { stage in
        let masked = maskedAddressWithWaiter(stage)
        stage.thread("busy", .busy) {
            var address = masked ^ mask
            touch(&address)
            while !Kept.isReleased.isSet {}
            post(address)
        }
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("register-of-a-busy-thread", "a register of a thread that never stops has the only reference") { stage in
        let masked = maskedAddressWithWaiter(stage)
        stage.thread("busy", .busy) { spinWithRegister(masked) }
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("moving-reference", "a thread moves the only reference about among a thousand places") { stage in
        let masked = maskedAddressWithWaiter(stage)
        stage.thread("mover", .busy) { moveAbout(masked) }
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("reference-that-is-handed-over", "two threads hand the only reference to each other all the time") {
        stage in
        let masked = maskedAddressWithWaiter(stage)
        let exchange = Exchange(masked ^ mask)
        for name in ["left", "right"] { stage.thread(name, .busy) { handOver(exchange) } }
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("moving-block", "a thread copies the block with the only reference into new blocks all the time") {
        stage in
        let masked = maskedAddressWithWaiter(stage)
        stage.thread("copier", .busy) { copyAbout(masked) }
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("moving-continuation", "tasks hand the only continuation on through a stream all the time") { stage in
        let steps = Steps()
        let (stream, output) = AsyncStream.makeStream(of: UnsafeContinuation<Void, Never>.self)
        stage.task("waiter", .waiting) {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                output.yield(continuation)
                steps.done()
            }
        }
        stage.task("mover", .busy) {
            for await continuation in stream {
                if Kept.isReleased.isSet {
                    continuation.resume()
                    return
                }
                output.yield(continuation)
                await Task.yield()
            }
        }
        steps.wait(for: 1)
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("main-in-select", "the stack of the main thread, which is in select, has the only reference") { stage in
        let (channel, bell) = (Channel(), Bell())
        stage.thread("waiter", .waiting) { _ = channel.receive() }
        stage.task("waiter-task", .waiting) { _ = await channel.receive() }
        stage.onMain { MainInSelect.hold(channel, until: bell) }
        stage.onRelease { bell.ring() }
    },
    .control("short-lived-threads", "threads that end hand the only reference on to those they start") { stage in
        relay(maskedAddressWithWaiter(stage) ^ mask)
        stage.onRelease { Kept.isReleased.set() }
    },
]

private enum Kept {
    static let isReleased = Flag()
    static let places = UnsafePlaces(count: 1000)
}

/// A thousand words on the heap.
private final class UnsafePlaces: Sendable {
    // Safe: one thread at a time uses them.
    nonisolated(unsafe) private let words: UnsafeMutablePointer<UInt>
    let count: Int

    init(count: Int) {
        self.count = count
        words = .allocate(capacity: count)
        words.initialize(repeating: 0, count: count)
    }

    @inline(never)
    func swap(_ first: Int, _ second: Int) {
        let word = words[first]
        words[first] = 0
        words[second] = word
    }

    subscript(index: Int) -> UInt {
        get { words[index] }
        set { words[index] = newValue }
    }
}

private final class Exchange: Sendable {
    let word: Atomic<UInt>
    init(_ address: UInt) { word = Atomic(address) }
}

@inline(never)
private func holdInRegister(_ masked: UInt, _ bell: Bell) {
    let address = opaque(masked ^ mask)
    var tone: UInt8 = 0
    // Not by way of the bell's own function, which would save the register on the stack.
    while read(bell.descriptor, &tone, 1) < 1 {}
    if tone == Bell.Tone.release.rawValue { post(address) }
}

@inline(never)
private func spinWithRegister(_ masked: UInt) {
    let address = opaque(masked ^ mask)
    while !Kept.isReleased.isSet { sched_yield() }
    post(address)
}

@inline(never)
private func moveAbout(_ masked: UInt) {
    let places = Kept.places
    var here = 0
    places[here] = masked ^ mask
    var random = UInt64(42)
    while !Kept.isReleased.isSet {
        random = random &* 6_364_136_223_846_793_005 &+ 1
        let next = Int(random >> 33) % places.count
        if next != here { places.swap(here, next) }
        here = next
    }
    post(places[here])
}

@inline(never)
private func handOver(_ exchange: Exchange) {
    while !Kept.isReleased.isSet {
        let address = exchange.word.exchange(0, ordering: .acquiringAndReleasing)
        guard address != 0 else {
            sched_yield()
            continue
        }
        exchange.word.store(address, ordering: .releasing)
    }
    // Whoever finds it here posts; the other finds nothing.
    post(exchange.word.exchange(0, ordering: .acquiringAndReleasing))
}

@inline(never)
private func copyAbout(_ masked: UInt) {
    var block = UnsafeMutablePointer<UInt>.allocate(capacity: 12)
    block.initialize(repeating: 0, count: 12)
    block[7] = masked ^ mask
    while !Kept.isReleased.isSet {
        let copy = UnsafeMutablePointer<UInt>.allocate(capacity: 12)
        copy.initialize(from: block, count: 12)
        block.initialize(repeating: 0, count: 12)
        block.deallocate()
        block = copy
    }
    post(block[7])
    block.deallocate()
}

/// Each thread lives for some milliseconds, and ends after it has started the next.
@inline(never)
private func relay(_ address: UInt) {
    startThread {
        nameThread("relay")
        usleep(2000)
        if Kept.isReleased.isSet { post(address) } else { relay(address) }
    }
}
