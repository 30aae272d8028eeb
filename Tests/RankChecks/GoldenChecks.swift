import GoldenGraphs
import Lockstep

/// `golden PATH [LOGICAL-SHARDS]`: trains each model of the file; prints its figures, what it predicts and its weights' checksum, each
/// line after the model's name.
func checkGolden() {
    let communicator = meetRanks()
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    do {
        for graph in try GoldenGraph.read(option(0)) {
            clearSession()
            let model = try Model.make(graph.config.withSharedStatistics)
            graph.setWeights(of: model)
            try model.compile(config: graph.json["compile"]!)
            let history = try graph.fit(model)
            let evaluated = try model.evaluate(
                graph.given(graph.x), graph.given(graph.y), batchSize: graph.batchSize, verbose: 0, sampleWeight: graph.sampleWeight)
            let predicted = try graph.predict(model)
            let checksum = commonChecksum(model, communicator)
            guard communicator.rank == 0 else { continue }
            for name in history.names { print(graph.name, name, history[name].map { String($0) }.joined(separator: " ")) }
            for (name, value) in zip(evaluated.names, evaluated.allValues) { print(graph.name, "test_\(name)", value) }
            for (index, output) in predicted.enumerated() {
                print(graph.name, "predicted_\(index)", output.sum().scalar, square(output).sum().scalar)
            }
            print(graph.name, "checksum", checksum)
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

extension ConfigValue {
    /// With the statistics of the global batch in each BatchNormalization: those of a part of it depend on how it is cut.
    fileprivate var withSharedStatistics: ConfigValue {
        switch self {
        case .array(let items): return .array(items.map(\.withSharedStatistics))
        case .object(let entries):
            return .object(entries.map { .init($0.key, $0.key == "synchronized" ? true : $0.value.withSharedStatistics) })
        default: return self
        }
    }
}
