import LockstepData
import LockstepNN
import LockstepTensor

/// The figures that a model reports: its loss and its metrics, each by a name of its own.
struct Figures {
    /// Metrics of each output, unweighted and weighted by sample.
    let metrics: [[(metric: Metric, isWeighted: Bool)]]
    /// "loss" and the metrics' names, sorted, as Keras reports them.
    let names: [String]
    /// For each of `names` its figure's place: 0 is the loss, then come the metrics in the order of `metrics`.
    let places: [Int]

    /// - Throws: `ConfigError` for the name of a metric that is not known, `TrainingError` for metrics that do not fit their
    ///   targets.
    init(_ model: Model, _ compilation: Compilation, _ specs: BatchSpecs) throws {
        let outputs = [model.outputShape(forSamples: specs.inputs[0].sample.shape)]
        let metrics = try outputs.enumerated().map { index, yPred in
            let target = specs.targets[index]
            let yTrue = target.sample.shape.batched()
            func make(_ specs: [any MetricSpec], isWeighted: Bool) throws -> [(metric: Metric, isWeighted: Bool)] {
                try specs.map {
                    let metric = try $0.makeMetric(yTrue: yTrue, yPred: yPred)
                    if let problem = metric.problem(yTrue: yTrue, yPred: yPred) {
                        throw TrainingError("\(target.source): metric \(metric.name): \(problem)")
                    }
                    return (metric, isWeighted)
                }
            }
            let objective = compilation.objectives[index]
            return try make(objective.metrics, isWeighted: false) + make(objective.weightedMetrics, isWeighted: true)
        }
        self.init(metrics, outputNames: model.outputNames ?? ["output"])
    }

    init(_ metrics: [[(metric: Metric, isWeighted: Bool)]], outputNames: [String]) {
        self.metrics = metrics
        let unsorted = ["loss"] + Figures.names(of: metrics, outputNames)
        places = unsorted.indices.sorted { unsorted[$0] < unsorted[$1] }
        names = places.map { unsorted[$0] }
    }

    /// Keras' names (3.15.1, `CompileMetrics.result`): unweighted metrics first; of a name that is taken the next metric is
    /// called `name_1`, a weighted one `weighted_name`, then `weighted_name_1`. With several outputs the output's name comes
    /// before it all.
    private static func names(of metrics: [[(metric: Metric, isWeighted: Bool)]], _ outputNames: [String]) -> [String] {
        var names = metrics.map { $0.map(\.metric.name) }
        var (taken, counts): (Set<String>, [String: Int]) = (["loss"], [:])
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
    var directions: [Metric.Direction?] { places.map { $0 == 0 ? .down : all[$0 - 1].direction } }

    /// All metrics, in the order of `metrics`.
    var all: [Metric] { metrics.flatMap { $0.map(\.metric) } }
}
