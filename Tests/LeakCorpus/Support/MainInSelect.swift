// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

enum MainInSelect {
    /// Keeps the channel on this stack alone, in `select`, until the bell rings; then closes it.
    @inline(never)
    static func hold(_ channel: Channel, until bell: Bell) {
        var set = fd_set()
        withUnsafeMutableBytes(of: &set) { bytes in
            let bit = Int(bell.descriptor)
            bytes[bit / 8] |= 1 << UInt8(bit % 8)
        }
        while select(bell.descriptor + 1, &set, nil, nil, nil) < 0 && errno == EINTR {}
        channel.close()
    }
}
