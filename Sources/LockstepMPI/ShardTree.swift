import CKernels

/// The fixed tree over all shards (`lk_sum_arrays`), and how it is cut where shards lie apart.
///
///     tree(a ..< b) = tree(a ..< m) + tree(m ..< b),   m = a + the largest power of two below b - a
///
/// The shape of a subtree depends on its number of shards alone, so whoever holds all of them can sum it alone, and only
/// its root need travel: the bytes of the whole sum stay the same.
indirect enum ShardTree: Equatable {
    /// A subtree that is summed in one place: an array.
    case leaf(Int)
    case sum(ShardTree, ShardTree)

    /// The tree over `count` arrays.
    init(count: Int) { self = Self.make(0 ..< count) { $0.count == 1 ? $0.lowerBound : nil } }

    /// The tree over all shards, cut above the roots: the largest subtrees whose shards lie at one place. Leaf k is the
    /// root at position k of those of place 0, then those of place 1 …, each in the order of shards.
    init(roots: [[Range<Int>]], shards: Int) {
        var numbers: [Range<Int>: Int] = [:]
        for (number, root) in roots.joined().enumerated() { numbers[root] = number }
        self = Self.make(0 ..< shards) { numbers[$0] }
    }

    /// The largest subtrees of the tree over all shards that lie wholly at one place; by place, in the order of shards.
    ///
    /// - Parameter places: of each shard. Shards of a place need not be neighbours: the further apart, the more roots.
    static func roots(places: [Int], count: Int) -> [[Range<Int>]] {
        var roots = [[Range<Int>]](repeating: [], count: count)
        _ = make(places.indices) { shards in
            let place = places[shards.lowerBound]
            guard shards.allSatisfy({ places[$0] == place }) else { return nil }
            roots[place].append(shards)
            return 0
        }
        return roots
    }

    private static func make(_ shards: Range<Int>, leaf: (Range<Int>) -> Int?) -> ShardTree {
        if let number = leaf(shards) { return .leaf(number) }
        var half = 1
        while half * 2 < shards.count { half *= 2 }
        let middle = shards.lowerBound + half
        return .sum(make(shards.lowerBound ..< middle, leaf: leaf), make(middle ..< shards.upperBound, leaf: leaf))
    }
}

/// Sums arrays of equal length in the order of a tree. The arrays are spoilt.
final class TreeSum {
    /// Sums in turn: `arrays[inputs]` in the fixed tree, to the first of them, or at last to the result.
    private let sums: [UnsafeMutablePointer<UnsafePointer<Float>?>]
    private let inputCount: Int
    private let targets: [UnsafeMutablePointer<Float>]

    init(_ arrays: [UnsafeMutablePointer<Float>], _ tree: ShardTree) {
        var groups: [[Int]] = []
        if tree == ShardTree(count: arrays.count) {
            // The kernel's own tree: one sweep.
            groups = [Array(arrays.indices)]
        } else {
            /// The array in which the sum of a tree lies in the end.
            func place(_ tree: ShardTree) -> Int {
                switch tree {
                case .leaf(let number): return number
                case .sum(let left, let right):
                    let pair = [place(left), place(right)]
                    groups.append(pair)
                    return pair[0]
                }
            }
            _ = place(tree)
        }
        inputCount = groups[0].count
        targets = groups.map { arrays[$0[0]] }
        sums = groups.map { group in
            let inputs = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: group.count)
            for (slot, number) in group.enumerated() { (inputs + slot).initialize(to: UnsafePointer(arrays[number])) }
            return inputs
        }
    }

    deinit { for inputs in sums { inputs.deallocate() } }

    /// result[i] = the tree over the arrays at i, for i in 0 ..< count.
    func sum(_ count: Int, into result: UnsafeMutablePointer<Float>) {
        if count == 0 { return }
        for step in sums.indices {
            lk_sum_arrays(Int64(count), Int64(inputCount), sums[step], step == sums.count - 1 ? result : targets[step])
        }
    }
}
