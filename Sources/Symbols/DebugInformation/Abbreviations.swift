// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The shapes of the entries of a unit: tag, children or not, attributes with their forms. Source: DWARF 5 §7.5.3.
struct Abbreviations {
    struct Shape {
        let tag: UInt64
        let hasChildren: Bool
        let attributes: Range<Int>
        /// The size of an entry of this shape after its code; nil when it varies.
        let size: Int?
    }

    struct Specification {
        let name: UInt64
        let form: AttributeForm
    }

    private var shapes: [Shape] = []
    /// By code. Compilers number from 1 without gaps; while that holds this stays empty.
    private var sparse: [UInt64: Int] = [:]
    private(set) var specifications: [Specification] = []

    init(_ cursor: inout ByteCursor, offsetSize: Int) {
        while true {
            let code = cursor.uleb()
            if code == 0 { return }  // also when the cursor has failed
            let tag = cursor.uleb()
            let hasChildren = cursor.integer(UInt8.self) != 0
            let first = specifications.count
            var size: Int? = 0
            while true {
                let name = cursor.uleb()
                let formCode = cursor.uleb()
                let form = AttributeForm(code: formCode, implicit: formCode == 0x21 ? cursor.sleb() : 0)
                if name == 0, formCode == 0 { break }  // also when the cursor has failed
                specifications.append(Specification(name: name, form: form))
                size = size.flatMap { sum in form.size(offsetSize: offsetSize).map { sum + $0 } }
            }
            if sparse.isEmpty, code != UInt64(shapes.count) + 1 {
                for index in shapes.indices { sparse[UInt64(index) + 1] = index }
            }
            if code != UInt64(shapes.count) + 1 || !sparse.isEmpty { sparse[code] = shapes.count }
            shapes.append(
                Shape(tag: tag, hasChildren: hasChildren, attributes: first..<specifications.count, size: size))
        }
    }

    subscript(_ code: UInt64) -> Shape? {
        if !sparse.isEmpty { return sparse[code].map { shapes[$0] } }
        return code > 0 && code <= UInt64(shapes.count) ? shapes[Int(code) - 1] : nil
    }

    /// Passes over the attributes of an entry.
    func skip(_ shape: Shape, _ cursor: inout ByteCursor, offsetSize: Int) {
        if let size = shape.size { return cursor.skip(UInt64(size)) }
        for index in shape.attributes { _ = cursor.attribute(specifications[index].form, offsetSize: offsetSize) }
    }
}
