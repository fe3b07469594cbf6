// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// The process's arguments as `cmdline` shows them.
enum ArgumentList {
    private static let hidden = "[hidden]"
    private static let secretWords = ["password", "passwd", "token", "key", "secret", "auth", "credential"]

    static func shown(_ arguments: [String], _ rule: DebugServer.Arguments) -> [String] {
        switch rule {
        case .all: return arguments
        case .none: return Array(arguments.prefix(1))
        case .secretsHidden: break
        }
        var shown = Array(arguments.prefix(1))
        var hidesNext = false
        for argument in arguments.dropFirst() {
            let isOption = argument.hasPrefix("-")
            defer { hidesNext = isOption && !argument.contains("=") && smellsOfSecrets(argument) }
            if hidesNext, !isOption {
                shown.append(hidden)
            } else if let equals = argument.firstIndex(of: "="), smellsOfSecrets(String(argument[..<equals])) {
                shown.append(argument[...equals] + hidden)
            } else {
                shown.append(hidingURLPassword(argument))
            }
        }
        return shown
    }

    static func json(_ arguments: [String]) -> [UInt8] {
        var writer = TextWriter()
        writer.write(json: .array(arguments.map { .string($0) }))
        return writer.finish()
    }

    private static func smellsOfSecrets(_ name: String) -> Bool {
        let name = name.lowercased()
        return secretWords.contains { name.contains($0) }
    }

    /// `scheme://user:password@host` without the password.
    private static func hidingURLPassword(_ argument: String) -> String {
        guard let scheme = argument.firstRange(of: "://") else { return argument }
        let authority = argument[scheme.upperBound...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return argument
        }
        return argument[...colon] + hidden + argument[at...]
    }
}
