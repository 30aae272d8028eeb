import Foundation
import LockstepCommunication
import LockstepMPI

/// Sums that travel in sixteen bits: `compression FORMAT HOSTS`, a digit a rank.
///
/// The same bytes on all ranks; within a few roundings of the exact sum in each step; and summed over all steps as near
/// as in one, since what one step loses comes in the next. Metrics are exact. After NaN and infinities all goes on.
func checkCompression() {
    let format = MPICommunicator.Compression(rawValue: option(0))!
    let hosts = option(1).map { Int(String($0))! }
    let communicator = MPICommunicator(reduction: .automatic, compression: format, pretendedHost: { hosts[$0] })
    expect(!communicator.isReproducible, communicator, "compressed sums pass for reproducible")
    let (ranks, count, exactFrom, steps) = (communicator.size, 3000, 2500, 64)
    let layout = ReductionLayout(count: count, buckets: [0 ..< 700, 700 ..< count], shards: ranks, exactFrom: exactFrom)
    let reducer = communicator.makeReducer(layout)

    func step(_ values: Values) -> [Float] {
        reducer.begin()
        for (index, bucket) in layout.buckets.enumerated() {
            for element in bucket {
                reducer.arena(ofShard: communicator.rank)[element] = value(values, source: communicator.rank, step: 0, index: element)
            }
            reducer.ready(bucket: index)
        }
        reducer.finish()
        let sums = Array(UnsafeBufferPointer(start: reducer.sums(0 ..< count), count: count))
        reducer.end()
        expectSameBytes(sums, count: count, communicator, "\(format)")
        for index in exactFrom ..< count {
            let want = tree(values, 0 ..< ranks, step: 0, index: index)
            let same = sums[index].bitPattern == want.bitPattern || (sums[index].isNaN && want.isNaN)
            expect(same, communicator, "\(format): metric \(index) is \(sums[index]), expected \(want)")
        }
        return sums
    }

    // Half a unit in the last place, of each host's sum and of the sum of all; with the error of the step before, and
    // below 2^-14 the spacing of binary16.
    let rate = format == .bfloat16 ? 0x1p-8 : 0x1p-11
    func bound(_ index: Int) -> Double {
        let magnitude = (0 ..< ranks).reduce(0.0) { $0 + Double(abs(value(.ordinary, source: $1, step: 0, index: index))) }
        return 4.5 * rate * magnitude + 0x1p-22
    }
    var totals = [Double](repeating: 0, count: exactFrom)
    var rounded = 0
    for number in 0 ..< steps {
        let sums = step(.ordinary)
        for index in 0 ..< exactFrom {
            let got = Double(sums[index])
            let want = reference(.ordinary, sources: ranks, step: 0, index: index).sum
            totals[index] += got
            if got != Double(Float(want)) { rounded += 1 }
            expect(abs(got - want) <= bound(index), communicator, "\(format), step \(number): sum \(index) is \(got), expected \(want)")
        }
    }
    expect(rounded > steps * exactFrom / 2, communicator, "\(format): only \(rounded) sums were rounded")
    for index in 0 ..< exactFrom {
        let want = reference(.ordinary, sources: ranks, step: 0, index: index).sum
        let mean = totals[index] / Double(steps)
        // The roundings of Float are not made good.
        let tolerance = bound(index) / Double(steps) + bound(index) / rate * 0x1p-23
        expect(abs(mean - want) <= tolerance, communicator, "\(format): \(steps) steps give sum \(index) as \(mean), expected \(want)")
    }

    let special = step(.special)
    for index in 0 ..< exactFrom {
        let want = reference(.special, sources: ranks, step: 0, index: index).sum
        let got = special[index]
        let agree = want.isFinite ? got.isFinite : want.isNaN ? got.isNaN : Double(got) == want
        expect(agree, communicator, "\(format): sum \(index) of special values is \(got), expected \(want)")
    }
    let last = step(.ordinary)
    for index in 0 ..< exactFrom {
        expect(last[index].isFinite, communicator, "\(format): sum \(index) is \(last[index]) after special values")
    }
    communicator.finalize()
}
