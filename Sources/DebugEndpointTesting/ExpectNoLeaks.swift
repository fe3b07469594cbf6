// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Fails the test when a thread or task waits for ever after `body` that was not in this wait before. For Swift Testing and XCTest.
///
/// ```swift
/// @Test func everyRequestIsAnswered() async throws {
///     try await expectNoLeaks { try await server.handle(request) }
/// }
/// ```
/// Looks again until a leak is found, which fails the test at once, or everything has settled: nobody waits who did not before, no
/// new task runs or is about to, and two looks see the same number of threads. Who has begun to wait, and could be woken, is looked
/// at until this time is over: a body that leaves such behind makes the test take as long. The issue is at the caller's line, and
/// its text is that of `/debug/leaks`, with the stack of each leak. Also looks when `body` throws.
///
/// Leaks are those of the process: of a test that runs at the same time, too. Run such tests alone (`--no-parallel`). What a
/// variable of the test still has is no leak yet, and a word left over in memory that is in use can hide one. Cost: three looks at least, some 50 ms each for 50 MiB in a release build; each
/// blocks its thread. Where leaks cannot be looked for, such as in a build with a sanitizer, that is an issue: a test that cannot
/// fail is none (see ``LeakDetector/limitation``).
@discardableResult
public func expectNoLeaks<Value, Failure: Error>(
    within patience: Duration = .seconds(3), fileID: StaticString = #fileID, filePath: StaticString = #filePath,
    line: UInt = #line, column: UInt = #column, _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
    let place = TestPlace(fileID: fileID, filePath: filePath, line: line, column: column)
    var comparison = LeakComparison()
    func look() {
        clearStack()
        comparison.begin(within: patience)
        while comparison.looksAgain() { usleep(LeakComparison.microsecondsBetweenLooks) }
        if let text = comparison.failure { place.fail(text) }
    }
    let result: Value
    do throws(Failure) {
        result = try body()
    } catch {
        look()
        throw error
    }
    look()
    return result
}

/// The same for a body that awaits; between two looks it gives the thread away.
@discardableResult
public func expectNoLeaks<Value, Failure: Error>(
    within patience: Duration = .seconds(3), fileID: StaticString = #fileID, filePath: StaticString = #filePath,
    line: UInt = #line, column: UInt = #column, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    let place = TestPlace(fileID: fileID, filePath: filePath, line: line, column: column)
    var comparison = LeakComparison()
    let outcome: Result<Value, Failure>
    do throws(Failure) {
        outcome = .success(try await body())
    } catch {
        outcome = .failure(error)
    }
    clearStack()
    comparison.begin(within: patience)
    while comparison.looksAgain() {
        // A test that is cancelled still says what it knows.
        try? await Task.sleep(for: .microseconds(LeakComparison.microsecondsBetweenLooks))
    }
    if let text = comparison.failure { place.fail(text) }
    return try outcome.get()
}

/// Overwrites what the body has left on the stack, where the looks would find it in parts of their own frames.
@inline(never)
private func clearStack() {
    _ = withUnsafeTemporaryAllocation(byteCount: 32 << 10, alignment: 16) {
        UnsafeMutableRawBufferPointer($0).initializeMemory(as: UInt8.self, repeating: 0)
    }
}
