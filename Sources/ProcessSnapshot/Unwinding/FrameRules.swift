// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// How to get from a frame to its caller's: where the frame lies, and where the caller's registers are.
struct FrameRules {
    /// The canonical frame address: the stack pointer before the call.
    enum Frame {
        case register(Int, Int)
        case expression([UInt8])
    }

    /// Offsets are from the canonical frame address.
    enum Register {
        case unchanged
        case undefined
        case savedAt(Int)
        case valueIs(Int)
        case inRegister(Int)
        case savedAtExpression([UInt8])
        case valueIsExpression([UInt8])
    }

    var frame = Frame.register(Machine.stackPointer, 0)
    let returnAddressRegister: Int
    private var registers = [Register](repeating: .unchanged, count: Machine.registerCount)

    init(returnAddressRegister: Int) {
        self.returnAddressRegister = returnAddressRegister
    }

    /// Registers that are not followed, such as those of the vector unit, are always unchanged.
    subscript(register: Int) -> Register {
        get { registers.indices.contains(register) ? registers[register] : .unchanged }
        set { if registers.indices.contains(register) { registers[register] = newValue } }
    }

    /// Whether the frame is found by the frame pointer.
    var usesFramePointer: Bool {
        if case .register(Machine.framePointer, _) = frame { return true }
        return false
    }
}

/// DWARF's numbers of the registers that unwinding needs.
enum Machine {
    #if arch(x86_64)
        static let framePointer = 6
        static let stackPointer = 7
        static let returnAddress = 16
        static let registerCount = 17
    #else
        static let framePointer = 29
        static let stackPointer = 31
        static let returnAddress = 30
        static let registerCount = 32
    #endif
}

/// What is known of a frame's registers; nil where nobody saved one that the kernel does not show.
struct Registers {
    private var values = [UInt?](repeating: nil, count: Machine.registerCount)

    subscript(register: Int) -> UInt? {
        get { values.indices.contains(register) ? values[register] : nil }
        set { if values.indices.contains(register) { values[register] = newValue } }
    }

    init(programCounter: UInt, stackPointer: UInt) {
        values[Machine.returnAddress] = programCounter
        values[Machine.stackPointer] = stackPointer
    }

    var programCounter: UInt? { self[Machine.returnAddress] }
    var stackPointer: UInt? { self[Machine.stackPointer] }
}
