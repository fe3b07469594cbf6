// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// CRC-32 as in gzip and zip, four bits at a time: slower than need be, because this service is here to be busy.
///
/// Pass the checksum of what came before to continue it. Not inlined, so that the profile shows it by its name.
@inline(never)
func checksum(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
    var remainder = ~previous
    for byte in bytes {
        remainder ^= UInt32(byte)
        remainder = (remainder >> 4) ^ remainders[Int(remainder & 15)]
        remainder = (remainder >> 4) ^ remainders[Int(remainder & 15)]
    }
    return ~remainder
}

/// What each four bits leave when divided by the polynomial.
private let remainders: [UInt32] = (0..<16).map { bits in
    (0..<4).reduce(UInt32(bits)) { remainder, _ in (remainder >> 1) ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320) }
}
