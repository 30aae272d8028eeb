extension Sequence<Int> {
    /// These numbers, no two alike, as runs of neighbours in ascending order: how reports name ranks and cores.
    package var consecutiveRuns: [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for number in sorted() {
            if let last = runs.last, last.upperBound == number - 1 {
                runs[runs.count - 1] = last.lowerBound ... number
            } else {
                runs.append(number ... number)
            }
        }
        return runs
    }
}
