// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One reading of every member of a family, in byte order of their label values.
public struct FamilySnapshot: Sendable, Equatable {
    /// The label names, in the order in which they were registered.
    public let labels: [String]

    let labelValues: LabelTable
    let values: [VariableValue]

    public struct Member: Sendable, Equatable {
        /// The values of the labels, in the order of the label names.
        public let labels: [String]
        public let value: VariableValue
    }

    public var members: [Member] {
        values.indices.map { Member(labels: labelValues.row($0), value: values[$0]) }
    }
}

/// The label values of a family's members: a row for each member, a column for each label, all UTF-8 in one array.
///
/// One array instead of one for each member, so that a reading of a thousand members counts one reference.
struct LabelTable: Sendable, Equatable {
    let columns: Int
    private var text: [UInt8] = []
    /// Where each cell ends in `text`; a cell begins where the one before ends.
    private var ends: [Int] = []

    init(columns: Int) {
        self.columns = columns
    }

    var rows: Int { ends.count / columns }

    func row(_ row: Int) -> [String] {
        (0..<columns).map { column in
            withCell(row, column) { String(decoding: $0, as: UTF8.self) }
        }
    }

    func withCell<Result>(_ row: Int, _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        text.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(row, column)])) }
    }

    func cellsAreEqual(_ row: Int, _ other: Int, column: Int) -> Bool {
        text[range(row, column)].elementsEqual(text[range(other, column)])
    }

    /// The first row that does not come before `values`, in byte order.
    func place(of values: [String]) -> Int {
        var low = 0
        var high = rows
        while low < high {
            let middle = (low + high) / 2
            if precedes(middle, values) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func isRow(_ row: Int, _ values: [String]) -> Bool {
        row < rows && (0..<columns).allSatisfy { text[range(row, $0)].elementsEqual(values[$0].utf8) }
    }

    mutating func insert(_ values: [String], at row: Int) {
        let start = row == 0 ? 0 : ends[row * columns - 1]
        let bytes = values.flatMap { Array($0.utf8) }
        text.insert(contentsOf: bytes, at: start)
        for cell in row * columns..<ends.count { ends[cell] += bytes.count }
        var end = start
        let newEnds = values.map { value in
            end += value.utf8.count
            return end
        }
        ends.insert(contentsOf: newEnds, at: row * columns)
    }

    mutating func remove(at row: Int) {
        let cells = row * columns..<(row + 1) * columns
        let bytes = range(row, 0).lowerBound..<ends[cells.upperBound - 1]
        text.removeSubrange(bytes)
        ends.removeSubrange(cells)
        for cell in cells.lowerBound..<ends.count { ends[cell] -= bytes.count }
    }

    private func range(_ row: Int, _ column: Int) -> Range<Int> {
        let cell = row * columns + column
        return (cell == 0 ? 0 : ends[cell - 1])..<ends[cell]
    }

    private func precedes(_ row: Int, _ values: [String]) -> Bool {
        for column in 0..<columns {
            let cell = text[range(row, column)]
            if cell.lexicographicallyPrecedes(values[column].utf8) { return true }
            if !cell.elementsEqual(values[column].utf8) { return false }
        }
        return false
    }
}
