import Lockstep

/// `adapt`: mean and variance of data in several blocks, over the last axis and over all; prints their bits. And the vocabulary of texts.
func checkAdapt() {
    let communicator = meetRanks()
    do {
        let data = Tensor.randomNormal([5000, 700], mean: 3, stddev: 2, seed: 1)
        for axis in [[-1], []] {
            let layer = Normalization(axis: axis)
            try layer.adapt([data, data[10 ..< 77]])
            guard communicator.rank == 0 else { continue }
            print(layer.weights.prefix(2).flatMap { $0.value.scalars.prefix(3).map { String($0.bitPattern) } }.joined(separator: " "))
            print(layer.weights.prefix(2).map { String($0.value.scalars.reduce(0) { $0 &+ UInt64($1.bitPattern) }) }.joined(separator: " "))
        }
        let vectorization = TextVectorization(ngrams: [1, 2], outputMode: .tfIdf)
        try vectorization.adapt(["one two, two", "Three two one", "four"])
        if communicator.rank == 0 { print(vectorization.getVocabulary(), vectorization(["two one", "five"]).scalars) }
    } catch {
        failTraining("\(error)")
    }
    leave()
}
