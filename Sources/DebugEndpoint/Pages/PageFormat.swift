// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP

/// The forms of a page: `?format=` decides, else the Accept header, else it is text.
enum PageFormat: String, CaseIterable, Sendable {
    case text, json, html

    static let parameter = Parameter(name: "format", kind: .choice(allCases.map(\.rawValue)))

    init(_ request: RouteRequest) {
        self =
            request.query.text("format").flatMap(PageFormat.init(rawValue:))
            ?? Self.preferred(QualityValues(request.request.header("Accept") ?? ""))
    }

    /// HTML and JSON only for clients that name them, as browsers and programs do and curl does not.
    static func preferred(_ accept: QualityValues) -> PageFormat {
        var best = (format: PageFormat.text, quality: accept.quality(ofMediaType: "text/plain") ?? 0)
        for item in accept.items where item.quality > 0 {
            let format: PageFormat
            switch item.value {
            case "text/html": format = .html
            case "application/json": format = .json
            default: continue
            }
            let isBetter = best.format == .text ? item.quality >= best.quality : item.quality > best.quality
            if isBetter { best = (format, item.quality) }
        }
        return best.format
    }

    func response(_ body: [UInt8]) -> Response {
        let type =
            switch self {
            case .text: "text/plain"
            case .json: "application/json"
            case .html: "text/html"
            }
        return Response(contentType: type + "; charset=utf-8", headers: [("Vary", "Accept")], body: body)
    }
}
