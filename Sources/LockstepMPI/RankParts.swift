import LockstepCommunication

/// How the ranks of a host share out an arena: pieces of it, each cut into one part a rank.
struct RankParts {
    /// In the order of the arena; none is empty.
    let ranges: [Range<Int>]
    /// The rank that each belongs to.
    let ranks: [Int]

    /// - Parameters:
    ///   - pieces: in the order of the arena.
    ///   - matrices: pieces that are cut between rows; others are cut at cache lines.
    init(of pieces: [Range<Int>], matrices: [GradientMatrix] = [], ranks count: Int) {
        let parts = pieces.flatMap { piece in
            let matrix = matrices.first { $0.range == piece }
            return (0 ..< count).map { rank in
                let rows = matrix.map { $0.range(ofRows: balancedPart(rank, of: count, count: $0.rows)) }
                return (rank, rows ?? slice(rank, of: count, bucket: piece))
            }
        }.filter { !$1.isEmpty }
        (ranks, ranges) = (parts.map(\.0), parts.map(\.1))
    }

    func of(_ rank: Int) -> [Range<Int>] { zip(ranks, ranges).filter { $0.0 == rank }.map(\.1) }
    func others(than rank: Int) -> [Range<Int>] { zip(ranks, ranges).filter { $0.0 != rank }.map(\.1) }

    /// The index of the part that `range` lies in; `nil` if it reaches over several.
    func index(of range: Range<Int>) -> Int? {
        // The first part that ends behind its beginning.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > range.lowerBound { high = middle } else { low = middle + 1 }
        }
        return low < ranges.count && ranges[low].lowerBound <= range.lowerBound && range.upperBound <= ranges[low].upperBound ? low : nil
    }
}

/// The part of a bucket that rank `index` of `parts` sums: balanced, cut at cache lines of the arena, so that no two
/// ranks write the same line. Parts of a short bucket may be empty.
func slice(_ index: Int, of parts: Int, bucket: Range<Int>) -> Range<Int> {
    let firstLine = bucket.lowerBound / floatsPerLine
    let endLine = (bucket.upperBound + floatsPerLine - 1) / floatsPerLine
    let lines = balancedPart(index, of: parts, count: endLine - firstLine)
    let start = (firstLine + lines.lowerBound) * floatsPerLine
    let end = (firstLine + lines.upperBound) * floatsPerLine
    return min(max(start, bucket.lowerBound), bucket.upperBound) ..< min(max(end, bucket.lowerBound), bucket.upperBound)
}
