import GoldenGraphs
import Lockstep

/// `golden LOGICAL-SHARDS|- PATH…`: trains each model of the files; prints its figures, what it predicts and its weights' checksum, each
/// line after the file's and the model's name.
func checkGolden() {
    let communicator = meetRanks()
    Distribution.logicalShards = Int(option(0))
    do {
        for (path, graph) in try arguments.dropFirst(2).flatMap({ path in try GoldenGraph.read(path).map { (path, $0) } }) {
            let name = "\(path.split(separator: "/").last!) \(graph.name)"
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
            for figure in history.names { print(name, figure, history[figure].map { String($0) }.joined(separator: " ")) }
            for (figure, value) in zip(evaluated.names, evaluated.allValues) { print(name, "test_\(figure)", value) }
            for (index, output) in predicted.enumerated() {
                print(name, "predicted_\(index)", output.sum().scalar, square(output).sum().scalar)
            }
            print(name, "checksum", checksum)
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
