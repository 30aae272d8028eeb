import LockstepTensor
import XCTest

final class VariableTests: XCTestCase {
    func testAssignment() {
        let v = Variable(Tensor([1, 2] as [Float]), name: "v")
        v.assign(Tensor([3, 4] as [Float]))
        XCTAssertEqual(v.value.scalars, [3, 4])
        v.assignAdd(Tensor([10, 20] as [Float]))
        XCTAssertEqual(v.value.scalars, [13, 24])
        v.assignSub(Tensor(3))  // a scalar stands for the whole
        XCTAssertEqual(v.value.scalars, [10, 21])
        v.assign(v.value)
        XCTAssertEqual(v.value.scalars, [10, 21])
        let labels = Variable(Tensor([1, 2] as [Int32]))
        labels.assign(labels.value + Tensor([1, 1] as [Int32]))
        XCTAssertEqual(labels.value.int32Scalars, [2, 3])
    }

    /// Making a variable copies: the tensor it came from and other variables of it stay as they were.
    func testInitialValueIsCopied() {
        let initial = Tensor.ones([3])
        let (a, b) = (Variable(initial), Variable(initial))
        a.assign(.zeros([3]))
        XCTAssertEqual(initial.scalars, [1, 1, 1])
        XCTAssertEqual(b.value.scalars, [1, 1, 1])
    }

    /// Every kind of tensor that was read from a variable keeps its elements, whichever way the variable changes.
    func testReadersKeepWhatTheySaw() {
        let changes: [(String, (Variable) -> Void)] = [
            ("assign", { $0.assign(.zeros([2, 2])) }), ("assignAdd", { $0.assignAdd(Tensor(5)) }), ("element", { $0[0, 0] = Tensor(9) }),
            (
                "in place",
                {
                    $0.willChange(); for i in 0 ..< 4 { $0.floats[i] = -1 }
                }
            ),
            (
                "move",
                { variable in
                    let arena = Memory(byteCount: 16)
                    variable.move(to: arena.pointer, owner: arena)
                    variable.assign(.zeros([2, 2]))
                }
            ),
        ]
        for (name, change) in changes {
            let v = Variable(Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]))
            let (whole, again, view, row, copy) = (v.value, v.value, v.value.reshaped([4]), v[1], v.value.reshaped([4]).reshaped([1, 4]))
            change(v)
            XCTAssertNotEqual(v.value.scalars, [1, 2, 3, 4], name)
            for (kind, tensor) in [("value", whole), ("second value", again), ("reshape", view), ("reshape of a reshape", copy)] {
                XCTAssertEqual(tensor.scalars, [1, 2, 3, 4], "\(kind) after \(name)")
            }
            XCTAssertEqual(row.scalars, [3, 4], "row after \(name)")
            change(v)
            XCTAssertEqual(view.scalars, [1, 2, 3, 4], "reshape after a second \(name)")
        }
    }

    /// Only a reshape of what was read is left: the same.
    func testAViewAloneKeepsWhatItSaw() {
        let v = Variable(Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]))
        let view = v.value.reshaped([4])
        v.assign(.zeros([2, 2]))
        XCTAssertEqual(view.scalars, [1, 2, 3, 4])
        XCTAssertEqual((view + v.value.reshaped([4])).scalars, [1, 2, 3, 4])
    }

    func testATensorOutlivesItsVariable() {
        var v: Variable? = Variable(Tensor([1, 2, 3] as [Float]))
        let tensor = v!.value
        v = nil
        for _ in 0 ..< 4 { _ = Tensor.zeros([3]) }
        XCTAssertEqual(tensor.scalars, [1, 2, 3])
    }

    /// In a loop that reads and assigns, nothing is copied as long as no reader is left.
    func testMemoryStaysWhereItIs() {
        let v = Variable(.zeros([100]))
        let before = v.memory
        for _ in 0 ..< 10 { v.assign(v.value + 1) }
        XCTAssertEqual(v.memory, before)
        XCTAssertEqual(v.value.scalars, [Float](repeating: 10, count: 100))
    }

    func testMoveKeepsTheElements() {
        let v = Variable(Tensor([1, 2, 3] as [Float]))
        XCTAssertFalse(v.isInArena)
        let arena = Memory(byteCount: 64)
        v.move(to: arena.pointer + 16, owner: arena)
        XCTAssertTrue(v.isInArena)
        XCTAssertEqual(v.value.scalars, [1, 2, 3])
        v.assign(Tensor([4, 5, 6] as [Float]))
        XCTAssertEqual(arena.floats[4 + 2], 6)
    }
}
