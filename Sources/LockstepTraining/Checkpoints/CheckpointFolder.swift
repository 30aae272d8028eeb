import Foundation
import LockstepSaving
import LockstepSystem

/// A directory of checkpoints: `checkpoint-00001200.keras` is that of the run after 1,200 steps.
struct CheckpointFolder {
    let path: String

    /// The file of a run that has made so many steps.
    func file(steps: Int) -> String {
        let digits = String(steps)
        return "\(path)/checkpoint-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).keras"
    }

    /// The checkpoints, the first first.
    var files: [(path: String, steps: Int)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { name in
            guard let match = name.wholeMatch(of: /checkpoint-([0-9]{8,18})\.keras/), let steps = Int(match.1) else { return nil }
            return ("\(path)/\(name)", steps)
        }.sorted { $0.1 < $1.1 }
    }

    /// Makes the directory, and those around it, and sees that files can be written there.
    ///
    /// - Throws: `TrainingError`.
    func prepare() throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw TrainingError("\(path): cannot be made a directory for checkpoints; name another one")
        }
        do { try Files.checkWritable(file(steps: 0)) } catch { throw TrainingError("\(path): no checkpoints can be written: \(error)") }
    }

    func remove(_ files: [String]) { for file in files { unlink(file) } }
}

extension Checkpoint {
    /// The checkpoint at `path`; of a directory, the last one that is whole: each that is not is warned of and left out.
    ///
    /// - Returns: `nil` for a directory without checkpoints.
    /// - Throws: `SavingError` where the file, or each of the directory, cannot be read.
    public static func latest(_ path: String) throws -> Checkpoint? {
        guard Files.isDirectory(path) == true else { return try Checkpoint(path) }
        let files = CheckpointFolder(path: path).files.reversed()
        var failure: (any Error)?
        for file in files {
            do { return try Checkpoint(file.path) } catch {
                Console.warn("\(error); going back to the checkpoint before")
                failure = failure ?? error
            }
        }
        if let failure {
            throw SavingError(path, "none of its \(files.count) checkpoints can be read; the last: \(failure)")
        }
        return nil
    }
}
