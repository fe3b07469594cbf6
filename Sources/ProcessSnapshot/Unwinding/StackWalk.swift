// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The stack of a thread that waits in the kernel, from the two registers that /proc shows of it, without disturbing it.
// The call-frame information of each function says where its caller's registers are. A function that finds its frame by the
// frame pointer needs that register, and nobody may have saved it since: then it is found again, see `FramePointerSearch`.

/// Walks stacks of this process by call-frame information. For one look, on one thread: it keeps what it has read.
struct StackWalk {
    /// Return addresses are looked up one byte before; the first address is where the thread will go on.
    struct Stack {
        var addresses: [UInt] = []
        /// Why it ends early; nil when it is whole.
        var note: String?
    }

    static let maxFrames = 128

    private let map: MemoryMap
    private let tables: UnwindTables
    private var memory = StackWindow()
    private var descriptions: [UInt: FrameDescription?] = [:]
    private var rules: [UInt: FrameRules?] = [:]

    init(_ map: MemoryMap) {
        self.map = map
        tables = UnwindTables(map)
    }

    /// The stack from `programCounter` on. Cost: some 2 µs a frame that was seen before, 20 µs one that was not.
    mutating func stack(programCounter: UInt, stackPointer: UInt) -> Stack {
        #if arch(x86_64)
            memory = StackWindow()
            var registers = Registers(programCounter: programCounter, stackPointer: stackPointer)
            var stack = Stack()
            var isReturnAddress = false
            while let address = registers.programCounter, address != 0 {
                guard stack.addresses.count < Self.maxFrames else {
                    stack.note = "the stack has more than \(Self.maxFrames) frames"
                    break
                }
                stack.addresses.append(address)
                let code = isReturnAddress ? address - 1 : address
                switch step(&registers, code: code) {
                case .caller(let isInterrupted): isReturnAddress = !isInterrupted
                case .outermost: return stack
                case .lost(let note):
                    stack.note = note
                    return stack
                }
            }
            return stack
        #else
            return Stack(
                addresses: [programCounter],
                note: "the stack of a waiting thread can be walked on x86_64 only: the kernel shows no link register")
        #endif
    }

    enum Step {
        case caller(isInterrupted: Bool)
        case outermost
        case lost(String)
    }

    /// Goes to the caller's registers.
    mutating func step(_ registers: inout Registers, code: UInt) -> Step {
        guard let stackPointer = registers.stackPointer else { return .lost("the stack pointer was not saved") }
        guard let description = description(of: code) else {
            return .lost("there is no unwind table for the code where it ends")
        }
        guard let rules = rules(at: code, description) else {
            return .lost("the unwind table cannot be read where it ends")
        }
        if rules.usesFramePointer, registers[Machine.framePointer] == nil {
            let search = FramePointerSearch(
                map: map, stackPointer: stackPointer, functionStart: description.code.lowerBound)
            guard let found = search.framePointer(isCode: { self.tables.module(of: $0) != nil }) else {
                return .lost("the frame pointer was not saved where it ends")
            }
            registers[Machine.framePointer] = found
        }
        let frame: UInt?
        switch rules.frame {
        case .register(let register, let offset): frame = registers[register].map { $0 &+ UInt(bitPattern: offset) }
        case .expression(let program): frame = FrameExpression.value(program, registers)
        }
        // A caller's frame lies above; what does not go up would go round for ever.
        guard let frame, frame > stackPointer || description.isSignalFrame, map[frame &- 8] != nil else {
            return .lost("the frame cannot be found where it ends")
        }
        var caller = registers
        caller[Machine.stackPointer] = frame
        for register in 0..<Machine.registerCount where register != Machine.stackPointer || description.isSignalFrame {
            switch rules[register] {
            case .unchanged: break
            case .undefined:
                if register == rules.returnAddressRegister { return .outermost }
                caller[register] = nil
            case .savedAt(let offset):
                caller[register] = memory.word(frame &+ UInt(bitPattern: offset))
            case .valueIs(let offset): caller[register] = frame &+ UInt(bitPattern: offset)
            case .inRegister(let other): caller[register] = registers[other]
            case .savedAtExpression(let program):
                caller[register] = FrameExpression.value(program, registers, start: frame)
                    .flatMap { ProcessMemory.load($0, as: UInt.self) }
            case .valueIsExpression(let program):
                caller[register] = FrameExpression.value(program, registers, start: frame)
            }
        }
        guard let address = caller.programCounter else {
            return .lost("the return address cannot be read where it ends")
        }
        if address == 0 { return .outermost }
        guard map[address]?.isExecutable == true else { return .lost("the return address is no code where it ends") }
        registers = caller
        return .caller(isInterrupted: description.isSignalFrame)
    }

    private mutating func description(of code: UInt) -> FrameDescription? {
        if let known = descriptions[code] { return known }
        let found = tables.module(of: code)?.description(for: code).flatMap { FrameDescription(at: $0) }
        let description = found.flatMap { $0.code.contains(code) ? $0 : nil }
        descriptions[code] = description
        return description
    }

    private mutating func rules(at code: UInt, _ description: FrameDescription) -> FrameRules? {
        if let known = rules[code] { return known }
        let found = description.rules(at: code)
        rules[code] = found
        return found
    }
}
