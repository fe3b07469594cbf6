// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Functions of glibc that Swift's Glibc module does not declare, found by name as `forkProcess` finds its own.
import Glibc

enum HiddenFunctions {
    typealias Backtrace =
        @Sendable @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32) -> Int32
    typealias ImageVisitor =
        @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Int32
    private typealias MakeEpoll = @Sendable @convention(c) (Int32) -> Int32
    private typealias WaitForEvent = @Sendable @convention(c) (Int32, UnsafeMutableRawPointer, Int32, Int32) -> Int32
    private typealias ForEachImage = @Sendable @convention(c) (ImageVisitor, UnsafeMutableRawPointer?) -> Int32

    /// Fills a buffer with return addresses, unwinding as a thrown C++ exception does; returns how many.
    static let backtrace = unsafeBitCast(symbol("backtrace"), to: Backtrace.self)

    private static let makeEpollFunction = unsafeBitCast(symbol("epoll_create1"), to: MakeEpoll.self)
    private static let waitForEventFunction = unsafeBitCast(symbol("epoll_wait"), to: WaitForEvent.self)

    static func makeEpoll() -> Int32 {
        makeEpollFunction(O_CLOEXEC)
    }

    /// `epoll_wait` with room for one event.
    static func waitForEvent(_ epoll: Int32, _ milliseconds: Int32) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { event in
            waitForEventFunction(epoll, event.baseAddress!, 1, milliseconds)
        }
    }

    /// Calls `body` for each loaded image, with a lock of the loader held.
    static func forEachImage(_ body: ImageVisitor) {
        _ = unsafeBitCast(symbol("dl_iterate_phdr"), to: ForEachImage.self)(body, nil)
    }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer {
        dlsym(UnsafeMutableRawPointer(bitPattern: 0), name)!  // RTLD_DEFAULT
    }
}
