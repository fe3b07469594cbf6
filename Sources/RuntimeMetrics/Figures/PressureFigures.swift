// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// For how long threads stood still for want of a processor, memory or storage. Source: Linux's pressure stall information.
struct PressureFigures {
    private(set) var cpuSome: Double?
    private(set) var cpuFull: Double?
    private(set) var memorySome: Double?
    private(set) var memoryFull: Double?
    private(set) var ioSome: Double?
    private(set) var ioFull: Double?

    /// Of the machine.
    init(_ files: SystemFiles) {
        files.read("/proc/pressure/cpu") { (cpuSome, cpuFull) = Self.seconds($0) }
        files.read("/proc/pressure/memory") { (memorySome, memoryFull) = Self.seconds($0) }
        files.read("/proc/pressure/io") { (ioSome, ioFull) = Self.seconds($0) }
    }

    /// Of a control group; only version 2 has it.
    init(_ files: SystemFiles, _ group: CgroupFolder) {
        files.read(in: group, "cpu.pressure") { (cpuSome, cpuFull) = Self.seconds($0) }
        files.read(in: group, "memory.pressure") { (memorySome, memoryFull) = Self.seconds($0) }
        files.read(in: group, "io.pressure") { (ioSome, ioFull) = Self.seconds($0) }
    }

    /// From lines such as `some avg10=0.00 avg60=0.00 avg300=0.00 total=12345`, in microseconds.
    private static func seconds(_ text: Text) -> (some: Double?, full: Double?) {
        (text.line(beginning: "some ").flatMap(total), text.line(beginning: "full ").flatMap(total))
    }

    private static func total(_ line: UnsafeBufferPointer<UInt8>) -> Double? {
        var words = Text.Words(line)
        while let word = words.next() {
            guard word.begins(with: "total=") else { continue }
            return word.from(6).number.map { Double($0) / 1e6 }
        }
        return nil
    }
}
