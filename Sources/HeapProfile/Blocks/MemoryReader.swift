// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// How this process's memory is read: without faults, by somebody who is allowed to.
///
/// Copies what is mapped from the address on into the buffer and returns how many bytes came before the first unmapped page.
package typealias MemoryReader = @Sendable (UInt, UnsafeMutableRawBufferPointer) -> Int

/// Reads of a few words at a time.
struct WordReader {
    let read: MemoryReader

    /// A trivial value at `address`; nil when not all of it is mapped.
    func load<Value: BitwiseCopyable>(_ address: UInt, as type: Value.Type = Value.self) -> Value? {
        withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer in
            read(address, UnsafeMutableRawBufferPointer(buffer)) == MemoryLayout<Value>.size ? buffer[0] : nil
        }
    }

    /// As many words from `address` on; nil when not all of them are mapped.
    func words(_ address: UInt, count: Int) -> [UInt]? {
        let words = [UInt](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = read(address, UnsafeMutableRawBufferPointer(buffer)) / MemoryLayout<UInt>.stride
        }
        return words.count == count ? words : nil
    }
}
