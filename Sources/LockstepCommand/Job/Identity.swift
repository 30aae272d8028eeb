import Foundation
import Lockstep

extension Identity {
    /// What must be the same on every rank for a command: the program, the kind of processor (kernels of another kind round
    /// differently), the config, the model and the data.
    ///
    /// - Parameter config: its text.
    init(config: String?, _ model: Model, _ data: KeyValuePairs<String, Dataset?>) {
        self.init()
        add("build of lockstep", Identity.build)
        add("kind of processor", Identity.processor)
        add("config", config.map { "checksum \(String(Data($0.utf8).withUnsafeBytes(checksum), radix: 16))" } ?? "none")
        add(model)
        if let compilation = model.compilation { add(compilation) }
        for (name, data) in data { add(name, data) }
    }

    /// Ends all ranks with one line and status 2 if one of them differs from rank zero. Collective.
    func requireSame(_ job: Job) {
        do { try requireSame() } catch { job.endTogether("\(error)") }
    }

    /// The kind of processor, as kernels tell them apart.
    static var processor: String { "\(Threads.blasCore) with \(Threads.vectorUnit)" }

    /// A checksum of the running program.
    private static var build: String {
        let program = FileManager.default.contents(atPath: "/proc/self/exe") ?? Data()
        return "checksum \(String(program.withUnsafeBytes(checksum), radix: 16))"
    }
}
