// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Sends letters to many at once, through a printer that only one can use at a time.
struct MailRoom {
    private let printer = LetterPrinter()

    func sendNewsletter() async {
        await withTaskGroup { group in
            for reader in ["Ada", "Grace"] {
                group.addTask(name: "letter to \(reader)") { await send(to: reader) }
            }
            await group.waitForAll()  // stuck: group
        }
    }

    private func send(to reader: String) async {
        await printer.print("Dear \(reader)")  // stuck: child
    }
}

/// A printer behind an old interface that calls back.
actor LetterPrinter {
    func print(_ letter: String) {
        let done = DispatchSemaphore(value: 0)
        start(letter, done)
        done.wait()  // stuck: actor
    }

    /// The mistake: who holds the actor waits for a callback, and out of paper there is none.
    private func start(_ letter: String, _ done: DispatchSemaphore, paper: Int = 0) {
        if paper > 0 { DispatchQueue.global().async { done.signal() } }
    }
}
