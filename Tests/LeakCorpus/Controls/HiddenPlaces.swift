// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// References that lie in no heap block: mapped regions, thread-local storage.
import Foundation
import Synchronization

/// A thread waits for a semaphore; returns the only other reference as a number.
@inline(never)
private func semaphoreWithWaiter(_ stage: Stage) -> UInt {
    let semaphore = PosixSemaphore()
    stage.thread("waiter", .waiting) { semaphore.wait() }
    untilThreadWaits("waiter")
    return UInt(bitPattern: semaphore.pointer)
}

@inline(never)
private func post(_ address: UInt) {
    if let semaphore = UnsafeMutablePointer<sem_t>(bitPattern: address) { sem_post(semaphore) }
}

let hiddenPlaceControls: [Scenario] = [
    .control("private-mapping", "an anonymous mapping has the only reference") { stage in
        keepInMapping(stage, MAP_PRIVATE | MAP_ANONYMOUS, -1)
    },
    .control("shared-mapping", "a shared anonymous mapping has the only reference") { stage in
        keepInMapping(stage, MAP_SHARED | MAP_ANONYMOUS, -1)
    },
    .control("file-mapping", "a shared mapping of a file has the only reference") { stage in
        let file = tmpfile()
        let descriptor = fileno(file)
        ftruncate(descriptor, 1 << 16)
        keepInMapping(stage, MAP_SHARED, descriptor)
    },
    .control("mapping-that-is-read-only", "a mapping that has been made read-only has the only reference") { stage in
        keepInMapping(stage, MAP_PRIVATE | MAP_ANONYMOUS, -1, isReadOnly: true)
    },
    .control("mapping-beside-a-heap", "a mapping between two heaps of malloc has the only reference") { stage in
        // Arenas of their own, so that the mapping may lie beside one of them.
        for _ in 0..<4 { afterEnd { free(malloc(1000)) } }
        keepInMapping(stage, MAP_PRIVATE | MAP_ANONYMOUS, -1)
        for _ in 0..<4 { afterEnd { free(malloc(1000)) } }
    },
    .control("thread-specific-value", "a thread-specific value of a sleeping thread is the only reference") { stage in
        keepInThread(stage, keys: 1)
    },
    // From the 33rd key on, glibc keeps values in a block of their own.
    .control("thread-specific-value-of-a-late-key", "the same with the hundredth key") { stage in
        keepInThread(stage, keys: 100)
    },
    .control("thread-dictionary", "Foundation's dictionary of a sleeping thread is the only reference") { stage in
        let address = Holder(semaphoreWithWaiter(stage))
        let (bell, steps) = (Bell(), Steps())
        stage.thread("sleeper", .blocked) {
            keepInThreadDictionary(address)
            steps.done()
            switch bell.wait() {
            case .release: post((Thread.current.threadDictionary["waits"] as? PlainHolder)?.address ?? 0)
            case .drop: Thread.current.threadDictionary.removeAllObjects()
            }
        }
        steps.wait(for: 1)
        stage.onCommands(ring: bell)
    },
]

@inline(never)
private func keepInMapping(_ stage: Stage, _ flags: Int32, _ file: Int32, isReadOnly: Bool = false) {
    let size = 1 << 16
    guard let mapping = mmap(nil, size, PROT_READ | PROT_WRITE, flags, file, 0), mapping != MAP_FAILED else { return }
    mapping.storeBytes(of: semaphoreWithWaiter(stage), toByteOffset: 4096 + 24, as: UInt.self)
    if isReadOnly { mprotect(mapping, size, PROT_READ) }
    // A mapping's own address is not what this is about.
    nonisolated(unsafe) let mapped = mapping
    stage.onRelease { post(mapped.load(fromByteOffset: 4096 + 24, as: UInt.self)) }
    stage.onDrop { munmap(mapped, size) }
}

/// The address is masked wherever it may be kept longer than needed.
private final class Holder: @unchecked Sendable {
    // Safe: taken once, by the thread that then has it.
    private var masked: UInt
    private static let mask: UInt = 0xa5a5_a5a5_a5a5_a5a5

    init(_ address: UInt) { masked = address ^ Self.mask }

    func take() -> UInt {
        defer { masked = 0 }
        return masked ^ Self.mask
    }
}

@inline(never)
private func keepInThread(_ stage: Stage, keys: Int) {
    let address = Holder(semaphoreWithWaiter(stage))
    let (bell, steps) = (Bell(), Steps())
    var key = pthread_key_t()
    for _ in 0..<keys { pthread_key_create(&key, nil) }
    let last = key
    stage.thread("sleeper", .blocked) {
        setSpecific(last, address.take())
        overwriteStack()
        steps.done()
        switch bell.wait() {
        case .release: post(UInt(bitPattern: pthread_getspecific(last)))
        case .drop: setSpecific(last, 0)
        }
    }
    steps.wait(for: 1)
    stage.onCommands(ring: bell)
}

@inline(never)
private func setSpecific(_ key: pthread_key_t, _ address: UInt) {
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: address))
}

/// Plain in there.
@inline(never)
private func keepInThreadDictionary(_ address: Holder) {
    Thread.current.threadDictionary["waits"] = PlainHolder(address.take())
}

private final class PlainHolder {
    let address: UInt
    init(_ address: UInt) { self.address = address }
}
