// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What the endpoint must leave as it was in its host: each in a process of its own.
import Foundation
import Testing

struct HostHarmlessnessTests {
    @Test func tenThousandStartsAndStopsLeakNothing() throws {
        let host = try HostProcess("repeated-starts")
        #expect(host.number("cycles") == 10_000)
        #expect(host.number("wrong_answers") == 0)
        #expect(host.number("thread_growth") == 0)
        #expect(host.number("descriptor_growth") == 0)
        #expect(host.number("resident_growth_kib") < 2048)
        #expect(host.number("threads_of_one_server") >= 1, "a running server is seen")
        #expect(host.number("descriptors_of_one_server") >= 1)
    }

    @Test func aRefusedCertificateClosesNoDescriptorOfTheHost() throws {
        let host = try HostProcess("refused-certificates", limit: .seconds(60))
        #expect(host.number("refused_alone") == 100)
        #expect(host.number("descriptor_growth") == 0)
        #expect(host.number("refused_beside_others") == 10_000)
        #expect(host.number("descriptors_of_others") > 100, "the host did open descriptors meanwhile")
        #expect(host.number("descriptors_of_others_closed") == 0)
    }

    @Test func theHostsSignalHandlersNeverRunOnTheServersThreads() throws {
        let host = try HostProcess("host-signals", limit: .seconds(60))
        #expect(host.number("threads_added") >= 5, "the listener, two requests and their clients")
        #expect(host.number("threads_that_take_the_signals") == 0)
        #expect(host.number("threads_that_can_be_profiled") == host.number("threads_added"))
        #expect(host.number("runs_while_the_host_blocks") == 0)
        #expect(host.number("pending_signals") == 2)
        #expect(host.number("runs_once_the_host_takes_them") == 2)
        #expect(host.number("right_answers") == 2)
    }

    @Test func clientsThatLeaveDoNotEndAHostThatLeavesSIGPIPEAlone() throws {
        let host = try HostProcess("broken-pipe", limit: .seconds(60))
        #expect(host.number("signal_of_a_careless_child") == 13, "the default action is in force")
        for name in ["tcp", "unix"] {
            #expect(host.number("\(name)_answers_begun") == 25)
            #expect(host.number("\(name)_size_of_a_whole_answer") > 500_000)
        }
        #expect(host.values["survived"] == "true")
    }

    @Test func forkingDisturbsNeitherServerNorPort() throws {
        let host = try HostProcess("forked-child", limit: .seconds(60))
        #expect(host.number("right_answers") == 50)
        #expect(host.number("descriptors_without_a_server") >= 4, "the standard ones and that of the directory")
        #expect(host.number("descriptors_with_one") == host.number("descriptors_without_a_server"))
        #expect(host.number("answer_beside_a_child") == 200)
        #expect(host.values["is_refused_after_stop"] == "true", "although a child has the socket")
        #expect(host.number("answer_on_the_same_port") == 200)
    }

    @Test func aHostWithoutStandardStreamsIsServed() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("closed-streams-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try HostProcess("closed-streams", [file.path], limit: .seconds(60))
        let values = HostProcess.parse(try String(contentsOf: file, encoding: .utf8))
        #expect(values["standard_numbers_taken"] == "3", "the server's descriptors have the numbers of the streams")
        #expect(values["right_answers"] == "2")
        #expect(values["answer_is_a_document"] == "true")
        #expect(values["is_refused_after_stop"] == "true")
        #expect(values["other_server_answers"] == "200")
    }

    @Test func whatAUserMayNotBindIsRefusedWithASentence() throws {
        let host = try HostProcess("dropped-privileges", limit: .seconds(60))
        if let scratch = host.values["scratch"] { try? FileManager.default.removeItem(atPath: scratch) }
        #expect(host.values["user_is_root"] == "false")
        #expect(host.values["port"] == (host.number("first_unprivileged_port") > 1 ? "permissionDenied" : "started"))
        #expect(host.values["directory"] == "permissionDenied")
        #expect(host.values["directory_sentence"]?.contains("a directory this user may write") == true)
        #expect(host.values["own_directory"] == "started")
        #expect(host.number("files_left") == 0)
    }

    @Test func mutatedRequestsAreAnsweredOrRefusedAndNothingElse() throws {
        let host = try HostProcess("mutated-requests", limit: .seconds(60))
        #expect(host.number("rounds") == 4000)
        #expect(host.number("invalid_answers") == 0)
        #expect(host.number("server_errors") == 0)
        #expect(host.number("unanswered") < 400)
        #expect(host.number("status_200") > 50, "some requests are good")
        #expect(host.number("status_400") > 500, "and many are not")
        #expect(host.number("plain_answer") == 200)
    }
}
