// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process with threads and tasks that are really stuck, and others that only look so. The first argument names the scenario.
// Ground truth is in the names: what begins with `leak-` can never wake, nothing else may be accused.
import DebugEndpoint
import Dispatch
import Foundation
import Glibc

@main
struct LeakHost {
    static func main() throws {
        // Who started us may have blocked signals, as Dispatch's workers do.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "truth": try Truth.run(scans: arguments.dropFirst().first.flatMap { Int($0) } ?? 3)
        case "moving": try MovingReference.run(scans: arguments.dropFirst().first.flatMap { Int($0) } ?? 200)
        case "interruptions": try Interruptions.run()
        case "answer": try Truth.answer()
        case "explain": try Truth.explain()
        case "shared": try Shared.run()
        case "watch": try Shared.watch()
        case "serve": try Truth.serve()
        case "surrounded": HostileSurroundings.run(arguments.dropFirst().first ?? "nothing")
        case "watched": try WatchedHost.run()
        case "helper": try HelperLife.run(arguments.dropFirst().first ?? "")
        default:
            print("there is no such scenario \(arguments.first ?? "")")
            exit(2)
        }
    }
}
