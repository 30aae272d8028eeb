import LockstepNN
import LockstepTensor
import XCTest

/// Texts and numbers by hash and vocabulary, against Keras' values; the script is Golden/text.py.
final class TextTests: XCTestCase {
    private var golden: ConfigValue!
    private var rows: [[String]] = [], texts: [String] = []
    private var flat: [String] { rows.flatMap { $0 } }

    override func setUpWithError() throws {
        golden = try LockstepNNTests.golden("text")
        rows = strings("rows")
        texts = strings("texts")
    }

    private func strings(_ key: String) -> [String] { items(golden[key]).map(text) }
    private func strings(_ key: String) -> [[String]] { items(golden[key]).map { items($0).map(text) } }
    private func items(_ value: ConfigValue?) -> [ConfigValue] { if case .array(let items)? = value { items } else { [] } }
    private func text(_ value: ConfigValue) -> String { if case .string(let text) = value { text } else { "" } }
    private func number(_ value: ConfigValue) -> Float {
        switch value {
        case .int(let number): Float(number)
        case .double(let number): Float(number)
        default: .nan
        }
    }

    private func expect(_ got: Tensor, _ key: String, line: UInt = #line) {
        let want = golden[key]!["output"] ?? golden[key]!
        XCTAssertEqual(got.shape.dimensions.map { Float($0) }, items(want["shape"]).map(number), key, line: line)
        let values = got.cast(to: .float32).scalars, wanted = items(want["values"]).map(number)
        XCTAssertEqual(values.count, wanted.count, key, line: line)
        for (a, b) in zip(values, wanted) { XCTAssertEqual(a, b, accuracy: 1e-6 * max(1, abs(b)), key, line: line) }
    }

    private func expect<Token>(_ layer: IndexLookup<Token>, _ got: Tensor, _ key: String, line: UInt = #line) {
        XCTAssertEqual(layer.getVocabulary().map { "\($0)" }, items(golden[key]!["vocabulary"]).map(text), key, line: line)
        expect(got, key, line: line)
    }

    func testHashing() {
        let words: [String] = strings("words")
        XCTAssertEqual(words.count, 17)
        expect(Hashing(numBins: 1_000_003)(words), "hashing")
        expect(Hashing(numBins: 1_000_003, salt: [133, 137])(words), "hashing_salted")
        expect(Hashing(numBins: 5, maskValue: "")(words), "hashing_masked")
        expect(Hashing(numBins: 7, outputMode: .multiHot)([[1, -20, 300], [4, 4, 4]]), "hashing_numbers")
        expect(Hashing(numBins: 4, outputMode: .oneHot)([["a"], ["b"]]), "hashing_one_hot")
    }

    func testStringLookup() {
        func check(_ key: String, _ layer: StringLookup, _ input: [[String]], of samples: [[String]]? = nil) {
            layer.learn(samples ?? flat.map { [$0] })
            expect(layer, layer(input), key)
        }
        let unknown = [["z", "y", "b"], ["w", "v", "u"]]
        check("int", StringLookup(), rows + [["z", "y", "b"]])
        check("int_masked", StringLookup(maxTokens: 5, maskToken: ""), rows)
        check("int_oov", StringLookup(numOOVIndices: 3), unknown)
        check("int_oov_salted", StringLookup(numOOVIndices: 3, salt: [7]), unknown)
        check("one_hot", StringLookup(outputMode: .oneHot), [["a"], ["z"]])
        check("multi_hot", StringLookup(maskToken: "", outputMode: .multiHot), rows)
        check("count", StringLookup(maxTokens: 9, outputMode: .count, padToMaxTokens: true), rows)
        check("tf_idf", StringLookup(outputMode: .tfIdf), rows, of: rows)
        let layer = StringLookup(outputMode: .count)
        layer.learn(flat.map { [$0] })
        expect(layer, layer(flat), "count_flat")
    }

    func testIntegerLookup() {
        func check(_ key: String, _ layer: IntegerLookup, _ input: [[Int]], of samples: [[Int]]) {
            layer.learn(samples)
            expect(layer, layer(input), key)
        }
        check("numbers", IntegerLookup(), [[12, 5, 99], [7, 0, -1]], of: [[12, 5, 5], [7, 12, -1]])
        check("numbers_oov", IntegerLookup(numOOVIndices: 3, maskToken: 0), [[12, -5, 99], [98, 97, 0]], of: [[12, 5, 5], [7, 12, 1]])
        check("numbers_farmhash", IntegerLookup(numOOVIndices: 3, oovMethod: .farmhash), [[12, -5, 99], [98, 97, 0]], of: [[12, 5, 5]])
    }

    func testTextVectorization() {
        func check(_ key: String, _ layer: TextVectorization) {
            layer.lookup.learn(texts.map(layer.tokens))
            expect(layer.lookup, layer(texts), key)
        }
        check("text", TextVectorization())
        check("text_lower", TextVectorization(maxTokens: 6, standardize: .lower, outputSequenceLength: 3))
        check("text_ngrams", TextVectorization(ngrams: [1, 2], outputMode: .count))
        check("text_characters", TextVectorization(standardize: .stripPunctuation, split: .character, outputSequenceLength: 8))
        check("text_tf_idf", TextVectorization(maxTokens: 8, outputMode: .tfIdf, padToMaxTokens: true))
    }

    func testAVocabularyThatIsGiven() throws {
        let layer = try StringLookup(vocabulary: ["b", "a"], maskToken: "")
        XCTAssertEqual(layer(["a", "", "c"]).scalars, [3, 0, 1])
        XCTAssertEqual(layer.invert(layer(["a", "b", "?"])), ["a", "b", "[UNK]"])
        try layer.setVocabulary(["", "[UNK]", "x"])
        XCTAssertEqual(layer.getVocabulary(includeSpecialTokens: false), ["x"])
        let path = NSTemporaryDirectory() + "vocabulary-\(getpid()).txt"
        defer { unlink(path) }
        try "7\n-3\n".write(toFile: path, atomically: true, encoding: .utf8)
        let numbers = IntegerLookup()
        try numbers.setVocabulary(contentsOf: path)
        XCTAssertEqual(numbers([-3, 7, 8]).scalars, [2, 1, 0])
        try "7\nseven\n".write(toFile: path, atomically: true, encoding: .utf8)
        for (make, message) in [
            ({ try numbers.setVocabulary(contentsOf: path) }, "line 2: expected a whole number, found seven"),
            ({ try numbers.setVocabulary(contentsOf: path + "?") }, "no such file"),
            ({ try numbers.setVocabulary([]) }, "the vocabulary is empty"),
            ({ try numbers.setVocabulary([1, 2, 1]) }, "has 1 twice"),
            ({ try layer.setVocabulary(["a", ""]) }, "the mask's token"),
            ({ try StringLookup(maxTokens: 2).setVocabulary(["a", "b"]) }, "expected at most maxTokens, 2"),
            ({ try layer.setVocabulary(["a"], idfWeights: [1]) }, "idfWeights go with the output mode tfIdf"),
            ({ try StringLookup(outputMode: .tfIdf).setVocabulary(["a"], idfWeights: [1, 2]) }, "2 idfWeights for 1 tokens"),
        ] as [(() throws -> Void, String)] {
            XCTAssertThrowsError(try make()) { XCTAssert("\($0)".contains(message), "\($0)") }
        }
    }
}
