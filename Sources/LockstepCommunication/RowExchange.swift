/// How the gradients of one table's rows are left for the others.
///
/// Each shard has `capacity` places for occurrences of rows: a place has a row's number, and `width` floats that are added to the
/// gradient of that row. A row may occur several times, in one shard and in several.
public struct RowLayout: Equatable, Sendable {
    public let shards: Int, capacity: Int, width: Int
    /// The places of all shards.
    public var count: Int { shards * capacity }

    public init(shards: Int, capacity: Int, width: Int) {
        precondition(shards > 0 && capacity > 0 && width > 0)
        (self.shards, self.capacity, self.width) = (shards, capacity, width)
    }
}

/// Brings the row gradients of all shards to all ranks: what a batch has named of a table, and not the table. They are not summed.
///
/// A step is: call `begin`; fill the places of this rank's shards; call `ready`, then `finish`; read all shards' places; call `end`. How
/// many of its places a shard has filled is for the ranks to know: it follows from the batch.
///
/// Ranks that *share* the memory of the places can share what they make of the rows, too. Each takes the rows that leave its `part` when
/// divided by the number of parts, and sums their occurrences; it may replace the floats of a place by what it has made of the row, notes
/// the row in `changed`, and -1 for the row's other places; then it calls `exchange`, and finds what the others have left.
public protocol RowExchange: AnyObject {
    var layout: RowLayout { get }
    /// The shards this rank fills.
    var ownShards: Range<Int> { get }
    /// The number of each place's row, and its floats. On a cache line.
    var indices: UnsafeMutablePointer<Int32> { get }
    var rows: UnsafeMutablePointer<Float> { get }
    /// What the ranks that share an update have made of each place; -1 at first.
    var changed: UnsafeMutablePointer<Int32> { get }
    /// The first place of a shard.
    func places(ofShard shard: Int) -> Range<Int>
    /// For every `capacity` places the shard that they belong to.
    var owners: UnsafePointer<Int32> { get }
    /// This rank's number among those that share what they make of rows; 0 of 1 where each makes all.
    var part: (index: Int, count: Int) { get }
    /// Returns when this rank's places may be filled: nobody still reads what the last step has left in them.
    func begin()
    /// This rank's places are filled.
    func ready()
    /// Returns when all places can be read.
    func finish()
    /// Returns when all ranks that share have replaced what they take.
    func exchange()
    /// The places are no longer needed.
    func end()
}

extension RowExchange {
    public func begin() {}
    public func ready() {}
    public func finish() {}
    public func exchange() {}
    public func end() {}
}

/// The places of one process.
final class LocalRowExchange: RowExchange {
    let layout: RowLayout
    let indices: UnsafeMutablePointer<Int32>, changed: UnsafeMutablePointer<Int32>
    let rows: UnsafeMutablePointer<Float>
    private let shardOfPlaces: UnsafeMutablePointer<Int32>

    init(_ layout: RowLayout) {
        self.layout = layout
        func numbers(_ count: Int) -> UnsafeMutablePointer<Int32> {
            UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64).initializeMemory(
                as: Int32.self, repeating: -1, count: count)
        }
        (indices, changed, shardOfPlaces) = (numbers(layout.count), numbers(layout.count), numbers(layout.shards))
        rows = UnsafeMutableRawPointer.allocate(byteCount: 4 * layout.count * layout.width, alignment: 64)
            .initializeMemory(as: Float.self, repeating: 0, count: layout.count * layout.width)
        for shard in 0 ..< layout.shards { shardOfPlaces[shard] = Int32(shard) }
    }

    deinit {
        for numbers in [indices, changed, shardOfPlaces] { numbers.deallocate() }
        rows.deallocate()
    }

    var ownShards: Range<Int> { 0 ..< layout.shards }
    var owners: UnsafePointer<Int32> { UnsafePointer(shardOfPlaces) }
    var part: (index: Int, count: Int) { (0, 1) }
    func places(ofShard shard: Int) -> Range<Int> { shard * layout.capacity ..< (shard + 1) * layout.capacity }
}
