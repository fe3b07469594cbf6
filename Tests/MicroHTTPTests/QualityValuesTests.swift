// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP
import Testing

struct QualityValuesTests {
    @Test(
        arguments: [
            ("gzip", 1), ("GZIP", 1), ("br, gzip", 1), ("gzip;q=0.5", 0.5), (" gzip ; q=0.5 ", 0.5),
            ("gzip;Q=0.3", 0.3),
            ("gzip;q=0", 0), ("gzip;q=0.000", 0), ("gzip;q=1.000", 1), ("gzip;q=.5", 0.5),
            ("*", 1), ("*;q=0.1", 0.1), ("*;q=0.1, gzip;q=0.7", 0.7), ("gzip;q=0, *", 0),
            ("", nil), ("br", nil), ("identity, br;q=0.2", nil), ("gzipped", nil), (",,;,", nil),
        ] as [(String, Double?)])
    func aCodingHasItsOwnQualityOrThatOfTheStar(_ header: String, _ quality: Double?) {
        #expect(QualityValues(header).quality(of: "gzip") == quality)
    }

    @Test(arguments: ["abc", "", "-1", "-inf", "nan", "0.5x", "1,5"])
    func aQualityThatCannotBeReadIsZero(_ text: String) {
        // A comma ends the element; what is before it counts.
        let expected: Double? = text == "1,5" ? 1 : text.isEmpty ? 1 : 0
        #expect(QualityValues("gzip;q=\(text)").quality(of: "gzip") == expected)
    }

    @Test(arguments: ["2", "1.0001", "1000000"])
    func aQualityAboveOneIsOne(_ text: String) {
        #expect(QualityValues("gzip;q=\(text)").quality(of: "gzip") == 1)
    }

    @Test(
        arguments: [
            ("text/html", 1), ("text/*;q=0.4", 0.4), ("*/*;q=0.2", 0.2), ("TEXT/HTML;q=0.6", 0.6),
            ("*/*;q=0.1, text/*;q=0.2, text/html;q=0.3", 0.3), ("text/html;q=0, */*", 0),
            ("application/json, */*;q=0.8", 0.8), ("application/json", nil), ("", nil),
            ("text/plain, application/*", nil),
        ] as [(String, Double?)])
    func theMostSpecificMediaRangeDecides(_ header: String, _ quality: Double?) {
        #expect(QualityValues(header).quality(ofMediaType: "text/html") == quality)
    }

    @Test func parametersAreKeptInLowerCaseAndWithoutTheirQuotes() throws {
        let header = "application/OpenMetrics-text; Version=\"1.0.0\"; charset=UTF-8; q=0.75, text/plain;version=0.0.4"
        let items = QualityValues(header).items
        try #require(items.count == 2)
        #expect(items[0].value == "application/openmetrics-text")
        #expect(items[0].parameters == ["version": "1.0.0", "charset": "utf-8"])
        #expect(items[0].quality == 0.75)
        #expect(items[1].parameters == ["version": "0.0.4"])
        #expect(items[1].quality == 1)
    }
}
