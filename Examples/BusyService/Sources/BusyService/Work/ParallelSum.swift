// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Sums the numbers in a task group, each chunk in a task with a name.
func parallelSum(_ numbers: [Double], chunks: Int = 4) async -> Double {
    let size = max(1, (numbers.count + chunks - 1) / chunks)
    return await withTaskGroup(of: Double.self) { group in
        for (index, start) in stride(from: 0, to: numbers.count, by: size).enumerated() {
            let chunk = numbers[start..<min(start + size, numbers.count)]
            group.addTask(name: "sum chunk \(index + 1) of \(chunks)") { sumChunk(chunk) }
        }
        return await group.reduce(0, +)
    }
}

/// Sums from the smallest magnitude up and carries the rounding error along, so that the order of the numbers makes no
/// difference. Not inlined, so that the profile shows it by its name.
@inline(never)
func sumChunk(_ numbers: ArraySlice<Double>) -> Double {
    var sum = 0.0
    var lost = 0.0
    for number in numbers.sorted(by: { $0.magnitude < $1.magnitude }) {
        let next = number - lost
        let rounded = sum + next
        lost = (rounded - sum) - next
        sum = rounded
    }
    return sum
}
