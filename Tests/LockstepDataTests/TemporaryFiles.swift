import Foundation
import LockstepData
import LockstepTensor
import XCTest

/// A test case with a directory of its own that vanishes with it.
class FileTestCase: XCTestCase {
    private(set) var directory = ""

    override func setUpWithError() throws {
        directory = NSTemporaryDirectory() + "lockstep-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { directory + "/" + name }

    /// Writes bytes to a file and returns its path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func bytes(of name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }
}

/// The bytes that a base64 text of `GoldenFiles` stands for.
func golden(_ table: [String: String], _ name: String, file: StaticString = #filePath, line: UInt = #line) throws -> [UInt8] {
    [UInt8](try XCTUnwrap(Data(base64Encoded: XCTUnwrap(table[name], name, file: file, line: line), options: .ignoreUnknownCharacters)))
}

/// Checks that `body` throws a `DataError` from `source` whose message contains every one of `parts`.
func assertDataError<Result>(
    _ source: String, _ parts: String..., file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> Result
) {
    XCTAssertThrowsError(try body(), "expected an error from \(source)", file: file, line: line) { error in
        guard let error = error as? DataError else { return XCTFail("\(error) is no DataError", file: file, line: line) }
        XCTAssertEqual(error.source, source, file: file, line: line)
        XCTAssertFalse(error.description.contains("\n"), "more than one line: \(error)", file: file, line: line)
        for part in parts { XCTAssertTrue(error.message.contains(part), "no '\(part)' in: \(error)", file: file, line: line) }
    }
}

extension Tensor {
    /// The elements of a tensor of one-byte elements.
    var byteScalars: [UInt8] { withElements { Array($0) } }
}
