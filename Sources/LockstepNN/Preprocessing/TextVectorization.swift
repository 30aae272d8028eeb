import LockstepTensor

/// Texts as numbers: made alike (`standardize`), cut into tokens (`split`, `ngrams`), and looked up in a vocabulary.
///
///     let vectorize = TextVectorization(maxTokens: 20_000, outputSequenceLength: 200)
///     try vectorize.adapt(texts)
///     try model.fit(vectorize(texts), labels)
///
/// Place 0 is padding, an empty token; place 1 stands for tokens that are not known (outputs other than `int` have no place for padding).
/// Used on data before training, as tensors hold numbers alone. `keras.layers.TextVectorization`.
public final class TextVectorization {
    public enum Standardize {
        case lowerAndStripPunctuation, lower, stripPunctuation
        case custom((String) -> String)
    }
    public enum Split {
        /// At runs of white space, of ASCII as in Keras.
        case whitespace
        /// Into Unicode's code points.
        case character
        case custom((String) -> [String])
    }

    public let standardize: Standardize?, split: Split?
    public let ngrams: [Int]?, outputSequenceLength: Int?
    package let lookup: StringLookup

    /// - Parameters:
    ///   - standardize: `nil` leaves texts as they are. Letters of ASCII become lower case, its punctuation goes.
    ///   - split: `nil` takes each text as one token.
    ///   - ngrams: lengths of runs of tokens that are looked up, `[1, 2]` for tokens and pairs (Keras: `2`).
    ///   - outputSequenceLength: of rows of `int`, which are cut or filled with zeros; by default the longest text's.
    public init(
        maxTokens: Int? = nil, standardize: Standardize? = .lowerAndStripPunctuation, split: Split? = .whitespace, ngrams: [Int]? = nil,
        outputMode: CategoryOutput = .int, outputSequenceLength: Int? = nil, padToMaxTokens: Bool = false
    ) {
        check(
            outputMode == .int || outputSequenceLength == nil,
            "TextVectorization: outputSequenceLength goes with the output mode int, got \(outputMode)")
        check((outputSequenceLength ?? 1) > 0, "TextVectorization: outputSequenceLength must be positive, got \(outputSequenceLength ?? 0)")
        check(ngrams?.allSatisfy { $0 > 0 } ?? true, "TextVectorization: ngrams must be positive, got \(ngrams ?? [])")
        check(ngrams == nil || split != nil, "TextVectorization: ngrams are of the tokens that split makes")
        (self.standardize, self.split, self.ngrams, self.outputSequenceLength) = (standardize, split, ngrams, outputSequenceLength)
        lookup = StringLookup(maxTokens: maxTokens, maskToken: "", outputMode: outputMode, padToMaxTokens: padToMaxTokens)
    }

    /// With a vocabulary.
    ///
    /// - Throws: as `setVocabulary(_:idfWeights:)`.
    public convenience init(
        vocabulary: [String], idfWeights: [Float]? = nil, standardize: Standardize? = .lowerAndStripPunctuation,
        split: Split? = .whitespace, ngrams: [Int]? = nil, outputMode: CategoryOutput = .int, outputSequenceLength: Int? = nil
    ) throws {
        self.init(
            standardize: standardize, split: split, ngrams: ngrams, outputMode: outputMode, outputSequenceLength: outputSequenceLength)
        try setVocabulary(vocabulary, idfWeights: idfWeights)
    }

    public var vocabularySize: Int { lookup.vocabularySize }
    public func getVocabulary(includeSpecialTokens: Bool = true) -> [String] {
        lookup.getVocabulary(includeSpecialTokens: includeSpecialTokens)
    }
    /// As of `StringLookup`.
    public func setVocabulary(_ vocabulary: [String], idfWeights: [Float]? = nil) throws {
        try lookup.setVocabulary(vocabulary, idfWeights: idfWeights)
    }
    /// As of `StringLookup`.
    public func setVocabulary(contentsOf path: String) throws { try lookup.setVocabulary(contentsOf: path) }

    /// `[texts, length]` of `int`, else `[texts, places]`.
    public func callAsFunction(_ texts: [String]) -> Tensor {
        let samples = texts.map(tokens)
        guard lookup.outputMode == .int || lookup.outputMode == .oneHot else { return lookup.lookUp(samples, [texts.count, 0]) }
        let length = outputSequenceLength ?? samples.map(\.count).max() ?? 0
        let rows = samples.map { Array($0.prefix(length)) + .init(repeating: "", count: max(0, length - $0.count)) }
        return lookup.lookUp(rows, [texts.count, length])
    }

    /// The tokens of a text.
    package func tokens(_ text: String) -> [String] {
        let text = standardized(text)
        let tokens: [String] =
            switch split {
            case nil: [text]
            case .whitespace:
                text.utf8.split { 9 ... 13 ~= $0 || $0 == 32 }.map { String(decoding: $0, as: UTF8.self) }
            case .character: text.unicodeScalars.map { String($0) }
            case .custom(let split): split(text)
            }
        guard let ngrams else { return tokens }
        return ngrams.flatMap { width in
            (0 ..< max(0, tokens.count - width + 1)).map { tokens[$0 ..< $0 + width].joined(separator: " ") }
        }
    }

    private func standardized(_ text: String) -> String {
        let (lowers, strips): (Bool, Bool)
        switch standardize {
        case nil: return text
        case .custom(let standardize): return standardize(text)
        case .lowerAndStripPunctuation: (lowers, strips) = (true, true)
        case .lower: (lowers, strips) = (true, false)
        case .stripPunctuation: (lowers, strips) = (false, true)
        }
        let bytes = text.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case 33 ... 47, 58 ... 64, 91 ... 96, 123 ... 126: strips ? nil : byte
            case 65 ... 90: lowers ? byte + 32 : byte
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
