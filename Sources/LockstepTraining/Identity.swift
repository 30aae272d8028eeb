import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// What must be the same on every rank, as each rank can tell by itself: if one differs, the ranks would compute different
/// things, and find out late or never.
package struct Identity {
    /// What it is, and how this rank has it. Every rank lists the same things, in the same order, unless they differ.
    package private(set) var facts: [RunState.Fact] = []

    package init() {}

    package mutating func add(_ name: String, _ value: String) { facts.append(.init(name: name, value: value)) }
    mutating func add(_ other: Identity) { facts += other.facts }

    // MARK: Comparing

    /// Does on every rank what may fail on any: `body` finds out what this rank has, and must not call the other ranks. Then all
    /// ranks go on, or all of them throw the same error. Collective, with a single message.
    ///
    /// - Parameter call: what the ranks are about to do, such as "fit".
    /// - Throws: what `body` throws; `TrainingError` where that happened on some ranks only, or where a rank differs.
    package static func agree<Result>(on call: String, _ body: (inout Identity) throws -> Result) throws -> Result {
        let communicator = Distribution.communicator
        try requireAllRanks(call)
        var identity = Identity()
        identity.add("call", call)
        guard communicator.size > 1 else { return try body(&identity) }
        // One rank warns for all.
        Console.isSpeaker = communicator.rank == 0
        let result = Swift.Result { try body(&identity) }
        var failure: (any Error)?
        if case .failure(let error) = result { failure = error }
        let all = communicator.allGather(Report(communicator.host, failure.map { "\($0)" } ?? "", identity.facts).text).map(Report.init)
        if let first = all.firstIndex(where: { !$0.failure.isEmpty }) {
            if let failure, all.allSatisfy({ $0.failure == all[first].failure }) { throw failure }
            throw TrainingError("rank \(first) on \(all[first].host): \(all[first].failure)")
        }
        if let difference = Report.difference(all) { throw TrainingError(difference) }
        return try result.get()
    }

    /// The first fact that differs, in words; `nil` if there is none.
    static func difference(_ facts: [RunState.Fact], _ others: [RunState.Fact], _ name: String, _ other: String) -> String? {
        for (a, b) in zip(facts, others) {
            if a.name != b.name { return "\(name) has \(a.name) where \(other) has \(b.name)" }
            if a.value != b.value {
                let (found, wanted) = String.excerpts(a.value, b.value)
                return "its \(a.name) is \(found), here it is \(wanted)"
            }
        }
        return facts.count == others.count ? nil : "\(name) is of \(facts.count) things, \(other) of \(others.count)"
    }

    /// Throws `TrainingError` on all ranks alike if one of them has other facts than rank zero. Collective.
    package func requireSame() throws {
        let communicator = Distribution.communicator
        let all = communicator.allGather(Report(communicator.host, "", facts).text).map(Report.init)
        if let difference = Report.difference(all) { throw TrainingError(difference) }
    }

    /// Refuses what all ranks must do together where this one acts alone, as in a callback.
    static func requireAllRanks(_ call: String) throws {
        guard let solo = Distribution.communicator.soloActivity else { return }
        throw TrainingError("\(call) was called in \(solo): the other ranks would never answer; call it on all ranks, outside of callbacks")
    }
}

/// What one rank tells the others of itself.
private struct Report {
    let host: String, failure: String
    let facts: [RunState.Fact]

    init(_ host: String, _ failure: String, _ facts: [RunState.Fact]) {
        (self.host, self.failure, self.facts) = (host, failure, facts)
    }

    /// Fields of text that holds no separators itself: NUL stands in no name, path or number.
    var text: String {
        ([host, failure] + facts.flatMap { [$0.name, $0.value] }).map { $0.replacing("\0", with: " ") }.joined(separator: "\0")
    }

    init(_ text: String) {
        let fields = text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        (host, failure) = (fields[0], fields.count > 1 ? fields[1] : "")
        facts = stride(from: 2, to: fields.count - 1, by: 2).map { .init(name: fields[$0], value: fields[$0 + 1]) }
    }

    /// The first thing that a rank has in another way than rank zero, as a line; `nil` if there is none.
    static func difference(_ all: [Report]) -> String? {
        let first = all[0]
        for index in 0 ..< (all.map(\.facts.count).max() ?? 0) {
            for (rank, report) in all.enumerated() {
                func line(_ name: String, _ value: String, _ other: String) -> String {
                    let (value, other) = String.excerpts(value, other)
                    return "rank \(rank) on \(report.host): another \(name) than on rank 0: \(value), not \(other)"
                }
                switch (index < first.facts.count ? first.facts[index] : nil, index < report.facts.count ? report.facts[index] : nil) {
                case (let wanted?, let found?) where wanted.name == found.name:
                    if wanted.value != found.value { return line(found.name, found.value, wanted.value) }
                case (let wanted?, let found):
                    return line(wanted.name, found == nil ? "none" : "\(found!.name) \(found!.value)", wanted.value)
                case (nil, let found?): return line(found.name, found.value, "none")
                case (nil, nil): break
                }
            }
        }
        return nil
    }
}
