import CKernels

/// How many numbers lie in each of some ranges of equal width, as `tf.summary.histogram` counts them.
struct Histogram {
    /// By range: where it begins, where it ends, and how many numbers it has. The last one holds its end, too.
    let buckets: [(left: Double, right: Double, count: Double)]

    /// Numbers that are not finite are left out: they have no place between two others.
    init(_ numbers: [Float], bucketCount: Int = 30) {
        let numbers = lk_all_finite(Int64(numbers.count), numbers) ? numbers : numbers.filter(\.isFinite)
        let count = numbers.count
        guard count > 0 else {
            buckets = Array(repeating: (0, 0, 0), count: bucketCount)
            return
        }
        var least: Float = 0, most: Float = 0
        lk_reduce_min(1, Int64(count), 1, numbers, &least)
        lk_reduce_max(1, Int64(count), 1, numbers, &most)
        let (low, high) = (Double(least), Double(most))
        guard low < high else {
            buckets = (0 ..< bucketCount).map { (low, low, $0 == bucketCount - 1 ? Double(count) : 0) }
            return
        }
        let width = (high - low) / Double(bucketCount)
        var counts = [Int64](repeating: 0, count: bucketCount)
        lk_histogram(Int64(count), numbers, low, width, Int64(bucketCount), &counts)
        buckets = (0 ..< bucketCount).map { index in
            (low + width * Double(index), index == bucketCount - 1 ? high : low + width * Double(index + 1), Double(counts[index]))
        }
    }
}
