import Foundation
import Lockstep

/// What was measured on few ranks, what the model says of them, and what it predicts for many.
struct ScalingReport {
    let name: String
    /// Samples of one process's batch.
    let batch: Int
    let threads: Int
    let modes: [ScalingModel.Mode]
    let measured: [Measured]
    /// Batches of one process from whose steps the model was fitted.
    let fittedBatches: [Int]
    /// Hosts of the two ranks between which the network was measured.
    let networkHosts: Int
    /// Of the ranks and the network that were measured.
    let model: ScalingModel
    /// Of the network for which to predict.
    private(set) var predictor: ScalingModel

    /// One job.
    struct Measured {
        let mode: ScalingModel.Mode
        let figures: StepFigures
        var ranks: Int { figures.ranks }
        var samplesPerSecond: Double { Double(figures.globalBatch) / figures.step }
    }

    /// One number of ranks as the model sees it.
    struct Predicted {
        let mode: ScalingModel.Mode, ranks: Int, globalBatch: Int, step: Double, efficiency: Double
        var samplesPerSecond: Double { Double(globalBatch) / step }
    }

    init(
        name: String, batch: Int, threads: Int, measured: [Measured], fittedBatches: [Int], networkHosts: Int, model: ScalingModel,
        modes: [ScalingModel.Mode]
    ) {
        var model = model
        // A rank without a core of its own says nothing of what the network hides.
        if let run = measured.filter({ $0.ranks > 1 && !$0.figures.isOversubscribed }).min(by: { $0.ranks < $1.ranks }) {
            model.setOverlap(exposed: run.figures.exposedReduction, batch: run.figures.batch, ranks: run.ranks)
        }
        (self.name, self.batch, self.threads, self.measured, self.fittedBatches) = (name, batch, threads, measured, fittedBatches)
        (self.networkHosts, self.model, predictor, self.modes) = (networkHosts, model, model, modes)
    }

    /// Predicts for another network than the measured one.
    mutating func assume(latencyUs: Double?, bandwidthGBs: Double?) {
        if let latencyUs { predictor.latency = latencyUs / 1e6 }
        if let bandwidthGBs { predictor.secondsPerByte = 1 / (bandwidthGBs * 1e9) }
    }

    // MARK: Figures

    /// Samples a second over as many times those of one process.
    func efficiency(_ row: Measured) -> Double {
        row.samplesPerSecond / (Double(row.ranks) * measured[0].samplesPerSecond)
    }

    /// What the model says of a measured row, in seconds, and by how much of the measured time it is off.
    func predictedStep(_ row: Measured) -> Double { model.step(globalBatch: row.figures.globalBatch, ranks: row.ranks) }
    func error(_ row: Measured) -> Double { predictedStep(row) / row.figures.step - 1 }

    /// The row of several ranks on which the model is most wrong, among those with a core for each rank.
    var worst: Measured? {
        measured.filter { $0.ranks > 1 && !$0.figures.isOversubscribed }.max { abs(error($0)) < abs(error($1)) }
    }

    /// 1, 2, 4 … 1,024 ranks.
    var predicted: [Predicted] {
        modes.flatMap { mode in
            (0 ... 10).map { power in
                let ranks = 1 << power
                let globalBatch = mode.globalBatch(batch, ranks: ranks)
                return Predicted(
                    mode: mode, ranks: ranks, globalBatch: globalBatch, step: predictor.step(globalBatch: globalBatch, ranks: ranks),
                    efficiency: predictor.efficiency(mode, batch: batch, ranks: ranks))
            }
        }
    }

    // MARK: As text

    var text: String { head + measuredTable + modelText + predictedTable }

    private var head: String {
        let size = String(format: "%.2f MB", Double(model.gradientBytes) / 1e6)
        return """
            \(name): batch \(batch), \(threads) \(threads == 1 ? "thread" : "threads") a rank, \(size) of gradients.
            Times in ms: of steps the median, of phases the mean on the rank with the most work of its own.


            """
    }

    private var measuredTable: String {
        let titles = ["mode", "ranks", "batch", "step", "samples/s", "efficiency"] + Phase.ofStep.map { "\($0)" }
        let rows = measured.map { row in
            let ranks = "\(row.ranks)\(row.figures.isOversubscribed ? "*" : "")"
            let figures = [ms(row.figures.step), String(format: "%.0f", row.samplesPerSecond), String(format: "%.3f", efficiency(row))]
            return [row.mode.rawValue, ranks, "\(row.figures.globalBatch)"] + figures
                + row.figures.phases.map(ms) + [ms(predictedStep(row)), percent(error(row))]
        }
        let isCrowded = measured.contains { $0.figures.isOversubscribed }
        let note = isCrowded ? "* oversubscribed: ranks or threads share cores, so the row says nothing of scaling.\n" : ""
        return ScalingReport.table([titles + ["predicted", "error"]] + rows) + note + "\n"
    }

    private var modelText: String {
        let batches = fittedBatches.map(String.init).joined(separator: ", ")
        let sample = String(format: "%.5f", 1e3 * model.computePerSample)
        let check =
            worst.map { "Largest error on several ranks with a core each: \(percent(abs(error($0)))) (\($0.mode.rawValue), \($0.ranks))." }
            ?? "No row has several ranks with a core each: the prediction is not checked here."
        let isOther = predictor != model
        let network = "\(microseconds(predictor.latency)) us and \(bandwidth(predictor)) GB/s"
        let kind = isOther ? "another network than the measured one" : "a network of the kind measured (else --latency-us, --bandwidth-gbs)"
        return """
            Model: step(b, n) = compute(b) + max(0, reduce(n) - overlap), n ranks of at most b samples
              compute(b) = \(ms(model.fixedCompute)) + \(sample) b, from one process at batches of \(batches)
              reduce(n)  = 2 log2(n) x \(microseconds(model.latency)) us + 2 (n-1)/n x \(model.gradientBytes) bytes / \(bandwidth(model)) GB/s,
                           from bench allreduce on 2 ranks \(networkHosts == 1 ? "of one host" : "on 2 hosts")
              overlap    = \(percent(model.overlapShare)) of compute(b): what the first run on several ranks hid of reduce(n)
            reduce(n) is a reduce-scatter and an all-gather: Thakur, Rabenseifner and Gropp 2005.
            \(check)\(model.gigabytesPerSecond == nil ? ScalingReport.noBandwidth : "")

            Predicted for \(kind):
            \(network) between all ranks at once; a core for each rank, as fast as that of one
            process alone; no rank late.


            """
    }

    private static let noBandwidth =
        "\nMore bytes took no longer to reduce, as happens on a busy host: measure on an idle one, or pass --bandwidth-gbs."

    private var predictedTable: String {
        let titles = ["mode", "ranks", "batch", "step", "samples/s", "efficiency"]
        let rows = predicted.map { row in
            [row.mode.rawValue, "\(row.ranks)", "\(row.globalBatch)", ms(row.step), String(format: "%.0f", row.samplesPerSecond)]
                + [String(format: "%.3f", row.efficiency)]
        }
        return ScalingReport.table([titles] + rows)
    }

    /// Columns as wide as their longest text, to the right but for the first.
    private static func table(_ rows: [[String]]) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let gap = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + gap : gap + cell.0
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }

    private func ms(_ seconds: Double) -> String { String(format: "%.3f", 1e3 * seconds) }
    private func microseconds(_ seconds: Double) -> String { String(format: "%.2f", 1e6 * seconds) }
    private func percent(_ part: Double) -> String { String(format: "%.1f %%", 100 * part) }
    private func bandwidth(_ model: ScalingModel) -> String {
        model.gigabytesPerSecond.map { String(format: "%.2f", $0) } ?? "unmeasurable"
    }

    // MARK: As rows for programs

    private static let phaseKeys = Phase.ofStep.map { "\($0)_ms" }

    private var rows: [[ConfigValue.Entry]] {
        measured.map { row in
            entries("measured", row.mode, row.ranks, row.figures.globalBatch, row.figures.step, efficiency(row))
                + [.init("oversubscribed", .bool(row.figures.isOversubscribed))]
                + zip(ScalingReport.phaseKeys, row.figures.phases).map { .init($0, .double(rounded(1e3 * $1, 5))) }
                + [
                    .init("predicted_step_ms", .double(rounded(1e3 * predictedStep(row), 5))),
                    .init("relative_error", .double(rounded(error(row), 5))),
                ]
        }
            + predicted.map { row in
                entries("predicted", row.mode, row.ranks, row.globalBatch, row.step, row.efficiency)
                    + (["oversubscribed"] + ScalingReport.phaseKeys + ["predicted_step_ms", "relative_error"]).map { .init($0, .null) }
            }
    }

    private func entries(
        _ kind: String, _ mode: ScalingModel.Mode, _ ranks: Int, _ globalBatch: Int, _ step: Double, _ efficiency: Double
    ) -> [ConfigValue.Entry] {
        [
            .init("kind", .string(kind)), .init("mode", .string(mode.rawValue)), .init("ranks", .int(ranks)),
            .init("global_batch", .int(globalBatch)), .init("step_ms", .double(rounded(1e3 * step, 5))),
            .init("samples_per_s", .double(rounded(Double(globalBatch) / step, 1))), .init("efficiency", .double(rounded(efficiency, 5))),
        ]
    }

    /// One object a row, then one for the model.
    var jsonRows: [[ConfigValue.Entry]] {
        rows + [
            [
                .init("kind", "model"), .init("workload", .string(name)), .init("batch", .int(batch)), .init("threads", .int(threads)),
                .init("gradient_bytes", .int(model.gradientBytes)), .init("compute_fixed_ms", .double(1e3 * model.fixedCompute)),
                .init("compute_ms_per_sample", .double(1e3 * model.computePerSample)), .init("latency_us", .double(1e6 * model.latency)),
                .init("bandwidth_gb_per_s", ScalingReport.figure(model.gigabytesPerSecond)),
                .init("overlap_share", .double(model.overlapShare)),
                .init("predicted_latency_us", .double(1e6 * predictor.latency)),
                .init("predicted_bandwidth_gb_per_s", ScalingReport.figure(predictor.gigabytesPerSecond)),
                .init("largest_relative_error", ScalingReport.figure(worst.map { rounded(abs(error($0)), 5) })),
            ]
        ]
    }

    private static func figure(_ value: Double?) -> ConfigValue { value.map { .double($0) } ?? .null }

    /// The rows under a line of names; nothing where a row has no such figure.
    var csv: String {
        let lines = [rows[0].map(\.key)] + rows.map { $0.map { $0.value == .null ? "" : ScalingReport.cell($0.value) } }
        return lines.map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func cell(_ value: ConfigValue) -> String {
        if case .string(let text) = value { return text }
        return value.json
    }
}
