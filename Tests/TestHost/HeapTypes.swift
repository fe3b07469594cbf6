// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Known numbers of blocks of known types and sizes, and what /debug/heap says of them.
enum HeapTypes {
    final class Session {
        var id = 0
        var name = ""
    }
    final class Box<Value> {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
    private final class Hidden { var number = 1 }
    struct Failure: Error {
        var reason = 1
        var more = (1, 2, 3)
    }
    /// Some types the runtime ends the process over when it is asked for them carelessly.
    final class Pack<each Value> { var number = 1 }
    /// Too large for a value of type Any to have it in place.
    struct Wide { var words = (1, 2, 3, 4, 5, 6, 7) }
    struct Reading: Equatable {
        var (a, b, c, d) = (1, 2, 3, 4)
    }

    static let secret = "correct-horse-battery-staple-0123456789"
    static let counts = (sessions: 1200, boxes: 700, hidden: 300, arrays: 250, strings: 400, dictionaries: 150)
    static let closures = 350
    static let errors = 120
    static let large = 5
    /// A size that hardly anybody else here uses.
    static let rawSize = 50_000
    static let raw = 90

    /// Everything that is counted. A global, so that it lives until the end.
    nonisolated(unsafe) static var held: [Any] = []
    nonisolated(unsafe) static var heldErrors: [any Error] = []
    nonisolated(unsafe) static var heldRaw: [UnsafeMutableRawPointer?] = []

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let before = try HeapAnswer(client, "/debug/heap?format=json")
        report("status", before.status)
        report("sessions_before", before.row("TestHost.HeapTypes.Session")?.count ?? 0)
        let raw = make()
        let after = try HeapAnswer(client, "/debug/heap?format=json&since=\(before.id)")
        compare(after, raw)
        try choose(client, after)
        try contents(client)
        try sum(client)
        try release(client)
        server.stop()
    }

    /// What was made: the addresses of the objects, by the name of their type.
    private static func make() -> [String: [UnsafeMutableRawPointer]] {
        var made: [String: [UnsafeMutableRawPointer]] = [:]
        func keep(_ name: String, _ object: AnyObject) {
            held.append(object)
            made[name, default: []].append(Unmanaged.passUnretained(object).toOpaque())
        }
        for _ in 0..<counts.sessions { keep("TestHost.HeapTypes.Session", Session()) }
        for number in 0..<counts.boxes {
            keep("TestHost.HeapTypes.Box<Swift.Array<Swift.Int>>", Box([Int]()))
            _ = number
        }
        for _ in 0..<counts.hidden { keep(String(reflecting: Hidden.self), Hidden()) }
        for number in 0..<counts.arrays {
            let array = [Reading](repeating: Reading(), count: 1 + number % 40)
            held.append(array)
            made["Swift._ContiguousArrayStorage<TestHost.HeapTypes.Reading>", default: []].append(buffer(of: array))
        }
        for number in 0..<counts.strings {
            let string = secret + String(number + 1_000_000)
            held.append(string)
        }
        for number in 0..<counts.dictionaries {
            let dictionary = [UInt16(truncatingIfNeeded: number): Reading()]
            held.append(dictionary)
            made["Swift._DictionaryStorage<Swift.UInt16, TestHost.HeapTypes.Reading>", default: []].append(
                word(of: dictionary))
        }
        for number in 0..<closures {
            let session = Session()
            made["TestHost.HeapTypes.Session", default: []].append(Unmanaged.passUnretained(session).toOpaque())
            let closure = capture(session, Int16(truncatingIfNeeded: number), Float(number))
            held.append(closure)
        }
        for _ in 0..<errors {
            heldErrors.append(Failure())
            held.append(Wide())
        }
        for _ in 0..<60 { keep("TestHost.HeapTypes.Pack<Pack{Swift.Int, Swift.String}>", Pack<Int, String>()) }
        for number in 0..<60 { held.append(capture(values: number, "x")) }
        for _ in 0..<Self.raw {
            let block = malloc(rawSize)
            if let block { memset(block, 0x41, rawSize) }
            heldRaw.append(block)
        }
        for _ in 0..<large { heldRaw.append(malloc(5_000_000)) }  // never written to
        return made
    }

    @inline(never)
    private static func capture(_ session: Session, _ number: Int16, _ more: Float) -> () -> Int {
        { session.id + Int(number) + Int(more) }
    }

    @inline(never)
    private static func capture<each Value>(values: repeat each Value) -> () -> Void {
        {
            var count = 0
            for _ in repeat each values { count += 1 }
        }
    }

    private static func compare(_ after: HeapAnswer, _ made: [String: [UnsafeMutableRawPointer]]) {
        for (name, blocks) in made.sorted(by: { $0.key < $1.key }) {
            let row = after.row(name)
            let bytes = blocks.reduce(0) { $0 + usableSize($1) }
            let same = row?.count == blocks.count && row?.bytes == bytes
            report("exact", "\(name) \(same) \(row?.count ?? -1) \(blocks.count) \(row?.bytes ?? -1) \(bytes)")
        }
        report("types_compared", made.count)
        let strings = after.row("Swift.__StringStorage")
        report("string_growth", strings?.countGrowth ?? -1)
        report("session_growth", after.row("TestHost.HeapTypes.Session")?.countGrowth ?? -1)
        let closure = after.rows.first {
            $0.name.hasPrefix("closure context (") && $0.name.contains("Swift.Int16") && $0.name.contains("Swift.Float")
        }
        report("closure_name", closure?.name ?? "none")
        report("closure_count", closure?.count ?? -1)
        report("error_count", after.row("error (TestHost.HeapTypes.Failure)")?.count ?? -1)
        let box = after.rows.first { $0.name.contains("box (TestHost.HeapTypes.Wide)") }
        report("box_name", box?.name ?? "none")
        report("box_count", box?.count ?? -1)
        let size = heldRaw.first.flatMap { $0 }.map { usableSize($0) } ?? 0
        report("raw_growth", after.blocks(ofClassOf: size).count)
        report("raw_bytes_are_at_least", after.blocks(ofClassOf: size).bytes >= raw * size)
        report("live_not_resident", after.number("live_not_resident_bytes") ?? -1)
    }

    /// Nothing of what the blocks hold is in any form of the page.
    private static func contents(_ client: DebugClient) throws {
        let forms = try ["json", "text", "html"].map { try client.get("/debug/heap?format=\($0)&top=100000").text }
        let word = "correct-horse"
        report("secret_is_in_memory", held.contains { ($0 as? String)?.contains(word) == true })
        report("secret_is_shown", forms.contains { $0.contains(word) || $0.contains("battery") || $0.contains("AAAA") })
        report("its_type_is_shown", forms.allSatisfy { $0.contains("Swift.__StringStorage") })
        report("form_statuses", try ["json", "text", "html"].map { try client.get("/debug/heap?format=\($0)").status })
    }

    private static func choose(_ client: DebugClient, _ after: HeapAnswer) throws {
        let some = try HeapAnswer(client, "/debug/heap?format=json&match=TestHost.HeapTypes.*&id=\(after.id)")
        report(
            "matching_only", some.rows.allSatisfy { $0.name.hasPrefix("TestHost.HeapTypes.") } && some.rows.count >= 2)
        report("same_snapshot", some.id == after.id)
        report("top_rows", try HeapAnswer(client, "/debug/heap?format=json&top=3").rows.count)
        let first = try HeapAnswer(client, "/debug/heap?format=json").id
        for _ in 0..<5 { _ = try client.get("/debug/heap?format=json&top=0") }
        let gone = try client.get("/debug/heap?since=\(first)")
        report("gone_status", gone.status)
        report("gone_sentence", gone.text.split(separator: "\n").first.map(String.init) ?? "")
        report("kept", try HeapAnswer(client, "/debug/heap?format=json").kept)
    }

    private static func release(_ client: DebugClient) throws {
        let before = try HeapAnswer(client, "/debug/heap?format=json")
        report("sessions_before_release", before.row("TestHost.HeapTypes.Session")?.count ?? -1)
        held.removeAll()
        let after = try HeapAnswer(client, "/debug/heap?format=json&since=\(before.id)")
        report("session_growth_after_release", after.row("TestHost.HeapTypes.Session")?.countGrowth ?? 1)
        report("sessions_after_release", after.row("TestHost.HeapTypes.Session")?.count ?? -1)
    }

    /// The classes add up to what the kernel says is resident.
    private static func sum(_ client: DebugClient) throws {
        // The nearest of several, as what an answer took is given back between it and the kernel's figure.
        let classes = ["live_bytes", "retained_bytes", "stack_bytes", "file_bytes", "other_bytes"]
        let looks = try (0..<5).map { _ in
            let answer = try HeapAnswer(client, "/debug/heap?format=json&top=0")
            let sum = classes.reduce(0) { $0 + (answer.number($1) ?? 0) }
            return (answer: answer, sum: sum, ratio: Double(sum) / Double(Proc.status("VmRSS") * 1024))
        }
        guard let (answer, sum, ratio) = looks.min(by: { abs($0.ratio - 1) < abs($1.ratio - 1) }) else { return }
        report("sum_is_resident", sum == answer.number("resident_bytes"))
        report("resident_per_kernel", ratio)
        report("all_known", classes.allSatisfy { (answer.number($0) ?? -1) > 0 })
    }

    /// The storage of an array, a dictionary or another type of one word.
    private static func word<Value>(of value: Value) -> UnsafeMutableRawPointer {
        withUnsafeBytes(of: value) { $0.load(as: UnsafeMutableRawPointer.self) }
    }

    private static func buffer<Element>(of array: [Element]) -> UnsafeMutableRawPointer { word(of: array) }
}

/// `malloc_usable_size`, which Swift's Glibc module leaves out; for blocks of one's own only.
func usableSize(_ block: UnsafeMutableRawPointer) -> Int {
    typealias Function = @convention(c) (UnsafeMutableRawPointer) -> Int
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "malloc_usable_size")!  // RTLD_DEFAULT
    return unsafeBitCast(symbol, to: Function.self)(block)
}
