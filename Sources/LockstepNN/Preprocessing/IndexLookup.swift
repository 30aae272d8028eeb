import Foundation
import LockstepSystem
import LockstepTensor

/// What a vocabulary can be of: texts, or whole numbers.
public protocol LookupToken: Equatable, Sendable {
    /// What tells tokens apart, in the order in which Keras sorts them, and is hashed.
    var bytes: [UInt8] { get }
    static func precedes(_ a: Self, _ b: Self) -> Bool
    init?(line: String)
}

extension String: LookupToken {
    public var bytes: [UInt8] { Array(utf8) }
    public static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
    public init?(line: String) { self = line }
}

extension Int: LookupToken {
    public var bytes: [UInt8] { Array(String(self).utf8) }
    public static func precedes(_ a: Int, _ b: Int) -> Bool { a < b }
    public init?(line: String) { self.init(line) }
}

/// Tokens as their places in a vocabulary: what `StringLookup` and `IntegerLookup` have in common. Used on data before training, as tensors
/// hold numbers alone.
///
///     0: the mask's, if there is one (outputMode int)    then: numOOVIndices places for tokens that are not known    then: the vocabulary
///
/// The vocabulary is given, read from a file with a token a line, or found in data by `adapt`: the most frequent first, of equally
/// frequent ones the larger. Tokens that are not known share the places for them, by their hash. `keras.layers.IndexLookup`.
public class IndexLookup<Token: LookupToken> {
    public let maxTokens: Int?, numOOVIndices: Int
    public let maskToken: Token?, oovToken: Token
    public let outputMode: CategoryOutput, padToMaxTokens: Bool
    fileprivate let salt: [UInt64]?
    /// Without the special ones.
    private(set) var tokens: [Token] = []
    private var places: [[UInt8]: Int] = [:]
    /// Of each place, for `tfIdf`.
    public private(set) var idfWeights: [Float] = []
    package var kind: String { "\(type(of: self))" }

    fileprivate init(
        _ outputMode: CategoryOutput, maxTokens: Int?, numOOVIndices: Int, maskToken: Token?, oovToken: Token, padToMaxTokens: Bool,
        salt: [UInt64]?
    ) {
        (self.maxTokens, self.numOOVIndices, self.maskToken, self.oovToken) = (maxTokens, numOOVIndices, maskToken, oovToken)
        (self.outputMode, self.padToMaxTokens, self.salt) = (outputMode, padToMaxTokens, keyed(salt, "lookup"))
        check((maxTokens ?? 2) > 1, "\(kind): maxTokens must be greater than 1, got \(maxTokens ?? 0)")
        check(!padToMaxTokens || maxTokens != nil, "\(kind): padToMaxTokens needs maxTokens")
        check(numOOVIndices >= 0, "\(kind): numOOVIndices must be at least 0, got \(numOOVIndices)")
    }

    // MARK: The vocabulary

    private var firstOOV: Int { maskToken != nil && outputMode == .int ? 1 : 0 }
    private var firstToken: Int { firstOOV + numOOVIndices }

    private var specialTokens: [Token] { (firstOOV == 1 ? [maskToken!] : []) + .init(repeating: oovToken, count: numOOVIndices) }

    /// How many places there are, the special ones included.
    public var vocabularySize: Int { firstToken + tokens.count }

    /// The vocabulary; a token's place is its number where the special ones are included.
    public func getVocabulary(includeSpecialTokens: Bool = true) -> [Token] {
        includeSpecialTokens ? specialTokens + tokens : tokens
    }

    /// Sets the vocabulary, with or without the special tokens at its start.
    ///
    /// - Parameter idfWeights: of each token, for `tfIdf`.
    /// - Throws: `ConfigError` for an empty one, one with a token twice or the mask's, or one that is larger than `maxTokens`.
    public func setVocabulary(_ vocabulary: [Token], idfWeights: [Float]? = nil) throws {
        let special = specialTokens
        let hasSpecial = !special.isEmpty && Array(vocabulary.prefix(special.count)) == special
        let tokens = hasSpecial ? Array(vocabulary.dropFirst(special.count)) : vocabulary
        guard !vocabulary.isEmpty else { throw ConfigError("\(kind): the vocabulary is empty; give tokens, or adapt the layer to data") }
        var seen: Set<[UInt8]> = []
        if let twice = tokens.first(where: { !seen.insert($0.bytes).inserted }) {
            throw ConfigError("\(kind): the vocabulary has \(twice) twice; give each token once")
        }
        if let maskToken, seen.contains(maskToken.bytes) {
            throw ConfigError("\(kind): the vocabulary has the mask's token \(maskToken) behind its start; leave the special tokens out")
        }
        if let maxTokens, special.count + tokens.count > maxTokens {
            throw ConfigError(
                "\(kind): the vocabulary has \(special.count + tokens.count) tokens; expected at most maxTokens, \(maxTokens)")
        }
        guard (outputMode == .tfIdf) == (idfWeights != nil) else {
            throw ConfigError("\(kind): idfWeights go with the output mode tfIdf, and it with them")
        }
        if let idfWeights, idfWeights.count != vocabulary.count {
            throw ConfigError("\(kind): \(idfWeights.count) idfWeights for \(vocabulary.count) tokens; give one for each")
        }
        set(tokens, idfWeights.map { hasSpecial ? $0 : padded($0) } ?? [])
    }

    /// Reads the vocabulary from a file with a token a line.
    ///
    /// - Throws: `ConfigError` for a file that cannot be read, or holds no vocabulary.
    public func setVocabulary(contentsOf path: String) throws {
        do {
            let text = String(decoding: try Files.contents(path), as: UTF8.self)
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            while lines.last == "" { lines.removeLast() }
            try setVocabulary(
                lines.enumerated().map { number, line in
                    guard let token = Token(line: line) else {
                        throw ConfigError("line \(number + 1): expected a whole number, found \(line)")
                    }
                    return token
                })
        } catch let failure as Files.Failure {
            throw ConfigError("\(path): \(failure)")
        } catch let error as ConfigError {
            throw ConfigError("\(path): \(error)")
        }
    }

    private func set(_ tokens: [Token], _ weights: [Float]) {
        self.tokens = tokens
        places = Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1.bytes, firstToken + $0) })
        idfWeights = weights + .init(repeating: 0, count: weights.isEmpty ? 0 : max(0, depth - weights.count))
    }

    /// Places of special tokens have the mean weight.
    private func padded(_ weights: [Float]) -> [Float] {
        let mean = weights.isEmpty ? 0 : Float(weights.reduce(0) { $0 + Double($1) } / Double(weights.count))
        return .init(repeating: mean, count: firstToken) + weights
    }

    /// Takes over the vocabulary of samples: see `adapt`.
    package func learn(_ samples: [[Token]]) {
        var counts: [[UInt8]: (token: Token, count: Int, documents: Int)] = [:]
        for sample in samples {
            var seen: Set<[UInt8]> = []
            for token in sample {
                let key = token.bytes, isNew = seen.insert(key).inserted
                counts[key, default: (token, 0, 0)].count += 1
                if isNew { counts[key]!.documents += 1 }
            }
        }
        for special in [maskToken, oovToken].compactMap({ $0 }) { counts[special.bytes] = nil }
        var found = counts.values.sorted { $0.count != $1.count ? $0.count > $1.count : Token.precedes($1.token, $0.token) }
        if let maxTokens { found = Array(found.prefix(max(0, maxTokens - firstToken))) }
        let weights = found.map { Float(log(1 + Double(samples.count) / Double(1 + $0.documents))) }
        set(found.map(\.token), outputMode == .tfIdf ? padded(weights) : [])
    }

    // MARK: Looking up

    var depth: Int { padToMaxTokens ? maxTokens! : vocabularySize }

    /// A token's place; `nil` for the mask's where no places are asked for.
    func place(_ token: Token) -> Int? {
        let key = token.bytes
        if let maskToken, key == maskToken.bytes { return outputMode == .int ? 0 : nil }
        if let place = places[key] { return place }
        check(
            numOOVIndices > 0,
            "\(kind): \(token) is not in the vocabulary, and numOOVIndices is 0; set it to 1 for tokens that are not known")
        return firstOOV + (numOOVIndices == 1 ? 0 : unknownPlace(token))
    }

    /// The place of a token that is not known, among those for them.
    fileprivate func unknownPlace(_ token: Token) -> Int {
        Fingerprints.bucket(token.bytes, of: numOOVIndices, key: salt.map { ($0[0], $0[1]) })
    }

    func lookUp(_ samples: [[Token]], _ shape: Shape) -> Tensor {
        check(!tokens.isEmpty || outputMode == .int, "\(kind): has no vocabulary yet; give it one, or call adapt")
        return outputMode(samples.map { $0.map(place) }, shape: shape, depth: depth, weights: idfWeights)
    }

    /// Of `multiHot`, `count` and `tfIdf` all tokens are one sample.
    public func callAsFunction(_ tokens: [Token]) -> Tensor { lookUp([tokens], [tokens.count]) }
    /// Samples of equal length.
    public func callAsFunction(_ samples: [[Token]]) -> Tensor { lookUp(samples, rectangle(samples, kind)) }

    /// The tokens of places, `oovToken` for those of none: what Keras' `invert` does.
    public func invert(_ places: Tensor) -> [Token] {
        let all = getVocabulary()
        return places.cast(to: .float32).scalars.map { all.indices.contains(Int($0)) ? all[Int($0)] : oovToken }
    }
}

/// Texts as their places in a vocabulary; see `IndexLookup`. `keras.layers.StringLookup`.
public final class StringLookup: IndexLookup<String> {
    /// - Parameters:
    ///   - maxTokens: the most places, the special ones included.
    ///   - numOOVIndices: places for texts that are not known; 0 refuses them.
    ///   - maskToken: a text that stands for none.
    ///   - padToMaxTokens: outputs are `maxTokens` wide, however many there are.
    ///   - salt: of the hash by which texts that are not known share their places.
    public init(
        maxTokens: Int? = nil, numOOVIndices: Int = 1, maskToken: String? = nil, oovToken: String = "[UNK]",
        outputMode: CategoryOutput = .int, padToMaxTokens: Bool = false, salt: [UInt64]? = nil
    ) {
        super.init(
            outputMode, maxTokens: maxTokens, numOOVIndices: numOOVIndices, maskToken: maskToken, oovToken: oovToken,
            padToMaxTokens: padToMaxTokens, salt: salt)
    }

    /// With a vocabulary.
    ///
    /// - Throws: as `setVocabulary(_:idfWeights:)`.
    public convenience init(
        vocabulary: [String], idfWeights: [Float]? = nil, numOOVIndices: Int = 1, maskToken: String? = nil, oovToken: String = "[UNK]",
        outputMode: CategoryOutput = .int
    ) throws {
        self.init(numOOVIndices: numOOVIndices, maskToken: maskToken, oovToken: oovToken, outputMode: outputMode)
        try setVocabulary(vocabulary, idfWeights: idfWeights)
    }
}

/// Whole numbers as their places in a vocabulary; see `IndexLookup`. `keras.layers.IntegerLookup`.
public final class IntegerLookup: IndexLookup<Int> {
    /// How numbers that are not known share their places.
    public enum OOVMethod: String, Sendable { case floormod, farmhash }
    public let oovMethod: OOVMethod

    /// - Parameter oovMethod: by the remainder, or by the hash of the digits.
    public init(
        maxTokens: Int? = nil, numOOVIndices: Int = 1, maskToken: Int? = nil, oovToken: Int = -1, outputMode: CategoryOutput = .int,
        padToMaxTokens: Bool = false, oovMethod: OOVMethod = .floormod, salt: [UInt64]? = nil
    ) {
        self.oovMethod = oovMethod
        check(salt == nil || oovMethod == .farmhash, "IntegerLookup: salt goes with the method farmhash")
        super.init(
            outputMode, maxTokens: maxTokens, numOOVIndices: numOOVIndices, maskToken: maskToken, oovToken: oovToken,
            padToMaxTokens: padToMaxTokens, salt: salt)
    }

    /// With a vocabulary.
    ///
    /// - Throws: as `setVocabulary(_:idfWeights:)`.
    public convenience init(
        vocabulary: [Int], idfWeights: [Float]? = nil, numOOVIndices: Int = 1, maskToken: Int? = nil, oovToken: Int = -1,
        outputMode: CategoryOutput = .int
    ) throws {
        self.init(numOOVIndices: numOOVIndices, maskToken: maskToken, oovToken: oovToken, outputMode: outputMode)
        try setVocabulary(vocabulary, idfWeights: idfWeights)
    }

    fileprivate override func unknownPlace(_ token: Int) -> Int {
        guard oovMethod == .floormod else { return super.unknownPlace(token) }
        let rest = token % numOOVIndices
        return rest < 0 ? rest + numOOVIndices : rest
    }
}
