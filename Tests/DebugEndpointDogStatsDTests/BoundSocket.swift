// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A socket of a stub: bound, and listening if it is a stream.
struct BoundSocket {
    struct Failure: Error { let errno: Int32 }

    let descriptor: Int32
    /// 0 for a Unix socket.
    var port: UInt16 = 0

    /// On 127.0.0.1; port 0 lets the kernel choose.
    init(type: __socket_type, port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let result = bind(descriptor, pointer, length)
                getsockname(descriptor, pointer, &length)
                return result
            }
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
        try finish(result, type)
    }

    init(type: __socket_type, path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        self.descriptor = descriptor
        try finish(result, type)
    }

    private func finish(_ bound: Int32, _ type: __socket_type) throws {
        guard bound == 0, type != SOCK_STREAM || listen(descriptor, 8) == 0 else { throw Failure(errno: errno) }
    }
}
