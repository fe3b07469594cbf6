// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// References that do not look like plain pointers to the start of a block.
import Foundation
import Synchronization

/// A thread waits for the semaphore of a box, which it keeps itself.
@inline(never)
private func waiter(_ stage: Stage, _ name: String = "waiter", on box: Box) {
    stage.thread(name, .waiting) { box.semaphore.wait() }
}

let referenceControls: [Scenario] = [
    .control("enum-payload-with-spare-bits", "three cases of one enum keep three boxes, their number is in unused bits")
    { stage in
        let shapes: [@Sendable (Box) -> Shape] = [{ .first($0) }, { .second($0) }, { .third($0) }]
        for (number, shape) in shapes.enumerated() {
            let box = Box()
            Kept.shapes.withLock { $0.append(shape(box)) }
            waiter(stage, "waiter-\(number)", on: box)
        }
        stage.onRelease {
            Kept.shapes.withLock { shapes in
                for shape in shapes { shape.box?.semaphore.signal() }
            }
        }
        stage.onDrop { Kept.shapes.withLock { $0 = [] } }
    },
    .control("nested-optional-enum", "an optional of an optional of such an enum in a field") { stage in
        let box = Box()
        Kept.nested.withLock { $0 = .some(.some(.third(box))) }
        waiter(stage, on: box)
        stage.onRelease { Kept.nested.withLock { _ = $0??.box?.semaphore.signal() } }
        stage.onDrop { Kept.nested.withLock { $0 = nil } }
    },
    .control("unowned-reference", "a sleeping thread has an unowned reference, the waiter the strong one") { stage in
        let box = Box()
        let bell = Bell()
        let isSleeping = Steps()
        stage.thread("sleeper", .blocked) { [unowned box] in
            isSleeping.done()
            if bell.wait() == .release { box.semaphore.signal() }
        }
        isSleeping.wait(for: 1)
        waiter(stage, on: box)
        untilThreadWaits("waiter")
        stage.onCommands(ring: bell)
    },
    .control("unowned-unsafe-reference", "an object has an unowned(unsafe) reference, the waiter the strong one") {
        stage in
        let box = Box()
        Kept.unownedUnsafe.withLock { $0 = UnownedUnsafe(box) }
        waiter(stage, on: box)
        untilThreadWaits("waiter")
        stage.onRelease { Kept.unownedUnsafe.withLock { _ = $0?.box.semaphore.signal() } }
        stage.onDrop { Kept.unownedUnsafe.withLock { $0 = nil } }
    },
    .control("weak-reference", "an object has a weak reference, the waiter the strong one") { stage in
        let box = Box()
        Kept.weak.withLock { $0 = Weak(box) }
        waiter(stage, on: box)
        untilThreadWaits("waiter")
        stage.onRelease { Kept.weak.withLock { _ = $0?.box?.semaphore.signal() } }
        stage.onDrop { Kept.weak.withLock { $0 = nil } }
    },
    .control("unmanaged-reference", "a raw pointer in a block of malloc is the only reference") { stage in
        let box = Box()
        Kept.block = .allocate(byteCount: 64, alignment: 16)
        Kept.block?.storeBytes(
            of: Unmanaged.passRetained(box).toOpaque(), toByteOffset: 40, as: UnsafeMutableRawPointer.self)
        waiter(stage, on: box)
        stage.onRelease {
            guard let pointer = Kept.block?.load(fromByteOffset: 40, as: UnsafeMutableRawPointer.self) else { return }
            Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue().semaphore.signal()
        }
        stage.onDrop { Kept.block?.storeBytes(of: 0, toByteOffset: 40, as: UInt.self) }
    },
    .control(
        "pointer-into-the-middle", "the only reference points to the fifth of nine semaphores, the waiter to the eighth"
    ) { stage in
        let semaphores = UnsafeMutablePointer<sem_t>.allocate(capacity: 9)
        for number in 0..<9 { sem_init(semaphores + number, 0, 0) }
        Kept.semaphore = semaphores + 4
        let address = UInt(bitPattern: semaphores + 7)
        stage.thread("waiter", .waiting) {
            guard let semaphore = UnsafeMutablePointer<sem_t>(bitPattern: address) else { return }
            PosixSemaphore.wait(semaphore)
        }
        stage.onRelease { if let fifth = Kept.semaphore { sem_post(fifth + 3) } }
        stage.onDrop { Kept.semaphore = nil }
    },
    .control("pointer-to-the-end-of-a-large-block", "the only reference points a megabyte into the block") { stage in
        let block = UnsafeMutableRawPointer.allocate(byteCount: 2 << 20, alignment: 16)
        let middle = block + (1 << 20)
        Kept.raw = middle
        let semaphore = block.bindMemory(to: sem_t.self, capacity: 1)
        sem_init(semaphore, 0, 0)
        let address = UInt(bitPattern: semaphore)
        stage.thread("waiter", .waiting) {
            guard let semaphore = UnsafeMutablePointer<sem_t>(bitPattern: address) else { return }
            PosixSemaphore.wait(semaphore)
        }
        stage.onRelease {
            guard let middle = Kept.raw else { return }
            sem_post((middle - (1 << 20)).assumingMemoryBound(to: sem_t.self))
        }
        stage.onDrop { Kept.raw = nil }
    },
    .control("array-slice", "a slice of an array is the only reference to its storage") { stage in
        let boxes = (0..<40).map { _ in Box() }
        Kept.slice.withLock { $0 = boxes[20..<30] }
        waiter(stage, on: boxes[25])
        stage.onRelease { Kept.slice.withLock { _ = $0?[25].semaphore.signal() } }
        stage.onDrop { Kept.slice.withLock { $0 = nil } }
    },
    .control("long-list", "the last of 100 000 list nodes keeps the semaphore") { stage in
        let box = Box()
        var list = Node(box, nil)
        for _ in 0..<100_000 { list = Node(nil, list) }
        Kept.list.withLock { $0 = list }
        waiter(stage, on: box)
        stage.onRelease {
            var node = Kept.list.withLock { $0 }
            while let next = node?.next { node = next }
            node?.box?.semaphore.signal()
        }
        stage.onDrop {
            // Node by node: releasing the first would recurse a hundred thousand deep.
            var node = Kept.list.withLock { $0.take() }
            while let next = node?.next {
                node?.next = nil
                node = next
            }
            node = nil
            overwriteStack()
        }
    },
]

private final class Box: Sendable {
    let semaphore = DispatchSemaphore(value: 0)
}

private enum Shape: Sendable {
    case none
    case first(Box)
    case second(Box)
    case third(Box)

    var box: Box? {
        switch self {
        case .none: nil
        case .first(let box), .second(let box), .third(let box): box
        }
    }
}

private final class UnownedUnsafe: Sendable {
    unowned(unsafe) let box: Box
    init(_ box: Box) { self.box = box }
}

private final class Weak: @unchecked Sendable {
    // Safe: set once.
    weak var box: Box?
    init(_ box: Box) { self.box = box }
}

private final class Node: @unchecked Sendable {
    // Safe: changed by the commands' thread alone.
    let box: Box?
    var next: Node?

    init(_ box: Box?, _ next: Node?) {
        self.box = box
        self.next = next
    }
}

private enum Kept {
    static let shapes = Mutex<[Shape]>([])
    static let nested = Mutex<Shape??>(nil)
    static let unownedUnsafe = Mutex<UnownedUnsafe?>(nil)
    static let weak = Mutex<Weak?>(nil)
    static let slice = Mutex<ArraySlice<Box>?>(nil)
    static let list = Mutex<Node?>(nil)
    // Safe: written by the builder and by the commands' thread, never at once.
    nonisolated(unsafe) static var block: UnsafeMutableRawPointer?
    nonisolated(unsafe) static var raw: UnsafeMutableRawPointer?
    nonisolated(unsafe) static var semaphore: UnsafeMutablePointer<sem_t>?
}
