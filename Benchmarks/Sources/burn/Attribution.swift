// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Where a CPU profile says that the time went, beside where it did go.
struct Attribution {
    enum Place: String {
        /// Three functions on two threads.
        case threads
        /// The same three functions in four tasks.
        case tasks
        /// Four tasks in which three async functions await one that burns: told apart by who awaits.
        case callers
    }
    static let names = ["Seventy", "Twenty", "Ten"]

    let place: Place
    private let tally = Tally()

    init(_ place: Place) {
        self.place = place
    }

    /// Prints for each function its part of the process's processor time, in percent, as the kernel's clocks have it
    /// (`true_…`) and as the profile has it (`found_…`), and the number of samples.
    func measure(_ server: DebugServer, seconds length: Int) throws {
        start()
        let client = DebugClient(server)
        _ = try client.get("/debug/pprof/profile?seconds=1")  // warm up
        let before = tally.current
        let start = seconds(of: CLOCK_PROCESS_CPUTIME_ID)
        let answer = try client.get("/debug/pprof/profile?seconds=\(length)&hz=100&format=folded")
        // What giving the thread away costs belongs to none of the three, in both.
        let total = seconds(of: CLOCK_PROCESS_CPUTIME_ID) - start
        let spent = tally.current.map { ($0, $1 - (before[$0] ?? 0)) }
        guard answer.status == 200 else { fatalError(answer.text) }
        var found: [String: Double] = [:]
        var all = 0.0
        for line in answer.text.split(separator: "\n") {
            guard let count = line.split(separator: " ").last.flatMap({ Double($0) }) else { continue }
            all += count
            let prefix = place == .callers ? "await" : "burn"
            for name in Self.names where line.contains(prefix + name) { found[name, default: 0] += count }
        }
        for (name, time) in spent { print("true_" + name, 100 * time / total) }
        // Of all samples: those whose stack was lost belong to none of the three, and count against it.
        for name in Self.names { print("found_" + name, 100 * (found[name] ?? 0) / all) }
        print("samples", all)
        print("expected", 100 * total)
    }

    private func start() {
        let tally = tally
        switch place {
        case .threads:
            for index in 0..<2 {
                startThread {
                    var step = Step(seed: UInt64(index))
                    while true { Self.burn(step.next(), tally) }
                }
            }
        case .tasks:
            for index in 0..<4 {
                Task.detached {
                    var step = Step(seed: UInt64(index))
                    while true {
                        Self.burn(step.next(), tally)
                        await Task.yield()
                    }
                }
            }
        case .callers:
            for index in 0..<4 {
                Task.detached {
                    var step = Step(seed: UInt64(index))
                    var result: UInt64 = 0
                    while true {
                        let rounds = step.next()
                        result &+= await awaitSeventy(7 * rounds, tally)
                        result &+= await awaitTwenty(2 * rounds, tally)
                        result &+= await awaitTen(rounds, tally)
                        if result == 1 { print("# unlikely") }
                    }
                }
            }
        }
    }

    @inline(never)
    private static func burn(_ rounds: Int, _ tally: Tally) {
        var result = tally.add("Seventy") { burnSeventy(7 * rounds) }
        result &+= tally.add("Twenty") { burnTwenty(2 * rounds) }
        result &+= tally.add("Ten") { burnTen(rounds) }
        if result == 1 { print("# unlikely") }  // so that the results count
    }

    /// Lengths of work that vary, so that it does not keep step with the timer: 0.1 to 0.5 ms for a tenth.
    private struct Step {
        var seed: UInt64

        mutating func next() -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 60_000 + Int(seed >> 33) % 240_000
        }
    }
}
