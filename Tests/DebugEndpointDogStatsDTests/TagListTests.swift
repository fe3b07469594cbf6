// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct TagListTests {
    private func tags(_ configured: [String] = [], _ environment: [String: String]) -> [String] {
        TagList(configured: configured, environment: ProcessEnvironment(environment)).tags
    }

    @Test func theUnifiedTagsComeFirstAndTheEntityLast() {
        let environment = [
            "DD_ENV": "prod", "DD_SERVICE": "shop", "DD_VERSION": "1.2", "DD_TAGS": "team:a,b", "DD_ENTITY_ID": "pod-1",
        ]
        #expect(
            tags(["x:y"], environment) == [
                "env:prod", "service:shop", "version:1.2", "team:a", "b", "x:y", "dd.internal.entity_id:pod-1",
            ])
    }

    @Test func thereIsOneOfEachUnifiedTagAndTheEnvironmentsWins() {
        let twice = ["DD_TAGS": "version:1,env:a", "DD_VERSION": "2"]
        #expect(tags(["version:3", "env:b"], twice) == ["env:b", "version:2"])
        #expect(tags([], ["DD_TAGS": "version:1 env:a"]) == ["env:a", "version:1"])
    }

    @Test func tagsAreSeparatedByCommasOrElseByBlanks() {
        #expect(tags([], ["DD_TAGS": "a:1, b:2,,c:x y"]) == ["a:1", "b:2", "c:x y"])
        #expect(tags([], ["DD_TAGS": " a:1  b:2 "]) == ["a:1", "b:2"])
    }

    @Test func whatWouldEndATagOrALineIsReplaced() {
        #expect(tags(["a:1,2|3\n4", " "], ["DD_SERVICE": "x|y\nz"]) == ["service:x_y_z", "a:1_2_3_4"])
    }
}
