// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ProcessSnapshot

@Suite struct TaskRecordTests {
    private static let suspended = TaskRecord.Core(
        id: 7, jobFlags: 0, status: 0x15, statusRecord: 64, resumeFunction: 128, resumeContext: 192, dependency: 256)
    private static let running = with { $0.status |= TaskLayout.Status.running }

    private static func with(_ change: (inout TaskRecord.Core) -> Void) -> TaskRecord.Core {
        var core = suspended
        change(&core)
        return core
    }

    @Test func aTaskThatStoodStillHolds() {
        #expect(TaskRecord(address: 16, core: Self.suspended).holds(against: Self.suspended))
    }

    @Test(arguments: [
        with { $0.id = 8 }, with { $0.status |= 0x100 }, with { $0.statusRecord = 65 },
        with { $0.resumeFunction = 129 },
        with { $0.resumeContext = 193 }, with { $0.dependency = 0 }, running, nil,
    ])
    func aTaskThatWentOnDoesNot(later: TaskRecord.Core?) {
        #expect(!TaskRecord(address: 16, core: Self.suspended).holds(against: later))
    }

    @Test func aRunningTaskHoldsAsLongAsItRuns() {
        var later = Self.running
        later.resumeContext = 1
        #expect(TaskRecord(address: 16, core: Self.running).holds(against: later))
        #expect(!TaskRecord(address: 16, core: Self.running).holds(against: Self.suspended))
    }
}
