// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Symbols
import Testing

/// The return addresses of the calling thread, innermost first; the first is in the caller of this function.
///
/// glibc's own `backtrace`, found at run time, as Swift's Glibc module leaves it out.
@inline(never) func callStack() throws -> [UInt] {
    typealias Function = @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32) -> Int32
    let backtrace = unsafeBitCast(try symbol("backtrace"), to: Function.self)
    var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: 128)
    let count = Int(backtrace(&addresses, 128))
    return addresses[1..<max(count, 1)].map { UInt(bitPattern: $0) }
}

func address(ofSymbol name: String, in handle: UnsafeMutableRawPointer? = nil) throws -> UInt {
    UInt(bitPattern: try symbol(name, in: handle))
}

func symbol(_ name: String, in handle: UnsafeMutableRawPointer? = nil) throws -> UnsafeMutableRawPointer {
    let found: UnsafeMutableRawPointer? = dlsym(handle, name)
    return try #require(found, "no symbol \(name)")
}
