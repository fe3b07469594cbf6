// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Call-frame information as System V ABI and DWARF 5 §6.4 have it, read from `.eh_frame` in memory.

/// How one function's frame is found and undone: a frame description entry with what its common entry says.
struct FrameDescription {
    /// The code it covers.
    let code: Range<UInt>
    /// Whether the frame was made by the kernel to deliver a signal: then the address it returns to was interrupted, not called.
    let isSignalFrame: Bool
    private let codeAlignment: UInt
    private let dataAlignment: Int
    private let returnAddressRegister: Int
    private let addressEncoding: UInt8
    private let initial: [UInt8]
    private let program: [UInt8]
    private let programPlace: UInt

    /// Reads the entry at `place`; nil when it is malformed.
    init?(at place: UInt) {
        guard let (body, bodyPlace) = Self.entry(at: place) else { return nil }
        var reader = ByteReader(body)
        guard let back = reader.integer(UInt32.self), back != 0,
            let (common, commonPlace) = Self.entry(at: bodyPlace &- UInt(back))
        else { return nil }

        var fields = ByteReader(common)
        guard fields.integer(UInt32.self) == 0, let version = fields.integer(UInt8.self), version == 1 || version == 3,
            let augmentation = fields.text(), let codeAlignment = fields.unsignedLEB(),
            let dataAlignment = fields.signedLEB(),
            let register = version == 1 ? fields.integer(UInt8.self).map({ UInt($0) }) : fields.unsignedLEB()
        else { return nil }
        var encoding: UInt8 = 0
        var isSignalFrame = false
        var hasData = false
        if augmentation.first == UInt8(ascii: "z") {
            hasData = true
            guard let length = fields.unsignedLEB(), length <= 4096 else { return nil }
            let end = fields.position + Int(length)
            letters: for letter in augmentation.dropFirst() {
                switch letter {
                case UInt8(ascii: "R"): encoding = fields.integer(UInt8.self) ?? 0
                case UInt8(ascii: "S"): isSignalFrame = true
                case UInt8(ascii: "L"): fields.skip(1)
                case UInt8(ascii: "P"):
                    guard let kind = fields.integer(UInt8.self) else { return nil }
                    _ = fields.encodedAddress(kind & 0x7f, place: commonPlace)
                default: break letters  // what the rest means is unknown, but `end` says where it ends
                }
            }
            fields = ByteReader(common, at: end)
        } else if !augmentation.isEmpty {
            return nil
        }

        guard let start = reader.encodedAddress(encoding, place: bodyPlace),
            let length = reader.encodedAddress(encoding & 0x0f, place: bodyPlace), length > 0, start &+ length > start
        else { return nil }
        if hasData {
            guard let length = reader.unsignedLEB(), length <= 4096 else { return nil }
            reader.skip(Int(length))
        }
        code = start..<(start + length)
        self.isSignalFrame = isSignalFrame
        self.codeAlignment = codeAlignment
        self.dataAlignment = dataAlignment
        returnAddressRegister = Int(min(register, 255))
        addressEncoding = encoding
        initial = Array(common.dropFirst(fields.position))
        program = Array(body.dropFirst(reader.position))
        programPlace = bodyPlace &+ UInt(reader.position)
    }

    /// The rules that hold at `address`, which is in `code`; nil when the program is malformed.
    func rules(at address: UInt) -> FrameRules? {
        var rules = FrameRules(returnAddressRegister: returnAddressRegister)
        guard run(initial, place: 0, until: nil, &rules, initial: nil) else { return nil }
        let start = rules
        guard run(program, place: programPlace, until: address, &rules, initial: start) else { return nil }
        return rules
    }

    /// The content of the entry at `place` behind its length, and where that lies.
    private static func entry(at place: UInt) -> (body: [UInt8], place: UInt)? {
        guard let length = ProcessMemory.load(place, as: UInt32.self), length >= 4, length < 1 << 20 else { return nil }
        let body = ProcessMemory.bytes(place &+ 4, count: Int(length))
        return body.count == Int(length) ? (body, place &+ 4) : nil
    }

    private func run(
        _ program: [UInt8], place: UInt, until address: UInt?, _ rules: inout FrameRules, initial: FrameRules?
    ) -> Bool {
        var reader = ByteReader(program)
        var location = code.lowerBound
        var remembered: [FrameRules] = []
        func scaled(_ value: UInt) -> Int { Int(bitPattern: value) &* dataAlignment }

        while !reader.isAtEnd {
            guard let opcode = reader.integer(UInt8.self) else { return false }
            let operand = opcode & 0x3f
            switch opcode & 0xc0 {
            case 0x40:
                location = location &+ UInt(operand) &* codeAlignment
            case 0x80:
                guard let offset = reader.unsignedLEB() else { return false }
                rules[Int(operand)] = .savedAt(scaled(offset))
            case 0xc0:
                rules[Int(operand)] = initial?[Int(operand)] ?? .unchanged
            default:
                switch opcode {
                case 0x00: break
                case 0x01:
                    guard let next = reader.encodedAddress(addressEncoding, place: place) else { return false }
                    location = next
                case 0x02:
                    guard let delta = reader.integer(UInt8.self) else { return false }
                    location = location &+ UInt(delta) &* codeAlignment
                case 0x03:
                    guard let delta = reader.integer(UInt16.self) else { return false }
                    location = location &+ UInt(delta) &* codeAlignment
                case 0x04:
                    guard let delta = reader.integer(UInt32.self) else { return false }
                    location = location &+ UInt(delta) &* codeAlignment
                case 0x05, 0x11, 0x14, 0x15:
                    guard let register = reader.unsignedLEB(),
                        let offset = opcode & 1 == 1 && opcode != 0x05
                            ? reader.signedLEB() : reader.unsignedLEB().map({ Int(bitPattern: $0) })
                    else { return false }
                    let place = offset &* dataAlignment
                    rules[Int(min(register, 255))] = opcode >= 0x14 ? .valueIs(place) : .savedAt(place)
                case 0x06:
                    guard let register = reader.unsignedLEB() else { return false }
                    rules[Int(min(register, 255))] = initial?[Int(min(register, 255))] ?? .unchanged
                case 0x07, 0x08:
                    guard let register = reader.unsignedLEB() else { return false }
                    rules[Int(min(register, 255))] = opcode == 0x07 ? .undefined : .unchanged
                case 0x09:
                    guard let register = reader.unsignedLEB(), let other = reader.unsignedLEB() else { return false }
                    rules[Int(min(register, 255))] = .inRegister(Int(min(other, 255)))
                case 0x0a: remembered.append(rules)
                case 0x0b:
                    guard let last = remembered.popLast() else { return false }
                    rules = last
                case 0x0c:
                    guard let register = reader.unsignedLEB(), let offset = reader.unsignedLEB() else { return false }
                    rules.frame = .register(Int(min(register, 255)), Int(bitPattern: offset))
                case 0x12:
                    guard let register = reader.unsignedLEB(), let offset = reader.signedLEB() else { return false }
                    rules.frame = .register(Int(min(register, 255)), offset &* dataAlignment)
                case 0x0d:
                    guard let register = reader.unsignedLEB() else { return false }
                    if case .register(_, let offset) = rules.frame {
                        rules.frame = .register(Int(min(register, 255)), offset)
                    }
                case 0x0e, 0x13:
                    guard
                        let offset = opcode == 0x0e
                            ? reader.unsignedLEB().map({ Int(bitPattern: $0) })
                            : reader.signedLEB().map({ $0 &* dataAlignment })
                    else { return false }
                    if case .register(let register, _) = rules.frame { rules.frame = .register(register, offset) }
                case 0x0f:
                    guard let expression = Self.block(&reader) else { return false }
                    rules.frame = .expression(expression)
                case 0x10, 0x16:
                    guard let register = reader.unsignedLEB(), let expression = Self.block(&reader) else {
                        return false
                    }
                    rules[Int(min(register, 255))] =
                        opcode == 0x10 ? .savedAtExpression(expression) : .valueIsExpression(expression)
                case 0x2e:  // DW_CFA_GNU_args_size: no effect on the frame
                    guard reader.unsignedLEB() != nil else { return false }
                default: return false
                }
            }
            if let address, location > address { return true }
        }
        return true
    }

    private static func block(_ reader: inout ByteReader) -> [UInt8]? {
        guard let length = reader.unsignedLEB(), length <= 1024 else { return nil }
        var bytes: [UInt8] = []
        for _ in 0..<length {
            guard let byte = reader.integer(UInt8.self) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
