// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Foundation

/// Builds one scenario, waits until it stands, says the truth about it, and then does what it is told.
enum ScenarioRun {
    static func perform(_ scenario: Scenario) {
        let stage = Stage()
        let server: DebugServer
        do {
            server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        } catch {
            Output.refuse("no server: \(error)")
        }
        Surroundings.port = server.port
        onThreadOfItsOwn { scenario.build(stage) }
        if let body = stage.takeMainBody() {
            // Not from here: a thread begins with registers of who started it, and keeps them in its first frames.
            onThreadOfItsOwn {
                startThread {
                    nameThread("commands")
                    // Its stack was another thread's, and what a frame has not written yet is that one's.
                    overwriteStack()
                    say(scenario, stage, server)
                    exit(0)
                }
            }
            body.run()
            while true { pause() }
        }
        overwriteStack()
        say(scenario, stage, server)
    }

    private static func say(_ scenario: Scenario, _ stage: Stage, _ server: DebugServer) {
        overwriteStack()
        let truth = Settling(scenario, stage, DebugClient(server)).truth(url: server.url)
        Output.line(truth)
        while let command = readLine() {
            switch command {
            case "release":
                stage.release()
                let names = stage.waiters.compactMap { $0.mustEndWhenReleased ? $0.name : nil }
                let deadline = ContinuousClock.now + .seconds(10)
                while !Stage.endedNames.isSuperset(of: names), ContinuousClock.now < deadline { usleep(1000) }
                let ended = Stage.endedNames
                Output.line(
                    Released(
                        ended: ended.sorted(), stillWaiting: names.filter { !ended.contains($0) }.sorted()))
            case "drop":
                stage.drop()
                let names = stage.waiters.compactMap { $0.isStuckWhenDropped ? $0.name : nil }
                overwriteStack()
                Output.line(Dropped(stuck: names.sorted()))
            default:
                Output.line(["error": "there is no command \(command)"])
            }
        }
    }

    private struct Released: Encodable {
        let ended: [String]
        let stillWaiting: [String]
    }

    private struct Dropped: Encodable {
        let stuck: [String]
    }
}

/// What a scenario may know about the process it is in.
enum Surroundings {
    // Safe: written once before any scenario starts.
    nonisolated(unsafe) static var port = 0
}

extension Stage.Waiter {
    var mustEndWhenReleased: Bool {
        switch fate {
        case .silent(.waiting), .silent(.blocked), .silent(.busy): name != nil
        default: false
        }
    }

    var isStuckWhenDropped: Bool {
        if case .silent(.waiting) = fate { name != nil } else { false }
    }
}
