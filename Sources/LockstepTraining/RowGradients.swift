import CKernels
import LockstepCommunication
import LockstepNN
import LockstepTensor

/// Gradients of tables of which a batch names a few rows (`RowTable`): a step touches these rows, and not the table.
///
/// Each shard leaves the numbers of the rows that its samples name, and what is added to the gradient of each, in the places of a
/// `RowExchange`. There all ranks find those of all shards; a rank takes some of the rows, or, where nothing is shared, all of them. It
/// sorts the occurrences of its rows by row, sums those of a row, shard by shard in the order in which they occur and then over the
/// shards in the reducers' tree, and updates the row while the sum is in its cache. Ranks that share leave what they have added to a row
/// in the place of its first occurrence, and add what they find there of the others' rows.
///
/// So the table has no part in the arenas of gradients. Nothing is taken from the heap: buffers have room for all occurrences that a batch
/// can have.
final class RowGradients {
    private let tables: [Exchanged]
    private let shards: Int, capacity: Int
    /// Whether the ranks of a host share the update, and its state.
    private let isShared: Bool
    /// In how many steps at least all of a table is to be looked at.
    private let checkInterval: Int
    private let clock: PhaseClock

    /// One table, its places, and where its occurrences are sorted.
    private final class Exchanged {
        let table: RowTable
        /// In the layout of the parameters.
        let index: Int
        let exchange: any RowExchange
        /// Numbers: rows, places, both again to sort in, and where each row's occurrences begin.
        private let numbers: Memory
        /// Rows that are summed and updated together, and room to sum in.
        private let block: Memory
        let blockRows: Int
        /// How many rows this rank has taken in this step.
        var taken = 0

        init(_ table: RowTable, index: Int, _ exchange: any RowExchange) {
            (self.table, self.index, self.exchange) = (table, index, exchange)
            numbers = Memory(byteCount: 4 * (5 * exchange.layout.count + 1), for: "the rows that a batch names of \(table.variable.path)")
            blockRows = max(1, 4096 / table.width)
            block = Memory(byteCount: 4 * (blockRows + 32) * table.width, for: "rows of \(table.variable.path)")
        }

        private func list(_ number: Int) -> UnsafeMutablePointer<Int32> {
            numbers.pointer.assumingMemoryBound(to: Int32.self) + number * exchange.layout.count
        }
        var rows: UnsafeMutablePointer<Int32> { list(0) }
        var places: UnsafeMutablePointer<Int32> { list(1) }
        var otherRows: UnsafeMutablePointer<Int32> { list(2) }
        var otherPlaces: UnsafeMutablePointer<Int32> { list(3) }
        var starts: UnsafeMutablePointer<Int32> { list(4) }
        var sums: UnsafeMutablePointer<Float> { block.floats }
        var scratch: UnsafeMutablePointer<Float> { block.floats + blockRows * table.width }
    }

    /// Collective: every rank asks for the same.
    ///
    /// - Parameters:
    ///   - tables: with their places in the layout of the parameters.
    ///   - capacity: samples of the largest part of a batch, of `shards`.
    ///   - isShared: whether the ranks of a host share the update, and its state.
    ///   - checkInterval: see `DesyncCheck`; 0 for no checksums.
    init(
        _ tables: [(index: Int, table: RowTable)], shards: Int, capacity: Int, isShared: Bool, checkInterval: Int, _ clock: PhaseClock,
        _ communicator: any Communicator
    ) {
        (self.shards, self.capacity, self.isShared, self.checkInterval, self.clock) = (shards, capacity, isShared, checkInterval, clock)
        self.tables = tables.map { index, table in
            let layout = RowLayout(shards: shards, capacity: max(1, capacity) * table.perSample, width: table.width)
            return Exchanged(table, index: index, communicator.makeRowExchange(layout, sharing: isShared))
        }
    }

    // MARK: What programs write

    /// Whether the gradient of a variable, by its index in the layout, is left here, row by row.
    func has(variable index: Int) -> Bool { tables.contains { $0.index == index } }

    /// Results of a shard's program, and where they are to end: the uses of a table.
    ///
    /// - Returns: `nil` if the gradient is not what it was when the table was found.
    func pins(
        ofVariable index: Int, shard: Int, rows: Int, uses: [(indices: Tensor, rows: Tensor)]?
    ) -> [(tensor: Tensor, address: UnsafeMutableRawPointer)]? {
        // Without samples there are no rows to leave.
        if rows == 0 { return [] }
        guard let exchanged = tables.first(where: { $0.index == index }), let uses, uses.count == exchanged.table.uses.count,
            zip(uses, exchanged.table.uses).allSatisfy({ $0.indices.shape.count == rows * $1 }), rows <= capacity
        else { return nil }
        let exchange = exchanged.exchange
        var place = exchange.places(ofShard: shard).lowerBound
        return zip(uses, exchanged.table.uses).flatMap { use, perSample in
            defer { place += capacity * perSample }
            return [
                (use.indices, UnsafeMutableRawPointer(exchange.indices + place)),
                (use.rows, UnsafeMutableRawPointer(exchange.rows + place * exchange.layout.width)),
            ]
        }
    }

    // MARK: A step

    /// Returns when shards may leave their rows.
    func begin() { for table in tables { table.exchange.begin() } }

    /// This rank's shards have left their rows; returns when those of all shards are there.
    func finish() {
        for table in tables { table.exchange.ready() }
        for table in tables { table.exchange.finish() }
    }

    /// Updates the rows that this rank takes.
    ///
    /// - Parameters:
    ///   - count: samples of the batch.
    ///   - parameters: of the variable of an index in the layout.
    func update(_ optimizer: Optimizer, _ rate: Float, batch count: Int, parameters: (_ variable: Int) -> ParameterTable) {
        for table in tables { update(table, optimizer, rate, count, parameters(table.index)) }
    }

    private func update(_ exchanged: Exchanged, _ optimizer: Optimizer, _ rate: Float, _ count: Int, _ parameters: ParameterTable) {
        let (exchange, part) = (exchanged.exchange, exchanged.exchange.part)
        let (rows, places, starts, sums) = (exchanged.rows, exchanged.places, exchanged.starts, exchanged.sums)
        let (layout, width) = (exchange.layout, Int64(exchange.layout.width))
        var found: Int64 = 0
        eachRun(exchanged, batch: count) { run in
            found += lk_collect_rows(
                Int64(run.count), exchange.indices + run.lowerBound, Int64(run.lowerBound), Int32(part.index), Int32(part.count),
                rows + Int(found), places + Int(found))
        }
        lk_sort_rows(found, Int64(parameters.rows), rows, places, exchanged.otherRows, exchanged.otherPlaces)
        exchanged.taken = Int(lk_unite_rows(found, rows, starts))
        for start in stride(from: 0, to: exchanged.taken, by: exchanged.blockRows) {
            let count = min(exchanged.blockRows, exchanged.taken - start)
            lk_sum_rows(
                Int64(count), width, starts + start, places, exchange.rows, Int64(layout.capacity), exchange.owners, Int64(shards),
                exchanged.scratch, sums)
            optimizer.updateRows(
                rows + start, count: count, of: parameters, gradients: sums, learningRate: rate, iteration: optimizer.iterations)
            if isShared {
                lk_publish_rows(Int64(count), width, starts + start, places, rows + start, sums, exchange.rows, exchange.changed)
            }
        }
    }

    /// Adds what the ranks that share have made of their rows; the step is over.
    func exchange(batch count: Int, parameters: (_ variable: Int) -> ParameterTable) {
        guard isShared else { return }
        clock.begin(.reduce)
        for table in tables { table.exchange.exchange() }
        clock.begin(.optimizer)
        for table in tables where table.exchange.part.count > 1 {
            let (exchange, part, all) = (table.exchange, table.exchange.part, parameters(table.index).parameters)
            eachRun(table, batch: count) { run in
                lk_add_rows(
                    Int64(run.count), Int64(exchange.layout.width), exchange.changed + run.lowerBound,
                    exchange.rows + run.lowerBound * exchange.layout.width, Int32(part.index), Int32(part.count), all)
            }
        }
    }

    /// The places are no longer needed, also after a step that does not count.
    func end() { for table in tables { table.exchange.end() } }

    /// The places that are filled for a batch, in runs of one shard and use, in an order that all ranks have.
    private func eachRun(_ exchanged: Exchanged, batch count: Int, _ body: (Range<Int>) -> Void) {
        for shard in 0 ..< shards {
            let samples = balancedPart(shard, of: shards, count: count).count
            var place = exchanged.exchange.places(ofShard: shard).lowerBound
            for perSample in exchanged.table.uses {
                if samples > 0 { body(place ..< place + samples * perSample) }
                place += capacity * perSample
            }
        }
    }

    // MARK: Whether ranks come to the same

    /// A checksum of some of the rows: of all in turn, a few for those that a batch names.
    func checksum(step: Int) -> UInt64 {
        var sum: UInt64 = 0
        for table in tables {
            let rows = table.table.rows
            let most = min(max(1, table.exchange.layout.count / 8), (rows + checkInterval - 1) / checkInterval)
            let start = Int(UInt(bitPattern: step) % UInt((rows + most - 1) / most)) * most, width = table.exchange.layout.width
            sum =
                sum &* 31
                &+ lk_checksum_numbers(
                    Int64((min(start + most, rows) - start) * width), table.table.variable.floats + start * width)
        }
        return sum
    }
}
