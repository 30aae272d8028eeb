import CKernels
import Foundation
import XCTest

/// Against sums in double precision.
final class AttentionTests: XCTestCase {
    private struct Rows {
        let rows: Int, cols: Int, scale: Float
        var mask: [UInt8]?
        /// Bytes between its rows: 0 if all have the same.
        var maskRow = 0
        var causalFrom: Int?

        func sees(_ row: Int, _ col: Int) -> Bool {
            (mask.map { $0[row * maskRow + col] != 0 } ?? true) && (causalFrom.map { col <= $0 + row } ?? true)
        }

        func withSight<Result>(_ body: (lk_sight) -> Result) -> Result {
            (mask ?? []).withUnsafeBufferPointer {
                body(
                    lk_sight(
                        mask: mask == nil ? nil : $0.baseAddress, mask_row: Int64(maskRow), causal: causalFrom != nil,
                        first: Int64(causalFrom ?? 0)))
            }
        }

        func weights(_ scores: [Float]) -> (weights: [Double], logSums: [Double]) {
            var (weights, logSums): ([Double], [Double]) = ([], [])
            for row in 0 ..< rows {
                let seen = (0 ..< cols).filter { sees(row, $0) }
                let terms = seen.map { exp(Double(scale) * Double(scores[row * cols + $0])) }, sum = terms.reduce(0, +)
                var shares = [Double](repeating: seen.isEmpty ? 1 / Double(cols) : 0, count: cols)
                for (col, term) in zip(seen, terms) { shares[col] = term / sum }
                weights += shares
                logSums.append(seen.isEmpty ? .infinity : log(sum))
            }
            return (weights, logSums)
        }
    }

    /// Odd sizes, around the vectors of 16; masks by row and for all rows, rows that see nothing, causal ones from several places.
    private func cases(_ numbers: inout Numbers) -> [Rows] {
        var cases: [Rows] = []
        for (rows, cols) in [(1, 1), (3, 5), (7, 16), (2, 17), (5, 33), (4, 130)] {
            cases.append(Rows(rows: rows, cols: cols, scale: 0.3))
            for first in [-2, 0, 4] { cases.append(Rows(rows: rows, cols: cols, scale: 0.7, causalFrom: first)) }
            for (length, maskRow, causalFrom) in [(rows * cols, cols, nil), (cols, 0, nil), (rows * cols, cols, 1)] {
                var mask = numbers.floats(length).map { $0 > 0 ? UInt8(1) : 0 }
                if maskRow > 0 { for col in 0 ..< cols { mask[(rows - 1) * cols + col] = 0 } }
                cases.append(Rows(rows: rows, cols: cols, scale: 1.1, mask: mask, maskRow: maskRow, causalFrom: causalFrom))
            }
        }
        return cases
    }

    func testWeights() {
        var numbers = Numbers(1)
        for test in cases(&numbers) {
            let scores = numbers.floats(test.rows * test.cols).map { $0 * 5 }, want = test.weights(scores)
            var logSums = [Float](repeating: .nan, count: test.rows)
            let got = test.withSight { sight in
                scores.mutated { lk_attention_weights(Int64(test.rows), Int64(test.cols), test.scale, sight, $0, &logSums) }
            }
            let again = test.withSight { sight in
                scores.mutated { lk_attention_weights_again(Int64(test.rows), Int64(test.cols), test.scale, sight, logSums, $0) }
            }
            for (index, want) in want.weights.enumerated() {
                XCTAssertEqual(Double(got[index]), want, accuracy: 1e-6, "\(test) [\(index)]")
                XCTAssertEqual(Double(again[index]), want, accuracy: 2e-6, "\(test) [\(index)], again")
            }
            for (row, want) in want.logSums.enumerated() {
                if want == .infinity {
                    XCTAssertEqual(logSums[row], .infinity)
                } else {
                    XCTAssertEqual(Double(logSums[row]), want, accuracy: 1e-5)
                }
            }
        }
    }

    func testGradient() {
        var numbers = Numbers(2)
        for ends in [false, true] {
            let (rows, cols) = (3, 19)
            let (weights, upstream, delta) = (numbers.floats(rows * cols), numbers.floats(rows * cols), numbers.floats(rows))
            let logSums: [Float] = [1, .infinity, -2]
            let got = upstream.mutated {
                lk_attention_gradient(Int64(rows), Int64(cols), 0.5, ends, weights, logSums, delta, $0)
            }
            for index in got.indices {
                let row = index / cols
                let want = ends && row == 1 ? 0 : 0.5 * weights[index] * (upstream[index] - delta[row])
                XCTAssertEqual(got[index], want, accuracy: 1e-6)
            }
        }
    }

    func testRowDots() {
        var numbers = Numbers(3)
        for cols in [1, 15, 16, 17, 70] {
            let (a, b) = (numbers.floats(3 * (cols + 2)), numbers.floats(3 * (cols + 5)))
            let got = [Float](repeating: .nan, count: 3).mutated {
                lk_row_dots(3, Int64(cols), a, Int64(cols + 2), b, Int64(cols + 5), $0)
            }
            for row in 0 ..< 3 {
                let want = (0 ..< cols).reduce(0) { $0 + Double(a[row * (cols + 2) + $1]) * Double(b[row * (cols + 5) + $1]) }
                XCTAssertEqual(Double(got[row]), want, accuracy: 1e-5)
            }
        }
    }

    func testAdditiveScores() {
        var numbers = Numbers(4)
        for (queries, keys, cols, isWeighted) in [(1, 1, 1, true), (3, 2, 17, true), (2, 5, 16, false), (2, 3, 300, true)] {
            let (q, k, w) = (numbers.floats(queries * cols), numbers.floats(keys * cols), numbers.floats(cols))
            let (g, factor) = (numbers.floats(queries * keys), Float(0.8))
            func sum(_ i: Int, _ j: Int, _ c: Int) -> Double { Double(q[i * cols + c]) + Double(k[j * cols + c]) }
            func weight(_ c: Int) -> Double { isWeighted ? Double(w[c]) : 1 }
            let scores = [Float](repeating: .nan, count: queries * keys).mutated { y in
                w.withUnsafeBufferPointer { w in
                    lk_additive_scores(
                        Int64(queries), Int64(keys), Int64(cols), factor, q, k, isWeighted ? w.baseAddress : nil, y)
                }
            }
            var (dq, dk, dw) = (
                [Float](repeating: 1, count: q.count), [Float](repeating: 1, count: k.count), [Float](repeating: 1, count: cols)
            )
            let dfactor = w.withUnsafeBufferPointer { w in
                dw.withUnsafeMutableBufferPointer { dw in
                    lk_additive_scores_gradient(
                        Int64(queries), Int64(keys), Int64(cols), factor, q, k, isWeighted ? w.baseAddress : nil, g, &dq, &dk,
                        isWeighted ? dw.baseAddress : nil)
                }
            }
            var (wantQ, wantK, wantW) = (
                [Double](repeating: 1, count: q.count), [Double](repeating: 1, count: k.count), [Double](repeating: 1, count: cols)
            )
            var wantFactor = 0.0
            for i in 0 ..< queries {
                for j in 0 ..< keys {
                    let g = Double(g[i * keys + j])
                    var score = 0.0
                    for c in 0 ..< cols {
                        let t = tanh(Double(factor) * sum(i, j, c)), slope = g * weight(c) * (1 - t * t)
                        score += weight(c) * t
                        wantQ[i * cols + c] += slope * Double(factor)
                        wantK[j * cols + c] += slope * Double(factor)
                        if isWeighted { wantW[c] += g * t }
                        wantFactor += slope * sum(i, j, c)
                    }
                    XCTAssertEqual(Double(scores[i * keys + j]), score, accuracy: 2e-5)
                }
            }
            for (got, want) in [(dq, wantQ), (dk, wantK), (dw, wantW), ([dfactor], [wantFactor])] {
                for (got, want) in zip(got, want) { XCTAssertEqual(Double(got), want, accuracy: 1e-4) }
            }
        }
    }
}
