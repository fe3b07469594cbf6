// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Here and not in the module of the metrics, because only this module sees all sources: whoever can call `read` has linked them,
// so that no reading ever misses one, and nothing has to be registered before.
import HeapProfile
import ProcessSnapshot
public import RuntimeMetrics

extension RuntimeMetrics {
    /// Reads metrics by name: one sample for each, in order.
    ///
    /// ``Value/unknown`` for a name that is not in ``all``, ``Value/absent`` for what this process or system does not have; never a
    /// 0 in its place. Nothing is stopped. Needs no server. Safe from any thread. What is costly to read is kept for a multiple of what
    /// it cost, so that reading everything often costs little.
    public static func read(_ names: [String]) -> [Sample] {
        var samples = names.map { Sample($0) }
        read(into: &samples)
        return samples
    }

    /// Reads each sample anew, in its own storage: the second time nothing is allocated, unless a costly figure is read anew.
    public static func read(into samples: inout [Sample]) {
        reader.read(into: &samples)
    }

    /// Every metric that has a value now, in order of name.
    static func readPresent() -> [(description: Description, value: Value)] {
        var samples = all.map { Sample($0.name) }
        read(into: &samples)
        return zip(all, samples).compactMap { $1.value == .absent ? nil : ($0, $1.value) }
    }

    private static let reader = MetricReader(feeds: .ofThisProcess)
}

extension MetricFeeds {
    fileprivate static var ofThisProcess: MetricFeeds {
        var feeds = MetricFeeds()
        feeds.allocations = {
            AllocationTotals.read().map {
                AllocationCounts(allocations: $0.mallocs, frees: $0.frees, bytes: $0.bytes)
            }
        }
        feeds.memoryClasses = {
            HeapLook.memory(nil, ProcessView.heapSources).map { memory in
                MemoryFigures(
                    heap: UInt64(memory.allocator ?? 0), stacks: UInt64(memory.stacks), files: UInt64(memory.files),
                    imageData: UInt64(memory.imageData), endpoint: UInt64(memory.endpoint),
                    other: UInt64(memory.rest))
            }
        }
        feeds.tasks = {
            (try? ProcessView.tasks()).map { snapshot in
                func count(_ state: TaskSnapshot.State) -> UInt64 {
                    UInt64(snapshot.tasks.count { $0.state == state })
                }
                return TaskCounts(
                    running: count(.running), enqueued: count(.enqueued), suspended: count(.suspended))
            }
        }
        feeds.leaks = { LeakScanHistory.shared.figures }
        return feeds
    }
}
