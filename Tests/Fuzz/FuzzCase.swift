import Foundation
import Lockstep

/// One damaged file: a function of the seed and a number.
struct FuzzCase {
    /// What is damaged.
    enum Kind: String, CaseIterable {
        /// A whole `.keras` file; its `config.json` alone; its weights alone, in an archive that is right about them.
        case keras, config, weights
        /// Weights in a file of their own.
        case h5
        case npy, npz, idx
        /// An IDX file before or after it is compressed.
        case gzip
        case yaml

        /// In how many of 20 cases.
        fileprivate var share: Int {
            switch self {
            case .weights: 5
            case .config: 3
            case .keras, .h5, .npy, .npz, .yaml: 2
            case .idx, .gzip: 1
            }
        }
    }

    let number: Int
    let kind: Kind
    let bytes: [UInt8]
    /// Whether the program reads it, rather than the library in the process that made it.
    let isForProgram: Bool

    private static let kinds = Kind.allCases.flatMap { Array(repeating: $0, count: $0.share) }

    /// - Parameter scratch: a folder for files while they are made.
    init(_ number: Int, seed: Int, _ corpus: Corpus, scratch: String) throws {
        var dice = Dice(seed: seed, case: number)
        let kind = dice.pick(FuzzCase.kinds)
        func bytes(_ files: [[UInt8]]) -> [UInt8] { Mutation.mutate(dice.pick(files), &dice, other: dice.pick(files)) }
        /// An archive of these members, one of them changed, with CRCs and, in half of the cases, checksums that are right.
        func archive(_ members: [Corpus.Member], changing name: String, _ change: ([UInt8]) -> [UInt8]) throws -> [UInt8] {
            let changed = members.map { ($0.name, $0.name == name ? change($0.bytes) : $0.bytes) }
            return try FuzzCase.archive(changed, checksums: dice.oneIn(2), compressed: dice.oneIn(4), scratch: scratch)
        }
        switch kind {
        case .keras:
            let whole = try FuzzCase.archive(
                dice.pick(corpus.models), checksums: dice.oneIn(4), compressed: dice.oneIn(2), scratch: scratch)
            self.bytes = Mutation.mutate(whole, &dice, other: whole)
        case .config:
            let others = corpus.models.compactMap { model in model.first { $0.name == "config.json" }.map { $0.bytes } }
            self.bytes = try archive(dice.pick(corpus.models), changing: "config.json") { bytes in
                let (text, other) = (String(decoding: bytes, as: UTF8.self), String(decoding: dice.pick(others), as: UTF8.self))
                return dice.oneIn(4)
                    ? Mutation.mutate(bytes, &dice, other: bytes) : Array(Mutation.mutate(text: text, &dice, other: other).utf8)
            }
        case .weights:
            self.bytes = try archive(dice.pick(corpus.models), changing: "model.weights.h5") {
                Mutation.mutate($0, &dice, other: dice.pick(corpus.weights))
            }
        case .h5: self.bytes = bytes(corpus.weights)
        case .npy: self.bytes = bytes(corpus.npy)
        case .npz:
            self.bytes =
                dice.oneIn(2)
                ? bytes(corpus.npz)
                : try FuzzCase.archive(
                    [("x.npy", bytes(corpus.npy)), ("y.npy", dice.pick(corpus.npy))], checksums: false, compressed: dice.oneIn(2),
                    scratch: scratch)
        case .idx: self.bytes = bytes(corpus.idx)
        case .gzip: self.bytes = dice.oneIn(2) ? Corpus.gzip(bytes(corpus.idx)) : bytes(corpus.idx.map(Corpus.gzip))
        case .yaml:
            let text = dice.pick(corpus.configs)
            self.bytes =
                dice.oneIn(4)
                ? Mutation.mutate(Array(text.utf8), &dice, other: Array(dice.pick(corpus.configs).utf8))
                : Array(Mutation.mutate(text: text, &dice, other: dice.pick(corpus.configs)).utf8)
        }
        self.kind = kind
        self.number = number
        isForProgram = kind == .yaml || dice.oneIn(50)
    }

    private static func archive(
        _ members: [Corpus.Member], checksums: Bool, compressed: Bool, scratch: String
    ) throws -> [UInt8] {
        let buffers = try members.map { ($0.name, try ByteBuffer($0.bytes)) }
        let comment = members.sorted { $0.name < $1.name }.map { member in
            "\(member.bytes.withUnsafeBytes { SHA256.hexadecimal(SHA256.hash($0)) })  \(member.name)\n"
        }
        let path = "\(scratch)/archive.zip"
        try withExtendedLifetime(buffers) {
            try ZipArchive.write(
                buffers.map { name, buffer in (name, [buffer.withBytes { $0 }]) }, to: path, compressed: compressed,
                comment: checksums ? comment.joined() : "")
        }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The file's name, by which some readers tell its kind.
    var name: String {
        let ending =
            switch kind {
            case .keras, .config, .weights: "keras"
            case .h5: "weights.h5"
            case .gzip: "idx.gz"
            case .npy, .npz, .idx, .yaml: kind.rawValue
            }
        return "case-\(number).\(ending)"
    }
}
