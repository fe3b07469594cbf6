// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD

/// gzip by zlib, at its fastest level: a scrape should cost the host little, and text shrinks well even so.
package enum Gzip {
    /// The compressed bytes, or nil when zlib has no memory.
    package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard microhttpd_gzip_init(&stream, Z_BEST_SPEED) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var finished = false
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            bytes.withUnsafeBufferPointer { input in
                // zlib reads its input only, in spite of the pointer's type; both buffers outlive the call.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(bound)
                finished = deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = bound - Int(stream.avail_out)
            }
        }
        return finished ? compressed : nil
    }
}
