// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The leak detector where something is forbidden, short or crowded: it finds every waiter of LeakHost that is stuck, or names the
// setting that keeps it from saying so. It accuses nobody else anywhere. Each in a process of its own.
import Glibc
import HeapProfile
import Testing

@Suite(
    .serialized,
    .enabled(if: HeapLook.refusal == nil, "there is no allocation tap in this build, such as with a sanitizer"))
struct HostSurroundingsTests {
    private func scanned(in setting: String) throws -> HostProcess {
        let host = try HostProcess("surrounded", [setting], of: "LeakHost")
        try #require(host.number("refused") == 0, "the kernel does not let the test have this setting")
        #expect(host.values["accused"] == "[]")
        #expect(host.number("scans_without_a_reason") == 0)
        return host
    }

    private func expectAllFound(_ host: HostProcess, at location: SourceLocation = #_sourceLocation) {
        #expect(host.values["names"] == "[]", sourceLocation: location)
        #expect(host.number("reasons") == 0, sourceLocation: location)
        #expect(host.number("expected") == 24, sourceLocation: location)
    }

    /// Nobody is found, and for one reason; each sentence names it.
    private func expectUnknown(
        _ host: HostProcess, since reason: String, sentences: Int = 1, at location: SourceLocation = #_sourceLocation
    ) {
        #expect(host.number("missed") == host.number("expected"), sourceLocation: location)
        #expect(host.number("reasons") == Double(sentences), sourceLocation: location)
        for number in 1...sentences {
            let sentence = host.values["reason_\(number)"]
            #expect(sentence?.contains(reason) == true, "\(host.output)", sourceLocation: location)
        }
    }

    @Test func allAreFoundWhereNothingIsForbidden() throws {
        expectAllFound(try scanned(in: "nothing"))
    }

    // MARK: Who may trace

    // Yama is a kernel's to have and the machine's to set: a process that answers ptrace and prctl by Yama's rules stands in for
    // it, by a seccomp filter, and a /proc/sys/kernel of the process's own says that it is there.
    @Test func allAreFoundUnderYamaOneWhichLetsDeclaredProcessesTrace() throws {
        expectAllFound(try scanned(in: "yama-1"))
    }

    @Test(arguments: [2, 3])
    func yamaTwoAndThreeAreNamedAsTheReason(_ scope: Int) throws {
        let host = try scanned(in: "yama-\(scope)")
        let isShown = host.values["is_shown"] == "true"
        expectUnknown(
            host, since: isShown ? "kernel.yama.ptrace_scope is \(scope)" : "a seccomp filter forbids ptrace")
    }

    @Test func allAreFoundWithoutTheCapabilityToTrace() throws {
        expectAllFound(try scanned(in: "no-capability"))
    }

    @Test func allAreFoundForAnOrdinaryUser() throws {
        expectAllFound(try scanned(in: "nobody"))
    }

    /// To the kernel such a process is not dumpable. Run by an ordinary user, there is nothing to drop.
    @Test func droppedPrivilegesAreNamedAsTheReason() throws {
        let host = try scanned(in: "dropped-privileges")
        if getuid() == 0 {
            // What threads wait for cannot be read, nor what the registers of others hold.
            expectUnknown(host, since: "not dumpable (prctl PR_SET_DUMPABLE)", sentences: 2)
        } else {
            expectAllFound(host)
        }
    }

    @Test func aProcessThatIsNotDumpableIsToldSo() throws {
        expectUnknown(try scanned(in: "not-dumpable"), since: "not dumpable (prctl PR_SET_DUMPABLE)")
    }

    @Test func allAreFoundUnderDockersFilterAndCapabilities() throws {
        expectAllFound(try scanned(in: "docker"))
    }

    @Test func aFilterThatForbidsPtraceIsNamedAsTheReason() throws {
        expectUnknown(try scanned(in: "no-ptrace"), since: "a seccomp filter forbids ptrace")
    }

    @Test func aFilterThatForbidsReadingMemoryIsNamedAsTheReason() throws {
        expectUnknown(try scanned(in: "no-reading"), since: "process_vm_readv")
    }

    @Test func aDebuggerIsNamedAsTheReasonAndNoneIsLeftWhenItIsGone() throws {
        let host = try scanned(in: "debugger")
        #expect(host.number("attached_missed") == host.number("expected"))
        #expect(host.values["attached_accused"] == "[]")
        #expect(host.number("attached_reasons") == 1)
        #expect(host.values["attached_reason_1"]?.contains("while a debugger is attached (process ") == true)
        expectAllFound(host)
    }

    // MARK: What is short

    @Test func allAreFoundWhereEveryFileSystemIsReadOnly() throws {
        expectAllFound(try scanned(in: "read-only"))
    }

    /// A heap of 256 MiB, and 64 MiB more until the kernel ends the process. Where no cgroup can be made, RLIMIT_DATA stands in.
    @Test func allAreFoundWith64MiBLeftInTheMemoryGroup() throws {
        let host = try scanned(in: "memory-group")
        expectAllFound(host)
        if host.values["is_group"] == "true" { #expect(host.values["is_removed"] == "true") }
    }

    /// Tables that are mapped and not touched count here too.
    @Test func withAddressSpaceForbiddenWhatIsMissedIsForWantOfMemory() throws {
        let host = try scanned(in: "address-space")
        if host.number("missed") > 0 { #expect(host.values["reason_1"]?.contains("memory") == true, "\(host.output)") }
    }

    /// A limit that holds for ordinary users only.
    @Test func theLimitOfProcessesIsNamedAsTheReason() throws {
        expectUnknown(
            try scanned(in: "no-processes"), since: "there may be no more processes here (pids.max, RLIMIT_NPROC)")
    }

    // MARK: Who else is there

    @Test func aHostThatReapsEveryChildGetsItsOwnAndAllAreFound() throws {
        let host = try scanned(in: "reaping")
        #expect(host.number("children") == 100)
        #expect(host.values["all_reaped"] == "true")
        #expect(host.number("children_left") == 0)
        expectAllFound(host)
    }

    @Test func theHostsHandlersStayAndAreCalledAsBefore() throws {
        let host = try scanned(in: "handlers")
        #expect(host.values["is_as_installed"] == "true")
        #expect(host.number("profiling_signals_meanwhile") > 0)
        #expect(host.number("child_signals_meanwhile") == 0)
        #expect(host.number("profiling_signals_of_one") == 1, "positive control")
        #expect(host.number("child_signals_of_one") == 1, "positive control")
        expectAllFound(host)
    }

    @Test func allAreFoundWhileThreadsStartAndEnd() throws {
        expectAllFound(try scanned(in: "threads-come-and-go"))
    }
}
