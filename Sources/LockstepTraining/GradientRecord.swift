import LockstepCommunication
import LockstepNN

/// The gradients of one step, over the global batch and before they are clipped, for callbacks that show how they are distributed.
///
/// Each rank notes those that it makes updates of; together they are all of them, but for tables of which rows alone have gradients.
final class GradientRecord {
    private var starts: [UInt64] = [], values: [Float] = []

    func add(_ gradients: UnsafePointer<Float>, _ places: Range<Int>) {
        starts += [UInt64(places.lowerBound), UInt64(places.count)]
        values += UnsafeBufferPointer(start: gradients, count: places.count)
    }

    /// On rank zero what all ranks have noted, by variable; nothing on the others. Collective.
    ///
    /// - Parameter count: the part of the layout that there are gradients of.
    func gather(_ layout: ParameterLayout, count: Int, _ communicator: any Communicator) -> [(path: String, values: [Float])] {
        let (starts, values) = (communicator.allGather(starts), communicator.allGather(values))
        // An epoch that was ended early has no last step.
        guard communicator.rank == 0, starts.contains(where: { !$0.isEmpty }) else { return [] }
        var all = [Float](repeating: 0, count: count)
        for (starts, values) in zip(starts, values) {
            var taken = 0
            for index in stride(from: 0, to: starts.count, by: 2) {
                let (start, length) = (Int(starts[index]), Int(starts[index + 1]))
                all.withUnsafeMutableBufferPointer { all in
                    values.withUnsafeBufferPointer { (all.baseAddress! + start).update(from: $0.baseAddress! + taken, count: length) }
                }
                taken += length
            }
        }
        return zip(layout.variables, layout.offsets).filter { $0.1 < count }
            .map { ($0.path, Array(all[$1 ..< $1 + $0.shape.count])) }
    }
}
