import LockstepData
import XCTest

final class BatchesTests: XCTestCase {
    func testTheLastBatchIsWhatIsLeft() {
        let batches = Batches(sampleCount: 10, batchSize: 4)
        XCTAssertEqual(batches.count, 3)
        XCTAssertEqual((0 ..< 3).map(batches.range(ofBatch:)), [0 ..< 4, 4 ..< 8, 8 ..< 10])
        XCTAssertEqual(Batches(sampleCount: 8, batchSize: 4).count, 2)
        XCTAssertEqual(Batches(sampleCount: 3, batchSize: 4).range(ofBatch: 0), 0 ..< 3)
        XCTAssertEqual(Batches(sampleCount: 0, batchSize: 4).count, 0)
    }

    func testPartsOfABatch() {
        let batches = Batches(sampleCount: 10, batchSize: 4)
        let order: [Int32] = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        order.withUnsafeBufferPointer { order in
            XCTAssertEqual(Array(batches.rows(0 ..< 4, ofBatch: 1, in: order)), [5, 4, 3, 2])
            XCTAssertEqual(Array(batches.rows(1 ..< 3, ofBatch: 1, in: order)), [4, 3])
            XCTAssertEqual(Array(batches.rows(1 ..< 2, ofBatch: 2, in: order)), [0])
            XCTAssertEqual(Array(batches.rows(2 ..< 2, ofBatch: 2, in: order)), [])
        }
    }
}
