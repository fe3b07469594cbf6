// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What scenarios share: reporting, waiting with a deadline, threads, doors, and what /proc says about this process.
import DebugEndpoint
import Glibc
import Synchronization

/// Prints one finding. Past the buffer of standard output, so that what was found before a crash is seen.
func report(_ name: String, _ value: some CustomStringConvertible, to descriptor: Int32 = STDOUT_FILENO) {
    let bytes = Array("\(name) \(value)\n".utf8)
    _ = write(descriptor, bytes, bytes.count)
}

/// Looks every few milliseconds until the condition holds; false when the deadline came first.
@discardableResult
func eventually(within limit: Duration = .seconds(10), _ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        if ContinuousClock.now >= deadline { return false }
        usleep(2000)
    }
    return true
}

/// A server on a port that the kernel chose, with variables of its own.
func startServer(_ registry: VariableRegistry = VariableRegistry()) throws -> DebugServer {
    try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
}

/// A detached thread of the host's own.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var handle = pthread_t()
    pthread_create(
        &handle, nil,
        { argument in
            // Balances passRetained below; the pointer comes from there.
            Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
    pthread_detach(handle)
}

/// A door that blocks whoever comes, in the kernel, until it is opened.
final class Door: Sendable {
    private let descriptors: (reading: Int32, writing: Int32)
    private let count = Atomic(0)

    /// How many have come so far.
    var arrived: Int { count.load(ordering: .relaxed) }

    init() {
        descriptors = openPipe()
    }

    func wait() {
        count.wrappingAdd(1, ordering: .relaxed)
        var byte: UInt8 = 0
        while read(descriptors.reading, &byte, 1) < 0 && errno == EINTR {}
    }

    func open() {
        close(descriptors.writing)
    }
}

/// A pipe that programs started from here do not inherit.
func openPipe() -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

enum Proc {
    static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }

    /// A line of a status file, such as `VmRSS`, as a number.
    static func status(_ key: String, of directory: String = "/proc/self", radix: Int = 10) -> UInt64 {
        for line in read(directory + "/status").split(separator: "\n") where line.hasPrefix(key + ":") {
            let text = line.dropFirst(key.count + 1).split { $0 == "\t" || $0 == " " }.first ?? ""
            return UInt64(text, radix: radix) ?? 0
        }
        return 0
    }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Returns once the thread has ended on which the endpoint reads symbols when it starts. For processes without other
    /// threads of their own: one that has no name yet may be it.
    @discardableResult
    static func symbolsAreRead() -> Bool {
        eventually(within: .seconds(60)) {
            !names(in: "/proc/self/task").contains { id in
                let name = read("/proc/self/task/\(id)/comm")
                return id != String(getpid()) && (name == "TestHost\n" || name == "debug-symbols\n")
            }
        }
    }

    static var threadCount: Int { names(in: "/proc/self/task").count }

    /// Without the descriptor that lists them.
    static var descriptorCount: Int { names(in: "/proc/self/fd").count - 1 }
}

/// `fork`, which Swift hides because most of what a child might do is unsafe. The child may only call what a signal handler
/// may.
func forkProcess() -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork")!  // RTLD_DEFAULT
    return unsafeBitCast(symbol, to: Fork.self)()
}
