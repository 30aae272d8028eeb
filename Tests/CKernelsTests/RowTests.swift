import CKernels
import Foundation
import XCTest

/// Gradients and updates of rows, each against a naive reference over odd sizes, with rows that come once, often and never.
final class RowTests: XCTestCase {
    func testCollectSortAndUnite() {
        var numbers = Numbers(21)
        for n in oddSizes + [5000] {
            for limit in [1, 7, 2048, 2049, 100_000, Int(Int32.max)] {
                for parts in [1, 3] {
                    let index = numbers.indices(n, below: limit), part = parts - 1, first = 11
                    let want = index.indices.filter { Int(index[$0]) % parts == part }.map { (row: index[$0], place: Int32(first + $0)) }
                    var rows = [Int32](repeating: -7, count: n), places = rows
                    let count = lk_collect_rows(Int64(n), index, Int64(first), Int32(part), Int32(parts), &rows, &places)
                    XCTAssertEqual(Array(rows.prefix(Int(count))), want.map(\.row))
                    XCTAssertEqual(Array(places.prefix(Int(count))), want.map(\.place))

                    // Those of one row stay in their order.
                    let sorted = want.sorted { ($0.row, $0.place) < ($1.row, $1.place) }
                    var (a, b) = (rows, rows)
                    lk_sort_rows(count, Int64(limit), &rows, &places, &a, &b)
                    XCTAssertEqual(Array(rows.prefix(Int(count))), sorted.map(\.row))
                    XCTAssertEqual(Array(places.prefix(Int(count))), sorted.map(\.place))

                    var starts = [Int32](repeating: -7, count: n + 1)
                    let united = Int(lk_unite_rows(count, &rows, &starts))
                    let heads = sorted.indices.filter { $0 == 0 || sorted[$0].row != sorted[$0 - 1].row }
                    XCTAssertEqual(Array(rows.prefix(united)), heads.map { sorted[$0].row })
                    XCTAssertEqual(Array(starts.prefix(united + 1)), heads.map { Int32($0) } + [Int32(count)])
                }
            }
        }
    }

    /// The sum over shards, written out; those without an occurrence have no part in it.
    private func tree(_ sums: [[Float]?]) -> [Float]? {
        if sums.count == 1 { return sums[0] }
        var half = 1
        while half * 2 < sums.count { half *= 2 }
        guard let a = tree(Array(sums[..<half])) else { return tree(Array(sums[half...])) }
        guard let b = tree(Array(sums[half...])) else { return a }
        return zip(a, b).map { $0 + $1 }
    }

    func testSumsArePublishedAndAdded() {
        var numbers = Numbers(22)
        for width in oddSizes where width > 0 {
            for shardCount in [1, 2, 3, 5, 8, 13] {
                // Shards in another order than their places.
                let capacity = 7, n = capacity * shardCount, shards = (0 ..< shardCount).map { Int32((5 * $0 + 3) % shardCount) }
                guard Set(shards).count == shardCount else { continue }
                let index = numbers.indices(n, below: 6), x = numbers.floats(n * width)
                // In the order of shards.
                let order = (0 ..< shardCount).flatMap { shard in
                    let slot = shards.firstIndex(of: Int32(shard))!
                    return Array(slot * capacity ..< (slot + 1) * capacity)
                }
                let unique = Set(index).sorted()
                let grouped = unique.map { row in order.filter { index[$0] == row } }
                let want = grouped.map { places -> [Float] in
                    tree(
                        (0 ..< shardCount).map { shard -> [Float]? in
                            let own = places.filter { shards[$0 / capacity] == Int32(shard) }
                            return own.isEmpty
                                ? nil
                                : own.dropFirst().reduce(Array(x[own[0] * width ..< (own[0] + 1) * width])) { sum, place in
                                    (0 ..< width).map { sum[$0] + x[place * width + $0] }
                                }
                        })!
                }
                let places = grouped.flatMap { $0.map { Int32($0) } }
                let starts = [0] + grouped.indices.map { grouped[...$0].reduce(0) { $0 + Int32($1.count) } }
                let sums = written(unique.count * width) { y in
                    var scratch = [Float](repeating: 0, count: 32 * width)
                    lk_sum_rows(
                        Int64(unique.count), Int64(width), starts, places, x, Int64(capacity), shards, Int64(shardCount), &scratch, y)
                }
                assertSame(sums, want.flatMap { $0 }, "\(shardCount) shards, \(width) wide")

                var changed = [Int32](repeating: -5, count: n)
                let published = x.mutated {
                    lk_publish_rows(Int64(unique.count), Int64(width), starts, places, unique, sums, $0, &changed)
                }
                var (wantX, wantChanged) = (x, [Int32](repeating: -1, count: n))
                for (number, row) in unique.enumerated() {
                    let place = grouped[number][0]
                    wantChanged[place] = row
                    wantX.replaceSubrange(place * width ..< (place + 1) * width, with: want[number])
                }
                assertSame(published, wantX)
                XCTAssertEqual(changed, wantChanged)

                for (part, parts) in [(-1, 1), (0, 2), (1, 2)] {
                    let table = numbers.floats(6 * width)
                    var wantTable = table
                    for (number, row) in unique.enumerated() where Int(row) % parts != part {
                        for column in 0 ..< width { wantTable[Int(row) * width + column] += want[number][column] }
                    }
                    assertSame(
                        table.mutated { lk_add_rows(Int64(n), Int64(width), changed, published, Int32(part), Int32(parts), $0) }, wantTable)
                }
            }
        }
    }

    /// To the bit what the dense update does to a table that is all zeros elsewhere; but for a decay that comes late.
    func testUpdates() {
        var numbers = Numbers(24)
        let count = 12, lr: Float = 0.03, rho = 0.9, epsilon: Float = 1e-3
        let powers = (0 ..< 4).map { Float(pow(Double(Float(rho)), Double($0))) }
        for width in oddSizes where width > 0 {
            var sgd = (rows: numbers.floats(count * width), dense: [Float]()), adagrad = sgd, rmsprop = sgd
            (sgd.dense, adagrad.dense, rmsprop.dense) = (sgd.rows, sgd.rows, sgd.rows)
            var a = (rows: [Float](repeating: 0.1, count: count * width), dense: [Float](repeating: 0.1, count: count * width))
            var v = (rows: [Float](repeating: 0, count: count * width), dense: [Float](repeating: 0, count: count * width))
            var latest = [Int32](repeating: 0, count: count)
            let n = Int64(count * width)
            for update in Int32(1) ... 9 {
                // The rows at the end are named last in the third update, one never.
                let named = Set(numbers.indices(4, below: update > 3 ? 6 : 11)).sorted(), k = Int64(named.count)
                let g = numbers.floats(named.count * width)
                var dense = [Float](repeating: 0, count: count * width)
                for (number, row) in named.enumerated() {
                    dense.replaceSubrange(Int(row) * width ..< (Int(row) + 1) * width, with: g[number * width ..< (number + 1) * width])
                }
                var changes = g
                let before = sgd.rows
                lk_sgd_rows(k, Int64(width), lr, named, &changes, &sgd.rows)
                lk_sgd(n, lr, dense, &sgd.dense, nil)
                assertSame(sgd.rows, sgd.dense, "SGD, \(width) wide")
                for (number, row) in named.enumerated() {
                    for column in 0 ..< width {
                        let place = Int(row) * width + column
                        XCTAssertEqual(sgd.rows[place], before[place] + changes[number * width + column])
                    }
                }
                changes = g
                lk_adagrad_rows(k, Int64(width), lr, epsilon, named, &changes, &adagrad.rows, &a.rows)
                lk_adagrad(n, lr, epsilon, dense, &adagrad.dense, &a.dense, nil)
                assertSame(adagrad.rows, adagrad.dense, "Adagrad, \(width) wide")
                assertSame(a.rows, a.dense, "Adagrad's state, \(width) wide")
                changes = g
                lk_rmsprop_rows(
                    k, Int64(width), lr, rho, epsilon, powers, Int64(powers.count), update, named, &changes, &rmsprop.rows, &v.rows, &latest
                )
                lk_rmsprop(n, lr, rho, 0, epsilon, dense, &rmsprop.dense, &v.dense, nil, nil, nil)
                assertClose(rmsprop.rows, rmsprop.dense.map { Double($0) }, tolerance: 1e-6, "RMSprop, \(width) wide")
            }
            lk_decay_rows(Int64(count), Int64(width), rho, powers, Int64(powers.count), 9, &v.rows, &latest)
            XCTAssertEqual(latest, [Int32](repeating: 9, count: count))
            assertClose(v.rows, v.dense.map { Double($0) }, tolerance: 1e-6, "RMSprop's state, \(width) wide")
            let settled = v.rows
            lk_decay_rows(Int64(count), Int64(width), rho, powers, Int64(powers.count), 9, &v.rows, &latest)
            assertSame(v.rows, settled, "settled twice")
        }
    }
}
