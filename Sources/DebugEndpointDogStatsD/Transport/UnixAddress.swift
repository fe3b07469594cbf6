// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

enum UnixAddress {
    /// Bytes that the kernel keeps for a path, its closing zero included.
    static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    static func connect(_ path: String, type: Int32) throws(SocketProblem) -> Int32 {
        guard path.utf8.count < longestPath else {
            throw SocketProblem("the socket path is too long", errno: ENAMETOOLONG)
        }
        let descriptor = try SocketType.open(AF_UNIX, type)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let problem = SocketProblem("the agent's socket \(path) cannot be reached", errno: errno)
            close(descriptor)
            throw problem
        }
        return descriptor
    }
}
