// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Synchronization
import Testing

@Suite struct VariableRegistryTests {
    @Test func theSameNameAndKindGivesTheSameVariable() {
        let registry = VariableRegistry()
        #expect(registry.counter("a") === registry.counter("a"))
        #expect(registry.gauge("b") === registry.gauge("b"))
        #expect(registry.histogram("c") === registry.histogram("c"))
        #expect(registry.text("d") === registry.text("d"))
        #expect(registry.counter("e", labels: ["l"]) === registry.counter("e", labels: ["l"]))
        #expect(registry.counter("e", labels: ["l"])["v"] === registry.counter("e", labels: ["l"])["v"])
        #expect(registry.snapshot().problems.isEmpty)
    }

    @Test func aClashOfKindsGivesAWorkingVariableThatIsNotExported() {
        let registry = VariableRegistry()
        registry.counter("x").increment(by: 5)
        let clash = registry.gauge("x")
        clash.set(2)
        #expect(clash.value == 2)
        #expect(registry.snapshot()["x"] == .counter(5))
        #expect(registry.snapshot().problems.map(\.variable) == ["x"])
    }

    @Test func aFamilyWithOtherLabelsIsAClash() {
        let registry = VariableRegistry()
        registry.counter("x", labels: ["a"])["1"].increment()
        let clash = registry.counter("x", labels: ["b"])
        clash["1"].increment(by: 9)
        #expect(clash["1"].value == 9)
        #expect(registry.document.contains("\"x\": {\"1\": 1}"))
        #expect(registry.snapshot().problems.count == 1)
    }

    @Test(arguments: ["", "1a", "a b", "a-b", "é", "a\n", "a.b"])
    func aNameOutsideTheGrammarGivesAWorkingVariableThatIsNotExported(name: String) {
        let registry = VariableRegistry()
        let counter = registry.counter(name)
        counter.increment()
        #expect(counter.value == 1)
        #expect(registry.count == 0)
        #expect(registry.snapshot().problems.map(\.variable) == [name])
    }

    @Test(arguments: ["a", "_", ":", "A9_:z"])
    func aNameInsideTheGrammarIsExported(name: String) {
        let registry = VariableRegistry()
        registry.counter(name).increment()
        #expect(registry.snapshot()[name] == .counter(1))
        #expect(registry.snapshot().problems.isEmpty)
    }

    @Test(arguments: [[], ["a", "a"], ["__a"], ["1"], ["a-b"], (0..<9).map { "l\($0)" }])
    func labelsThatNoFormatCarriesGiveAWorkingFamilyThatIsNotExported(labels: [String]) {
        let registry = VariableRegistry()
        let family = registry.counter("x", labels: labels)
        let member = family.member(labels.map { _ in "v" })
        member.increment()
        #expect(member.value == 1)
        #expect(registry.count == 0)
        #expect(registry.snapshot().problems.count == 1)
    }

    @Test func eightLabelsAreExported() {
        let registry = VariableRegistry()
        registry.counter("x", labels: (0..<8).map { "l\($0)" }).member((0..<8).map(String.init)).increment()
        #expect(registry.snapshot().problems.isEmpty)
        #expect(registry.document.contains(#"{"0": {"1": {"2": {"3": {"4": {"5": {"6": {"7": 1}}}}}}}}"#))
    }

    @Test func leIsNoLabelOfAHistogram() {
        let registry = VariableRegistry()
        _ = registry.histogram("x", labels: ["le"])
        _ = registry.counter("y_total", labels: ["le"])  // control: a counter may have it
        #expect(registry.snapshot().problems.map(\.variable) == ["x"])
    }

    @Test func labelSetsBeyondTheLimitAreCountedUnderOther() throws {
        let registry = VariableRegistry()
        let family = registry.counter("x", labels: ["a", "b"], limit: 3)
        for set in 0..<10 { family["\(set)", "v"].increment() }
        let members = try #require(shownMembers(of: registry, "x"))
        #expect(members.map(\.labels) == [["0", "v"], ["1", "v"], ["2", "v"], ["other", "other"]])
        #expect(members.map(\.value) == [.counter(1), .counter(1), .counter(1), .counter(7)])
        #expect(registry.snapshot().problems.count == 1)
    }

    @Test func aThousandLabelSetsAreTheDefaultLimit() throws {
        let registry = VariableRegistry()
        let family = registry.gauge("x", labels: ["a"])
        for set in 0..<1001 { family["\(set)"].set(1) }
        let members = try #require(shownMembers(of: registry, "x"))
        #expect(members.count == 1001)
        #expect(members.contains { $0.labels == ["other"] })
    }

    @Test func aWrongNumberOfLabelValuesGivesAWorkingMemberThatIsNotExported() throws {
        let registry = VariableRegistry()
        let family = registry.counter("x", labels: ["a", "b"])
        family["only one"].increment()
        family["1", "2"].increment()
        let shown = try #require(shownMembers(of: registry, "x"))
        #expect(shown.map(\.labels) == [["1", "2"]])
        #expect(shown.map(\.value) == [.counter(1)])
        #expect(registry.snapshot().problems.count == 1)
    }

    @Test func aRemovedMemberIsNoLongerShown() {
        let registry = VariableRegistry()
        let family = registry.counter("x", labels: ["a"])
        family["1"].increment()
        family["2"].increment()
        family.remove("1")
        #expect(registry.document == "{\n\"x\": {\"2\": 1}\n}\n")
    }

    @Test func aRemovedVariableIsNoLongerShownAndItsNameIsFree() {
        let registry = VariableRegistry()
        let first = registry.counter("x")
        _ = registry.gauge("x")
        #expect(registry.remove("x"))
        #expect(!registry.remove("x"))
        first.increment()
        #expect(registry.count == 0)
        #expect(registry.snapshot().problems.isEmpty)
        registry.gauge("x").set(1)
        #expect(registry.snapshot()["x"] == .gauge(1))
    }

    @Test func registriesKnowNothingOfEachOther() {
        let first = VariableRegistry()
        let second = VariableRegistry()
        first.counter("x").increment()
        #expect(second.count == 0)
        #expect(first.count == 1)
    }

    @Test func registeringAComputedVariableAgainReplacesItsClosure() {
        let registry = VariableRegistry()
        let first = registry.computed("x") { 1 }
        let second = registry.computed("x") { 2 }
        #expect(first === second)
        #expect(registry.snapshot()["x"] == .computed(2))
    }

    @Test func aClosureMayUseTheRegistryItIsIn() {
        let registry = VariableRegistry()
        registry.computed("x") { .int(registry.count) }
        #expect(registry.snapshot()["x"] == .computed(1))
    }

    @Test func closuresOfUnwantedVariablesDoNotRun() {
        let registry = VariableRegistry()
        let runs = Mutex(0)
        registry.computed("x") {
            .int(
                runs.withLock {
                    $0 += 1
                    return $0
                })
        }
        #expect(registry.snapshot { $0 != "x" }.variables.isEmpty)
        #expect(runs.withLock { $0 } == 0)
        _ = registry.snapshot()
        #expect(runs.withLock { $0 } == 1)
    }

    @Test func aProblemIsToldOnceAlsoWhenItCameBeforeTheListener() {
        let registry = VariableRegistry()
        let heard = Mutex<[String]>([])
        _ = registry.counter("bad name")
        registry.onProblem { problem in heard.withLock { $0.append(problem.variable) } }
        for _ in 0..<3 { _ = registry.counter("bad name") }
        _ = registry.counter("another bad name")
        registry.onProblem { problem in heard.withLock { $0.append(problem.variable) } }
        #expect(heard.withLock { $0 } == ["bad name", "another bad name"])
    }

    @Test func boundsAreSortedAndTheProblemsSaySo() {
        let registry = VariableRegistry()
        #expect(registry.histogram("x", bounds: [2, .nan, 1, 2, .infinity]).bounds == [1, 2])
        #expect(registry.histogram("y", bounds: [1, 2]).bounds == [1, 2])
        #expect(registry.snapshot().problems.map(\.variable) == ["x"])
    }

    @Test func aUnitThatTheNameDoesNotEndInIsAProblem() {
        let registry = VariableRegistry()
        _ = registry.histogram("latency", unit: "seconds")
        _ = registry.counter("read_bytes_total", unit: "bytes")
        _ = registry.gauge("heap_bytes", unit: "bytes")
        #expect(registry.snapshot().problems.map(\.variable) == ["latency"])
    }

    private func shownMembers(of registry: VariableRegistry, _ name: String) -> [FamilySnapshot.Member]? {
        guard case .family(let family) = registry.snapshot()[name] else { return nil }
        return family.members
    }

    @Test(arguments: ["debug_endpoint_problems", "debug_endpoint_x"])
    func namesOfTheEndpointItselfAreNotExported(name: String) {
        let registry = VariableRegistry()
        registry.counter(name).increment()
        #expect(registry.count == 0)
        #expect(registry.snapshot().problems.map(\.variable) == [name])
    }
}
