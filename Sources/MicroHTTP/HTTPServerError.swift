// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why a server could not start.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
    case addressInUse(String)
    case addressNotHere(String)
    case hostUnknown(String)
    case permissionDenied(String)
    case socketPathTooLong(String)
    case socketPathTaken(String)
    case fileUnreadable(String, errno: Int32)
    case certificateRefused(certificate: String, privateKey: String)
    case limitOutOfRange(String)
    case systemRefused(call: String, errno: Int32)
    case daemonRefused

    package var description: String {
        switch self {
        case .addressInUse(let address):
            "\(address) is in use: another process or server listens there; stop it or choose another port (0 lets the kernel choose)"
        case .addressNotHere(let address):
            "\(address) is not an address of this machine: give one that is, such as 127.0.0.1"
        case .hostUnknown(let host):
            "the host \"\(host)\" cannot be resolved: give a numeric address or a name this machine knows"
        case .permissionDenied(let address):
            "no permission to listen at \(address): choose a port from 1024 on or a directory this user may write"
        case .socketPathTooLong(let path):
            "the socket path has \(path.utf8.count) bytes and the kernel takes at most 107: choose a shorter one"
        case .socketPathTaken(let path):
            "\(path) exists and is not a socket: it was left alone; remove it or choose another path"
        case .fileUnreadable(let path, let errno):
            "the file \(path) cannot be read: \(Self.text(errno))"
        case .certificateRefused(let certificate, let privateKey):
            "the certificate \(certificate) and the key \(privateKey) were refused: give PEM files that belong together"
        case .limitOutOfRange(let sentence): sentence
        case .systemRefused(let call, let errno):
            "the system refused \(call): \(Self.text(errno))"
        case .daemonRefused:
            "libmicrohttpd could not start: most likely no thread or descriptor was to be had; look at the process's limits"
        }
    }

    private static func text(_ errno: Int32) -> String {
        "\(String(cString: strerror(errno))) (errno \(errno))"
    }
}
