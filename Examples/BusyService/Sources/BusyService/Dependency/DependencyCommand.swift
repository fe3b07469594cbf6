// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation

/// The slow program: reads the name of a currency in each line and answers, one after the other, with its rate.
/// It ends when its input ends.
struct DependencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dependency", abstract: "Answer each line of standard input, slowly.")

    @Option(help: ArgumentHelp("Think for so long about each line.", valueName: "milliseconds"))
    var delay = 20

    private static let rates = ["EUR": "1", "GBP": "0.86", "JPY": "171.2", "USD": "1.17"]

    func run() {
        while let currency = readLine() {
            Thread.sleep(forTimeInterval: Double(max(0, delay)) / 1000)
            printNow(Self.rates[currency] ?? "unknown")
        }
    }
}
