// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import ProcessSnapshot
import Symbols

/// Finds words for the steps of a trail: types of blocks, names of variables, functions on stacks.
struct TrailWords {
    private let types = BlockTypes(ProcessView.heapSources)
    private let map = MemoryMap.current()
    private let threads = (try? ProcessView.threads())?.threads ?? []

    func link(_ step: LeakTrail.Step) -> LeakExplanation.Link {
        switch step {
        case .primitive(let waiter):
            let (wait, address) = wait(of: waiter)
            return .init(kind: .primitive, description: "\(wait), on which \(phrase(waiter)) waits", address: address)
        case .waits(.thread(let thread)):
            let holder = thread.holder.map { ", of " + phrase(thread: $0) } ?? ""
            return .init(
                kind: .waiter, description: "\(phrase(.thread(thread))) waits for \(thread.primitive.kind)" + holder,
                address: thread.primitive.address)
        case .waits(.task(let task)):
            let wait = task.snapshot.waitingOn?.description ?? "another"
            return .init(kind: .waiter, description: "\(phrase(.task(task))) waits for \(wait)")
        case .woken(let waiter):
            return .init(kind: .waiter, description: "\(phrase(waiter)) has gone on meanwhile")
        case .block(let range, let offset):
            let type = types.name(of: range) ?? "a block without a Swift type"
            return .init(
                kind: .block, description: "\(type), \(range.count) bytes, at offset \(offset)",
                address: range.lowerBound)
        case .frames(let task):
            let place = function(task.stack.first.map { .instruction($0) })
            return .init(kind: .frames, description: "frames of \(phrase(task))" + (place.map { ", in " + $0 } ?? ""))
        case .stack(let thread, let location):
            let place = frame(of: thread, at: location)
            return .init(
                kind: .stack, description: "stack of \(phrase(thread: thread))" + (place.map { ", in " + $0 } ?? ""),
                address: location == 0 ? nil : location)
        case .storage(let thread):
            return .init(kind: .storage, description: "thread-local storage of \(phrase(thread: thread))")
        case .register(let thread):
            return .init(kind: .register, description: "a register of \(phrase(thread: thread))")
        case .callArgument(let thread):
            return .init(
                kind: .call, description: "an argument of the system call that \(phrase(thread: thread)) is in")
        case .kernel:
            return .init(kind: .kernel, description: "what epoll or a timer gives back to the program")
        case .variable(let address):
            return .init(kind: .variable, description: variable(address), address: address)
        case .omitted(let count): return .init(kind: .omitted, description: "… \(count) more steps …")
        case .lost:
            return .init(kind: .lost, description: "a reference that was there for a moment only")
        }
    }

    private func wait(of waiter: ProcessWaiter) -> (String, UInt?) {
        switch waiter {
        case .thread(let thread): (thread.primitive.kind, thread.primitive.address)
        case .task(let task):
            (task.snapshot.waitingOn?.kind.rawValue ?? "continuation", task.snapshot.waitingOn?.address)
        }
    }

    private func phrase(_ waiter: ProcessWaiter) -> String {
        switch waiter {
        case .thread(let thread): phrase(thread: thread.id)
        case .task(let task): phrase(task.snapshot)
        }
    }

    private func phrase(_ task: TaskSnapshot) -> String {
        "task \(task.id)" + (task.name.map { " " + shownName($0) } ?? "")
    }

    private func phrase(thread: Int32) -> String {
        "thread \(thread)" + (ProcessView.threadName(thread).map { " " + shownName($0) } ?? "")
    }

    private func variable(_ address: UInt) -> String {
        if let variable = Symbolizer.shared.variable(at: address) {
            let offset = variable.offset > 0 ? " at offset \(variable.offset)" : ""
            return "variable \(variable.name)\(offset) (\(variable.image))"
        }
        guard let mapping = map?[address] else { return "memory that is no longer there" }
        let name = mapping.name.split(separator: "/").last.map(String.init) ?? ""
        return name.isEmpty ? "memory from mmap, which is no heap" : "data of \(shownText(name))"
    }

    private func function(_ address: CodeAddress?) -> String? {
        guard let address else { return nil }
        let frames = ProcessView.symbolicate([address]).first ?? []
        return frames.last.flatMap { frame in
            frame.function.map { shownText($0) + (frame.file.map { " \($0):\(frame.line ?? 0)" } ?? "") }
        }
    }

    /// The function whose part of the stack has `location`: above it lies the first return address, which leads to the function's
    /// caller.
    private func frame(of thread: Int32, at location: UInt) -> String? {
        guard let stack = threads.first(where: { $0.id == thread })?.stack, stack.count > 1 else { return nil }
        guard location != 0 else { return function(.returnAddress(stack[1])) }
        let callers = Dictionary(
            stack.enumerated().dropFirst().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        for word in ProcessMemory.words(location & ~7, count: 1 << 13) {
            guard let caller = callers[word] else { continue }
            return function(caller == 1 ? .instruction(stack[0]) : .returnAddress(stack[caller - 1]))
        }
        return nil
    }
}
