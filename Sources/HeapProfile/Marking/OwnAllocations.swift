// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap

/// Has what this thread allocates count as the endpoint's own, and be wiped when it is freed. Hidden, no leak detector follows it
/// either: then `body` runs no code of others, as what that allocates would not be followed.
package func withOwnAllocations<Result, Failure: Error>(hidden: Bool = false, _ body: () throws(Failure) -> Result)
    throws(Failure) -> Result
{
    let before = alloctap_set_own(Int32(hidden ? alloctap_own_hidden : alloctap_own))
    defer { _ = alloctap_set_own(before) }
    return try body()
}
