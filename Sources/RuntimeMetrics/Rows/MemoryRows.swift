// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let memoryRows = [
        MetricRow(
            "/memory/resident:bytes", "Resident memory.", .statm, .count { $0.statm?.resident },
            prometheus: "process_resident_memory_bytes"),
        MetricRow(
            "/memory/virtual:bytes", "Virtual memory.", .statm, .count { $0.statm?.virtual },
            prometheus: "process_virtual_memory_bytes"),
        MetricRow(
            "/memory/virtual-limit:bytes", "Limit of virtual memory; absent when there is none.", .limits,
            .count { $0.limits?.virtualMemory }, prometheus: "process_virtual_memory_max_bytes"),
        MetricRow(
            "/memory/resident-peak:bytes", "The most memory that was ever resident.", .status,
            .count { $0.status?.residentPeak }),
        MetricRow("/memory/swapped:bytes", "Memory in swap.", .status, .count { $0.status?.swapped }),
        MetricRow(
            "/memory/page-tables:bytes", "The kernel's tables of this process's pages, which are not resident memory.",
            .status, .count { $0.status?.pageTables }),
        MetricRow(
            "/memory/proportional:bytes",
            "Resident memory, pages shared with other processes divided among them. Read now and then.", .rollup,
            .count { $0.rollup?.proportional }),
        MetricRow(
            "/memory/private-dirty:bytes", "Memory that only this process has and that has been written to.", .rollup,
            .count { $0.rollup?.privateDirty }),
        MetricRow(
            "/memory/huge-pages:bytes", "Memory without a file behind it in huge pages.", .rollup,
            .count { $0.rollup?.hugePages }),
        MetricRow(
            "/memory/lazily-freed:bytes", "Memory given back with MADV_FREE that the kernel has not taken yet.",
            .rollup, .count { $0.rollup?.lazilyFreed }),
        MetricRow(
            "/memory/faults/minor:faults", "Page faults that needed no disk.", .usage,
            .count { $0.usage?.minorFaults }, cumulative: true),
        MetricRow(
            "/memory/faults/major:faults", "Page faults that had to wait for a disk.", .usage,
            .count { $0.usage?.majorFaults }, cumulative: true),
        MetricRow(
            "/memory/classes/heap:bytes", "Resident memory of the allocator: blocks in use, and free ones it keeps.",
            .memoryClasses, .count { $0.memoryClasses?.heap }),
        MetricRow(
            "/memory/classes/stacks:bytes",
            "Resident memory of thread stacks, kept ones included. Frames of async functions are in the heap.",
            .memoryClasses, .count { $0.memoryClasses?.stacks }),
        MetricRow(
            "/memory/classes/files:bytes", "Resident pages of files, code included, and shared memory.",
            .memoryClasses, .count { $0.memoryClasses?.files }),
        MetricRow(
            "/memory/classes/image-data:bytes", "Resident variables of the program and its libraries.",
            .memoryClasses, .count { $0.memoryClasses?.imageData }),
        MetricRow(
            "/memory/classes/debug-endpoint:bytes", "Resident tables of the debug endpoint.", .memoryClasses,
            .count { $0.memoryClasses?.endpoint }),
        MetricRow(
            "/memory/classes/other:bytes",
            "Resident memory that is none of the other classes: mapped by the program itself, or not known.",
            .memoryClasses, .count { $0.memoryClasses?.other }),
        MetricRow(
            "/memory/classes/total:bytes", "Resident memory: the sum of the classes, read with them.", .memoryClasses,
            .count { $0.memoryClasses?.total }),
    ]
}
