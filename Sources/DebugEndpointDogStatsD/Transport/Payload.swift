// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What goes into one datagram or frame: whole lines, each with its end.
struct Payload {
    let bytes: [UInt8]
    let lines: Int

    /// What the payload takes of the buffer: its bytes, and what an array and this struct take besides.
    var cost: Int { bytes.count + 64 }
}
