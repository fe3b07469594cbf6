// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CSurroundings
import Foundation
import Glibc

/// Watches the helper process of another process's scans from outside, and stops it in the middle.
enum HelperLife {
    private static let everyKind: Int32 = 0x4000_0000  // __WALL

    static func run(_ scenario: String) throws {
        // Whoever the host leaves behind is ours then, and can be waited for.
        guard surroundings_adopt_orphans() == 0 else { exit(3) }
        switch scenario {
        case "killed": try killed()
        case "stopped": try stopped()
        case "listening": try listening()
        default:
            print("there is no such scenario")
            exit(2)
        }
        exit(0)
    }

    /// The host is killed in mid-scan: with its helper running, and with it stopped, where only the kernel can end it.
    private static func killed() throws {
        var endings: [Int32] = []
        var refused = 0
        for round in 0..<4 {
            let host = try Host()
            let helper = host.helper(stop: round % 2 == 0)
            kill(host.id, SIGKILL)
            host.waitUntilExit()
            endings.append(ending(of: helper))
            if !host.accepts() { refused += 1 }
        }
        print("helpers_that_ended", endings.filter { $0 >= 0 }.count)
        // One that still ran may have ended by itself in the same moment.
        print("stopped_ones_that_were_killed", stride(from: 0, to: 4, by: 2).filter { endings[$0] == SIGKILL }.count)
        print("ports_closed", refused)
        print("children_left", waitpid(-1, nil, WNOHANG | everyKind) == -1 && errno == ECHILD ? 0 : 1)
    }

    /// The helper is stopped and stays so.
    private static func stopped() throws {
        let host = try Host()
        _ = host.nextScan()
        let helper = host.helper(stop: true)
        let start = ContinuousClock.now
        var scan = host.nextScan()
        // The one before may have been about to end.
        while scan.reason.isEmpty, ContinuousClock.now - start < .seconds(20) { scan = host.nextScan() }
        print("reason", scan.reason)
        print("seconds", Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000)
        print("is_gone", kill(helper, 0) != 0 && errno == ESRCH)
        print("children_left", scan.children)
        let next = host.nextScan()
        print("unknown_afterwards", next.unknown)
        print("found_afterwards", next.leaks)
        host.end()
    }

    /// The host closes its listening socket while the helper is there.
    private static func listening() throws {
        let host = try Host()
        print("accepts_before", host.accepts())
        let deadline = ContinuousClock.now + .seconds(60)
        var helper: pid_t = 0
        host.tell("close")
        // The thread that closes may be held itself; then this helper goes on, and the next one is stopped.
        repeat {
            helper = host.helper(stop: true)
            if host.hasDone("close", within: .milliseconds(300)) { break }
            kill(helper, SIGCONT)
        } while ContinuousClock.now < deadline
        print("accepts_afterwards", host.accepts())
        print("helper_is_there", Host.state(of: helper) == "T" || Host.state(of: helper) == "t")
        kill(helper, SIGCONT)
        host.end()
    }

    /// The signal that ended it, 0 where it ended by itself, -1 when it is still there.
    private static func ending(of helper: pid_t) -> Int32 {
        let deadline = ContinuousClock.now + .seconds(10)
        var status: Int32 = 0
        while ContinuousClock.now < deadline {
            let found = waitpid(helper, &status, WNOHANG | everyKind)
            if found == helper { return status & 0x7f }
            // The host has reaped it before.
            if found < 0, errno == ECHILD { return 0 }
            usleep(1000)
        }
        return -1
    }
}

extension HelperLife {
    /// A process that scans itself all the time.
    private final class Host {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()
        private var rest: [UInt8] = []
        private var port: UInt16 = 0
        private var isClosed = false

        init() throws {
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["watched"]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            port = nextLine("port").flatMap { UInt16($0[0]) } ?? 0
        }

        var id: pid_t { process.processIdentifier }

        func waitUntilExit() { process.waitUntilExit() }

        func end() {
            kill(id, SIGKILL)
            process.waitUntilExit()
        }

        func tell(_ command: String) {
            input.fileHandleForWriting.write(Data("\(command)\n".utf8))
        }

        /// Waits for a helper and, in mid-scan, may stop it.
        func helper(stop: Bool) -> pid_t {
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                guard let text = try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8),
                    let helper = text.split(separator: " ").first.flatMap({ pid_t($0) })
                else { continue }
                if !stop { return helper }
                kill(helper, SIGSTOP)
                // It may have ended before.
                let limit = ContinuousClock.now + .seconds(2)
                while ContinuousClock.now < limit, let state = Self.state(of: helper), state != "Z" {
                    if state == "T" {
                        if traces(helper) { return helper }
                        // Too early, before it has asked the kernel to end it with the host, or too late.
                        kill(helper, SIGCONT)
                        break
                    }
                    usleep(100)
                }
            }
            return 0
        }

        /// Whether it holds a thread of the host.
        private func traces(_ helper: pid_t) -> Bool {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
            return threads.contains {
                let status = try? String(contentsOfFile: "/proc/\(id)/task/\($0)/status", encoding: .utf8)
                return status?.contains("TracerPid:\t\(helper)\n") == true
            }
        }

        static func state(of process: pid_t) -> Character? {
            guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let name = text.lastIndex(of: ")")
            else { return nil }
            return text[name...].dropFirst(2).first
        }

        func accepts() -> Bool {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }

        // MARK: What it says

        func hasDone(_ command: String, within time: Duration) -> Bool {
            let deadline = ContinuousClock.now + time
            while !isClosed, ContinuousClock.now < deadline {
                if let line = line(within: 20), line == "done \(command)" { isClosed = true }
            }
            return isClosed
        }

        func nextScan() -> (leaks: Int, unknown: Int, children: Int, reason: String) {
            let words = nextLine("scan") ?? ["-1", "-1", "-1"]
            return (
                Int(words[0]) ?? -1, Int(words[1]) ?? -1, Int(words[2]) ?? -1, words[3...].joined(separator: " ")
            )
        }

        /// The words behind the first one of the next line that begins with it.
        private func nextLine(_ first: String) -> [String]? {
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                let words = line(within: 1000)?.split(separator: " ").map { String($0) }
                if let words, words.first == first { return Array(words.dropFirst()) }
            }
            return nil
        }

        private func line(within milliseconds: Int32) -> String? {
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { rest.removeSubrange(...end) }
                    return String(decoding: rest[..<end], as: UTF8.self)
                }
                var ready = pollfd(
                    fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&ready, 1, milliseconds) > 0 else { return nil }
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = read(ready.fd, &bytes, bytes.count)
                guard count > 0 else { return nil }
                rest += bytes[..<count]
            }
        }
    }
}
