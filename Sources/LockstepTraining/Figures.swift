import LockstepData
import LockstepNN
import LockstepTensor

/// The figures that a model reports: its loss and its metrics, each by a name of its own.
struct Figures {
    /// Of everything.
    let loss = Mean(name: "loss")
    /// Of each output by itself, without its weight; `nil` where the output has none, or is the only one that has.
    let outputLosses: [Mean?]
    /// Metrics of each output, unweighted and weighted by sample.
    let metrics: [[(metric: Metric, isWeighted: Bool)]]
    /// Sorted, as Keras reports them.
    let names: [String]
    /// For each of `names` its figure's place in `all`.
    let places: [Int]
    /// For each figure, in the order of the list that Keras' `evaluate` gives, its place in `names`.
    let evaluated: [Int]

    /// - Throws: `ConfigError` for the name of a metric that is not known, `TrainingError` for metrics that do not fit their
    ///   targets.
    init(_ pairing: Pairing) throws {
        let metrics = try pairing.outputs.map { output -> [(metric: Metric, isWeighted: Bool)] in
            guard let target = pairing.target(of: output, in: pairing.specs).map({ pairing.specs.targets[$0] }) else { return [] }
            let yTrue = target.sample.shape.batched()
            func make(_ specs: [any MetricSpec], isWeighted: Bool) throws -> [(metric: Metric, isWeighted: Bool)] {
                try specs.map {
                    let metric = try $0.makeMetric(yTrue: yTrue, yPred: output.shape)
                    if let problem = metric.problem(yTrue: yTrue, yPred: output.shape) {
                        throw TrainingError("\(target.source): metric \(metric.name): \(problem)")
                    }
                    metric.ensureBuilt(yTrue: yTrue, yPred: output.shape)
                    return (metric, isWeighted)
                }
            }
            return try make(output.metrics, isWeighted: false) + make(output.weightedMetrics, isWeighted: true)
        }
        self.init(metrics, hasLoss: pairing.outputs.map { $0.loss != nil }, outputNames: pairing.outputs.map(\.name))
    }

    private init(_ metrics: [[(metric: Metric, isWeighted: Bool)]], hasLoss: [Bool], outputNames: [String]) {
        self.metrics = metrics
        let showsLosses = hasLoss.count { $0 } > 1
        outputLosses = zip(hasLoss, outputNames).map { $0 && showsLosses ? Mean(name: "\($1)_loss") : nil }
        let losses = ["loss"] + outputLosses.compactMap { $0?.name }
        let unsorted = losses + Figures.names(of: metrics, outputNames, besides: losses)
        let places = unsorted.indices.sorted { unsorted[$0] < unsorted[$1] }
        (self.places, names) = (places, places.map { unsorted[$0] })
        let sortedPlace = Dictionary(uniqueKeysWithValues: zip(places, places.indices))
        // Of one output all figures as they were compiled; of several the losses so, then the metrics by name.
        let first = outputNames.count == 1 ? unsorted.indices : losses.indices
        evaluated = first.map { sortedPlace[$0]! } + places.filter { !first.contains($0) }.map { sortedPlace[$0]! }
    }

    /// Keras' names (3.15.1, `CompileMetrics.result`): unweighted metrics first; of a name that is taken the next metric is
    /// called `name_1`, a weighted one `weighted_name`, then `weighted_name_1`. With several outputs the output's name comes
    /// before it all.
    private static func names(
        of metrics: [[(metric: Metric, isWeighted: Bool)]], _ outputNames: [String], besides losses: [String]
    ) -> [String] {
        var names = metrics.map { $0.map(\.metric.name) }
        var (taken, counts): (Set<String>, [String: Int]) = (Set(losses), [:])
        func unique(_ name: String) -> String {
            var unique = name
            while !taken.insert(unique).inserted {
                counts[name, default: 0] += 1
                unique = "\(name)_\(counts[name]!)"
            }
            return unique
        }
        for isWeighted in [false, true] {
            for (output, entries) in metrics.enumerated() {
                let prefix = metrics.count > 1 ? "\(outputNames[output])_" : ""
                for (index, entry) in entries.enumerated() where entry.isWeighted == isWeighted {
                    let name = prefix + entry.metric.name
                    names[output][index] = unique(isWeighted && taken.contains(name) ? "\(prefix)weighted_\(entry.metric.name)" : name)
                }
            }
        }
        return names.flatMap { $0 }
    }

    /// Which way each of `names` is better, where its metric says so.
    var directions: [Metric.Direction?] {
        let losses = 1 + outputLosses.count { $0 != nil }
        return places.map { $0 < losses ? .down : all[$0].direction }
    }

    /// The loss, those of outputs, then the metrics, output by output.
    var all: [Metric] { [loss] + outputLosses.compactMap { $0 } + metrics.flatMap { $0.map(\.metric) } }
}
