import Foundation
import LockstepData
import LockstepNN
import LockstepSystem

/// What a run's weights have come to at some of its steps: checksums, by which another run of the same config can be told to come to the
/// same bytes, or where it first does not.
///
/// A file of lines of JSON: first what the run is of, then a line for each recorded step.
package struct AuditTrail {
    /// What the run is of, and what its last bits depend on besides.
    package struct Header: Equatable {
        package var weights: [String]
        package var facts: [RunState.Fact]
        package var ranks: Int, logicalShards: Int?, threads: Int, processor: String
    }

    /// After a step, or at an epoch's end, the checksum of each weight.
    package struct Record: Equatable {
        package var step: Int, epoch: Int
        /// Behind the epoch's last step, once its end was reached.
        package var isEpochEnd: Bool
        package var checksums: [UInt64]
    }

    package let header: Header
    package internal(set) var records: [Record]

    /// Reads a file.
    ///
    /// - Throws: `DataError` where it is missing, or a line of it is none of a trail's.
    package init(_ path: String) throws {
        let data: Data
        do { data = try Files.contents(path) } catch let failure as Files.Failure { throw DataError(path, "\(failure)") }
        let text = String(decoding: data, as: UTF8.self)
        var lines = text.split(separator: "\n")
        // What a process that was killed has left of its last line.
        if !text.hasSuffix("\n") { _ = lines.popLast() }
        guard !lines.isEmpty else { throw DataError(path, "has no records; train writes it anew") }
        func parse<Result>(_ number: Int, _ body: (Config) throws -> Result) throws -> Result {
            do { return try body(Config(ConfigValue(json: Data(lines[number].utf8)))) } catch let error as ConfigError {
                throw DataError(path, "line \(number + 1): \(error)")
            }
        }
        header = try parse(0) { try Header($0) }
        records = []
        for number in lines.indices.dropFirst() {
            let record = try parse(number) { try Record($0) }
            guard record.checksums.count == header.weights.count else {
                throw DataError(path, "line \(number + 1): expected \(header.weights.count) checksums, found \(record.checksums.count)")
            }
            records.append(record)
        }
    }
}

extension AuditTrail.Header {
    /// Of a model whose weights are there.
    package init(_ model: Model, _ facts: [RunState.Fact], ranks: Int, logicalShards: Int?, threads: Int, processor: String) {
        (weights, self.facts) = (model.weights.map(\.path), facts)
        (self.ranks, self.logicalShards, self.threads, self.processor) = (ranks, logicalShards, threads, processor)
    }

    fileprivate init(_ config: Config) throws {
        weights = try config.texts("weights")
        let names = try config.texts("names"), values = try config.texts("values")
        facts = zip(names, values).map { RunState.Fact(name: $0, value: $1) }
        (ranks, threads, processor) = (try config.int("ranks"), try config.int("threads"), try config.string("processor"))
        logicalShards = try config.optionalInt("logical_shards")
    }

    fileprivate var line: String {
        ConfigValue.object([
            "weights": .array(weights.map { .string($0) }), "names": .array(facts.map { .string($0.name) }),
            "values": .array(facts.map { .string($0.value) }), "ranks": .int(ranks),
            "logical_shards": logicalShards.map { .int($0) } ?? .null, "threads": .int(threads), "processor": .string(processor),
        ]).json + "\n"
    }
}

extension AuditTrail.Record {
    /// Of a model as it is now.
    init(_ model: Model, epoch: Int, isEpochEnd: Bool) {
        (step, self.epoch, self.isEpochEnd) = (model.compilation!.optimizer.steps, epoch, isEpochEnd)
        checksums = model.weights.map { weight in
            checksum(UnsafeRawBufferPointer(start: weight.memory, count: weight.shape.count * weight.dtype.size))
        }
    }

    fileprivate init(_ config: Config) throws {
        (step, epoch, isEpochEnd) = (try config.int("step"), try config.int("epoch"), try config.bool("epoch_end", default: false))
        checksums = try config.texts("checksums").map { text in
            guard let sum = UInt64(text, radix: 16) else { throw ConfigError("expected hexadecimal digits, found \(text)") }
            return sum
        }
    }

    fileprivate var line: String {
        ConfigValue.object([
            "step": .int(step), "epoch": .int(epoch), "epoch_end": .bool(isEpochEnd),
            "checksums": .array(checksums.map { .string(String($0, radix: 16)) }),
        ]).json + "\n"
    }
}

extension Config {
    fileprivate func texts(_ key: String) throws -> [String] {
        try array(key).map { item in
            guard case .string(let text) = item else { throw ConfigError("expected texts, found \(item.kind)", at: [key]) }
            return text
        }
    }
}

// MARK: Callbacks

/// Writes a run's trail: at each epoch's end, and every so many steps.
package final class AuditRecorder: Callback {
    private let path: String, every: Int?
    private let makeHeader: () -> AuditTrail.Header
    /// Lines that are not in the file yet.
    private var pending = ""
    private var hasFailed = false

    package init(_ path: String, every: Int?, header: @escaping () -> AuditTrail.Header) {
        (self.path, self.every, makeHeader) = (path, every, header)
    }

    /// The trail of a run that is gone on with has its records up to there.
    package override func onTrainBegin() {
        guard let model else { return }
        let header = makeHeader(), steps = model.compilation!.optimizer.steps
        let former = steps > 0 ? try? AuditTrail(path) : nil
        let kept = former?.header == header ? former!.records.filter { $0.step <= steps } : []
        pending = header.line + kept.map(\.line).joined()
        do {
            try pending.withUTF8 { try Files.replace(path, with: [UnsafeRawBufferPointer($0)]) }
            pending = ""
        } catch { warn("\(error)") }
    }

    package override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) {
        if let every, model!.compilation!.optimizer.steps % every == 0 { record(isEpochEnd: false) }
    }

    package override func onEpochEnd(_ epoch: Int, _ logs: Logs) { record(isEpochEnd: true) }

    private func record(isEpochEnd: Bool) {
        pending += AuditTrail.Record(model!, epoch: progress.epoch, isEpochEnd: isEpochEnd).line
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { return warn(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let failure = pending.withUTF8 { Files.write(UnsafeRawBufferPointer($0), to: descriptor) }
        if let failure { warn(String(cString: strerror(failure))) } else { pending = "" }
    }

    private func warn(_ reason: String) {
        if !hasFailed { Console.warn("\(path): the run's checksums cannot be written: \(reason); training goes on without them") }
        hasFailed = true
    }
}

/// Compares a run with the trail of another, and stops it where it first differs.
package final class Auditor: Callback {
    private let trail: AuditTrail
    /// How many records the run has come to, each with the same checksums.
    package private(set) var same = 0
    /// The record that differs, and the weights of it that do.
    package private(set) var difference: (record: AuditTrail.Record, weights: [String])?
    private var next = 0

    package init(_ trail: AuditTrail) { self.trail = trail }

    package override func onTrainBegin() {
        let steps = model?.compilation?.optimizer.steps ?? 0
        next = trail.records.firstIndex { $0.step > steps } ?? trail.records.endIndex
    }

    package override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { compare(isEpochEnd: false) }
    package override func onEpochEnd(_ epoch: Int, _ logs: Logs) { compare(isEpochEnd: true) }

    private func compare(isEpochEnd: Bool) {
        let steps = model!.compilation!.optimizer.steps
        while difference == nil, next < trail.records.endIndex, trail.records[next].step <= steps,
            trail.records[next].isEpochEnd == isEpochEnd || trail.records[next].step < steps
        {
            let wanted = trail.records[next], found = AuditTrail.Record(model!, epoch: progress.epoch, isEpochEnd: isEpochEnd)
            let weights = zip(trail.header.weights, zip(wanted.checksums, found.checksums)).filter { $0.1.0 != $0.1.1 }.map(\.0)
            next += 1
            if wanted.step == found.step, weights.isEmpty {
                same += 1
            } else {
                (difference, model!.stopTraining) = ((wanted, weights), true)
            }
        }
    }
}
