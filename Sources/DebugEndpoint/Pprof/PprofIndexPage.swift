// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP

/// `/debug/pprof/`: every profile with its count and a sentence. HTML, as Go's.
enum PprofIndexPage {
    static func answer(_ endpoint: Endpoint) -> Response {
        var page = HTMLWriter(title: "/debug/pprof/")
        page.raw("<table>\n<tr><th>count</th><th>profile</th><th>what it shows</th></tr>\n")
        for profile in PprofProfile.all {
            page.raw("<tr><td>")
            page.text((profile.count?() ?? nil).map(String.init) ?? (profile.count == nil ? "0" : "unknown"))
            page.raw(
                "</td><td><a href=\"\(profile.name)\(profile.count == nil ? "" : "?debug=1")\">\(profile.name)</a></td><td>"
            )
            page.text(profile.description)
            page.raw("</td></tr>\n")
        }
        page.raw("</table>\n<p><a href=\"goroutine?debug=2\">full dump of threads and tasks</a></p>\n")
        return Response(contentType: "text/html; charset=utf-8", body: page.finish())
    }
}
