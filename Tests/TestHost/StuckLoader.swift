// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// A thread is stuck for ever with a lock of the loader. With a second argument, which names a library whose constructor
/// reads from the descriptor in `STUCK_CONSTRUCTOR`, in `dlopen`; else in `dl_iterate_phdr`.
enum StuckLoader {
    private static let ends = openPipe()

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let library = CommandLine.arguments.dropFirst(2).first
        setenv("STUCK_CONSTRUCTOR", String(ends.reading), 1)
        let id = Atomic(0)
        // Before anything was asked: what the endpoint learns of the images it must learn without the loader.
        startThread {
            nameThread("stuck-in-loader")
            id.store(threadID(), ordering: .relaxed)
            useLoader(library) { _, _, _ in
                var byte: UInt8 = 0
                _ = read(StuckLoader.ends.reading, &byte, 1)
                return 1
            }
        }
        // 0 is read, on x86_64; its first argument is the pipe.
        let call = (number: "0 ", argument: " 0x" + String(ends.reading, radix: 16) + " ")
        report(
            "is_stuck",
            eventually(within: .seconds(30)) {
                let line = Proc.read("/proc/self/task/\(id.load(ordering: .relaxed))/syscall")
                return line.hasPrefix(call.number) && line.dropFirst(1).hasPrefix(call.argument)
            })
        let others = Atomic(0)
        startThread {
            useLoader(library == nil ? nil : "libanl.so.1") { _, _, _ in 1 }
            others.wrappingAdd(1, ordering: .relaxed)
        }
        startThread { while true {} }  // something that runs, to be signalled

        let paths = [
            "threads", "threads?format=json", "tasks", "pprof/goroutine", "pprof/thread", "pprof/profile?seconds=1",
            "pprof/symbol?0x1000", "pprof/", "vars",
        ]
        let answers = paths.map { PendingAnswer(client, "/debug/" + $0) }
        let right = zip(paths, answers).filter { $1.wait()?.status == 200 }
        report("asked", paths.count)
        report("right_answers", right.count)
        report("paths", right.map { $0.0 }.joined(separator: " "))
        report("names_the_stuck_one", answers[0].wait()?.text.contains("StuckLoader.useLoader") == true)
        report("others_meanwhile", others.load(ordering: .relaxed))
        close(ends.writing)
        report("others_afterwards", eventually(within: .seconds(30)) { others.load(ordering: .relaxed) == 1 } ? 1 : 0)
        server.stop()
    }

    @inline(never) private static func useLoader(_ library: String?, _ visit: HiddenFunctions.ImageVisitor) {
        if let library {
            if dlopen(library, RTLD_NOW) == nil { report("not_loaded", String(cString: dlerror())) }
        } else {
            HiddenFunctions.forEachImage(visit)
        }
    }
}
