// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// How an attribute's value is written. Source: DWARF 5 §7.5.6; the forms of GNU's extensions are those of split and shared files.
struct AttributeForm {
    let code: UInt64
    /// The value itself, for DW_FORM_implicit_const.
    let implicit: Int64

    /// How many bytes it takes; nil when that depends on the value.
    func size(offsetSize: Int) -> Int? {
        switch code {
        case 0x19, 0x21: 0  // flag_present, implicit_const
        case 0x0b, 0x0c, 0x11, 0x25, 0x29: 1
        case 0x05, 0x12, 0x26, 0x2a: 2
        case 0x27, 0x2b: 3
        case 0x06, 0x13, 0x1c, 0x28, 0x2c: 4
        case 0x01, 0x07, 0x14, 0x20, 0x24: 8  // addresses have 8 bytes: other units are not read
        case 0x1e: 16
        case 0x0e, 0x10, 0x17, 0x1d, 0x1f, 0x1f20, 0x1f21: offsetSize
        default: nil
        }
    }
}

/// An attribute's value, as far as anybody here asks for it.
enum AttributeValue {
    case none
    case address(UInt64)
    case addressIndex(UInt64)
    case number(UInt64)
    case sectionOffset(UInt64)
    case rangeListIndex(UInt64)
    case stringOffset(UInt64)
    case lineStringOffset(UInt64)
    case stringIndex(UInt64)
    case text(String)
    /// From the beginning of the unit.
    case unitReference(UInt64)
    /// From the beginning of the section.
    case sectionReference(UInt64)

    /// The value as a number where it is one.
    var number: UInt64? {
        switch self {
        case .number(let value), .sectionOffset(let value): value
        default: nil
        }
    }
}

extension ByteCursor {
    /// Reads a value. An unknown form makes the cursor fail: what follows could not be found.
    mutating func attribute(_ form: AttributeForm, offsetSize: Int) -> AttributeValue {
        switch form.code {
        case 0x01: return .address(integer())
        case 0x0b: return .number(unsigned(size: 1))
        case 0x05: return .number(unsigned(size: 2))
        case 0x06: return .number(unsigned(size: 4))
        case 0x07: return .number(unsigned(size: 8))
        case 0x0d: return .number(UInt64(bitPattern: sleb()))
        case 0x0f: return .number(uleb())
        case 0x21: return .number(UInt64(bitPattern: form.implicit))
        case 0x08: return .text(String(decoding: text(), as: UTF8.self))
        case 0x0e: return .stringOffset(unsigned(size: offsetSize))
        case 0x1f: return .lineStringOffset(unsigned(size: offsetSize))
        case 0x1a, 0x1f02: return .stringIndex(uleb())
        case 0x25, 0x26, 0x27, 0x28: return .stringIndex(unsigned(size: Int(form.code) - 0x24))
        case 0x1b, 0x1f01: return .addressIndex(uleb())
        case 0x29, 0x2a, 0x2b, 0x2c: return .addressIndex(unsigned(size: Int(form.code) - 0x28))
        case 0x10: return .sectionReference(unsigned(size: offsetSize))
        case 0x11, 0x12, 0x13, 0x14: return .unitReference(unsigned(size: 1 << (Int(form.code) - 0x11)))
        case 0x15: return .unitReference(uleb())
        case 0x17: return .sectionOffset(unsigned(size: offsetSize))
        case 0x23: return .rangeListIndex(uleb())
        case 0x22: _ = uleb()
        case 0x03: skip(unsigned(size: 2))
        case 0x04: skip(unsigned(size: 4))
        case 0x0a: skip(unsigned(size: 1))
        case 0x09, 0x18: skip(uleb())
        case 0x16:
            let inner = uleb()
            guard inner != 0x16, inner != 0x21 else {
                fail()
                return .none
            }
            return attribute(AttributeForm(code: inner, implicit: 0), offsetSize: offsetSize)
        default:
            guard let size = form.size(offsetSize: offsetSize) else {
                fail()
                return .none
            }
            skip(UInt64(size))
        }
        return .none
    }
}
