// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The request line's target, taken apart: path and query parameters, percent-decoded.
struct RequestTarget {
    let path: String
    let query: [(name: String, value: String)]

    /// Accepts `/path?query` and `http://host/path?query`. A plus sign in the query is a space, as forms send it.
    /// - Throws: TargetProblem when a percent sign is not followed by two hexadecimal digits or the result is not UTF-8.
    init(_ raw: [UInt8]) throws(TargetProblem) {
        let parts = Self.origin(raw).split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = try Self.decode(parts[0], plusIsSpace: false)
        var query: [(String, String)] = []
        if parts.count == 2 {
            for pair in parts[1].split(separator: UInt8(ascii: "&")) {
                let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                query.append(
                    (
                        try Self.decode(sides[0], plusIsSpace: true),
                        sides.count == 2 ? try Self.decode(sides[1], plusIsSpace: true) : ""
                    ))
            }
        }
        self.query = query
    }

    /// What keeps a target from being understood; the text never repeats the target.
    struct TargetProblem: Error {
        let sentence: String
    }

    /// The target from its path on. RFC 9110, section 4.2.3: a scheme has no case, and an absent path is `/`.
    private static func origin(_ raw: [UInt8]) -> ArraySlice<UInt8> {
        for scheme in ["http://", "https://"]
        where String(decoding: raw.prefix(scheme.count), as: UTF8.self).lowercased() == scheme {
            let authority = raw.dropFirst(scheme.utf8.count)
            let origin = authority.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            return origin.first == UInt8(ascii: "/") ? origin : [UInt8(ascii: "/")] + origin
        }
        return raw[...]
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(TargetProblem) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                    throw TargetProblem(
                        sentence: "the request target has a percent sign that two hexadecimal digits do not follow")
                }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw TargetProblem(sentence: "the request target is not UTF-8 once its percent signs are decoded")
        }
        return text
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init)
    }
}
