import CKernels
import XCTest

final class RandomTests: XCTestCase {
    typealias Generator = (Int64, UInt64, UInt64, UInt64, UnsafeMutablePointer<Float>) -> Void
    let generators: [(String, Generator)] = [
        ("uniform", { lk_random_uniform($0, $1, $2, $3, -1, 3, $4) }),
        ("normal", { lk_random_normal($0, $1, $2, $3, 1, 2, $4) }),
        ("truncated", { lk_random_truncated_normal($0, $1, $2, $3, 1, 2, $4) }),
        (
            "dropout",
            { n, key, stream, first, y in
                let x = (0 ..< Int(n)).map { _ in Float(1) }
                lk_dropout(n, key, stream, first, 0.3, x, y)
            }
        ),
    ]

    func philox(_ n: Int, _ key: UInt64, _ stream: UInt64, _ first: UInt64) -> [UInt32] {
        [UInt32](repeating: 7, count: n).mutated { lk_philox(Int64(n), key, stream, first, $0) }
    }

    /// One block, as the paper's algorithm reads.
    func naiveBlock(_ index: UInt64, _ key: UInt64, _ stream: UInt64) -> [UInt32] {
        var c = [
            UInt32(truncatingIfNeeded: index), UInt32(index >> 32), UInt32(truncatingIfNeeded: stream),
            UInt32(stream >> 32),
        ]
        var k = (UInt32(truncatingIfNeeded: key), UInt32(key >> 32))
        for _ in 0 ..< 10 {
            let a = c[0].multipliedFullWidth(by: 0xD251_1F53)
            let b = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
            c = [b.high ^ c[1] ^ k.0, b.low, a.high ^ c[3] ^ k.1, a.low]
            k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
        }
        return c
    }

    /// kat_vectors of Random123, philox4x32 10. The counter of all ones lies beyond the first element an index of 64
    /// bits can name, so the naive block, which the kernel is held to below, stands for that vector.
    func testKnownAnswers() {
        XCTAssertEqual(philox(4, 0, 0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        XCTAssertEqual(naiveBlock(0, 0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        XCTAssertEqual(naiveBlock(.max, .max, .max), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        XCTAssertEqual(
            naiveBlock(0x85a3_08d3_243f_6a88, 0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    func testPhiloxOfLargeWords() {
        let key: UInt64 = 0x299f_31d0_a409_3822
        let stream: UInt64 = 0x0370_7344_1319_8a2e
        for block: UInt64 in [0, 1, 0xffff_fff0, 0x05a3_08d3_243f_6a88, .max / 4 - 40] {
            let want = (0 ..< 40).flatMap { naiveBlock(block + $0, key, stream) }
            for skip in 0 ..< 4 {
                XCTAssertEqual(philox(150, key, stream, block * 4 + UInt64(skip)), Array(want[skip ..< skip + 150]))
            }
        }
        XCTAssertEqual(philox(4, .max, .max, (.max / 4) * 4), naiveBlock(.max / 4, .max, .max))
    }

    func testSplitsGiveTheSameNumbers() {
        for (name, generate) in generators {
            let whole = written(3000) { generate(3000, 5, 6, 1001, $0) }
            for size in [1, 2, 3, 7, 127, 128, 129, 255, 256, 257, 1023] {
                let split = written(3000) { y in
                    for at in stride(from: 0, to: 3000, by: size) {
                        generate(Int64(min(size, 3000 - at)), 5, 6, 1001 + UInt64(at), y + at)
                    }
                }
                assertSame(split, whole, "\(name) by \(size)")
            }
            XCTAssertNotEqual(whole, written(3000) { generate(3000, 5, 7, 1001, $0) }, "\(name), other stream")
            XCTAssertNotEqual(whole, written(3000) { generate(3000, 4, 6, 1001, $0) }, "\(name), other key")
            assertSame(written(1) { generate(0, 5, 6, 1, $0) }, [77], "\(name), nothing")
        }
    }

    func testUniformFollowsTheBits() {
        let bits = philox(1023, 1, 2, 3)
        let y = written(1023) { lk_random_uniform(1023, 1, 2, 3, -1, 3, $0) }
        assertClose(y, bits.map { -1 + 4 * Double($0 >> 8) / 16_777_216 }, tolerance: 3e-7)
        // Half of all draws would round up to the bound without care.
        let narrow = written(1000) { lk_random_uniform(1000, 1, 2, 3, 1, Float(1).nextUp, $0) }
        XCTAssertTrue(narrow.allSatisfy { $0 == 1 })
        assertSame(written(3) { lk_random_uniform(3, 1, 2, 3, 2, 2, $0) }, [2, 2, 2])
    }

    /// y must be where the normal distribution has the probability u.
    func testNormalsInvertTheDistribution() {
        let n = 200_000
        let bits = philox(n, 9, 8, 7)
        let y = written(n) { lk_random_normal(Int64(n), 9, 8, 7, 0, 1, $0) }
        let cut = written(n) { lk_random_truncated_normal(Int64(n), 9, 8, 7, 0, 1, $0) }
        let within = erf(2.0.squareRoot())
        for i in 0 ..< n {
            let u = (Double(bits[i] >> 8) + 0.5) / 16_777_216
            let tail = min(u, 1 - u)
            let sign = u < 0.5 ? -1.0 : 1.0
            let got = erfc(sign * Double(y[i]) / 2.0.squareRoot()) / 2
            XCTAssertEqual(got / tail, 1, accuracy: 1e-5, "\(y[i])")
            XCTAssertEqual(erf(Double(cut[i]) / 2.0.squareRoot()), within * (2 * u - 1), accuracy: 3e-7)
            if abs(got / tail - 1) > 1e-5 { return }
        }
        XCTAssertTrue(cut.allSatisfy { abs($0) <= 2 })
    }

    func testMoments() {
        let n = 400_000
        let moments = { (y: [Float]) -> (mean: Double, variance: Double) in
            let mean = y.reduce(0.0) { $0 + Double($1) } / Double(n)
            return (mean, y.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(n))
        }
        let variances = ["uniform": 4.0 / 3, "normal": 4, "truncated": 4 * 0.773741, "dropout": 0.3 / 0.7]
        for (name, generate) in generators {
            let got = moments(written(n) { generate(Int64(n), 11, 12, 13, $0) })
            XCTAssertEqual(got.mean, 1, accuracy: 0.015, name)
            XCTAssertEqual(got.variance, variances[name]!, accuracy: 0.03, name)
        }
    }

    func testDropout() {
        var numbers = Numbers(1)
        for n in oddSizes {
            let x = numbers.floats(n)
            let bits = philox(n, 3, 4, 5)
            for rate: Float in [0, 0.25, 0.5, 0.9] {
                let want = (0 ..< n).map {
                    Float(bits[$0] >> 8) / 16_777_216 >= rate ? Double(x[$0]) / Double(1 - rate) : 0
                }
                assertUlps(written(n) { lk_dropout(Int64(n), 3, 4, 5, rate, x, $0) }, want, within: 1.5, "\(rate)")
                assertUlps(
                    x.mutated { lk_dropout(Int64(n), 3, 4, 5, rate, $0, $0) }, want, within: 1.5, "\(rate) in place")
            }
            let kept = bits.map { Float($0 >> 8) / 16_777_216 >= 0.4 }
            let want = (0 ..< n).map { kept[$0] ? Double(x[$0]) * 1.5 - 0.25 : -3 }
            assertUlps(
                x.mutated { lk_affine_dropout(Int64(n), 3, 4, 5, 0.4, 1.5, -0.25, -3, $0, $0) }, want, within: 4, "scaled and shifted")
            assertSame(
                written(n) { lk_dropout(Int64(n), 3, 4, 5, 1, x, $0) }, [Float](repeating: 0, count: n), "rate 1")
        }
    }
}
