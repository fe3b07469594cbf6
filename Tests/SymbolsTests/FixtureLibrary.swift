// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Tests are not optimized, so nothing is inlined in them: a library with functions that are is built by the compiler at hand.
import Glibc
import Synchronization
import Testing

/// A small optimized library, built once and loaded for each copy anew. The copy's file is deleted with this object.
final class FixtureLibrary {
    let path: String
    let handle: UnsafeMutableRawPointer

    static let source = """
        public typealias Callback = @convention(c) () -> Void
        @inline(__always) func recognisableInlinedLeaf(_ call: Callback) {
            call()
            blackHole(1)
        }
        @inline(__always) func recognisableInlinedMiddle(_ call: Callback) {

            recognisableInlinedLeaf(call)
            blackHole(2)
        }
        @inline(__always) func recognisableInlinedOuter(_ call: Callback) {


            recognisableInlinedMiddle(call)
            blackHole(3)
        }
        @inline(never) func recognisablePhysical(_ call: Callback) {
            blackHole(4)
            recognisableInlinedOuter(call)
            blackHole(5)
        }
        @_cdecl("recognisable_entry") public func recognisableEntry(_ call: Callback) {
            recognisablePhysical(call)
            blackHole(6)
        }
        @inline(never) public func blackHole(_ value: Int) { if value > 99 { print(value) } }
        public func recognisableAsync(_ next: () async -> Int) async -> Int { await next() + 1 }
        public func recognisableSync(_ value: Int) -> Int { value &* 3 }

        """

    private let directory: String

    /// Loads a copy of its own, so that a test may replace, delete or unload it.
    convenience init() throws { try self.init(contents: Self.built.get(), named: "libFixture.so") }

    convenience init(copying original: String, named name: String) throws {
        try self.init(contents: Self.read(original), named: name)
    }

    private init(contents: [UInt8], named name: String) throws {
        directory = try Self.newDirectory()
        path = directory + "/" + name
        try Self.write(contents, to: path)
        let loaded: UnsafeMutableRawPointer? = dlopen(path, RTLD_NOW | RTLD_LOCAL)
        handle = try #require(loaded, "\(String(cString: dlerror()))")
    }

    deinit {
        for suffix in ["", ".damaged", ".short"] { unlink(path + suffix) }
        rmdir(directory)
    }

    private static let built = Result { try build() }

    private static func build() throws -> [UInt8] {
        let directory = try newDirectory()
        let (file, library) = (directory + "/Fixture.swift", directory + "/libFixture.so")
        defer {
            unlink(file)
            unlink(library)
            rmdir(directory)
        }
        try write(Array(source.utf8), to: file)
        let arguments = [
            "swiftc", "-O", "-g", "-parse-as-library", "-emit-library", "-module-name", "Fixture", file, "-o", library,
        ]
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        try #require(posix_spawnp(&process, "swiftc", nil, nil, &pointers, environ) == 0, "swiftc is needed in PATH")
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        try #require(status == 0, "swiftc failed")
        return try read(library)
    }

    private static func newDirectory() throws -> String {
        var template = Array("/tmp/symbols-XXXXXX".utf8CString)
        return try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var contents: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, file), count > 0 { contents += part[..<count] }
        return contents
    }

    static func write(_ contents: [UInt8], to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        try #require(fwrite(contents, 1, contents.count, file) == contents.count)
    }

    static func copy(_ from: String, to: String) throws { try write(read(from), to: to) }

    /// The return addresses inside its functions when they call back.
    func callBack() throws -> [UInt] {
        typealias Entry = @convention(c) (@convention(c) () -> Void) -> Void
        let entry = unsafeBitCast(try symbol("recognisable_entry", in: handle), to: Entry.self)
        return oneAtATime.withLock { _ in
            entry { lastStack.withLock { $0 = (try? callStack()) ?? [] } }
            return lastStack.withLock { $0 }
        }
    }

    /// The line of `text` in the source, from 1.
    static func line(of text: String, occurrence: Int = 1) throws -> Int {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let found = lines.indices.filter { lines[$0].contains(text) }
        return try #require(found.dropFirst(occurrence - 1).first) + 1
    }
}

// A C callback captures nothing. One call at a time, so that the stack is that of the call.
private let oneAtATime = Mutex<Void>(())
private let lastStack = Mutex<[UInt]>([])
