import Foundation
import Lockstep

/// The directory in which a run leaves its files.
struct RunFolder {
    static let model = "model.keras", history = "history.csv", config = "config.yaml", trace = "trace.json"
    /// Checksums of the weights, by which the run can be told to be the same when it is run again.
    static let audit = "audit.jsonl"
    /// Where and with what it was run; a picture of its history.
    static let environment = "environment.json", curves = "curves.svg"
    /// The directory of its checkpoints.
    static let checkpoints = "checkpoints"
    /// A model whose weights are not finite goes here where it would take the place of one whose are.
    static let diverged = "diverged.keras"

    let path: String

    subscript(name: String) -> String { "\(path)/\(name)" }

    /// Makes the directory, and those around it, where it is missing.
    ///
    /// - Throws: `InputError` where it cannot be made.
    init(_ path: String) throws {
        self.path = path
        if let isDirectory = Files.isDirectory(path) {
            guard isDirectory else { throw InputError("\(path): is a file; name a directory with --output") }
            return
        }
        try RunFolder.make(path)
    }

    /// A directory for one more run of the config `name`: `runs/name`, or the first of `runs/name-2`, `runs/name-3` … that an
    /// earlier run does not have.
    ///
    /// - Throws: `InputError` where none can be made.
    init(forRunOf name: String) throws {
        var number = 1
        while true {
            let path = RunFolder.path(ofRun: number, of: name)
            if Files.isDirectory(path) == nil {
                try RunFolder.make("runs")
                // Another run may take the name at the same time; it is whose call makes it.
                if mkdir(path, 0o777) == 0 { self.init(claimed: path); return }
                guard errno == EEXIST else { throw RunFolder.failure(path) }
            } else if (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false {
                self.init(claimed: path)
                return
            }
            number += 1
        }
    }

    /// The directory of the last run of the config `name` that has checkpoints.
    ///
    /// - Throws: `InputError` where there is none.
    init(ofLastRunOf name: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "runs")) ?? []
        let numbers = names.compactMap { other -> Int? in
            if other == name { return 1 }
            return other.hasPrefix("\(name)-") ? Int(other.dropFirst(name.count + 1)) : nil
        }
        let paths = numbers.sorted(by: >).map { RunFolder.path(ofRun: $0, of: name) }
        guard let path = paths.first(where: { Files.isDirectory("\($0)/\(RunFolder.checkpoints)") == true }) else {
            throw InputError("--resume latest: no run of \(name) in runs has checkpoints; name its directory with --output, or begin anew")
        }
        self.path = path
    }

    private static func path(ofRun number: Int, of name: String) -> String { "runs/\(name)" + (number == 1 ? "" : "-\(number)") }

    /// As rank zero has made it.
    init(claimed path: String) { self.path = path }

    private static func make(_ path: String) throws {
        let parent = Files.folder(of: path)
        if path.utf8.count < PATH_MAX, Files.isDirectory(parent) == nil { try make(parent) }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path) }
    }

    private static func failure(_ path: String) -> InputError {
        InputError("\(path): cannot be made: \(String(cString: strerror(errno))); name another directory with --output")
    }

    /// Sees that files of these names can be written, without changing what is there: better now than after hours of training.
    ///
    /// - Throws: `InputError` that names the first that cannot.
    func checkWritable(_ names: [String]) throws {
        for name in names {
            try Files.at(self[name], "; name another directory with --output") { try Files.checkWritable(self[name]) }
        }
    }

    /// Writes a file, whole or not at all.
    ///
    /// - Throws: `InputError`.
    func write(_ text: String, to name: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            try Files.at(self[name], "; name another directory with --output") {
                try Files.replace(self[name], with: [UnsafeRawBufferPointer(bytes)])
            }
        }
    }

    /// Saves the model as `model.keras`; or, where its weights are not finite and those of a model there are, as
    /// `diverged.keras`.
    ///
    /// - Returns: the name that it was saved under.
    /// - Throws: `SavingError`.
    func save(_ model: Model) throws -> String {
        let name = model.hasFiniteWeights || !holdsFiniteModel ? RunFolder.model : RunFolder.diverged
        try model.save(self[name])
        return name
    }

    /// Whether an earlier run, or somebody else, has left a `model.keras`.
    var holdsModel: Bool { Files.isDirectory(self[RunFolder.model]) != nil }

    /// A file that cannot be read as a model may be one of another program: it counts as one.
    private var holdsFiniteModel: Bool {
        guard holdsModel else { return false }
        guard let model = try? loadModel(self[RunFolder.model], compile: .none) else { return true }
        return model.hasFiniteWeights
    }
}
