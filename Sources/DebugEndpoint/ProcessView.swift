// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Where the leaves meet: snapshots give addresses, symbols give names, and profiles and pages want both.
import Glibc
import HeapProfile
import ProcessSnapshot
import Profiles
import Symbols

/// This process, as pages and profiles look at it. Everything is read anew at each call; safe from any thread.
enum ProcessView {
    /// What the signal handler needs to know of the program; nearly free once it was asked for.
    static var configuration: StackCapture.Configuration {
        let slot = (try? TaskLayout.find()).flatMap { CurrentTaskSlot.find($0) }
        return StackCapture.Configuration(
            asyncCode: Symbolizer.shared.asyncCode(), taskSlot: slot.map { ($0.tlsModule, $0.tlsOffset) })
    }

    static func threads() throws(Problem) -> ThreadsSnapshot {
        do throws(SnapshotRefusal) {
            return try ThreadsSnapshot.take(configuration, functionName: functionName)
        } catch {
            throw Problem(error)
        }
    }

    static func tasks() throws(Problem) -> TasksSnapshot {
        do throws(SnapshotRefusal) {
            return try TasksSnapshot.take(functionName: functionName)
        } catch {
            throw Problem(error)
        }
    }

    /// Lets the stacks of sampled allocations go on with those that await the async code that is loaded now; nearly free once it
    /// was asked for.
    static func followAsyncCode() {
        AllocationSampling.follow(asyncCode: Symbolizer.shared.asyncCode())
    }

    static func functionName(_ address: UInt) -> String? {
        Symbolizer.shared.function(at: address)?.name
    }

    /// The frames of each address, for pages.
    static func symbolicate(_ addresses: [CodeAddress]) -> [[SourceFrame]] {
        Symbolizer.shared.frames(at: addresses)
    }

    /// What is known of each address, which is that of an instruction.
    static func locate(_ addresses: [UInt]) -> [Location] {
        let frames = Symbolizer.shared.frames(at: addresses.map { .instruction($0) })
        return zip(addresses, frames).map { address, frames in
            let lines = frames.compactMap { frame in
                frame.function.map { name in
                    Line(
                        Function(name: name, systemName: frame.mangledName ?? "", file: frame.file ?? ""),
                        line: frame.line ?? 0)
                }
            }
            return Location(
                address: address, functionStart: Symbolizer.shared.function(at: address)?.start, lines: lines)
        }
    }

    static func mappings() -> MappingTable {
        let images = Symbolizer.shared.loadedImages()
        let mappings = images.flatMap { image in
            image.code.map { code in
                Mapping(
                    start: code.range.lowerBound, limit: code.range.upperBound, fileOffset: code.fileOffset,
                    file: image.path, buildID: image.buildIDText)
            }
        }
        return MappingTable(mappings, mainBinary: program)
    }

    /// How many threads there are; nil when /proc cannot be read.
    static var threadCount: Int? {
        ProcFile.read("/proc/self/status").flatMap { ProcFile.number("Threads", in: $0) }.map { Int($0) }
    }

    static func threadName(_ id: Int32) -> String? {
        ProcFile.read("/proc/self/task/\(id)/comm").map { String($0.dropLast()) }
    }

    static func nanosecondsSince1970() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// The program's path as the memory map has it.
    private static let program: String? = {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        return length > 0 ? String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }()
}

extension Problem {
    /// 503 for what another look is in the way of, 501 for what this process cannot show.
    init(_ refusal: SnapshotRefusal) {
        self.init(status: refusal.isTemporary ? 503 : 501, sentence: refusal.description)
        if refusal.isTemporary { headers = [("Retry-After", "1")] }
    }
}
