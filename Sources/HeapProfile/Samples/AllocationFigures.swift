// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What samples of allocations stand for; each sample was scaled up by its own chance to be taken, and then summed.
package struct AllocationFigures: Sendable, Equatable {
    /// How many samples it is made of.
    package var samples: UInt64
    /// In 1/4096 of an object.
    package var objects4096: UInt64
    package var bytes: UInt64

    package init(samples: UInt64 = 0, objects4096: UInt64 = 0, bytes: UInt64 = 0) {
        self.samples = samples
        self.objects4096 = objects4096
        self.bytes = bytes
    }

    package var objects: UInt64 { objects4096 / 4096 + (objects4096 % 4096 + 2048) / 4096 }

    /// What was asked for in the samples themselves: as many blocks of the average size.
    package var sampledBytes: UInt64 {
        guard objects4096 > 0 else { return 0 }
        let sum = (Double(samples) * (Double(bytes) * 4096 / Double(objects4096))).rounded()
        return sum < 0x1p63 ? UInt64(sum) : .max
    }

    /// 0 where the other is greater.
    static func - (left: Self, right: Self) -> Self {
        Self(
            samples: left.samples - min(left.samples, right.samples),
            objects4096: left.objects4096 - min(left.objects4096, right.objects4096),
            bytes: left.bytes - min(left.bytes, right.bytes))
    }
}
