import Foundation

/// A program of the system that makes bytes of others: Graphviz' `dot`, which places boxes and arrows, or librsvg's `rsvg-convert`.
public struct Program {
    private let name: String, url: URL

    /// - Parameters:
    ///   - package: where Debian has it.
    ///   - otherwise: what can be done without it.
    /// - Throws: `Files.Failure` where it is not on the `PATH`.
    public init(_ name: String, package: String, otherwise: String) throws {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0, Files.isDirectory(path) == false {
                (self.name, url) = (name, URL(fileURLWithPath: path))
                return
            }
        }
        throw Files.Failure(
            "there is no program \(name) on the PATH, which makes the picture; install it (apt-get install \(package)), or \(otherwise)")
    }

    /// What it writes, given `input`.
    ///
    /// - Throws: `Files.Failure` where it fails, or writes nothing.
    public func run(_ arguments: [String], input text: Data) throws -> Data {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        // Files without names, not pipes: no end waits for another, and nothing is left behind.
        let (input, output, errors) = (try temporaryFile(), try temporaryFile(), try temporaryFile())
        do {
            try input.write(contentsOf: text)
            try input.seek(toOffset: 0)
            (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
            try process.run()
            process.waitUntilExit()
            for file in [output, errors] { try file.seek(toOffset: 0) }
            let result = try output.readToEnd() ?? Data()
            guard process.terminationReason == .exit, process.terminationStatus == 0, !result.isEmpty else {
                let reason =
                    String(decoding: try errors.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n").first ?? "it says not why"
                throw Files.Failure("\(name) has made nothing (status \(process.terminationStatus)): \(reason)")
            }
            return result
        } catch let error as CocoaError {
            throw Files.Failure("\(name) cannot be run: \(error.localizedDescription)")
        }
    }

    private func temporaryFile() throws -> FileHandle {
        guard let file = tmpfile() else { throw Files.Failure("no temporary file can be made: \(String(cString: strerror(errno)))") }
        // The handle has a descriptor of its own, and closes it.
        let descriptor = dup(fileno(file))
        fclose(file)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
