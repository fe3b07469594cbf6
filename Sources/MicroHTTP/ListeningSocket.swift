// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// A bound, listening socket, and what it takes to remove it again.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    /// The address clients use, with the real port; for a Unix socket its path.
    let address: ListenAddress
    /// Device and inode of the socket file, so that a file somebody else put there is not removed.
    private let file: FileIdentity?

    private struct FileIdentity: Equatable {
        let device: UInt
        let inode: UInt

        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
        }
    }

    static func open(_ address: ListenAddress) throws(HTTPServerError) -> ListeningSocket {
        switch address {
        case .host(let host, let port): try openTCP(host, port)
        case .unixSocket(let path): try openUnix(path)
        }
    }

    /// Stops listening, and removes the socket file if it is still ours.
    func close() {
        if case .unixSocket(let path) = address, let file, FileIdentity(path) == file { unlink(path) }
        // Also for a child that the host has forked: closing alone would leave the child listening.
        shutdown(descriptor, Int32(SHUT_RDWR))
        Glibc.close(descriptor)
    }

    private static func openTCP(_ host: String, _ port: UInt16) throws(HTTPServerError) -> ListeningSocket {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else { throw .hostUnknown(host) }
        defer { freeaddrinfo(found) }
        let name = (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        let descriptor = try open(family: found.pointee.ai_family)
        do throws(HTTPServerError) {
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            if found.pointee.ai_family == AF_INET6 {
                setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, socklen_t(MemoryLayout<Int32>.size))
            }
            try bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen, name)
            try listen(descriptor, name)
            let realPort = boundPort(descriptor)
            return ListeningSocket(descriptor: descriptor, address: .host(host, port: realPort), file: nil)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Nobody can connect before `listen`, so the file has its mode before a client meets it. The lock on the directory keeps
    /// servers that start together from taking each other's fresh socket for a stale one.
    private static func openUnix(_ path: String) throws(HTTPServerError) -> ListeningSocket {
        guard path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
            throw .socketPathTooLong(path)
        }
        let directory = Glibc.open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        flock(directory, LOCK_EX)  // where the directory cannot be read, as well as can be without
        defer { Glibc.close(directory) }
        try removeStale(path)
        let descriptor = try open(family: AF_UNIX)
        do throws(HTTPServerError) {
            try withAddress(of: path) { (pointer, length) throws(HTTPServerError) in
                try bind(descriptor, pointer, length, path)
            }
            guard chmod(path, 0o600) == 0 else { throw .systemRefused(call: "chmod", errno: errno) }
            try listen(descriptor, path)
            return ListeningSocket(descriptor: descriptor, address: .unixSocket(path), file: FileIdentity(path))
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Removes a socket file that nobody listens on; refuses one that somebody does, or anything that is not a socket.
    private static func removeStale(_ path: String) throws(HTTPServerError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .socketPathTaken(path) }
        let probe = try open(family: AF_UNIX)
        defer { Glibc.close(probe) }
        let answer = withAddress(of: path) { connect(probe, $0, $1) == 0 ? 0 : errno }
        // EAGAIN: its queue of clients is full, so somebody owns it.
        guard answer == ECONNREFUSED else { throw answer == EACCES ? .permissionDenied(path) : .addressInUse(path) }
        unlink(path)
    }

    private static func open(family: Int32) throws(HTTPServerError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw .systemRefused(call: "socket", errno: errno) }
        // A host that started without standard input must not find us in its place.
        guard descriptor <= STDERR_FILENO else { return descriptor }
        defer { Glibc.close(descriptor) }
        let higher = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard higher >= 0 else { throw .systemRefused(call: "fcntl", errno: errno) }
        return higher
    }

    private static func bind(
        _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ name: String
    ) throws(HTTPServerError) {
        guard Glibc.bind(descriptor, address, length) != 0 else { return }
        switch errno {
        case EADDRINUSE: throw .addressInUse(name)
        case EADDRNOTAVAIL: throw .addressNotHere(name)
        case EACCES, EPERM, EROFS: throw .permissionDenied(name)
        default: throw .systemRefused(call: "bind to \(name)", errno: errno)
        }
    }

    private static func listen(_ descriptor: Int32, _ name: String) throws(HTTPServerError) {
        guard Glibc.listen(descriptor, SOMAXCONN) != 0 else { return }
        throw errno == EADDRINUSE ? .addressInUse(name) : .systemRefused(call: "listen", errno: errno)
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
            // The port is at the same place for IPv4 and IPv6.
            return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }

    private static func withAddress<Result, Failure: Error>(
        of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return try withUnsafePointer(to: &address) { (pointer) throws(Failure) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (pointer) throws(Failure) in
                try body(pointer, length)
            }
        }
    }
}
