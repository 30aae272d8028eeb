import LockstepData
import LockstepTensor
import XCTest

/// Values of Keras 3.15.1, `keras.utils.pad_sequences` and `to_categorical`.
final class SequencesTests: XCTestCase {
    func testPadSequences() {
        let sequences: [[Int32]] = [[1], [2, 3], [4, 5, 6], []]
        func scalars(_ tensor: Tensor) -> [Int32] { tensor.int32Scalars }
        XCTAssertEqual(scalars(padSequences(sequences)), [0, 0, 1, 0, 2, 3, 4, 5, 6, 0, 0, 0])
        XCTAssertEqual(padSequences(sequences).shape, [4, 3])
        XCTAssertEqual(scalars(padSequences(sequences, value: -1)), [-1, -1, 1, -1, 2, 3, 4, 5, 6, -1, -1, -1])
        XCTAssertEqual(scalars(padSequences(sequences, padding: .post)), [1, 0, 0, 2, 3, 0, 4, 5, 6, 0, 0, 0])
        XCTAssertEqual(scalars(padSequences(sequences, maxlen: 2)), [0, 1, 2, 3, 5, 6, 0, 0])
        XCTAssertEqual(scalars(padSequences(sequences, maxlen: 2, truncating: .post)), [0, 1, 2, 3, 4, 5, 0, 0])
        XCTAssertEqual(scalars(padSequences(sequences, maxlen: 4, padding: .post)), [1, 0, 0, 0, 2, 3, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0])
        XCTAssertEqual(padSequences([] as [[Int32]]).shape, [0, 0])
        XCTAssertEqual(padSequences([[0.5], [1.5, 2]] as [[Float]], value: 9).scalars, [9, 0.5, 1.5, 2])
    }

    func testToCategorical() {
        XCTAssertEqual(toCategorical([0, 2, 1]).scalars, [1, 0, 0, 0, 0, 1, 0, 1, 0])
        XCTAssertEqual(toCategorical([1, 0], numClasses: 3).scalars, [0, 1, 0, 1, 0, 0])
        XCTAssertEqual(toCategorical([1, 0], numClasses: 3).shape, [2, 3])
        XCTAssertEqual(toCategorical([]).shape, [0, 0])
    }
}
