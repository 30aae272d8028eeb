import Foundation
import LockstepTensor
import XCTest

/// One function whose gradients are held against finite differences.
struct GradientCase {
    let name: String
    /// What the gradients are taken with respect to; smooth within ±`step` of each element.
    let inputs: [Tensor]
    let function: ([Tensor]) -> Tensor
    /// Whether the gradient has a gradient.
    let isTwice: Bool

    init(_ name: String, _ inputs: [Tensor], isTwice: Bool = true, _ function: @escaping ([Tensor]) -> Tensor) {
        (self.name, self.inputs, self.function, self.isTwice) = (name, inputs, function, isTwice)
    }
}

/// Checks the first and second derivatives of a function f of several tensors.
///
/// With fixed random R and S:
/// - L(x) = Σ R f(x): dL/dx by `GradientTape` against central differences of L;
/// - M(x, R) = Σ S dL/dx: dM/dx and dM/dR by a tape around the tape, against central differences of M. That is the
///   gradient of each gradient, with respect to its upstream gradient as well.
///
/// A difference quotient D(h) is extrapolated, (4 D(h/2) - D(h)) / 3, so its error goes with h⁴ (Richardson 1911): at
/// h = 1/16 about 1e-6 for the functions here. Rounding of float32 results adds about 2·6e-8/h of what is summed, 4e-6.
/// `tolerance` leaves a margin of some ten times above both, relative to the largest entry of the gradient; a wrong
/// factor or a term left out is off by 1e-1 or more.
struct GradientChecker {
    var step: Float = 1 / 16
    var tolerance = 2e-4
    /// Names of the operations applied so far: `Unary negate`, `Slice Slice`.
    var seen = Set<String>()

    mutating func check(_ test: GradientCase, file: StaticString = #filePath, line: UInt = #line) {
        var numbers = Numbers(test.name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF })
        let y = test.function(test.inputs)
        let r = numbers.tensor(y.shape, in: -1 ... 1), s = test.inputs.map { numbers.tensor($0.shape, in: -1 ... 1) }

        let weighted = { (x: [Tensor]) -> Double in dot(test.function(x), r) }
        let first = gradients(test, test.inputs, r)
        compare(first, test.inputs, "\(test.name): gradient", file, line, weighted)
        guard test.isTwice else { return note(test, []) { _ in Tensor(0) } }

        let all = test.inputs + [r]
        let combined = { (x: [Tensor]) -> Tensor in
            zip(gradients(test, Array(x.dropLast()), x.last!), s).reduce(Tensor(0)) { sum, pair in
                pair.0.map { sum + ($0 * pair.1).sum() } ?? sum
            }
        }
        let tape = GradientTape()
        all.forEach { tape.watch($0) }
        let m = tape.record { combined(all) }
        compare(tape.gradient(m, all), all, "\(test.name): gradient of the gradient", file, line) { x in
            zip(gradients(test, Array(x.dropLast()), x.last!), s).reduce(0) { sum, pair in sum + (pair.0.map { dot($0, pair.1) } ?? 0) }
        }
        note(test, all, combined)
    }

    private func compare(_ got: [Tensor?], _ x: [Tensor], _ note: String, _ file: StaticString, _ line: UInt, _ f: ([Tensor]) -> Double) {
        for index in x.indices {
            let want = x[index].scalars.indices.map { element in
                func quotient(_ h: Float) -> Double {
                    let (up, down) = (moved(x, index, element, by: h), moved(x, index, element, by: -h))
                    return (f(up) - f(down)) / Double(up[index].scalars[element] - down[index].scalars[element])
                }
                return (4 * quotient(step / 2) - quotient(step)) / 3
            }
            let found = got[index]?.scalars ?? [Float](repeating: 0, count: want.count)
            if let gradient = got[index] { XCTAssertEqual(gradient.shape, x[index].shape, note, file: file, line: line) }
            let scale = Swift.max(1, want.map { Swift.abs($0) }.max() ?? 0)
            for (element, want) in want.enumerated() where !(Swift.abs(Double(found[element]) - want) <= tolerance * scale) {
                XCTFail(
                    "\(note), input \(index) of \(x[index].shape), element \(element): \(found[element]), differences give \(want)",
                    file: file, line: line)
                break
            }
        }
    }

    private func moved(_ x: [Tensor], _ index: Int, _ element: Int, by h: Float) -> [Tensor] {
        var (x, scalars) = (x, x[index].scalars)
        scalars[element] += h
        x[index] = Tensor(scalars, shape: x[index].shape)
        return x
    }

    /// Records which operations the function, its gradient and the gradient of that apply.
    private mutating func note(_ test: GradientCase, _ all: [Tensor], _ combined: ([Tensor]) -> Tensor) {
        let graph = Graph()
        graph.trace {
            _ = gradients(test, test.inputs, Tensor(1))
            let tape = GradientTape()
            all.forEach { tape.watch($0) }
            _ = tape.gradient(tape.record { combined(all) }, all)
        }
        for record in graph.records { seen.insert("\(type(of: record.operation)) \(record.operation.name)") }
    }
}

/// dL/dx: what a tape around this sees is the gradient's own operations.
private func gradients(_ test: GradientCase, _ x: [Tensor], _ r: Tensor) -> [Tensor?] {
    let tape = GradientTape()
    x.forEach { tape.watch($0) }
    let loss = tape.record { (test.function(x) * r).sum() }
    return tape.gradient(loss, x)
}

/// Σ a b in double precision.
private func dot(_ a: Tensor, _ b: Tensor) -> Double { zip(a.scalars, b.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
