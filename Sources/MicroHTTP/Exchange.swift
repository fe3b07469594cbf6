// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// One request on its way: what is known of it between libmicrohttpd's calls. Only the connection's thread touches it.
final class Exchange {
    let started = ContinuousClock.now
    let target: [UInt8]
    var method = ""
    /// As the request line has it, such as `HTTP/1.1`.
    var version = ""
    var isHandled = false
    var isBegun = false
    private(set) var body: [UInt8] = []
    private(set) var bodyBytesSeen = 0
    /// What was answered, for the audit.
    var status = 0
    var path = ""
    var peer = ""

    init(target: UnsafePointer<CChar>) {
        self.target = Array(UnsafeBufferPointer(start: target, count: strlen(target))).map { UInt8(bitPattern: $0) }
    }

    /// Keeps the part if the body is within `limit`; in any case counts it.
    func append(_ part: UnsafeBufferPointer<CChar>, limit: Int) {
        bodyBytesSeen += part.count
        if bodyBytesSeen <= limit {
            body.append(contentsOf: part.lazy.map { UInt8(bitPattern: $0) })
        } else {
            body = []
        }
    }

    static func headers(of connection: OpaquePointer) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        withUnsafeMutablePointer(to: &headers) { headers in
            _ = MHD_get_connection_values(
                connection, .HEADER_KIND,
                { context, _, name, value in
                    // The pointer made two lines above, on this thread, while this call runs.
                    let headers = context!.assumingMemoryBound(to: [(name: String, value: String)].self)
                    var text = value.map { String(cString: $0) } ?? ""
                    while text.last == " " || text.last == "\t" { text.removeLast() }
                    headers.pointee.append((name.map { String(cString: $0) } ?? "", text))
                    return .YES
                }, headers)
        }
        return headers
    }

    static func peer(of connection: OpaquePointer) -> String {
        guard let address = microhttpd_client_address(connection),
            address.pointee.sa_family != sa_family_t(AF_UNIX)
        else { return "unix" }
        let isIPv6 = address.pointee.sa_family == sa_family_t(AF_INET6)
        let length = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        var host = [CChar](repeating: 0, count: 64)  // longer than any numeric address with its scope
        var port = [CChar](repeating: 0, count: 8)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        guard
            getnameinfo(
                address, socklen_t(length), &host, socklen_t(host.count), &port, socklen_t(port.count), flags) == 0
        else { return "unknown" }
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let number = String(decoding: port.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isIPv6 ? "[\(name)]:\(number)" : "\(name):\(number)"
    }
}
