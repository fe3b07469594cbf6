// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The process under the tap, one scenario a run. Each reports lines of `name value`; the tests say what they must be.
import CAllocationTap
import Glibc

@main
enum AllocationHost {
    static let scenarios: [String: @Sendable ([String]) -> Void] = [
        "state": { _ in report("state", alloctap_state().rawValue) },
        "signals": handlerAllocations,
        "late": lateFirstAllocations,
        "mix": randomMix,
        "own": ownAllocations,
        "remains": remains,
        "fork": forkedChildren,
        "threads": manyThreads,
        "exhaustion": exhaustion,
        "sites": fiveSites,
        "rates": changedRates,
        "truth": allocatorsOwnCount,
        "library": loadedLibrary,
        "async": asyncCallers,
    ]

    static func main() {
        let before = totals()  // read before this function allocates anything
        guard let name = CommandLine.arguments.dropFirst().first, let scenario = scenarios[name] else {
            print("scenarios: \(scenarios.keys.sorted())")
            exit(2)
        }
        report("before_main", before.mallocs)
        report("unknown_before_main", before.unknown_frees)
        report("next_is_glibc", alloctap_is_glibc())
        if name != "state" { lookUpAllocator() }  // a fully static executable cannot look up, but has a state
        scenario(Array(CommandLine.arguments.dropFirst(2)))
    }
}

func report(_ name: String, _ value: some CustomStringConvertible) { print(name, value) }

func totals() -> alloctap_totals {
    var totals = alloctap_totals()
    alloctap_read_totals(&totals)
    return totals
}

/// All blocks that the map shows, into memory that is no block.
struct BlockList {
    let addresses: UnsafeMutablePointer<UInt>
    let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        addresses = mapped(capacity)
    }

    mutating func read() {
        count = alloctap_blocks(0, .max, addresses, capacity)
        precondition(count < capacity)
    }

    /// The sorted starts, found by halving.
    func contains(_ address: UInt) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] < address { low = middle + 1 } else { high = middle }
        }
        return low < count && addresses[low] == address
    }
}

/// Zeros from the kernel, so that the shadow is not in the map that it is held against.
func mapped<Element: ~Copyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
    let bytes = count * MemoryLayout<Element>.stride
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(memory != MAP_FAILED)
    return memory!.bindMemory(to: Element.self, capacity: count)
}

struct SplitMix64 {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Starts a thread that runs `body`; to be joined.
func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    let error = pthread_create(
        &thread, nil,
        { argument in
            Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, box)
    precondition(error == 0, "pthread_create: \(error)")
    return thread
}
