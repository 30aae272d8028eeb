import RankJob
import XCTest

/// The library in a package of its own, made of the README's text: it builds as it stands there, runs alone and on ranks, and what
/// goes wrong in such a program ends all of its ranks with one line.
final class LibraryTests: XCTestCase {
    // MARK: The README's programs

    func testTheREADMEsProgramTrainsTheSameAloneAndOnRanks() throws {
        let package = try Self.package.get()
        var accuracies: [[Double]] = []
        for ranks in [0, 2, 3] {
            let file = package.directory.appendingPathComponent("digits.keras")
            try? FileManager.default.removeItem(at: file)
            let job = package.job(ranks: ranks, "digits")
            let result = ranks == 0 ? try job.runAlone() : try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.errors, "", result.report)
            XCTAssertNotNil(FileManager.default.contents(atPath: file.path), "no file: \(result.report)")
            // Everything is said once.
            for words in ["Total params", "Epoch 1/3"] {
                XCTAssertEqual(result.output.components(separatedBy: words).count, 2, "\(words): \(result.report)")
            }
            let last = result.output.split(separator: "\n").last ?? ""
            accuracies.append(last.split(whereSeparator: { "[], ".contains($0) }).compactMap { Double($0) })
        }
        let alone = accuracies[0]
        XCTAssertEqual(alone.count, 3)
        XCTAssertGreaterThan(alone.last ?? 0, 0.9)
        // A rank is a shard: sums differ in their last bits.
        for other in accuracies.dropFirst() {
            XCTAssertEqual(other.count, 3)
            for (a, b) in zip(alone, other) { XCTAssertEqual(a, b, accuracy: 0.003) }
        }
    }

    func testTheREADMEsOtherProgramsRun() throws {
        let package = try Self.package.get()
        for (number, words) in [(1, "department_accuracy"), (2, ""), (3, "2.0")] {
            let result = try package.job(ranks: 1, "snippet\(number)").runAlone()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssert(words.isEmpty || result.output.contains(words), result.report)
        }
    }

    // MARK: Mistakes

    /// Runs the program that makes a mistake.
    ///
    /// - Parameters:
    ///   - ranks: 0 without a launcher.
    ///   - says: what its one line on standard error holds; `nil`: it says nothing.
    private func mistake(_ name: String, ranks: Int, status: Int32, says words: [String]?) throws {
        var job = try Self.package.get().job(ranks: ranks, "mistakes", name)
        job.timeout = 30
        job.environment = ["SWIFT_BACKTRACE": "enable=no"]
        let result = ranks == 0 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, status, result.report)
        let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") }
        XCTAssertEqual(lines.count, words == nil ? 0 : 1, result.report)
        for word in words ?? [] { XCTAssert(lines.first?.contains(word) ?? false, "no \"\(word)\": \(result.report)") }
        // Nothing that was printed is lost.
        let printed = result.output.split(separator: "\n").filter { $0.hasPrefix("line ") }
        XCTAssertEqual(printed.count, name.hasPrefix("forgotten") ? 100 * max(1, ranks) : 100, result.report)
        XCTAssertLessThan(result.seconds, 15)
    }

    func testAProgramWithoutMistakesSaysNothing() throws {
        for ranks in [0, 1, 3] { try mistake("none", ranks: ranks, status: 0, says: nil) }
    }

    func testRanksThatTrainAloneAreWarned() throws {
        try mistake("forgotten", ranks: 0, status: 0, says: nil)
        try mistake("forgotten", ranks: 3, status: 0, says: ["warning: 3 processes", "Distribution.run"])
        try mistake("forgottenPrediction", ranks: 2, status: 0, says: ["warning: 2 processes", "Distribution.run"])
    }

    func testErrorsAreOneLine() throws {
        try mistake("thrown", ranks: 0, status: 1, says: ["OwnError"])
        try mistake("thrown", ranks: 2, status: 1, says: ["rank 0 on ", "OwnError"])
        try mistake("bridged", ranks: 2, status: 1, says: ["rank 0 on ", "/nowhere/at/all"])
        try mistake("library", ranks: 0, status: 2, says: ["/nowhere/at/all"])
        try mistake("library", ranks: 3, status: 2, says: ["rank 0 on ", "/nowhere/at/all"])
        try mistake("shapes", ranks: 0, status: 2, says: ["matmul"])
        try mistake("shapes", ranks: 2, status: 2, says: ["rank 0 on ", "matmul"])
        try mistake("twice", ranks: 2, status: 2, says: ["Distribution.run inside of Distribution.run"])
    }

    /// Ranks that would train something else than each other, before the first step.
    func testRanksThatDifferAreNamed() throws {
        for name in ["otherCount", "otherValues", "otherModel"] { try mistake(name, ranks: 3, status: 2, says: ["rank 1 on "]) }
    }

    func testWhatCannotBeDoneIsOneLine() throws {
        for ranks in [0, 2] {
            try mistake("unsaveable", ranks: ranks, status: 2, says: ["Own"])
            try mistake("noSuchLayer", ranks: ranks, status: 2, says: ["9"])
        }
    }

    func testExitIsAnEndForAllRanks() throws {
        for ranks in [0, 2] { try mistake("exitZero", ranks: ranks, status: 0, says: nil) }
        try mistake("exitThree", ranks: 0, status: 3, says: nil)
        try mistake("exitThree", ranks: 2, status: 3, says: ["rank 0 on ", "exit(3)"])
        try mistake("exitThreeOnOne", ranks: 3, status: 3, says: ["rank 1 on ", "exit(3)"])
        try mistake("exitInCallback", ranks: 2, status: 1, says: ["rank 0 on ", "during a callback"])
        try mistake("exitElsewhere", ranks: 2, status: 1, says: ["another thread"])
    }

    /// A rank that has come to its end while others go on is named long before the watchdog's limit.
    func testARankThatEndsEarlyIsNamed() throws {
        for name in ["exitOnOne", "returnOnOne"] {
            try mistake(name, ranks: 2, status: 1, says: ["rank 1 waits at the end of the program"])
        }
    }

    // MARK: The package

    private static let package = Result<OutsidePackage, any Error> {
        let readme = try String(contentsOf: OutsidePackage.project.appendingPathComponent("README.md"), encoding: .utf8)
        let section = readme.components(separatedBy: "\n## ").first { $0.hasPrefix("As a library\n") } ?? ""
        let blocks = section.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        var sources = ["digits": blocks[1]]
        for (number, block) in blocks.dropFirst(2).enumerated() { sources["snippet\(number + 1)"] = block }
        let mistakes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Outside/mistakes.swift")
        sources["mistakes"] = try String(contentsOf: mistakes, encoding: .utf8)
        // The README's manifest has the first program alone.
        let target = blocks[0].components(separatedBy: "targets: [")[1].components(separatedBy: "]\n)")[0]
        let targets = sources.keys.sorted().map { target.replacingOccurrences(of: #""digits""#, with: "\"\($0)\"") }
        let manifest = blocks[0].replacingOccurrences(of: target, with: targets.joined(separator: ", "))
        return try OutsidePackage("digits", manifest: manifest, sources: sources)
    }
}
