/// Checks that each step announces every bucket once, in order, and then finishes. Another order would sum the wrong
/// memory, so it ends the job.
struct BucketOrder {
    private let count: Int
    private var next = 0

    init(_ count: Int) { self.count = count }

    mutating func ready(_ index: Int, _ communicator: MPICommunicator) {
        if index != next || index >= count {
            let expected = next < count ? "bucket \(next)" : "finish()"
            communicator.fail("ready(bucket: \(index)): expected \(expected) of \(count) buckets")
        }
        next += 1
    }

    mutating func finish(_ communicator: MPICommunicator) {
        if next != count { communicator.fail("finish(): only \(next) of \(count) buckets are ready") }
        next = 0
    }
}
