// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc

/// Tries what an ordinary user may not. Run by root, it becomes one first.
enum DroppedPrivileges {
    @Sendable static func run() throws {
        var template = Array("/tmp/dropped-privileges-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return report("directory", "none") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let own = directory + "/own"
        mkdir(own, 0o777)
        chmod(own, 0o777)
        chmod(directory, 0o555)
        if getuid() == 0 {
            let nobody: UInt32 = 65534
            setgroups(0, nil)
            setgid(nobody)
            setuid(nobody)
        }
        report("user_is_root", getuid() == 0)
        let firstFree = Int(Proc.read("/proc/sys/net/ipv4/ip_unprivileged_port_start").prefix { $0.isNumber }) ?? 1024
        report("first_unprivileged_port", firstFree)
        attempt("port", .loopback(port: 1))
        attempt("directory", .unixSocket(directory + "/debug.sock"))
        attempt("own_directory", .unixSocket(own + "/debug.sock"))
        report("files_left", Proc.names(in: directory).count - 1)
        rmdir(own)
        report("scratch", directory)
    }

    private static func attempt(_ name: String, _ address: DebugServer.Address) {
        do throws(DebugServerError) {
            try DebugServer.start(.init(address: address, registry: VariableRegistry())).stop()
            report(name, "started")
        } catch {
            report(name, "\(error.code)")
            report("\(name)_sentence", error.description)
        }
    }
}
