import Foundation

/// A Swift package outside of this one that uses its library, as a user's does: built by `swift build` from the sources given.
///
/// It lies in the project's build folder, beside a link to the project, so that the next test run finds the library compiled.
public struct OutsidePackage: Sendable {
    /// Where its programs run, unless told otherwise, and its executables lie.
    public let directory: URL
    private var products: URL { directory.appendingPathComponent(".build/debug") }

    /// The project's own folder.
    public static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Writes the package and builds it.
    ///
    /// - Parameters:
    ///   - manifest: its `Package.swift`, which finds the project at `../lockstep`.
    ///   - sources: the `main.swift` of each of its executables, by name.
    /// - Throws: what the compiler says, if it does not build.
    public init(_ name: String, manifest: String, sources: [String: String]) throws {
        let manager = FileManager.default
        let place = Self.project.appendingPathComponent(".build/outside")
        directory = place.appendingPathComponent(name)
        try manager.createDirectory(at: directory, withIntermediateDirectories: true)
        let link = place.appendingPathComponent("lockstep").path
        if (try? manager.destinationOfSymbolicLink(atPath: link)) != Self.project.path {
            try? manager.removeItem(atPath: link)
            try manager.createSymbolicLink(atPath: link, withDestinationPath: Self.project.path)
        }
        try? manager.removeItem(at: directory.appendingPathComponent("Sources"))
        try Data(manifest.utf8).write(to: directory.appendingPathComponent("Package.swift"))
        for (target, source) in sources {
            let folder = directory.appendingPathComponent("Sources/\(target)")
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(source.utf8).write(to: folder.appendingPathComponent("main.swift"))
        }
        let result = try RankJob.run(["swift", "build", "--package-path", directory.path], environment: [:], 300)
        guard result.status == 0 else { throw RankJob.Failure(description: result.report) }
    }

    /// A job of one of its executables.
    public func job(ranks: Int, _ executable: String, _ arguments: String...) -> RankJob {
        var job = RankJob(ranks: ranks, products.appendingPathComponent(executable).path)
        job.arguments = arguments
        job.directory = directory
        return job
    }
}
