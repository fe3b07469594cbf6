// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import Glibc

nonisolated(unsafe) private var key = pthread_key_t()  // Safe: written once before any thread starts

/// Threads that come and go, with a destructor that still allocates and frees in the last of its rounds.
func manyThreads(_ arguments: [String]) {
    pthread_key_create(&key) { argument in
        // The value counts the rounds down, so that the last one comes after the tap's own destructor is done.
        free(malloc(50))
        let left = UInt(bitPattern: argument) - 1
        if left > 0 { pthread_setspecific(key, UnsafeRawPointer(bitPattern: left)) }
    }
    func run(_ count: Int) {
        for _ in 0..<count / 4 {
            let four = (0..<4).map { _ in
                thread {
                    pthread_setspecific(key, UnsafeRawPointer(bitPattern: 4))
                    free(malloc(100))
                }
            }
            for thread in four { pthread_join(thread, nil) }
        }
    }
    run(100)
    var list = BlockList(capacity: 1 << 20)
    list.read()
    let (before, blocksBefore, residentBefore) = (totals(), list.count, residentKiB())
    run(Int(arguments[0])!)
    list.read()
    let after = totals()
    report("blocks_more", list.count - blocksBefore)
    report("counted_blocks_more", Int(after.mallocs - after.frees) - Int(before.mallocs - before.frees))
    report("allocations", after.mallocs - before.mallocs)
    report("rows_more", Int(after.rows) - Int(before.rows))
    report("rows", after.rows)
    report("threads", after.threads)
    report("resident_kib_more", residentKiB() - residentBefore)
}

/// Threads that allocate nothing until they end: their first call of the tap comes from a destructor.
func lateFirstAllocations(_ arguments: [String]) {
    let rounds = Int(arguments[0])!
    pthread_key_create(&key) { argument in
        // The argument is the round in which it allocates, counted down.
        let left = UInt(bitPattern: argument) - 1
        if left > 0 { pthread_setspecific(key, UnsafeRawPointer(bitPattern: left)) } else { free(malloc(50)) }
    }
    pthread_join(thread {}, nil)  // the first of all makes what glibc keeps for the next
    let before = totals()
    for _ in 0..<Int(arguments[1])! {
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                pthread_setspecific(key, argument)
                return nil
            }, UnsafeMutableRawPointer(bitPattern: rounds))
        precondition(error == 0)
        pthread_join(thread, nil)
    }
    let after = totals()
    report("allocations", after.mallocs - before.mallocs)
    report("left", Int(after.mallocs - after.frees) - Int(before.mallocs - before.frees))
    report("rows", after.rows)
    report("threads", after.threads)
}

private func residentKiB() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Int(text.split(separator: " ")[1])! * 4
}
