// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A call whose callee's code is part of its caller.
struct InlinedCall {
    /// The callee's entry in .debug_info.
    let callee: UInt64
    /// Where the call is written, in the caller.
    let file: UInt64
    let line: UInt64
}

extension DebugUnit {
    /// The calls that are inlined at each of `addresses` in the function whose entry `cursor` is at, outermost first.
    func inlinedCalls(
        at addresses: [UInt64], _ cursor: inout ByteCursor, _ shapes: Abbreviations, _ sections: DebugSections
    ) -> [[InlinedCall]] {
        var found = [[InlinedCall]](repeating: [], count: addresses.count)
        var depth = 0
        repeat {
            // The end of the unit's bytes ends the walk with what was found.
            let code = cursor.uleb()
            if code == 0 {
                depth -= 1
                continue
            }
            guard let shape = shapes[code] else { break }
            if shape.tag == 0x1d {  // DW_TAG_inlined_subroutine
                let (call, ranges) = inlinedCall(&cursor, shape, shapes, sections)
                if let call {
                    for (index, address) in addresses.enumerated()
                    where ranges.contains(where: { $0.contains(address) }) {
                        found[index].append(call)
                    }
                }
            } else {
                shapes.skip(shape, &cursor, offsetSize: offsetSize)
            }
            if shape.hasChildren { depth += 1 }
        } while depth > 0 && !cursor.isAtEnd
        return found
    }

    private func inlinedCall(
        _ cursor: inout ByteCursor, _ shape: Abbreviations.Shape, _ shapes: Abbreviations, _ sections: DebugSections
    ) -> (InlinedCall?, [Range<UInt64>]) {
        var low = AttributeValue.none
        var high = AttributeValue.none
        var ranges = AttributeValue.none
        var callee: UInt64?
        var file: UInt64 = 0
        var line: UInt64 = 0
        for index in shape.attributes {
            let specification = shapes.specifications[index]
            let value = cursor.attribute(specification.form, offsetSize: offsetSize)
            switch specification.name {
            case 0x11: low = value
            case 0x12: high = value
            case 0x55: ranges = value
            case 0x31: callee = reference(value)
            case 0x58: file = value.number ?? 0
            case 0x59: line = value.number ?? 0
            default: break
            }
        }
        guard !cursor.failed, let callee else { return (nil, []) }
        return (
            InlinedCall(callee: callee, file: file, line: line),
            sections.code(low: low, high: high, ranges: ranges, self)
        )
    }

    /// Where another entry is, in .debug_info.
    func reference(_ value: AttributeValue) -> UInt64? {
        switch value {
        case .unitReference(let place): offset &+ place
        case .sectionReference(let place): place
        default: nil
        }
    }
}
