// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Nanoseconds for one increment or one record: increment counter|counter-two-threads|histogram OPERATIONS
import CLinux
import DebugEndpoint
import Glibc
import Synchronization

let registry = VariableRegistry()

@inline(never)
func increment(_ counter: CounterVariable, times: Int) {
    for _ in 0..<times { counter.increment() }
}

@inline(never)
func record(_ histogram: HistogramVariable, _ values: [Double], times: Int) {
    for turn in 0..<times { histogram.record(values[turn & (values.count - 1)]) }
}

func nanoseconds(_ duration: Duration, _ operations: Int) -> Double {
    duration / .nanoseconds(1) / Double(operations)
}

/// The median over slices of a fraction of a millisecond, after one tenth to warm up: most slices are not interrupted, so
/// what else runs on the machine hardly counts.
func medianOfSlices(_ operations: Int, _ run: (Int) -> Void) -> Double {
    let slice = 100_000
    run(operations / 10)
    var times: [Double] = []
    for _ in 0..<max(1, operations / slice) {
        let start = ContinuousClock.now
        run(slice)
        times.append(nanoseconds(ContinuousClock.now - start, slice))
    }
    return times.sorted()[times.count / 2]
}

/// Two threads that begin together; each increments `times`. Wall time from the start to the end of the second. Each has
/// a processor of its own, else the scheduler may leave both on one for the whole run.
func runTwoThreads(_ counter: CounterVariable, times: Int) -> Duration {
    final class Work: Sendable {
        let counter: CounterVariable
        let times: Int
        let started = Atomic(0)
        let warm = Atomic(0)
        let mayStart = Atomic(false)
        init(_ counter: CounterVariable, _ times: Int) {
            self.counter = counter
            self.times = times
        }
    }
    let work = Work(counter, times)
    var threads = [pthread_t](repeating: 0, count: 2)
    for index in threads.indices {
        pthread_create(
            &threads[index], nil,
            { argument in
                // Balances passRetained below.
                let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
                guard run_on_processor(Int32(work.started.wrappingAdd(1, ordering: .relaxed).oldValue)) == 0 else {
                    fatalError("processors 0 and 1 cannot be had: the comparison needs them")
                }
                increment(work.counter, times: work.times / 10)  // warm up
                work.warm.wrappingAdd(1, ordering: .relaxed)
                while !work.mayStart.load(ordering: .acquiring) {}
                increment(work.counter, times: work.times)
                return nil
            }, Unmanaged.passRetained(work).toOpaque())
    }
    while work.warm.load(ordering: .relaxed) < threads.count { usleep(1000) }
    let before = counter.value
    let start = ContinuousClock.now
    work.mayStart.store(true, ordering: .releasing)
    for thread in threads { pthread_join(thread, nil) }
    let duration = ContinuousClock.now - start
    guard counter.value - before == UInt64(threads.count * times) else { fatalError("the counter is wrong") }
    return duration
}

guard CommandLine.arguments.count == 3, let operations = Int(CommandLine.arguments[2]), operations > 0 else {
    fatalError("usage: increment counter|counter-two-threads|histogram OPERATIONS")
}
let counter = registry.counter("requests_total")
switch CommandLine.arguments[1] {
case "counter":
    print("ns_per_op", medianOfSlices(operations) { increment(counter, times: $0) })
    guard counter.value >= UInt64(operations) else { fatalError("the counter is wrong") }
case "counter-two-threads":
    print("ns_per_op", nanoseconds(runTwoThreads(counter, times: operations / 2), operations / 2 * 2))
case "histogram":
    let histogram = registry.histogram("request_duration_seconds", unit: "seconds")
    // Durations spread over the default buckets, in an order that no branch predictor learns by heart.
    var seed: UInt64 = 1
    let values = (0..<4096).map { _ in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 0.001 * pow(10_000, Double(seed >> 11) / Double(1 << 53))
    }
    print("ns_per_op", medianOfSlices(operations) { record(histogram, values, times: $0) })
    guard histogram.snapshot.count >= UInt64(operations) else { fatalError("the histogram is wrong") }
default: fatalError("unknown measurement \(CommandLine.arguments[1])")
}
