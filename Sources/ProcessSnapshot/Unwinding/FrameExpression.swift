// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// DWARF 5 §2.5, as far as call-frame information uses it: linkers describe the PLT so, and glibc its signal trampoline.

/// A DWARF expression over registers and memory.
enum FrameExpression {
    /// The value of `program`; nil when it needs what is not known, or does what frames have no use for.
    static func value(_ program: [UInt8], _ registers: Registers, start: UInt? = nil) -> UInt? {
        var reader = ByteReader(program)
        var stack: [UInt] = start.map { [$0] } ?? []
        var steps = 0
        func binary(_ operation: (UInt, UInt) -> UInt) -> Bool {
            guard let right = stack.popLast(), let left = stack.popLast() else { return false }
            stack.append(operation(left, right))
            return true
        }
        func push(_ value: UInt?) -> Bool {
            guard let value, stack.count < 64 else { return false }
            stack.append(value)
            return true
        }
        while !reader.isAtEnd {
            steps += 1
            guard steps < 256, let opcode = reader.integer(UInt8.self) else { return nil }
            let isDone: Bool
            switch opcode {
            case 0x03: isDone = push(reader.integer(UInt64.self).map { UInt($0) })
            case 0x06: isDone = push(stack.popLast().flatMap { ProcessMemory.load($0, as: UInt.self) })
            case 0x08: isDone = push(reader.integer(UInt8.self).map { UInt($0) })
            case 0x09: isDone = push(reader.integer(Int8.self).map { UInt(bitPattern: Int($0)) })
            case 0x0a: isDone = push(reader.integer(UInt16.self).map { UInt($0) })
            case 0x0b: isDone = push(reader.integer(Int16.self).map { UInt(bitPattern: Int($0)) })
            case 0x0c: isDone = push(reader.integer(UInt32.self).map { UInt($0) })
            case 0x0d: isDone = push(reader.integer(Int32.self).map { UInt(bitPattern: Int($0)) })
            case 0x10: isDone = push(reader.unsignedLEB())
            case 0x11: isDone = push(reader.signedLEB().map { UInt(bitPattern: $0) })
            case 0x12: isDone = push(stack.last)
            case 0x13: isDone = stack.popLast() != nil
            case 0x1a: isDone = binary { $0 & $1 }
            case 0x1c: isDone = binary { $0 &- $1 }
            case 0x1e: isDone = binary { $0 &* $1 }
            case 0x21: isDone = binary { $0 | $1 }
            case 0x22: isDone = binary { $0 &+ $1 }
            case 0x23: isDone = push(reader.unsignedLEB()) && binary { $0 &+ $1 }
            case 0x24: isDone = binary { $0 << ($1 & 63) }
            case 0x25: isDone = binary { $0 >> ($1 & 63) }
            case 0x2a: isDone = binary { Int(bitPattern: $0) >= Int(bitPattern: $1) ? 1 : 0 }
            case 0x30...0x4f: isDone = push(UInt(opcode - 0x30))
            case 0x70...0x8f:
                guard let register = registers[Int(opcode - 0x70)], let offset = reader.signedLEB() else { return nil }
                isDone = push(register &+ UInt(bitPattern: offset))
            default: isDone = false
            }
            guard isDone else { return nil }
        }
        return stack.last
    }
}
