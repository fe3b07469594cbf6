// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc
import Synchronization

/// Starts servers whose certificate is refused, while other threads of the host open and close files of their own: a failed
/// start must give back its descriptors once. Closed twice, the second hits whoever has the number by then.
enum RefusedCertificates {
    private static let rounds = 10_000

    @Sendable static func run() throws {
        var template = Array("/tmp/refused-certificates-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { return report("file", "none") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        _ = write(file, "no certificate\n", 15)
        close(file)
        defer { unlink(path) }

        let configuration = DebugServer.Configuration(
            address: .loopback(port: 0), registry: VariableRegistry(),
            tls: .init(certificate: path, privateKey: path))
        refuse(configuration, 10)
        let before = Proc.descriptorCount
        report("refused_alone", refuse(configuration, 100))
        report("descriptor_growth", Proc.descriptorCount - before)

        let isDone = Atomic(false)
        let opened = Atomic(0)
        let stolen = Atomic(0)
        let running = Atomic(2)
        for _ in 0..<2 {
            startThread {
                while !isDone.load(ordering: .relaxed) {
                    let own = (0..<8).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }
                    opened.wrappingAdd(own.count, ordering: .relaxed)
                    for descriptor in own where close(descriptor) != 0 { stolen.wrappingAdd(1, ordering: .relaxed) }
                }
                running.wrappingSubtract(1, ordering: .relaxed)
            }
        }
        eventually { opened.load(ordering: .relaxed) > 10 }
        report("refused_beside_others", refuse(configuration, rounds))
        isDone.store(true, ordering: .relaxed)
        eventually { running.load(ordering: .relaxed) == 0 }
        report("descriptors_of_others", opened.load(ordering: .relaxed))
        report("descriptors_of_others_closed", stolen.load(ordering: .relaxed))
    }

    @discardableResult
    private static func refuse(_ configuration: DebugServer.Configuration, _ count: Int) -> Int {
        var refused = 0
        for _ in 0..<count {
            do throws(DebugServerError) {
                try DebugServer.start(configuration).stop()
            } catch {
                if case .invalidTLS = error.code { refused += 1 }
            }
        }
        return refused
    }
}
