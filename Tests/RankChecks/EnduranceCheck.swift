import AllocationCounter
import Foundation
import Lockstep
import LockstepMPI

/// What this process holds of the system.
private struct Holdings: CustomStringConvertible {
    /// Resident memory in KiB: also that which is freed, but which the allocator keeps.
    let residentKiB: Int
    let heapBytes: Int
    let descriptors: Int
    let windows: Int

    static func now() -> Holdings {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let resident = line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return Holdings(
            residentKiB: resident, heapBytes: Int(heap_bytes()), descriptors: descriptors,
            windows: (Distribution.communicator as? MPICommunicator)?.mappedWindows ?? 0)
    }

    var description: String { "\(residentKiB) KiB, \(heapBytes) bytes of heap, \(descriptors) descriptors, \(windows) windows" }
}

/// `endurance STEPS`: after three tenths of the steps no rank takes more memory, descriptors or windows.
func checkEndurance() {
    let communicator = meetRanks()
    let steps = Int(option(0))!
    do {
        var run = TrainingRun(
            epochs: 10, optimizer: Adam(learningRate: 0.01), shuffle: true, hasWeights: true, dropout: 0.2, synchronized: true)
        run.samples = run.batchSize * (steps / run.epochs)
        let (model, data) = (try makeModel(run), try makeData(run))
        // Epochs one by one, so that every rank, not only rank zero by its callbacks, can look at itself in between.
        var early: Holdings?
        // Looking takes memory too, the first time.
        _ = Holdings.now()
        for epoch in 0 ..< run.epochs {
            try model.fit(data, batchSize: run.batchSize, epochs: epoch + 1, verbose: 0, validation: data, initialEpoch: epoch)
            // Open MPI's pools grow with how far ranks are apart at the start of a fit: by then they have seen it.
            if epoch == 2 { early = Holdings.now() }
        }
        let (first, last) = (early!, Holdings.now())
        guard model.compilation!.optimizer.iterations == steps else { failTraining("\(model.compilation!.optimizer.iterations) steps") }
        // A leak of 8 bytes a step, the least that malloc gives out 32 bytes for, would be 219 KiB of heap. Where the allocator
        // puts the order of the samples (some 128 KiB) it may need new pages once.
        guard last.heapBytes <= first.heapBytes + 64 << 10, last.residentKiB <= first.residentKiB + 256,
            last.descriptors == first.descriptors, last.windows == first.windows
        else {
            failTraining("rank \(communicator.rank): after \(3 * steps / run.epochs) steps \(first); after \(steps) steps \(last)")
        }
        if communicator.rank == 0 { print("first \(first); last \(last)") }
    } catch {
        failTraining("\(error)")
    }
    leave()
}
