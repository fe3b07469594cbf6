// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture

/// One stack that the signal handler took.
package struct CapturedStack: Sendable {
    package var thread: Int32
    /// How many timer periods it stands for.
    package var weight: Int
    /// How much of the thread's processor time it took.
    package var duration: Duration
    /// Leaf first; the first is the interrupted instruction, the others are return addresses.
    package var addresses: [UInt]
    /// Which of `addresses` is the running async function; nil when none is.
    package var asyncIndex: Int?
    /// Where the callers of that function will go on, innermost first.
    package var asyncCallers: [UInt]
    package var isTruncated: Bool
    /// The object and the id of the task that ran; nil where none did or it could not be told.
    package var task: (address: UInt, id: UInt64)?

    init(_ stack: borrowing stackcap_stack) {
        thread = stack.thread
        weight = Int(stack.weight)
        duration = .nanoseconds(Int64(clamping: stack.duration_ns))
        isTruncated = stack.truncated != 0
        addresses = Self.array(stack.frames, Int(stack.depth))
        asyncCallers = Self.array(stack.async_frames, Int(stack.async_depth))
        asyncIndex = stack.async_index < 0 || asyncCallers.isEmpty ? nil : Int(stack.async_index)
        task = stack.task == 0 ? nil : (UInt(stack.task), stack.task_id)
    }

    /// The first `count` words of an array that C declares, a tuple here.
    private static func array<Tuple>(_ tuple: Tuple, _ count: Int) -> [UInt] {
        withUnsafeBytes(of: tuple) { bytes in
            (0..<min(count, bytes.count / 8)).map { UInt(bytes.load(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
    }
}
