// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// After Go's runtime/metrics: named figures with units, each described, read on demand.

/// What the process and the kernel know about this process: memory, processor time, threads, files, limits.
///
/// Reading needs no server and no registration. A name is `/path:unit`; what a name means never changes, and neither does its
/// kind: another unit is another name. `RuntimeMetrics.read` comes with the module DebugEndpoint.
public enum RuntimeMetrics {
    /// Every metric, sorted by name. Always the same, whatever this system can tell.
    public static let all: [Description] = MetricTable.rows.map(\.description)
}
