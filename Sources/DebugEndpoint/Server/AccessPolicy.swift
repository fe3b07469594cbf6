// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP

/// Who may ask: decides before a route is looked at, so a refusal tells nothing about the routes.
struct AccessPolicy: Sendable {
    private let token: [UInt8]?
    /// Nil when every Host header will do.
    private let hosts: Set<String>?

    /// - Throws: when the configuration leaves an address that others can reach without protection, or has a value out of
    ///   range.
    init(_ configuration: DebugServer.Configuration) throws(DebugServerError) {
        switch configuration.address {
        case .loopback(let port), .host(_, let port):
            guard (0...65535).contains(port) else {
                throw DebugServerError(
                    .invalidAddress, "port \(port) was asked for: give 0 to 65535 (0 lets the kernel choose)")
            }
        case .unixSocket: break
        }
        switch configuration.access {
        case .bearerToken(let text):
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw DebugServerError(
                    .invalidConfiguration,
                    "the bearer token is empty or has characters that a header cannot carry: give visible ASCII")
            }
            token = Array(text.utf8)
        case .loopbackOnly:
            guard configuration.address.isLocal else {
                throw DebugServerError(
                    .unprotectedAddress,
                    "\(configuration.address.display) can be reached from other machines and nothing protects it: "
                        + "set a bearer token (DEBUG_ENDPOINT_TOKEN), listen on 127.0.0.1, or write access: .unprotected"
                )
            }
            token = nil
        case .unprotected: token = nil
        }
        var isTCPLoopback = configuration.address.isLocal
        if case .unixSocket = configuration.address { isTCPLoopback = false }
        hosts =
            isTCPLoopback && configuration.access != .unprotected
            ? Set(configuration.allowedHosts.map { $0.lowercased() }) : nil
    }

    /// The answer for a request that may not pass; nil for one that may.
    func refusal(of request: Request) -> Response? {
        if let hosts, let host = request.header("Host"), !isAllowed(host, hosts) {
            return .text(
                "the Host header is not a loopback name, as when a web page points its own name at this machine: "
                    + "use localhost or 127.0.0.1, or configure allowedHosts", status: 403)
        }
        if let token, !Self.carries(token, request.header("Authorization") ?? "") {
            return .text(
                "a bearer token is required and the request has none or a wrong one: send Authorization: Bearer with the token",
                status: 401, headers: [("WWW-Authenticate", "Bearer realm=\"debug\"")])
        }
        return nil
    }

    private func isAllowed(_ header: String, _ hosts: Set<String>) -> Bool {
        var host = header[...]
        if let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber),
            !host.hasSuffix("]")
        {
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return DebugServer.Address.isLoopback(String(host)) || hosts.contains(host.lowercased())
    }

    /// Takes the same time wherever the first difference is; only the token's length can be learnt from it.
    private static func carries(_ token: [UInt8], _ header: String) -> Bool {
        let scheme = "bearer "
        guard header.prefix(scheme.count).lowercased() == scheme else { return false }
        let given = Array(header.dropFirst(scheme.count).utf8)
        var difference = UInt8(given.count == token.count ? 0 : 1)
        for index in token.indices { difference |= token[index] ^ (index < given.count ? given[index] : 0) }
        return difference == 0
    }
}

extension DebugServer.Address {
    fileprivate var display: String {
        switch self {
        case .loopback(let port): "127.0.0.1:\(port)"
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}
