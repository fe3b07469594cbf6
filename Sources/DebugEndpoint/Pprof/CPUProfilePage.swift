// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP
import Profiles

/// `/debug/pprof/profile`: takes a CPU profile while the client waits.
enum CPUProfilePage {
    static let parameters = [
        Parameter(name: "seconds", kind: .integer(1...300)), Parameter(name: "hz", kind: .integer(1...1000)),
        PprofPages.format,
    ]

    static func answer(_ request: RouteRequest) throws(Problem) -> Response {
        let wish = CPUProfileRuns.Wish(
            seconds: Int(request.query.integer("seconds") ?? 30), hertz: Int(request.query.integer("hz") ?? 100))
        // HEAD has no body to fill: nobody is made to wait for it.
        guard request.request.method != "HEAD" else {
            return Response(contentType: "application/octet-stream", body: [])
        }
        let profile = try CPUProfileRuns.shared.profile(wish, for: request.request)
        if request.query.text("format") == "folded" {
            return PprofPages.text(profile.folded(value: 0, rootLabels: ["thread"]))
        }
        return PprofPages.binary("profile", profile)
    }
}
