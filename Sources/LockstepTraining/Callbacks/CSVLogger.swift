import Foundation

/// Writes a line of figures after each epoch: `epoch,accuracy,loss,val_accuracy,val_loss`. `keras.callbacks.CSVLogger`.
public final class CSVLogger: Callback {
    private let path: String
    private let append: Bool
    private var file: FileHandle?
    private var names: [String]?

    /// - Parameter append: go on with a file that is there, rather than begin anew.
    public init(_ path: String, append: Bool = false) {
        (self.path, self.append) = (path, append)
    }

    /// - Throws: `TrainingError` if the file cannot be written.
    public override func onTrainBegin() throws {
        let exists = FileManager.default.fileExists(atPath: path)
        if !exists || !append {
            guard FileManager.default.createFile(atPath: path, contents: nil) else { throw TrainingError("\(path): cannot be written") }
        }
        guard let file = FileHandle(forWritingAtPath: path) else { throw TrainingError("\(path): cannot be written") }
        let end = try file.seekToEnd()
        (self.file, names) = (file, end > 0 ? [] : nil)
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
        if names == nil {
            names = logs.names
            let header = (["epoch"] + logs.names).joined(separator: ",")
            try file?.write(contentsOf: Data("\(header)\n".utf8))
        }
        let line = ([String(epoch)] + logs.allValues.map { $0.isFinite ? $0.description : $0.isNaN ? "nan" : $0 < 0 ? "-inf" : "inf" })
            .joined(separator: ",")
        try file?.write(contentsOf: Data("\(line)\n".utf8))
    }

    public override func onTrainEnd(_ logs: Logs) throws { try file?.close() }
}
