// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// libdispatch carries each job through its queues in an object, or in two where one queue passes it on to another, and keeps these for
// the next jobs with all that they had last. Objects in caches of threads that sleep can be told; the others come and go, and what
// is left in them leads from one to the next and to memory of tasks that once was an ended one's. Source:
// swift-corelibs-libdispatch, src/queue_internal.h (struct dispatch_continuation_s), src/init.c (_dispatch_continuation_vtables).
import HeapProfile
import Symbols

/// The objects in which libdispatch carries jobs.
enum DispatchContinuation {
    private enum Word {
        /// Flags; or the kind of an object that passes another one on.
        static let kind = 0
        static let function = 4
        static let argument = 5
        static let passedOn = 7
    }

    private static let sizes: ClosedRange<Int> = 56...88
    private static let mostFlags: UInt = 0xfff

    /// Whether `reference` is the job that such an object carries, or carried last.
    static func carries(_ reference: HeapMarker.Reference) -> Bool {
        let index = Int((reference.location &- reference.block.lowerBound) / 8)
        guard sizes.contains(reference.block.count), index == Word.argument || index == Word.passedOn else {
            return false
        }
        // It may be another's by now.
        guard let words = reference.blockWords(Word.passedOn + 1), words[index] == reference.target else {
            return false
        }
        if words[Word.kind] > mostFlags {
            return Symbolizer.shared.taskVariable(at: words[Word.kind])?.name == "_dispatch_continuation_vtables"
        }
        return ProcessView.functionName(words[Word.function]).map(runsJobs) ?? false
    }

    /// Such as the runtime gives libdispatch; nobody else has the address.
    private static func runsJobs(_ function: String) -> Bool {
        function.contains("swift_run_job") || function.contains("swift_job_run")
    }
}
