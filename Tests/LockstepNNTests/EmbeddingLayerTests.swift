import LockstepNN
import LockstepTensor
import XCTest

extension LayerTests {
    /// Indices that come once and more than once, and rows that none names.
    var embeddingCases: [(name: String, check: () throws -> Void)] {
        let weights = [(name: "embeddings", shape: [5, 3] as Shape)]
        return [
            (
                "Embedding",
                {
                    let words = Tensor([[1, 4], [1, 0], [1, 1]] as [[Int32]]), deep = Tensor([3, 0, 3, 3, 1, 2, 2, 0], shape: [2, 2, 2])
                    for mask in [false, true] {
                        try checkLayer({ Embedding(5, 3, maskZero: mask) }, input: words, weights: weights)
                        try checkLayer({ Embedding(5, 3, maskZero: mask) }, input: deep.cast(to: .int32), weights: weights)
                    }
                    try checkLayer({ Embedding(5, 3) }, input: Tensor([3, 1, 3] as [Int32]), weights: weights)
                    try checkLayer(
                        {
                            Embedding(
                                5, 3, embeddingsInitializer: "he_normal", embeddingsRegularizer: "l2",
                                embeddingsConstraint: "non_neg")
                        }, input: words, weights: weights)
                }
            )
        ]
    }
}

final class EmbeddingLayerTests: XCTestCase {
    override func setUp() { clearSession() }

    func testRowsOfTheTable() {
        let table = Tensor([[0, 1], [2, 3], [4, 5]] as [[Float]])
        let layer = Embedding(3, 2, weights: table)
        XCTAssertEqual(layer(Tensor([[2, 0], [1, 1]] as [[Int32]])).scalars, [4, 5, 0, 1, 2, 3, 2, 3])
        // Floats are cut off, as Keras' cast does.
        XCTAssertEqual(layer(Tensor([1.9, -0.5] as [Float])).scalars, [2, 3, 0, 1])
        XCTAssertEqual(layer(Tensor([1, 2] as [Int32]).cast(to: .uint8)).scalars, [2, 3, 4, 5])
        XCTAssertNil(layer(Tensor([0, 1] as [Int32])).mask)
    }

    func testMask() {
        let layer = Embedding(3, 2, maskZero: true)
        let words = Tensor([[2, 0, 1], [0, 0, 1]] as [[Int32]])
        XCTAssertEqual(layer(words).mask?.cast(to: .float32).scalars, [1, 0, 1, 0, 0, 1])
        XCTAssertEqual(layer(words.cast(to: .float32)).mask?.cast(to: .float32).scalars, [1, 0, 1, 0, 0, 1])
    }

    /// What Keras' layer has and this one does not.
    func testWhatIsRefused() throws {
        func refused(_ extra: ConfigValue.Entry, _ text: String, line: UInt = #line) {
            let config: [ConfigValue.Entry] = [.init("input_dim", 3), .init("output_dim", 2)]
            XCTAssertThrowsError(
                try Layers.registry.make("Embedding", .object(config.filter { $0.key != extra.key } + [extra])), line: line
            ) { XCTAssert("\($0)".contains(text), "\($0)", line: line) }
        }
        refused(.init("lora_rank", 2), "lora_rank is not supported yet")
        refused(.init("quantization_config", .object([])), "quantization_config is not supported yet")
        refused(.init("input_dim", 0), "input_dim")
        refused(.init("output_dim", 1.5), "output_dim")
        refused(.init("mask_zeros", true), "unknown argument \"mask_zeros\"; did you mean mask_zero?")
        // Keras 2 wrote it, Keras 3 reads it and does nothing with it.
        let old = try Layers.registry.make(
            "Embedding", .object([.init("input_dim", 3), .init("output_dim", 2), .init("input_length", 7)]))
        XCTAssertEqual(old.config.map(\.key).contains("input_length"), false)
    }
}
