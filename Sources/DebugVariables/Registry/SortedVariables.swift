// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Arrays of variables in byte order of their names.

extension Array where Element: Variable {
    /// The first index whose name does not come before this one.
    func place(of name: String) -> Int {
        partitionPoint { $0.texts.name.precedesInBytes(name) }
    }

    func index(named name: String) -> Int? {
        let place = place(of: name)
        return place < count && self[place].texts.name.elementsEqual(name.utf8) ? place : nil
    }

    func hasName(beginningWith text: String) -> Bool {
        let place = place(of: text)
        return place < count && self[place].texts.name.starts(with: text.utf8)
    }

    /// One reading of each.
    func readings() -> [VariableValue] {
        [VariableValue](unsafeUninitializedCapacity: count) { readings, initialized in
            forEachBorrowed { index, variable in
                (readings.baseAddress! + index).initialize(to: variable.read())
            }
            initialized = count
        }
    }

    /// Visits the elements without counting references: several threads answer at the same time, and the counts of ten
    /// thousand variables would travel between their caches. The array keeps them alive during the visit.
    func forEachBorrowed(_ visit: (Int, Element) -> Void) {
        withUnsafeBufferPointer { elements in
            elements.withMemoryRebound(to: Unmanaged<Element>.self) { elements in
                for index in elements.indices {
                    elements[index]._withUnsafeGuaranteedRef { visit(index, $0) }
                }
            }
        }
    }
}
