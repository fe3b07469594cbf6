// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The heap profile in its host, a process of its own that allocates known amounts at five places.
import HeapProfile
import Testing

@Suite(.enabled(if: TapRefusal.current == nil))
struct HostHeapProfileTests {
    private static let places = ["makeObject", "makeArray", "copyTextInC", "takeMemory", "makeInATask"]
    private static let asyncCallers = ["serve(_:_:)", "handle()", "makeInATask()"]
        .map { "static KnownAllocations." + $0 }.joined(separator: ";")

    @Test func aHeapProfileIsTrueAtEveryPlaceAndMoment() throws {
        let host = try HostProcess("heap-profiles", limit: .seconds(240))
        // Of the 10 000 samples and more that each place has in all, one percent is one standard deviation.
        func expect(_ moment: String, inUse: Double, allocated: Double) {
            for place in Self.places {
                let used = host.number("\(moment)_in_use_\(place)")
                #expect(abs(used - inUse) < 5, "\(moment): \(used) % in use at \(place)")
                let made = host.number("\(moment)_allocated_\(place)")
                #expect(abs(made - allocated) < 5, "\(moment): \(made) % allocated at \(place)")
            }
        }
        expect("made", inUse: 100, allocated: 100)
        expect("half_freed", inUse: 50, allocated: 100)
        // In the seconds of the difference a quarter was made: only that counts as allocated, but all that is in use is.
        expect("meanwhile", inUse: 75, allocated: 25)
        expect("all_freed", inUse: 0, allocated: 125)
        for place in Self.places { #expect(host.number("all_freed_in_use_\(place)") == 0, "\(place)") }
        stacksGoThroughSwiftCAndAsyncFrames(host)
        formsAreGos(host)
        theEndpointsOwnMemoryIsLeftOutUnlessAskedFor(host)

        #expect(host.number("stop_milliseconds") < 1500)
        #expect(host.number("stopped_status") == 503)
        #expect(host.values["stopped_sentence"]?.contains("is being stopped") == true)
    }

    private func stacksGoThroughSwiftCAndAsyncFrames(_ host: HostProcess) {
        func stack(_ place: String) -> String { host.values["stack_of_\(place)"] ?? "" }
        #expect(stack("makeObject").contains("KnownAllocations.Kept.make(part:of:);"))
        #expect(!stack("makeObject").contains(";swift_"), "the runtime's frames at the leaf are hidden")
        #expect(stack("copyTextInC").hasSuffix("static KnownAllocations.copyTextInC();strdup"))
        #expect(stack("takeMemory").hasSuffix("static KnownAllocations.takeMemory()"))
        #expect(stack("makeInATask").hasSuffix(Self.asyncCallers))
    }

    private func formsAreGos(_ host: HostProcess) {
        #expect(host.number("binary_status") == 200)
        #expect(host.values["binary_type"] == "application/octet-stream")
        #expect(host.values["binary_disposition"] == "attachment; filename=\"heap\"")
        #expect(host.values["binary_is_gzip"] == "true")
        let head = host.values["text_head"] ?? ""
        #expect(head.wholeMatch(of: /heap profile: \d+: \d+ \[\d+: \d+\] @ heap\/4096/) != nil, "\(head)")
        #expect(host.values["text_type"] == "text/plain; charset=utf-8")
        #expect(host.values["text_is_that_of_debug_2"] == "true")
        #expect(host.number("status_of_debug_with_seconds") == 400)
        let mallocs = host.number("text_Mallocs")
        #expect(mallocs > 600_000)
        #expect(host.number("text_HeapObjects") == mallocs - host.number("text_Frees"))
        #expect(host.number("text_HeapObjects") > 600_000)
        #expect(host.number("text_TotalAlloc") > 280_000_000)
        #expect(host.number("text_MaxRSS") > 280_000_000 / 2)
    }

    private func theEndpointsOwnMemoryIsLeftOutUnlessAskedFor(_ host: HostProcess) {
        #expect(host.number("own_bytes_by_default") == 0)
        #expect(host.number("own_bytes_on_demand") > 100_000)
        #expect(host.number("own_bytes_with_label") == host.number("own_bytes_on_demand"))
        #expect(host.number("host_bytes_with_label") == 0)
        #expect(host.number("stacks_of_own_threads_by_default") == 0)
    }

    @Test func stacksGoOnThroughAsyncCallersBeforeAnybodyHasLooked() throws {
        let host = try HostProcess("unlooked-heap")
        #expect(host.values["symbols_are_read"] == "true")
        #expect(host.values["stack"]?.hasSuffix(Self.asyncCallers) == true)
    }

    @Test func withARateOfZeroThereIsARefusalThatSaysWhatToDo() throws {
        let host = try HostProcess("unsampled-heap")
        #expect(host.number("status") == 501)
        #expect(host.values["sentence"]?.contains("heapSamplingRate is 0") == true)
        #expect(host.values["has_pprof_header"] == "true")
        #expect(host.values["state"] == "off")
        #expect(host.number("status_of_the_next_server") == 200)
        #expect(host.values["head_of_the_next_server"]?.hasSuffix("@ heap/1048576") == true)
    }
}
