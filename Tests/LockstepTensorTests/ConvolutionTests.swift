import LockstepTensor
import XCTest

/// Convolution and pooling against loops in double precision, at odd sizes; what oneDNN's layouts do to them.
final class ConvolutionTests: XCTestCase {
    private var numbers = Numbers(5)

    override func tearDown() { Convolutions.winograd = true }

    /// By spatial axis: where window number `index` begins, and the places in the input that it sees.
    private func places(_ window: Window, _ axis: Int, _ length: Int, _ index: Int) -> [Int?] {
        let extent = (window.size[axis] - 1) * window.dilation[axis] + 1, count = window.count(length, axis: axis)
        let before: Int =
            switch window.padding {
            case .valid: 0
            case .causal: extent - 1
            case .same: Swift.max(0, (count - 1) * window.strides[axis] + extent - length) / 2
            }
        return (0 ..< window.size[axis]).map {
            let place = index * window.strides[axis] - before + $0 * window.dilation[axis]
            return 0 ..< length ~= place ? place : nil
        }
    }

    /// Over two axes, channels last.
    private func naive(_ x: Tensor, _ kernel: Tensor, _ bias: Tensor, _ window: Window, groups: Int) -> (shape: Shape, scalars: [Double]) {
        let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]), (inner, filters) = (kernel.shape[2], kernel.shape[3])
        let (oh, ow) = (window.count(h, axis: 0), window.count(w, axis: 1))
        let (a, k, b) = (x.scalars, kernel.scalars, bias.scalars)
        var result: [Double] = []
        for sample in 0 ..< n {
            for row in 0 ..< oh {
                for column in 0 ..< ow {
                    for filter in 0 ..< filters {
                        var sum = Double(b[filter])
                        for (i, y) in places(window, 0, h, row).enumerated() {
                            for (j, z) in places(window, 1, w, column).enumerated() {
                                guard let y, let z else { continue }
                                for channel in 0 ..< inner {
                                    let from = filter / (filters / groups) * inner + channel
                                    sum +=
                                        Double(a[((sample * h + y) * w + z) * c + from])
                                        * Double(k[((i * window.size[1] + j) * inner + channel) * filters + filter])
                                }
                            }
                        }
                        result.append(sum)
                    }
                }
            }
        }
        return ([n, oh, ow, filters], result)
    }

    func testConvolutionsAgainstLoops() {
        let windows = [
            Window(size: [3, 3], strides: [1, 1], padding: .same), Window(size: [2, 5], strides: [1, 2], padding: .valid),
            Window(size: [3, 2], strides: [1, 1], dilation: [2, 3], padding: .same),
            Window(size: [1, 1], strides: [3, 2], padding: .same),
            Window(size: [4, 3], strides: [1, 1], padding: .causal), Window(size: [3, 3], strides: [3, 2], padding: .same),
        ]
        for (channels, filters, groups) in [(1, 3, 1), (5, 4, 1), (6, 9, 3), (7, 14, 7), (16, 32, 1), (32, 48, 1)] {
            for window in windows {
                let x = numbers.tensor([2, 9, 11, channels], in: -1 ... 1)
                let kernel = numbers.tensor(Shape(window.size + [channels / groups, filters]), in: -1 ... 1)
                let bias = numbers.tensor([filters], in: -1 ... 1)
                let want = naive(x, kernel, bias, window, groups: groups)
                for activation in [FusedActivation.linear, .relu] {
                    let got = convolution(x, kernel, bias: bias, window: window, groups: groups, activation: activation)
                    XCTAssertEqual(got.shape, want.shape)
                    for (index, (a, b)) in zip(got.scalars, want.scalars).enumerated() {
                        let b = activation == .relu ? Swift.max(b, 0) : b
                        guard Swift.abs(Double(a) - b) < 2e-5 * Swift.max(1, Swift.abs(b)) else {
                            return XCTFail(
                                "\(window), \(channels) to \(filters) in \(groups), \(activation), [\(index)]: \(a), loops give \(b)")
                        }
                    }
                }
            }
        }
    }

    /// Over one axis, and over three: the same as over two where the others have length one.
    func testOtherNumbersOfAxes() {
        let x = numbers.tensor([3, 10, 6], in: -1 ... 1), kernel = numbers.tensor([4, 6, 5], in: -1 ... 1)
        for padding in [Window.Padding.valid, .same, .causal] {
            let line = Window(size: [4], strides: [2], padding: padding)
            let plane = Window(size: [4, 1], strides: [2, 1], padding: padding)
            let solid = Window(size: [4, 1, 1], strides: [2, 1, 1], padding: padding)
            let got = convolution(x, kernel, window: line)
            for (window, axes) in [(plane, [1]), (solid, [1, 1])] {
                let wide = convolution(
                    x.reshaped(Shape([3, 10] + axes + [6])), kernel.reshaped(Shape([4] + axes + [6, 5])), window: window)
                for (a, b) in zip(got.scalars, wide.scalars) { XCTAssertEqual(a, b, accuracy: 1e-5) }
            }
        }
    }

    /// Winograd's algorithm, its gradients, and tensors that stay in blocks from one operation to the next, against the direct algorithm
    /// one operation at a time.
    func testWinogradAndBlocksAgainstDirect() {
        let x = numbers.tensor([3, 9, 13, 32], in: -1 ... 1), first = numbers.tensor([3, 3, 32, 48], in: -0.1 ... 0.1)
        let second = numbers.tensor([3, 3, 48, 48], in: -0.1 ... 0.1), bias = numbers.tensor([48], in: -0.5 ... 0.5)
        let third = numbers.tensor([1, 1, 96, 16], in: -0.3 ... 0.3)
        let sources = [x, first, second, bias, third]
        func results() -> [Tensor] {
            let tape = GradientTape(), window = Window(size: [3, 3], strides: [1, 1], padding: .same)
            for source in sources { tape.watch(source) }
            let output = tape.record { () -> Tensor in
                let a = convolution(x, first, bias: bias, window: window, activation: .relu)
                let b = convolution(a, second, window: window)
                let c = maxPooling(relu(b * 0.5 + a), window: Window(size: [2, 3], strides: [2, 2], padding: .same))
                let d = averagePooling(a, window: Window(size: [2, 3], strides: [2, 2], padding: .same))
                let e = convolution(concatenate([c, d]), third, window: Window(size: [1, 1], strides: [1, 1], padding: .valid))
                return e.reshaped([3, -1])
            }
            return [output] + tape.gradient(output, sources).map { $0!.plain }
        }
        Convolutions.winograd = false
        let direct = results()
        Convolutions.winograd = true
        let once = results(), graph = Graph(), traced = graph.trace { results() }
        let names = graph.records.map(\.operation.name)
        Program(graph, outputs: traced).run()
        for (index, want) in direct.enumerated() {
            XCTAssertEqual(traced[index].scalars, once[index].scalars, "result \(index), traced")
            let scale = want.scalars.map { Swift.abs($0) }.max()!
            for (a, b) in zip(once[index].scalars, want.scalars) where Swift.abs(a - b) > 2e-5 * scale {
                return XCTFail("result \(index): \(a), the direct algorithm gives \(b)")
            }
        }
        guard names.contains("Reorder") else { return XCTAssertNotEqual(Threads.vectorUnit, "x86-64-v4", "no blocks on AVX-512") }
        // Into blocks: the input, the gradient of the output, and the two parts of a gradient that were joined. Out of them: the output,
        // and that gradient before it is taken apart. What is found in plain order at the end needs none.
        XCTAssertEqual(names.filter { $0 == "Reorder" }.count, 6)
    }

    func testEmptyBatches() {
        let kernel = numbers.tensor([3, 3, 2, 4], in: -1 ... 1), window = Window(size: [3, 3], strides: [1, 1], padding: .same)
        let (x, tape) = (Tensor.zeros([0, 5, 5, 2]), GradientTape())
        for tensor in [x, kernel] { tape.watch(tensor) }
        let halves = Window(size: [2, 2], strides: [2, 2], padding: .valid)
        let sum = tape.record { () -> Tensor in
            let y = maxPooling(convolution(x, kernel, bias: .ones([4]), window: window), window: halves)
            XCTAssertEqual(y.shape, [0, 2, 2, 4])
            return y.sum()
        }
        let gradients = tape.gradient(sum, [x, kernel])
        XCTAssertEqual(gradients[0]?.shape, [0, 5, 5, 2])
        XCTAssertEqual(gradients[1]?.scalars, [Float](repeating: 0, count: kernel.shape.count))
    }

    func testPoolingAgainstLoops() {
        let x = numbers.tensor([2, 7, 9, 5], in: -1 ... 1), a = x.scalars
        for window in [
            Window(size: [2, 3], strides: [2, 1], padding: .valid), Window(size: [3, 3], strides: [2, 2], padding: .same),
            Window(size: [7, 9], strides: [1, 1], padding: .valid), Window(size: [1, 4], strides: [3, 3], padding: .same),
        ] {
            let (highest, mean) = (maxPooling(x, window: window), averagePooling(x, window: window))
            let (oh, ow) = (window.count(7, axis: 0), window.count(9, axis: 1))
            XCTAssertEqual(highest.shape, [2, oh, ow, 5])
            for sample in 0 ..< 2 {
                for row in 0 ..< oh {
                    for column in 0 ..< ow {
                        for channel in 0 ..< 5 {
                            let seen = places(window, 0, 7, row).compactMap { $0 }.flatMap { y in
                                places(window, 1, 9, column).compactMap { $0 }.map { a[((sample * 7 + y) * 9 + $0) * 5 + channel] }
                            }
                            let place = ((sample * oh + row) * ow + column) * 5 + channel
                            XCTAssertEqual(highest.scalars[place], seen.max()!)
                            XCTAssertEqual(mean.scalars[place], seen.reduce(0, +) / Float(seen.count), accuracy: 1e-6)
                        }
                    }
                }
            }
        }
    }
}
