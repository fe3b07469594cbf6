// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation

/// A thread that can be waited for.
final class PlainThread {
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let done = done
        Thread {
            body()
            done.signal()
        }.start()
    }

    func join() {
        done.wait()
    }
}
