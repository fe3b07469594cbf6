// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Symbols

/// What turns addresses into frames: for each the innermost inlined function first.
typealias Symbolication = ([CodeAddress]) -> [[SourceFrame]]

/// The stacks of one page. Each address is looked up once, and stacks that read the same are one, whatever their addresses.
struct SymbolicatedStacks {
    /// One function in a stack.
    struct Frame: Hashable {
        var function: String?
        var file: String?
        var line: Int?
        var isInlined = false
        /// The path of the module.
        var image: String?
        /// The compiler's glue.
        var isThunk = false
        /// Where no function is known, so that two unknown functions are not one; 0 otherwise.
        var address: UInt = 0
    }

    /// Whose addresses: they differ in what is a return address.
    enum Kind {
        /// The first address is where the thread goes on, all others are return addresses.
        case thread
        /// Every address is where a function will go on.
        case task
    }

    /// Each distinct stack as indexes into `frames`, leaf first.
    private(set) var stacks: [[Int]] = []
    private(set) var frames: [Frame] = []
    /// For each stack that was given, its index in `stacks`.
    private(set) var indexes: [Int] = []

    init(_ given: [[UInt]], of kind: Kind, _ symbolicate: Symbolication) {
        var known: [[UInt]: Int] = [:]
        var distinct: [[UInt]] = []
        let places = given.map { stack in
            if let place = known[stack] { return place }
            known[stack] = distinct.count
            distinct.append(stack)
            return distinct.count - 1
        }

        var numbers: [CodeAddress: Int] = [:]
        var addresses: [CodeAddress] = []
        let numbered = distinct.map { stack in
            stack.enumerated().map { depth, address in
                let code: CodeAddress =
                    kind == .thread && depth > 0 ? .returnAddress(address) : .instruction(address)
                if let number = numbers[code] { return number }
                numbers[code] = addresses.count
                addresses.append(code)
                return addresses.count - 1
            }
        }

        let framesAt = intern(symbolicate(addresses), of: addresses)
        var knownStacks: [[Int]: Int] = [:]
        let stackAt = numbered.map { stack in
            let shown = stack.flatMap { framesAt[$0] }
            if let index = knownStacks[shown] { return index }
            knownStacks[shown] = stacks.count
            stacks.append(shown)
            return stacks.count - 1
        }
        indexes = places.map { stackAt[$0] }
    }

    /// The frames of a stack, leaf first.
    subscript(stack: Int) -> [Frame] { stacks[stack].map { frames[$0] } }

    /// For each address its frames as indexes; one without a name where the symbolication has none.
    private mutating func intern(_ found: [[SourceFrame]], of addresses: [CodeAddress]) -> [[Int]] {
        var numbers: [Frame: Int] = [:]
        return addresses.indices.map { index in
            let address = addresses[index].address
            let shown = index < found.count ? found[index].map { Frame($0, at: address) } : []
            return (shown.isEmpty ? [Frame(address: address)] : shown).map { frame in
                if let number = numbers[frame] { return number }
                numbers[frame] = frames.count
                frames.append(frame)
                return frames.count - 1
            }
        }
    }
}

extension SymbolicatedStacks.Frame {
    fileprivate init(_ source: SourceFrame, at address: UInt) {
        self.init(
            function: source.function, file: source.file, line: source.line, isInlined: source.isInlined,
            image: source.image, isThunk: source.isThunk, address: source.function == nil ? address : 0)
    }

    /// The function, or the address where none is known, and `(image)` where there is no line.
    var title: String {
        let name = function.map(shownText) ?? shownAddress(address)
        let image = file == nil ? image.flatMap { $0.split(separator: "/").last } : nil
        return name + (isInlined ? " [inlined]" : "") + (image.map { " (" + shownText(String($0)) + ")" } ?? "")
    }

    /// `file:line`; nil when the file is not known.
    var place: String? {
        file.map { shownText($0) + (line.map { ":\($0)" } ?? "") }
    }
}
