// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

@Suite struct HandleTypeNameTests {
    @Test(arguments: [
        "$s3App4keptScTyyts5NeverOGvp", "$s3App4keptScTyyts5NeverOGSgvp", "$s3App4keptScTySis5Error_pGvpZ",
        "$s3App6memoryScTySaySiGs5NeverOGSgvp", "$s3App4keptScTyAA5ModelVs5NeverOGvp",
    ])
    func aVariableThatIsAHandleHasItAtItsStart(_ name: String) {
        #expect(HandleTypeName.handleOffset(inVariable: name) == 0)
    }

    @Test func aMutexHasItsHandleBehindItsOwnWord() {
        #expect(
            HandleTypeName.handleOffset(inVariable: "$s3App4kept15Synchronization5MutexVyScTyyts5NeverOGSgGvpZ") == 8)
    }

    @Test(arguments: [
        // An array, a dictionary, another generic type, a tuple with a continuation, a function, two optionals.
        "$s3App4keptSayScTyyts5NeverOGGvp", "$s3App4keptSDySSScTyyts5NeverOGGvp",
        "$s3App4keptAA3BoxVyScTyyts5NeverOGGvp",
        "$s3App4keptScTyyts5NeverOG_ScCyyts5NeverOGtvp", "$s3App4keptScTyyts5NeverOGycvp",
        "$s3App4keptScTyyts5NeverOGSgSgvp", "$s3App4keptScCyyts5NeverOGvp", "$s3App4keptScTyyts5NeverO", "",
    ])
    func anyOtherVariableIsNone(_ name: String) {
        #expect(HandleTypeName.handleOffset(inVariable: name) == nil)
    }
}
