import Foundation
import LockstepCommunication
import LockstepMPI

// Every check runs with whole messages and with messages of at most 7 elements, as buffers beyond Int32 are cut.

private func eachMessageSize(_ body: (MPICommunicator) -> Void) {
    let communicators = [Int(Int32.max), 7].map { MPICommunicator(reduction: .automatic, largestMessage: $0) }
    for communicator in communicators { body(communicator) }
    communicators[0].finalize()
}

/// `sum` is the sum over ranks within rounding, and the same bytes everywhere.
func checkSum() {
    eachMessageSize { communicator in
        for (step, size) in (sizes(communicator.size) + [40_000]).enumerated() {
            for values in Values.allCases {
                var floats = (0 ..< size).map { value(values, source: communicator.rank, step: step, index: $0) }
                floats.withUnsafeMutableBufferPointer { communicator.sum($0) }
                for index in 0 ..< size {
                    let expected = reference(values, sources: communicator.size, step: step, index: index)
                    expect(
                        isClose(floats[index], expected), communicator,
                        "sum of \(size) \(values): element \(index) is \(floats[index]), expected \(expected)")
                }
                expectSameBytes(floats, count: size, communicator, "sum of \(size) \(values)")
            }
        }
    }
}

/// `broadcast` gives all ranks the bytes of the root, for every root.
func checkBroadcast() {
    eachMessageSize { communicator in
        for root in 0 ..< communicator.size {
            for size in sizes(communicator.size) {
                func byte(_ rank: Int, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* 31 &+ rank &* 97 &+ size) }
                var bytes = (0 ..< size).map { byte(communicator.rank, $0) }
                bytes.withUnsafeMutableBytes { communicator.broadcast($0, from: root) }
                for index in 0 ..< size {
                    expect(bytes[index] == byte(root, index), communicator, "broadcast of \(size) from \(root): byte \(index)")
                }
            }
        }
    }
}

/// `allGather` keeps each rank's bytes and length, numbers and text; `barrier` returns.
func checkGather() {
    eachMessageSize { communicator in
        for size in sizes(communicator.size) {
            func given(_ rank: Int) -> [UInt8] {
                let length = (rank + size) % 3 == 0 ? 0 : size + rank * 5
                return (0 ..< length).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ rank &* 71) }
            }
            let gathered = communicator.allGather(given(communicator.rank))
            expect(
                gathered == (0 ..< communicator.size).map(given), communicator,
                "allGather of \(size): lengths \(gathered.map(\.count)) or bytes differ")
        }
        func numbers(_ rank: Int) -> [Double] { (0 ..< rank * 3 % 4).map { 1 / Double($0 + rank) } }
        func text(_ rank: Int) -> String { String(repeating: "é\n", count: rank % 3) }
        let ranks = 0 ..< communicator.size
        expect(communicator.allGather(numbers(communicator.rank)) == ranks.map(numbers), communicator, "allGather: numbers differ")
        expect(communicator.allGather(text(communicator.rank)) == ranks.map(text), communicator, "allGather: texts differ")
        communicator.barrier()
    }
}

/// `gather(_:parts:)` fills in the others' parts and leaves the own one; parts may be empty.
func checkGatherOfParts() {
    eachMessageSize { communicator in
        let size = communicator.size
        for count in sizes(size) {
            let even = (0 ..< size).map { balancedPart($0, of: size, count: count) }
            let cut = count / 3
            // The first has a third, one in the middle the rest, others nothing; then the last has all.
            let ends = (0 ... size).map { $0 == 0 ? 0 : $0 <= size / 2 ? cut : count }
            let uneven = zip(ends, ends.dropFirst()).map { $0 ..< $1 }
            let last = (0 ..< size).map { $0 == size - 1 ? 0 ..< count : 0 ..< 0 }
            for (step, parts) in [even, uneven, last].enumerated() {
                var values = [Float](repeating: -1, count: count)
                let own = communicator.rank
                for index in parts[own] { values[index] = value(.ordinary, source: own, step: step, index: index) }
                values.withUnsafeMutableBufferPointer { communicator.gather($0, parts: parts) }
                for (rank, part) in parts.enumerated() {
                    for index in part {
                        expect(
                            values[index] == value(.ordinary, source: rank, step: step, index: index), communicator,
                            "gather of \(parts): element \(index) is \(values[index])")
                    }
                }
            }
        }
    }
}

/// Prints who each rank is; without a launcher only that, and MPI stays untouched.
func checkIdentity() {
    guard MPICommunicator.launched else {
        print("not launched")
        return
    }
    let communicator = MPICommunicator()
    print("rank \(communicator.rank)/\(communicator.size) local \(communicator.localRank)/\(communicator.localSize)")
    expect(communicator.host == ProcessInfo.processInfo.hostName, communicator, "host \(communicator.host)")
    communicator.finalize()
    communicator.finalize()
}
