// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Where a server listens.
package enum ListenAddress: Sendable, Equatable {
    /// A numeric address or a host name, IPv4 or IPv6, without brackets; port 0 lets the kernel choose.
    case host(String, port: UInt16)
    case unixSocket(String)
}

/// How connections are limited. The defaults suit a page that a few people and scrapers read.
package struct ServerLimits: Sendable {
    package var connections = 64
    package var idleSeconds = 15
    /// For request line, headers and response headers of one connection.
    package var headerBytes = 32 * 1024
    package var bodyBytes = 64 * 1024

    package init() {}
}

/// A certificate chain and its private key, both in PEM files.
package struct TLSFiles: Sendable {
    package let certificate: String
    package let privateKey: String

    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}
