// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let fileRows = [
        MetricRow(
            "/files/open:descriptors", "Open file descriptors.", .descriptors, .count { $0.openDescriptors },
            prometheus: "process_open_fds"),
        MetricRow(
            "/files/limit:descriptors", "Limit of open file descriptors; absent when there is none.", .limits,
            .count { $0.limits?.descriptors }, prometheus: "process_max_fds"),
        MetricRow(
            "/io/read:bytes", "Bytes that read calls returned, from files, pipes and sockets read like files.", .io,
            .count { $0.io?.read }, cumulative: true),
        MetricRow(
            "/io/written:bytes", "Bytes that write calls took, to files, pipes and sockets written like files.", .io,
            .count { $0.io?.written }, cumulative: true),
        MetricRow(
            "/io/reads:calls", "Calls of the read family.", .io, .count { $0.io?.readCalls }, cumulative: true),
        MetricRow(
            "/io/writes:calls", "Calls of the write family.", .io, .count { $0.io?.writeCalls }, cumulative: true),
        MetricRow(
            "/io/system-calls:calls",
            "System calls: those of the read and write families, as the kernel counts no others.", .io,
            .count { $0.io.map { $0.readCalls &+ $0.writeCalls } }, cumulative: true, basis: .lowerBound),
        MetricRow(
            "/io/storage/read:bytes", "Bytes fetched from storage.", .io, .count { $0.io?.storageRead },
            cumulative: true),
        MetricRow(
            "/io/storage/written:bytes", "Bytes sent to storage.", .io, .count { $0.io?.storageWritten },
            cumulative: true),
        MetricRow(
            "/net/received:bytes", "Bytes received in the network namespace of this process.", .network,
            .count { $0.network?.received }, cumulative: true, prometheus: "process_network_receive_bytes_total"),
        MetricRow(
            "/net/sent:bytes", "Bytes sent in the network namespace of this process.", .network,
            .count { $0.network?.sent }, cumulative: true, prometheus: "process_network_transmit_bytes_total"),
    ]
}
