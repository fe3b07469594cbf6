// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// CRC-32 as in gzip and zip. Bit by bit, without a table: this service is here to be busy.
///
/// Pass the checksum of what came before to continue it. Not inlined, so that the profile shows it by its name.
@inline(never)
func checksum(_ bytes: some Sequence<UInt8>, after previous: UInt32 = 0) -> UInt32 {
    var remainder = ~previous
    for byte in bytes {
        remainder ^= UInt32(byte)
        for _ in 0..<8 {
            remainder = (remainder >> 1) ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320)
        }
    }
    return ~remainder
}
