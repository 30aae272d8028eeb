import LockstepData
import XCTest

final class DataErrorTests: XCTestCase {
    func testDescriptionIsOneLineThatNamesTheSource() {
        let error = DataError("a\nb.npz, member x\r\n", "found \u{2028} nothing")
        XCTAssertEqual(error.description, "a b.npz, member x  : found   nothing")
        XCTAssertEqual(error.localizedDescription, error.description)
    }
}
