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
