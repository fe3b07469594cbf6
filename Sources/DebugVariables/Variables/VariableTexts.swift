// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A variable's name, help and unit as UTF-8 in one block of memory.
///
/// Not Strings, because every reader of a String counts a reference, and threads that answer at the same time would fight
/// over the counts of ten thousand names. The block is smaller too. Valid as long as the variable that made it, which
/// frees it; a copy of this struct does not keep it alive.
struct VariableTexts: @unchecked Sendable {  // Safe: the block is written once, before anybody else sees it.
    private let block: UnsafeMutablePointer<UInt8>
    private let nameLength: UInt32
    private let helpLength: UInt32
    private let unitLength: UInt32

    init(name: String, help: String, unit: String) {
        nameLength = UInt32(name.utf8.count)
        helpLength = UInt32(help.utf8.count)
        unitLength = UInt32(unit.utf8.count)
        block = .allocate(capacity: Int(nameLength + helpLength + unitLength))
        var place = 0
        for text in [name, help, unit] {
            for byte in text.utf8 {
                (block + place).initialize(to: byte)
                place += 1
            }
        }
    }

    /// Only for the variable that made it, when nobody refers to it any more.
    func free() {
        block.deallocate()
    }

    var name: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: block, count: Int(nameLength)) }
    var help: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: block + name.count, count: Int(helpLength)) }
    var unit: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: block + name.count + help.count, count: Int(unitLength))
    }
}
