import CKernels
import XCTest

/// Each update against the same formula in double, three steps over odd sizes.
final class OptimizerTests: XCTestCase {
    let lr: Float = 0.01, rho: Double = 0.9, momentum: Float = 0.8, epsilon: Float = 1e-3

    /// `kernel` and `reference` update p and three state arrays in place, given the gradient.
    func check(
        _ note: String, kernel: (Int64, [Float], UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>]) -> Void,
        reference: (_ g: Double, _ p: inout Double, _ s: inout [Double]) -> Void, line: UInt = #line
    ) {
        var numbers = Numbers(7)
        for n in oddSizes {
            var p = numbers.floats(n)
            var s = (0 ..< 3).map { _ in [Float](repeating: 0, count: n) }
            var wantP = p.map { Double($0) }
            var wantS = [[Double]](repeating: [0, 0, 0], count: n)
            for _ in 0 ..< 3 {
                let g = numbers.floats(n)
                p = p.mutated { p in
                    s[0] = s[0].mutated { a in
                        s[1] = s[1].mutated { b in s[2] = s[2].mutated { kernel(Int64(n), g, p, [a, b, $0]) } }
                    }
                }
                for i in 0 ..< n { reference(Double(g[i]), &wantP[i], &wantS[i]) }
            }
            assertClose(p, wantP, tolerance: 2e-6, "\(note), parameter", line: line)
            for k in 0 ..< 3 {
                assertClose(s[k], wantS.map { $0[k] }, tolerance: 2e-6, "\(note), state \(k)", line: line)
            }
        }
    }

    /// As `check`, for kernels that can say what they add: then in the place of the gradients, and p and the states are the
    /// same to the bit.
    func checkChanges(
        _ note: String,
        kernel:
            @escaping (
                Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>], UnsafeMutablePointer<Float>?
            ) -> Void,
        reference: (_ g: Double, _ p: inout Double, _ s: inout [Double]) -> Void, line: UInt = #line
    ) {
        check(
            note,
            kernel: { n, g, p, s in
                let count = Int(n)
                func array(_ pointer: UnsafePointer<Float>) -> [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
                let (old, oldStates) = (array(p), s.map { array($0) })
                kernel(n, g, p, s, nil)
                let (new, newStates) = (array(p), s.map { array($0) })
                p.update(from: old, count: count)
                for (state, old) in zip(s, oldStates) { state.update(from: old, count: count) }
                var changes = g
                changes.withUnsafeMutableBufferPointer {
                    kernel(n, UnsafePointer($0.baseAddress ?? p), p, s, $0.baseAddress ?? p)
                }
                XCTAssertEqual(array(p).map(\.bitPattern), new.map(\.bitPattern), "\(note), keeping changes", line: line)
                XCTAssertEqual(s.map { array($0) }, newStates, "\(note), keeping changes", line: line)
                XCTAssertEqual(
                    zip(old, changes).map { ($0 + $1).bitPattern }, new.map(\.bitPattern), "\(note), adding changes", line: line)
            }, reference: reference, line: line)
    }

    func testSGD() {
        let lr = Double(lr)
        let momentum = Double(momentum)
        checkChanges("sgd") { n, g, p, _, changes in
            lk_sgd(n, self.lr, g, p, changes)
        } reference: { g, p, _ in
            p -= lr * g
        }
        checkChanges("momentum") {
            lk_sgd_momentum($0, self.lr, self.momentum, false, $1, $2, $3[0], $4)
        } reference: { g, p, s in
            s[0] = momentum * s[0] - lr * g
            p += s[0]
        }
        checkChanges("nesterov") {
            lk_sgd_momentum($0, self.lr, self.momentum, true, $1, $2, $3[0], $4)
        } reference: { g, p, s in
            s[0] = momentum * s[0] - lr * g
            p += momentum * s[0] - lr * g
        }
    }

    func testSubnormalsAreFlushedUntilTheModeIsRestored() {
        var state: [Float] = [0x1p-126], parameter: [Float] = [0]
        func decay() { lk_rmsprop(1, 0, 0.25, 0, 1, [0], &parameter, &state, nil, nil, nil) }
        let mode = lk_flush_subnormals()
        decay()
        XCTAssertEqual(state, [0])
        lk_restore_mode(mode)
        state = [0x1p-126]
        decay()
        XCTAssertEqual(state, [0x1p-128])
    }

    func testRMSprop() {
        let lr = Double(lr)
        let rho = self.rho
        let epsilon = Double(epsilon)
        let momentum = Double(momentum)
        for moving in [false, true] {
            for centered in [false, true] {
                checkChanges("moving \(moving), centered \(centered)") {
                    lk_rmsprop(
                        $0, self.lr, self.rho, self.momentum, self.epsilon, $1, $2, $3[0], moving ? $3[1] : nil,
                        centered ? $3[2] : nil, $4)
                } reference: { g, p, s in
                    s[0] = rho * s[0] + (1 - rho) * g * g
                    if centered { s[2] = rho * s[2] + (1 - rho) * g }
                    let increment = lr * g / sqrt(s[0] - s[2] * s[2] + epsilon)
                    if moving { s[1] = momentum * s[1] + increment }
                    p -= moving ? s[1] : increment
                }
            }
        }
    }

    func testAdam() {
        let alpha = Double(lr)
        let epsilon = Double(epsilon)
        let beta1 = rho
        let beta2 = 0.99
        for amsgrad in [false, true] {
            checkChanges("amsgrad \(amsgrad)") {
                lk_adam($0, self.lr, self.rho, 0.99, self.epsilon, $1, $2, $3[0], $3[1], amsgrad ? $3[2] : nil, $4)
            } reference: { g, p, s in
                s[0] += (g - s[0]) * (1 - beta1)
                s[1] += (g * g - s[1]) * (1 - beta2)
                if amsgrad { s[2] = max(s[2], s[1]) }
                p -= alpha * s[0] / (sqrt(amsgrad ? s[2] : s[1]) + epsilon)
            }
        }
    }

    func testAdagrad() {
        let lr = Double(lr)
        let epsilon = Double(epsilon)
        checkChanges("adagrad") {
            lk_adagrad($0, self.lr, self.epsilon, $1, $2, $3[0], $4)
        } reference: { g, p, s in
            s[0] += g * g
            p -= lr * g / sqrt(s[0] + epsilon)
        }
    }

    func testAdamax() {
        let alpha = Double(lr), epsilon = Double(epsilon), beta1 = rho, beta2 = Double(Float(0.8))
        checkChanges("adamax") {
            lk_adamax($0, self.lr, self.rho, 0.8, self.epsilon, $1, $2, $3[0], $3[1], $4)
        } reference: { g, p, s in
            s[0] += (g - s[0]) * (1 - beta1)
            s[1] = max(beta2 * s[1], abs(g))
            p -= alpha * s[0] / (s[1] + epsilon)
        }
    }

    func testNadam() {
        let lr = Double(lr), epsilon = Double(epsilon), beta1 = Double(Float(0.9)), beta2 = Double(Float(0.99))
        checkChanges("nadam") {
            lk_nadam($0, self.lr, 0.9, 0.99, self.epsilon, 0.75, 0.5, 0.125, $1, $2, $3[0], $3[1], $4)
        } reference: { g, p, s in
            s[0] += (g - s[0]) * (1 - beta1)
            s[1] += (g * g - s[1]) * (1 - beta2)
            p -= lr * (0.75 * s[0] + 0.5 * g) / (sqrt(s[1] / 0.125) + epsilon)
        }
    }

    func testAdadelta() {
        let lr = Double(lr), epsilon = Double(epsilon), rho = rho
        checkChanges("adadelta") {
            lk_adadelta($0, self.lr, self.rho, self.epsilon, $1, $2, $3[0], $3[1], $4)
        } reference: { g, p, s in
            s[0] = rho * s[0] + (1 - rho) * g * g
            let u = -g * sqrt(s[1] + epsilon) / sqrt(s[0] + epsilon)
            s[1] = rho * s[1] + (1 - rho) * u * u
            p += lr * u
        }
    }

    func testLion() {
        // Kept away from the jump of the sign, where floats and doubles may fall on two sides.
        let lr = Double(lr)
        checkChanges("lion") {
            lk_lion($0, self.lr, 0.5, 0.75, $1, $2, $3[0], $4)
        } reference: { g, p, s in
            let x = 0.5 * s[0] + 0.5 * g
            s[0] = 0.75 * s[0] + 0.25 * g
            p -= lr * (x > 0 ? 1 : x < 0 ? -1 : 0)
        }
        var p: [Float] = [1, 1, 1], m: [Float] = [0, 0, .nan]
        lk_lion(3, 0.5, 0.5, 0.5, [0, .nan, 1], &p, &m, nil)
        XCTAssertEqual(p[0], 1)
        XCTAssertTrue(p[1].isNaN && p[2].isNaN)
    }

    func testFtrl() {
        let (lr, l1, l2, shrinkage) = (0.25, 0.5, 0.125, 0.0625)
        for power in [0.5, 0, 0.75] {
            checkChanges("power \(power)") { n, g, p, s, changes in
                lk_ftrl(n, Float(lr), Float(power), Float(l1), Float(l2), Float(shrinkage), g, p, s[0], s[1], changes)
            } reference: { g, p, s in
                let (before, after) = (pow(s[0], power), pow(s[0] + g * g, power))
                s[0] += g * g
                s[1] += g + shrinkage * p - (after - before) / lr * p
                p = (min(max(s[1], -l1), l1) - s[1]) / (after / lr + l2)
            }
        }
        // Behind the first step, at which the linear part is within l1: zero, and not nearly so.
        var p: [Float] = [0.7], a: [Float] = [0.1], z: [Float] = [0]
        lk_ftrl(1, 0.25, 0.5, 10, 0, 0, [1], &p, &a, &z, nil)
        XCTAssertEqual(p, [0])
        (a, z) = ([0], [0])
        lk_ftrl(1, 0.25, 0.5, 0, 0, 0, [0], &p, &a, &z, nil)
        XCTAssertEqual(p, [0])
    }

    func testAdafactor() {
        var numbers = Numbers(11)
        let decay = 0.75, epsilon = 1e-3
        for (rows, cols) in [(1, 1), (3, 5), (17, 33), (5, 1025), (2, 2050)] {
            let n = rows * cols, g = numbers.floats(n), s = g.map { Double($0) * Double($0) + epsilon }
            var r = numbers.floats(rows).map { abs($0) + 0.5 }, c = numbers.floats(cols).map { abs($0) + 0.5 }
            var v = [Float](repeating: 0, count: n), p = numbers.floats(n)
            let wantR = (0 ..< rows).map { i in
                decay * Double(r[i]) + (1 - decay) * (0 ..< cols).reduce(0.0) { $0 + s[i * cols + $1] } / Double(cols)
            }
            let wantC = (0 ..< cols).map { j in
                decay * Double(c[j]) + (1 - decay) * (0 ..< rows).reduce(0.0) { $0 + s[$1 * cols + j] } / Double(rows)
            }
            let mean = wantR.reduce(0, +) / Double(rows), wantV = (0 ..< n).map { wantR[$0 / cols] / mean * wantC[$0 % cols] }
            let sum = lk_adafactor_matrix(Int64(rows), Int64(cols), Float(decay), Float(epsilon), g, &r, &c, &v)
            assertClose(r, wantR, tolerance: 2e-6, "rows")
            assertClose(c, wantC, tolerance: 2e-6, "columns")
            assertClose(v, wantV, tolerance: 4e-6, "second moments")
            let u = (0 ..< n).map { Double(g[$0]) / sqrt(wantV[$0]) }
            XCTAssertEqual(sum, u.reduce(0) { $0 + $1 * $1 }, accuracy: 1e-5 * max(1, sum))
            let wantP = (0 ..< n).map { Double(p[$0]) - 0.125 * u[$0] }
            lk_adafactor(Int64(n), 0.125, g, v, &p)
            assertClose(p, wantP, tolerance: 2e-6, "parameter")
        }
        for n in oddSizes {
            let g = numbers.floats(n)
            var v = numbers.floats(n).map { abs($0) + 0.5 }
            let want = (0 ..< n).map { decay * Double(v[$0]) + (1 - decay) * (Double(g[$0]) * Double(g[$0]) + epsilon) }
            let sum = lk_adafactor_vector(Int64(n), Float(decay), Float(epsilon), g, &v)
            assertClose(v, want, tolerance: 2e-6, "of a vector")
            let squares = (0 ..< n).reduce(0.0) { $0 + Double(g[$1]) * Double(g[$1]) / want[$1] }
            XCTAssertEqual(sum, squares, accuracy: 1e-5 * max(1, squares))
        }
    }

    func testMovingAverage() {
        check("average") { n, _, p, s in
            lk_moving_average(n, 0.75, p, s[0])
        } reference: { _, p, s in
            s[0] = 0.75 * s[0] + 0.25 * p
        }
        var average: [Float] = [3]
        lk_moving_average(1, 0, [0.1], &average)
        XCTAssertEqual(average, [0.1])
    }

    func testLamb() {
        let lr = Double(lr), epsilon = Double(epsilon), beta1 = rho, beta2 = 0.99
        let (rest1, rest2) = (0.19, 0.0199)
        func direction(_ s: [Double]) -> Double { s[0] / rest1 / (sqrt(s[1] / rest2) + epsilon) }
        check("lamb") { n, g, p, s in
            let sum = lk_lamb_moments(n, self.rho, 0.99, self.epsilon, Float(rest1), Float(rest2), g, s[0], s[1])
            let want = (0 ..< Int(n)).reduce(0.0) { total, i in
                let u = direction([Double(s[0][i]), Double(s[1][i])])
                return total + u * u
            }
            XCTAssertEqual(sum, want, accuracy: 1e-6 * max(1, want))
            lk_lamb(n, self.lr, self.epsilon, Float(rest1), Float(rest2), s[0], s[1], p)
        } reference: { g, p, s in
            s[0] += (g - s[0]) * (1 - beta1)
            s[1] += (g * g - s[1]) * (1 - beta2)
            p -= lr * direction(s)
        }
    }

    func testLARS() {
        let lr = Double(lr), momentum = Double(momentum)
        for nesterov in [false, true] {
            check("nesterov \(nesterov)") {
                lk_lars($0, self.lr, self.momentum, nesterov, 0.25, $1, $2, $3[0])
            } reference: { g, p, s in
                let step = lr * (g + 0.25 * p)
                s[0] = momentum * s[0] + step
                p -= nesterov ? momentum * s[0] + step : s[0]
            }
        }
    }

    func testWeightDecay() {
        check("decay") { n, _, p, _ in
            lk_weight_decay(n, 0.125, p)
        } reference: { _, p, _ in
            p -= 0.125 * p
        }
    }
}
