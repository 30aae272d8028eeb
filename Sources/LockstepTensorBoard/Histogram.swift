/// How many numbers lie in each of some ranges of equal width, as `tf.summary.histogram` counts them.
struct Histogram {
    /// By range: where it begins, where it ends, and how many numbers it has. The last one holds its end, too.
    let buckets: [(left: Double, right: Double, count: Double)]

    /// Numbers that are not finite are left out: they have no place between two others.
    init(_ numbers: some Collection<Float>, bucketCount: Int = 30) {
        var (least, most, count) = (Float.infinity, -Float.infinity, 0)
        for number in numbers where number.isFinite {
            least = min(least, number)
            most = max(most, number)
            count += 1
        }
        guard count > 0 else {
            buckets = Array(repeating: (0, 0, 0), count: bucketCount)
            return
        }
        let (low, high) = (Double(least), Double(most))
        guard low < high else {
            buckets = (0 ..< bucketCount).map { (low, low, $0 == bucketCount - 1 ? Double(count) : 0) }
            return
        }
        let width = (high - low) / Double(bucketCount)
        var counts = [Int](repeating: 0, count: bucketCount)
        for number in numbers where number.isFinite { counts[min(Int((Double(number) - low) / width), bucketCount - 1)] += 1 }
        buckets = (0 ..< bucketCount).map { index in
            (low + width * Double(index), index == bucketCount - 1 ? high : low + width * Double(index + 1), Double(counts[index]))
        }
    }
}
