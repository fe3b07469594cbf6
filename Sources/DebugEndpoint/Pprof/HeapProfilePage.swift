// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import MicroHTTP
import Profiles

/// `/debug/pprof/heap` and `/debug/pprof/allocs`: the same profile, of which readers show what is in use, or all allocations.
enum HeapProfilePage {
    static let parameters = [
        PprofPages.debug, PprofPages.format, Parameter(name: "seconds", kind: .integer(1...300)),
        // Nothing here needs a collection to become true; Go's clients ask for it.
        Parameter(name: "gc", kind: .integer(0...1)),
        Parameter(name: "own", kind: .integer(0...1)),
    ]

    /// `on` where there are samples.
    static var state: String {
        TapRefusal.current == nil && AllocationSampling.rate > 0 ? "on" : "off"
    }

    static func heap(_ request: RouteRequest, _ endpoint: Endpoint) throws(Problem) -> Response {
        try answer("heap", "inuse_space", request, endpoint)
    }

    static func allocations(_ request: RouteRequest, _ endpoint: Endpoint) throws(Problem) -> Response {
        try answer("allocs", "alloc_space", request, endpoint)
    }

    private static func answer(
        _ name: String, _ type: String, _ request: RouteRequest, _ endpoint: Endpoint
    ) throws(Problem) -> Response {
        let isText = request.query.integer("debug") ?? 0 > 0
        let isFolded = request.query.text("format") == "folded"
        guard !(isText && isFolded) else { throw PprofPages.incompatible }
        let seconds = request.query.integer("seconds")
        guard !(isText && seconds != nil) else {
            throw Problem(status: 400, sentence: "seconds and debug are both given: give one of them")
        }
        let includesOwn = request.query.integer("own") == 1
        let begun = ProcessView.nanosecondsSince1970()
        ProcessView.followAsyncCode()
        let snapshot = try snapshot(seconds, request.request)
        let kind =
            isText
            ? ProfileKind.sampledHeap(rate: snapshot.rate)
            : ProfileKind.heap(rate: snapshot.rate, defaultSampleType: type)
        let now = ProcessView.nanosecondsSince1970()
        let profile = snapshot.table(kind, includesOwn: includesOwn, isRuntime: isRuntime).profile(
            mappings: ProcessView.mappings(), time: now, duration: seconds == nil ? 0 : now - begun,
            comments: snapshot.comments, locate: ProcessView.locate)
        if isText { return PprofPages.text(profile.heapText(figures: endpoint.memory.figures())) }
        if isFolded {
            let index = profile.kind.sampleTypes.firstIndex { $0.type == type } ?? 0
            return PprofPages.text(profile.folded(value: index, rootLabels: ["own"]))
        }
        return PprofPages.binary(seconds == nil ? name : name + "-delta", profile)
    }

    /// All sites, or with `seconds` what they allocated in so long a time from now.
    private static func snapshot(_ seconds: UInt64?, _ request: Request) throws(Problem) -> AllocationSnapshot {
        // HEAD has no body to fill: nobody is made to wait for it.
        guard let seconds, request.method != "HEAD" else { return try read(AllocationSnapshot.take) }
        let mark = try read(AllocationMark.take)
        switch request.wait(for: .seconds(Int64(seconds))) {
        case nil: return try read(AllocationSnapshot.take).since(mark)
        case .serverStopping:
            throw Problem(
                status: 503, sentence: "the debug endpoint is being stopped, which ended the heap profile early")
        case .clientGone: throw Problem(status: 503, sentence: "the client has gone")
        }
    }

    private static func read<Value>(_ take: () throws(TapRefusal) -> Value) throws(Problem) -> Value {
        do throws(TapRefusal) {
            return try take()
        } catch {
            throw Problem(error)
        }
    }

    private static func isRuntime(_ address: UInt) -> Bool {
        ProcessView.functionName(address).map(AllocationRuntime.has) ?? false
    }
}

extension Problem {
    /// 501: this process cannot show it, however often it is asked.
    init(_ refusal: TapRefusal) {
        self.init(status: 501, sentence: refusal.description)
    }
}
