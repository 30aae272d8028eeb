import LockstepTensor
import XCTest

final class TensorTests: XCTestCase {
    func testCreation() {
        XCTAssertEqual(Tensor([1, 2, 3] as [Float]).shape, [3])
        XCTAssertEqual(Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]]).shape, [2, 3])
        XCTAssertEqual(Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]]).scalars, [1, 2, 3, 4, 5, 6])
        XCTAssertEqual(Tensor(7).shape, [])
        XCTAssertEqual(Tensor(7).scalar, 7)
        XCTAssertEqual(Tensor.zeros([2, 2]).scalars, [0, 0, 0, 0])
        XCTAssertEqual(Tensor.ones([3]).scalars, [1, 1, 1])
        XCTAssertEqual(Tensor.constant(Int32(-4), shape: [2]).int32Scalars, [-4, -4])
        XCTAssertEqual(Tensor([] as [Float]).shape, [0])
        XCTAssertEqual(Tensor([[]] as [[Float]]).shape, [1, 0])
        let counted = Tensor(shape: [2, 2]) { (elements: UnsafeMutableBufferPointer<Int32>) in
            for i in elements.indices { elements[i] = Int32(i * i) }
        }
        XCTAssertEqual(counted.int32Scalars, [0, 1, 4, 9])
    }

    func testTypes() {
        XCTAssertEqual(Tensor([1.5] as [Float]).dtype, .float32)
        XCTAssertEqual(Tensor([1] as [Int32]).dtype, .int32)
        XCTAssertEqual(Tensor([1] as [UInt8]).dtype, .uint8)
        XCTAssertEqual(Tensor([true]).dtype, .bool)
        XCTAssertEqual(DType.allCases.map(\.size), [4, 4, 1, 1])
    }

    func testReading() {
        XCTAssertEqual(Tensor([true, false, true]).boolScalars, [true, false, true])
        XCTAssertEqual(Tensor([true, false, true]).scalars, [1, 0, 1])
        XCTAssertEqual(Tensor([200, 3] as [UInt8]).scalars, [200, 3])
        XCTAssertEqual(Tensor([[5]] as [[Float]]).scalar, 5)
        XCTAssertEqual(Tensor([3, 4] as [Float]).withElements { (elements: UnsafeBufferPointer<Float>) in elements.reduce(0, +) }, 7)
    }

    /// Literals: whole numbers are int32, others float32, to any depth.
    func testLiterals() {
        assertSame(Tensor([1, 2, 3]), Tensor([1, 2, 3] as [Int32]))
        assertSame(Tensor([1.0, 2.5]), Tensor([1, 2.5] as [Float]))
        assertSame(Tensor([1, 2.5]), Tensor([1, 2.5] as [Float]))
        assertSame(Tensor([[1, 2], [3, 4]]), Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2]))
        assertSame(Tensor([[[1.5], [2]]]), Tensor([1.5, 2] as [Float], shape: [1, 2, 1]))
        assertSame(Tensor([[[true], [false]]]), Tensor([true, false], shape: [1, 2, 1]))
        assertSame(Tensor([1, 2, 3, 4], shape: [2, 2]), Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2]))
        assertSame(Tensor([0.5, 1], shape: [2, 1]), Tensor([0.5, 1] as [Float], shape: [2, 1]))
        assertSame(Tensor(5), Tensor(Float(5)))
        assertSame(Tensor(2.5), Tensor(Float(2.5)))
        assertSame(Tensor(true), Tensor([true], shape: []))
        let count = 3, rate = 0.1, none: [[Double]] = []
        assertSame(Tensor([count, count + 1]), Tensor([3, 4] as [Int32]))
        assertSame(Tensor(count), Tensor([3] as [Int32], shape: []))
        assertSame(Tensor(rate), Tensor(Float(0.1)))
        assertSame(Tensor([rate]), Tensor([0.1] as [Float]))
        XCTAssertEqual(Tensor(none).shape, [0, 0])
    }

    /// Tensors go from thread to thread, and their memory comes back from any.
    func testSendable() async {
        let x = Tensor([1, 2, 3] as [Float])
        let sums = await withTaskGroup(of: Float.self) { group in
            for index in 0 ..< 8 {
                group.addTask { (0 ..< 200).reduce(0) { sum, _ in sum + Tensor([Float(index)] + x.scalars).scalars[0] } }
            }
            return await group.reduce(into: Float(0)) { $0 += $1 }
        }
        XCTAssertEqual(sums, 200 * 28)
    }

    func testDescription() {
        XCTAssertEqual("\(Tensor([1.5, -2] as [Float]))", "Tensor([ 1.5 -2. ], shape=(2,), dtype=float32)")
        XCTAssertEqual("\(Tensor([1, 2] as [Int32], shape: [2, 1]))", "Tensor(\n[[1]\n [2]], shape=(2, 1), dtype=int32)")
        XCTAssertEqual("\(Tensor.zeros([1001]))", "Tensor([0. 0. 0. ... 0. 0. 0.], shape=(1001,), dtype=float32)")
        let traced = Graph().trace { Tensor.ones([2]) + 1 }
        XCTAssertEqual("\(traced)", "Tensor(traced, shape=(2,), dtype=float32)")
    }

    /// A reshape shows the same bytes and is still a value of its own.
    func testReshapeSharesAndKeepsItsBytes() {
        var base: Tensor? = Tensor([1, 2, 3, 4, 5, 6] as [Float])
        let reshaped = base!.reshaped([2, 3])
        XCTAssertEqual(base!.value.pointer, reshaped.value.pointer)
        base = nil
        for _ in 0 ..< 4 { _ = Tensor.constant(Float(9), shape: [6]) }  // would take the block if it had been given back
        XCTAssertEqual(reshaped.scalars, [1, 2, 3, 4, 5, 6])
    }

    /// What a tensor leaves behind is taken by the next of its size class: a loop does not go to the system for memory.
    func testStorageIsRecycled() {
        var addresses = Set<UnsafeMutableRawPointer>()
        for i in 0 ..< 100 { addresses.insert(Tensor.constant(Float(i), shape: [1000 + i % 3]).value.pointer!) }
        XCTAssertEqual(addresses.count, 1)
        let (a, b) = (Tensor.zeros([1000]), Tensor.zeros([1000]))
        XCTAssertNotEqual(a.value.pointer, b.value.pointer)
        for shape: Shape in [[], [0], [1], [7], [100_003]] {
            XCTAssertEqual(UInt(bitPattern: Tensor.zeros(shape).value.pointer) % 64, 0, "alignment of \(shape)")
        }
    }

    /// Every block holds what its size class promises: neighbours do not overlap.
    func testBlocksOfAllSizesHoldTheirElements() {
        for count in Array(0 ... 300) + [511, 512, 513, 1023, 1025, 5_000, 81_919, 81_921] {
            let tensors = (0 ..< 3).map { Tensor.constant(Float($0), shape: [count]) }
            for (value, tensor) in tensors.enumerated() {
                XCTAssertTrue(tensor.scalars.allSatisfy { $0 == Float(value) }, "\(count) elements")
            }
        }
        StoragePool.trim()
        XCTAssertEqual(Tensor.ones([5]).scalars, [1, 1, 1, 1, 1])
    }
}
