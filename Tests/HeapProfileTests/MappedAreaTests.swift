// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

@Suite struct MappedAreaTests {
    private static let text = """
        Rss:                   1 kB
        558e90949000-558e90951000 r-xp 00000000 fe:00 16376530                   /opt/my app/a (deleted)
        Size:                 32 kB
        Rss:                  28 kB
        Anonymous:             0 kB
        VmFlags: rd ex mr mw me sd
        558eb1075000-558eb1096000 rw-p 00000000 00:00 0                          [heap]
        Rss:                 132 kB
        Anonymous:           132 kB
        AnonHugePages:      2048 kB
        7f00-zz rw-p 00000000 00:00 0
        7fbfcdf23000-7fbfce200000 rw-p 00000000 00:00 0 
        Rss:
        Rss:       lots kB
        7fbfce200000-7fbfce200000 rw-p 00000000 00:00 0 
        7fbfd0000000-7fbfd0001000 rw-s 00000000 00:01 77                         /memfd:x (deleted)
        Rss:                   4 kB
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
        """

    @Test func mappingsAreReadAndOddLinesArePassedOver() {
        let areas = MappedArea.parse(Array(Self.text.utf8))
        #expect(
            areas == [
                MappedArea(
                    0x558e_9094_9000..<0x558e_9095_1000, isWritable: false, isFile: true,
                    name: "/opt/my app/a (deleted)"),
                MappedArea(
                    0x558e_b107_5000..<0x558e_b109_6000, name: "[heap]"),
                MappedArea(0x7fbf_cdf2_3000..<0x7fbf_ce20_0000),
                MappedArea(
                    0x7fbf_d000_0000..<0x7fbf_d000_1000, isShared: true, isFile: true, name: "/memfd:x (deleted)"),
                MappedArea(
                    0xffff_ffff_ff60_0000..<0xffff_ffff_ff60_1000, isReadable: false, isWritable: false,
                    name: "[vsyscall]"
                ),
            ])
        #expect(MappedArea.parse([]).isEmpty)
    }

    @Test func aHeapOfAnArenaIsBelievedOnlyWhereAllOfItFits() {
        let start: UInt = 0x7f00_0400_0000
        let area = start..<start + 0x40_0000
        let good = [start + 0x30, 0, 0x21000, 0x21000, 4096]
        #expect(GlibcHeap(good, at: start, in: area)?.range == start..<start + 0x21000)
        let second = [start - GlibcHeap.alignment + 0x30, start - GlibcHeap.alignment, 0x21000, 0x30000, 4096]
        #expect(GlibcHeap(second, at: start, in: area)?.arena == start - GlibcHeap.alignment + 0x30)
        let odd: [[UInt]] = [
            [], [0, 0, 0, 0, 0], [start + 0x38, 0, 0x21000, 0x21000, 4096],
            [start + 0x30, start, 0x21000, 0x21000, 4096],
            [start + 0x30, 0, 0, 0x21000, 4096], [start + 0x30, 0, 0x21001, 0x22000, 4096],
            [start + 0x30, 0, 0x22000, 0x21000, 4096], [start + 0x30, 0, 0x800_0000, 0x800_0000, 4096],
            [start + 0x30, 0, 0x41_0000, 0x41_0000, 4096], [.max, .max, .max, .max, .max],
        ]
        for record in odd { #expect(GlibcHeap(record, at: start, in: area) == nil, "\(record)") }
    }
}
