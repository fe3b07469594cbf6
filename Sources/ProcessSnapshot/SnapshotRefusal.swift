// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Why this process, or this moment, does not allow a look.
package struct SnapshotRefusal: Error, Sendable, CustomStringConvertible {
    /// What was asked, what was found, what to do.
    package let description: String
    /// Whether the same look may succeed a little later.
    package let isTemporary: Bool

    package init(_ description: String, isTemporary: Bool = false) {
        self.description = description
        self.isTemporary = isTemporary
    }
}
