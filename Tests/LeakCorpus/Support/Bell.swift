// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A thread sleeps in `read` until the bell rings: it can be reached without any reference to it.
struct Bell: Sendable {
    enum Tone: UInt8, Sendable { case release, drop }

    private let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        reading = ends[0]
        writing = ends[1]
    }

    var descriptor: Int32 { reading }

    func ring(_ tone: Tone = .release) {
        var byte = tone.rawValue
        write(writing, &byte, 1)
    }

    /// Blocks in the kernel until somebody rings.
    @inline(never)
    func wait() -> Tone {
        var byte: UInt8 = 0
        while read(reading, &byte, 1) < 0 && errno == EINTR {}
        return Tone(rawValue: byte) ?? .release
    }
}

extension Stage {
    /// Both commands ring: the thread that listens does what is asked.
    func onCommands(ring bell: Bell) {
        onRelease { bell.ring(.release) }
        onDrop { bell.ring(.drop) }
    }
}
