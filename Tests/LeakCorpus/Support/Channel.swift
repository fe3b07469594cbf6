// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A channel of numbers as Go has it: with or without a buffer, closable, for threads and for tasks, with `select`. Each
// thread sleeps on a condition of its own and each task on a continuation, which only its channels' queues refer to.
import Glibc
import Synchronization

final class Channel: @unchecked Sendable {
    // Safe: everything below is read and written under `Channel.lock` only.
    private let capacity: Int
    private var buffer: [Int] = []
    private var receivers: [(offer: Offer, arm: Int)] = []
    private var senders: [(offer: Offer, arm: Int, value: Int)] = []
    private var isClosed = false

    /// One for all channels, held for moments: so an offer that several channels know is taken once.
    private static let lock = PosixMutex()

    init(capacity: Int = 0) {
        self.capacity = capacity
    }

    /// One thing that `select` is ready to do.
    enum Arm: Sendable {
        case receive(Channel)
        case send(Channel, Int)
    }

    struct Outcome: Sendable {
        let arm: Int
        /// Nil when sent, and when received from a channel that is closed.
        let value: Int?
    }

    /// A waiter's standing offer to do one of several things.
    private final class Offer: @unchecked Sendable {
        // Safe: under the channels' lock; written last before the wake, read after it.
        var outcome: Outcome?
        var wake: @Sendable () -> Void = {}
    }

    @inline(never)
    func send(_ value: Int) { _ = Self.select([.send(self, value)]) }
    @inline(never)
    func receive() -> Int? { Self.select([.receive(self)]).value }
    @inline(never)
    func send(_ value: Int) async { _ = await Self.select([.send(self, value)]) }
    @inline(never)
    func receive() async -> Int? { await Self.select([.receive(self)]).value }

    /// Waits until one of the arms can be done, for ever when there is none; returns which.
    @inline(never)
    static func select(_ arms: [Arm]) -> Outcome {
        let parker = Parker()
        let offer = Offer()
        offer.wake = { parker.wake() }
        if let outcome = performOrEnqueue(arms, offer) { return outcome }
        parker.park()
        return withdraw(offer, arms)
    }

    @inline(never)
    static func select(_ arms: [Arm]) async -> Outcome {
        let offer = Offer()
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            offer.wake = { continuation.resume() }
            if let outcome = performOrEnqueue(arms, offer) {
                offer.outcome = outcome
                continuation.resume()
            }
        }
        return withdraw(offer, arms)
    }

    /// Does the first of the arms that can be done without waiting; nil when none can.
    static func selectNow(_ arms: [Arm]) -> Outcome? {
        lock.lock()
        defer { lock.unlock() }
        return perform(arms)
    }

    func close() {
        Self.lock.lock()
        isClosed = true
        let waiting = receivers
        receivers = []
        for receiver in waiting { Self.take(receiver.offer, Outcome(arm: receiver.arm, value: nil)) }
        Self.lock.unlock()
    }

    /// How many wait in it.
    var waiting: Int {
        Self.lock.lock()
        defer { Self.lock.unlock() }
        return receivers.count + senders.count
    }

    private static func performOrEnqueue(_ arms: [Arm], _ offer: Offer) -> Outcome? {
        lock.lock()
        defer { lock.unlock() }
        if let outcome = perform(arms) { return outcome }
        for (index, arm) in arms.enumerated() {
            switch arm {
            case .receive(let channel): channel.receivers.append((offer, index))
            case .send(let channel, let value): channel.senders.append((offer, index, value))
            }
        }
        return nil
    }

    private static func withdraw(_ offer: Offer, _ arms: [Arm]) -> Outcome {
        lock.lock()
        defer { lock.unlock() }
        for arm in arms {
            switch arm {
            case .receive(let channel): channel.receivers.removeAll { $0.offer === offer }
            case .send(let channel, _): channel.senders.removeAll { $0.offer === offer }
            }
        }
        return offer.outcome ?? Outcome(arm: -1, value: nil)
    }

    private static func perform(_ arms: [Arm]) -> Outcome? {
        for (index, arm) in arms.enumerated() {
            switch arm {
            case .receive(let channel):
                if let value = channel.takeValue() { return Outcome(arm: index, value: value) }
                if channel.isClosed { return Outcome(arm: index, value: nil) }
            case .send(let channel, let value):
                if channel.giveValue(value) { return Outcome(arm: index, value: nil) }
            }
        }
        return nil
    }

    private func takeValue() -> Int? {
        let value = buffer.isEmpty ? nil : buffer.removeFirst()
        while let sender = senders.first {
            if value != nil && buffer.count >= capacity { break }
            senders.removeFirst()
            guard Self.take(sender.offer, Outcome(arm: sender.arm, value: nil)) else { continue }
            guard value != nil else { return sender.value }
            buffer.append(sender.value)
        }
        return value
    }

    private func giveValue(_ value: Int) -> Bool {
        while let receiver = receivers.first {
            receivers.removeFirst()
            if Self.take(receiver.offer, Outcome(arm: receiver.arm, value: value)) { return true }
        }
        guard buffer.count < capacity else { return false }
        buffer.append(value)
        return true
    }

    /// False when another channel took it before.
    @discardableResult
    private static func take(_ offer: Offer, _ outcome: Outcome) -> Bool {
        guard offer.outcome == nil else { return false }
        offer.outcome = outcome
        offer.wake()
        return true
    }
}
