import AllocationCounter
import Foundation
import LockstepCommunication
import LockstepMPI

/// Rows of all shards come to all ranks, and what ranks that share make of them to each other: `rows SHARDS|ranks [HOSTS]`. HOSTS has a
/// digit a rank: ranks with the same one pass for a host. Ranks are late in turn, in filling places and in reading them.
func checkRows() {
    var pretendedHost: ((Int) -> Int)?
    if arguments.count > 2 {
        let hosts = option(1).map { Int(String($0))! }
        pretendedHost = { hosts[$0] }
    }
    let communicator = MPICommunicator(reduction: .automatic, pretendedHost: pretendedHost)
    let shards = option(0) == "ranks" ? communicator.size : Int(option(0))!
    for (capacity, width) in [(1, 1), (3, 5), (40, 16), (700, 33)] {
        for sharing in [false, true] {
            let exchange = communicator.makeRowExchange(RowLayout(shards: shards, capacity: capacity, width: width), sharing: sharing)
            expectPlaces(exchange, communicator)
            for step in 0 ..< 4 {
                fill(exchange, step, communicator)
                expectRows(exchange, step, communicator)
                if sharing { replace(exchange, step, communicator) }
                exchange.end()
            }
        }
    }
    expectNoAllocations(communicator)
    communicator.finalize()
}

/// What a shard leaves in one of its places, in a step.
private func row(_ shard: Int, _ step: Int, _ place: Int) -> Int32 { Int32((shard * 31 + step * 17 + place * 7) % 53) }

/// What is made of a row.
private func change(_ row: Int32, _ step: Int, _ column: Int) -> Float { value(.ordinary, source: Int(row), step: step, index: column) }

private func expectPlaces(_ exchange: any RowExchange, _ communicator: MPICommunicator) {
    let layout = exchange.layout, places = (0 ..< layout.shards).flatMap { Array(exchange.places(ofShard: $0)) }
    expect(places.sorted() == Array(0 ..< layout.count), communicator, "\(layout): shards have the places \(places)")
    for shard in 0 ..< layout.shards {
        let first = exchange.places(ofShard: shard).lowerBound
        expect(exchange.owners[first / layout.capacity] == shard, communicator, "\(layout): place \(first) is not of shard \(shard)")
    }
    let owned = communicator.allGather(exchange.ownShards.map { UInt8($0) })
    expect(owned.joined().map { Int($0) } == Array(0 ..< layout.shards), communicator, "shards have owners \(owned)")
    expect(UInt(bitPattern: exchange.rows) % 64 == 0, communicator, "rows are not on a cache line")
    // Others may still look at theirs.
    communicator.barrier()
}

private func fill(_ exchange: any RowExchange, _ step: Int, _ communicator: MPICommunicator) {
    exchange.begin()
    if step % communicator.size == communicator.rank { usleep(1000) }
    for shard in exchange.ownShards {
        for (number, place) in exchange.places(ofShard: shard).enumerated() {
            exchange.indices[place] = row(shard, step, number)
            for column in 0 ..< exchange.layout.width {
                let at = place * exchange.layout.width + column
                exchange.rows[at] = value(.special, source: shard, step: step, index: number * exchange.layout.width + column)
            }
        }
    }
    exchange.ready()
    exchange.finish()
}

private func expectRows(_ exchange: any RowExchange, _ step: Int, _ communicator: MPICommunicator) {
    let width = exchange.layout.width
    // Where rows are replaced, each rank looks at those it takes.
    let (part, parts) = exchange.part
    for shard in 0 ..< exchange.layout.shards {
        for (number, place) in exchange.places(ofShard: shard).enumerated() where Int(exchange.indices[place]) % parts == part {
            let found = exchange.indices[place]
            expect(found == row(shard, step, number), communicator, "step \(step), shard \(shard): row \(number) is \(found)")
            for column in 0 ..< width {
                let got = exchange.rows[place * width + column]
                let want = value(.special, source: shard, step: step, index: number * width + column)
                expect(
                    got.bitPattern == want.bitPattern || (got.isNaN && want.isNaN), communicator,
                    "step \(step), shard \(shard), row \(number): \(got), it left \(want)")
            }
        }
    }
}

/// Each rank replaces the first occurrence of its rows; then all look at all.
private func replace(_ exchange: any RowExchange, _ step: Int, _ communicator: MPICommunicator) {
    let width = exchange.layout.width, (part, parts) = exchange.part
    if (step + 1) % communicator.size == communicator.rank { usleep(1000) }
    func eachFirst(_ body: (_ place: Int, _ row: Int32, _ isFirst: Bool) -> Void) {
        var seen: Set<Int32> = []
        for shard in 0 ..< exchange.layout.shards {
            for (number, place) in exchange.places(ofShard: shard).enumerated() {
                let row = row(shard, step, number)
                body(place, row, seen.insert(row).inserted)
            }
        }
    }
    eachFirst { place, row, isFirst in
        guard Int(row) % parts == part else { return }
        exchange.changed[place] = isFirst ? row : -1
        if isFirst { for column in 0 ..< width { exchange.rows[place * width + column] = change(row, step, column) } }
    }
    exchange.exchange()
    eachFirst { place, row, isFirst in
        expect(exchange.changed[place] == (isFirst ? row : -1), communicator, "step \(step): place \(place) has \(exchange.changed[place])")
        guard isFirst else { return }
        for column in 0 ..< width {
            expect(exchange.rows[place * width + column] == change(row, step, column), communicator, "step \(step): row \(row) differs")
        }
    }
}

/// After the first step nothing is taken from the heap. (By MPI perhaps, for messages.)
private func expectNoAllocations(_ communicator: MPICommunicator) {
    let exchange = communicator.makeRowExchange(RowLayout(shards: communicator.size, capacity: 5, width: 3), sharing: true)
    func step() {
        exchange.begin()
        exchange.ready()
        exchange.finish()
        exchange.exchange()
        exchange.end()
    }
    step()
    let before = heap_allocations()
    for _ in 0 ..< 100 { step() }
    let allocations = heap_allocations() - before
    if arguments.count <= 2 { expect(allocations == 0, communicator, "\(allocations) heap allocations in 100 steps") }
}
