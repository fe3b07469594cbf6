// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ProcessSnapshot

@Suite struct TypeNameTests {
    private static func name(_ object: AnyObject) -> String? {
        TypeName.ofObject(at: UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()))
    }

    @Test func aTypeHasItsModuleAndItsName() {
        #expect(Self.name(RecognisableActor()) == "ProcessSnapshotTests.RecognisableActor")
    }

    @Test func aNestedTypeHasTheNamesOfThoseAroundIt() {
        #expect(
            Self.name(Enclosing.RecognisableNestedActor()) == "ProcessSnapshotTests.Enclosing.RecognisableNestedActor")
    }

    @Test func aGenericTypeHasNoArguments() {
        #expect(Self.name(Enclosing.Value.Box<Int>()) == "ProcessSnapshotTests.Enclosing.Value.Box")
    }

    @Test func aLocalTypeHasTheNamesOfTheTypesAroundIt() {
        actor Local {}
        #expect(Self.name(Local()) == "ProcessSnapshotTests.TypeNameTests.Local")
    }

    @Test func whatIsNoObjectHasNone() {
        #expect(TypeName.ofObject(at: 0) == nil)
        #expect(TypeName.ofObject(at: 8) == nil)
        let words: [UInt] = [1, 2, 3, 4]
        words.withUnsafeBufferPointer { #expect(TypeName.ofObject(at: UInt(bitPattern: $0.baseAddress)) == nil) }
    }
}
