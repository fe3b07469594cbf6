// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Addresses that the kernel keeps for the process and gives back later: what epoll reports with an event, what a timer's signal
/// carries, what is on its way through pipes and Unix sockets. Source: proc(5), `fdinfo` and `timers`. Some are numbers that only
/// look like addresses.
package struct KernelReferences: Sendable {
    package private(set) var words: [UInt] = []
    /// Why there may be others; nil when there are none.
    package private(set) var unseen: String?

    /// Cost: two small files for each epoll descriptor, one link for each other one, some system calls for pipes and sockets.
    package static func all() -> KernelReferences {
        var references = KernelReferences()
        guard var messages = PendingMessages() else {
            references.unseen = "what the kernel keeps for the process cannot be looked at for want of memory"
            return references
        }
        guard let names = ProcFile.entryNames("/proc/self/fd") else {
            references.unseen = "what epoll refers to cannot be seen: /proc/self/fd cannot be read"
            return references
        }
        for name in names {
            let target = target(of: name)
            switch target {
            case "anon_inode:[eventpoll]": references.addEvents(of: name)
            case "anon_inode:[io_uring]":
                references.unseen =
                    "requests of io_uring (descriptor \(name)) refer to memory that the kernel does not tell"
            default:
                guard let descriptor = Int32(name) else { continue }
                if target.hasPrefix("pipe:") { messages.look(intoPipe: descriptor) }
                if target.hasPrefix("socket:") { messages.look(intoSocket: descriptor) }
            }
        }
        references.words += messages.words
        references.unseen = references.unseen ?? messages.unseen
        // Lines such as `signal: 10/00007f0c12345678`.
        for line in (ProcFile.read("/proc/self/timers") ?? "").split(separator: "\n") where line.hasPrefix("signal:") {
            if let slash = line.firstIndex(of: "/"), let value = UInt(line[line.index(after: slash)...], radix: 16) {
                references.words.append(value)
            }
        }
        return references
    }

    private mutating func addEvents(of name: String) {
        guard let text = ProcFile.read("/proc/self/fdinfo/\(name)") else { return }
        // Lines such as `tfd:  5 events: 19 data: 7f0c12345678 pos:0 ino:…`.
        for line in text.split(separator: "\n") where line.hasPrefix("tfd:") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            for (label, value) in zip(words, words.dropFirst()) where label == "data:" {
                if let value = UInt(value, radix: 16) { self.words.append(value) }
            }
        }
    }

    private static func target(of name: String) -> String {
        var target = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/self/fd/\(name)", &target, target.count)
        return String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
