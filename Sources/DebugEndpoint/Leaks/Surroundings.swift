// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import ProcessSnapshot

/// What is where at the time of a reading, beside the heap.
struct Surroundings {
    let map: MemoryMap
    let threads: ThreadsLook
    /// Taken after the threads: the stack of every one that was looked at and still lives is among them.
    let stacks: ThreadStacks
    let kernel: KernelReferences
    private(set) var registers = ThreadRegisters()
    private let holds: LongestHold
    /// Whether registers were asked for.
    private(set) var isExact = false
    /// Objects that libdispatch keeps for later: what they have is left over.
    private(set) var keptObjects: Set<UInt> = []

    /// Only a machine that is very busy needs it.
    private static let patience = Duration.milliseconds(1500)

    /// With the registers of all threads but `sleeping`; without any where that is nil.
    init(_ holds: LongestHold, registersWithout sleeping: Set<Int32>? = nil) throws(SnapshotRefusal) {
        self.holds = holds
        guard ProcessMemory.isAllowed else {
            throw SnapshotRefusal(
                """
                leaks were asked for, but this process may not read its own memory: allow the system call \
                process_vm_readv, such as in its seccomp filter
                """)
        }
        guard let map = MemoryMap.current(),
            let threads = ThreadsLook.take(map, functionName: ProcessView.functionName)
        else {
            throw SnapshotRefusal(
                "leaks were asked for, but /proc/self cannot be read: mount /proc in this container")
        }
        guard let stacks = Self.stacks(of: threads.others.map(\.id) + threads.blocked.map(\.id), map) else {
            throw SnapshotRefusal(
                """
                leaks were asked for, but the stacks of threads cannot be told from other memory: glibc's thread records, \
                as of glibc 2.34 on x86-64, were not found
                """)
        }
        self.map = map
        self.threads = threads
        self.stacks = stacks
        kernel = KernelReferences.all()
        if let sleeping {
            registers = registersNow(without: sleeping)
            isExact = true
        }
        keptObjects = keptObjectsNow()
    }

    /// A walk through glibc's lists misses threads while others begin and end: the one that misses the fewest.
    private static func stacks(of threads: [Int32], _ map: MemoryMap) -> ThreadStacks? {
        var best: (missing: Int, stacks: ThreadStacks)?
        for _ in 0..<walks {
            guard let stacks = ThreadStacks.current(map) else { break }
            let missing = threads.count { stacks.living[$0] == nil && access("/proc/self/task/\($0)", F_OK) == 0 }
            if missing == 0 { return stacks }
            if missing < best?.missing ?? .max { best = (missing, stacks) }
        }
        return best?.stacks
    }

    private static let walks = 8

    func keptObjectsNow() -> Set<UInt> {
        DispatchCaches.objects(of: threads.others.map(\.id) + threads.blocked.map(\.id))
    }

    /// The registers of all threads but ours and these, as they are at this moment.
    func registersNow(without sleeping: Set<Int32>) -> ThreadRegisters {
        let threads = (threads.others.map(\.id) + threads.blocked.map(\.id)).filter {
            $0 != self.threads.own && !sleeping.contains($0)
        }
        return registers(of: threads)
    }

    func registers(of threads: [Int32]) -> ThreadRegisters {
        let registers = ThreadRegisters.read(threads, within: Self.patience, map)
        holds.note(registers.longestHold)
        return registers
    }
}

/// The longest time that one scan held a thread. For the scanning thread alone.
final class LongestHold {
    private(set) var longest = Duration.zero
    func note(_ hold: Duration) { longest = max(longest, hold) }
}
