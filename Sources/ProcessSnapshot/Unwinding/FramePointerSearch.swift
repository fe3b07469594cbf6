// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Of a thread in the kernel /proc shows the stack pointer only. glibc's system calls save no frame pointer, so their caller's
// is not known, though its frame was made in one of few ways: push rbp; mov rbp, rsp; more pushes; sub rsp. Undoing that gives
// the frame pointer at once. Where the function has moved the stack pointer further (alloca, as Swift does for generic
// values), the frame lies higher: it is the lowest place that looks like one.

/// Finds a function's frame pointer from its stack pointer at a call.
struct FramePointerSearch {
    let map: MemoryMap
    let stackPointer: UInt
    let functionStart: UInt

    /// The frame pointer: [it] has the caller's, and [it + 8] an address behind a call instruction. Nil when there is none.
    func framePointer(isCode: (UInt) -> Bool) -> UInt? {
        guard let stack = map[stackPointer] else { return nil }
        func looksLikeFrame(_ words: (saved: UInt, returnAddress: UInt), at place: UInt) -> Bool {
            // The outermost frame's caller has no frame pointer worth the name, so `saved` is not asked to lie above.
            isCode(words.returnAddress) && Self.isAfterCall(words.returnAddress)
                && (words.saved > place && stack.range.contains(words.saved) || words.saved == 0
                    || !stack.range.contains(words.saved))
        }
        if let size = frameSize() {
            let place = stackPointer &+ size
            let words = ProcessMemory.words(place, count: 2)
            if words.count == 2, isCode(words[1]), Self.isAfterCall(words[1]) { return place }
        }
        let limit = min(stack.range.upperBound &- stackPointer, 1 << 20) / 8
        let words = ProcessMemory.words(stackPointer, count: Int(limit))
        for index in stride(from: 0, to: max(0, words.count - 1), by: 1) {
            let place = stackPointer &+ UInt(index) &* 8
            if place % 16 == 0, looksLikeFrame((words[index], words[index + 1]), at: place) { return place }
        }
        return nil
    }

    /// What lies between the stack pointer after the prologue and the frame pointer; nil when the prologue is another.
    private func frameSize() -> UInt? {
        let code = ProcessMemory.bytes(functionStart, count: 64)
        var index = 0
        var isFrameMade = false
        var size: UInt = 0
        func next(_ bytes: [UInt8]) -> Bool { code.dropFirst(index).starts(with: bytes) }
        while index < code.count - 8 {
            if next([0xf3, 0x0f, 0x1e, 0xfa]) {  // endbr64
                index += 4
            } else if code[index] == 0x55, !isFrameMade {  // push rbp
                isFrameMade = true
                index += 1
            } else if isFrameMade, next([0x48, 0x89, 0xe5]) || next([0x48, 0x8b, 0xec]) {  // mov rbp, rsp
                index += 3
            } else if isFrameMade, next([0x48, 0x8d, 0x6c, 0x24]) {  // lea rbp, [rsp + 8]: an async function's frame
                index += 5
            } else if isFrameMade, (0x50...0x57).contains(code[index]) {  // push
                size += 8
                index += 1
            } else if isFrameMade, code[index] == 0x41, (0x50...0x57).contains(code[index + 1]) {  // push r8 to r15
                size += 8
                index += 2
            } else if isFrameMade, next([0x48, 0x83, 0xec]) {  // sub rsp, imm8
                return size &+ UInt(code[index + 3])
            } else if isFrameMade, next([0x48, 0x81, 0xec]) {  // sub rsp, imm32
                return (3...6).reversed().reduce(0) { $0 << 8 | UInt(code[index + $1]) } &+ size
            } else {
                return isFrameMade ? size : nil
            }
        }
        return nil
    }

    /// Whether the instruction before `address` is a call, in any of its encodings without a prefix.
    static func isAfterCall(_ address: UInt) -> Bool {
        let code = ProcessMemory.bytes(address &- 7, count: 7)
        guard code.count == 7 else { return false }
        func isIndirectCall(_ length: Int) -> Bool {
            let start = 7 - length
            guard code[start] == 0xff, code[start + 1] & 0x38 == 0x10 else { return false }
            let mode = code[start + 1] >> 6
            let hasIndex = mode != 3 && code[start + 1] & 7 == 4
            let isRelative = mode == 0 && code[start + 1] & 7 == 5
            let displacement = mode == 1 ? 1 : mode == 2 || isRelative ? 4 : 0
            return length == 2 + (hasIndex ? 1 : 0) + displacement
        }
        return code[2] == 0xe8 || (2...7).contains(where: isIndirectCall)
    }
}
