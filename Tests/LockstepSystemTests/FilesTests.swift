import Foundation
import XCTest

import LockstepSystem

/// Files are whole or as they were, and what is there stays what it is.
final class FilesTests: XCTestCase {
    private var folder = ""

    override func setUpWithError() throws {
        folder = NSTemporaryDirectory() + "lockstep-files-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    override func tearDown() { try? FileManager.default.removeItem(atPath: folder) }

    private func replace(_ path: String, _ text: String) throws {
        try Array(text.utf8).withUnsafeBytes { try Files.replace(path, with: [$0]) }
    }
    private func text(_ path: String) throws -> String { String(decoding: try Files.contents(path), as: UTF8.self) }
    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    func testNamesOfPaths() {
        for (path, folder, name) in [
            ("a", ".", "a"), ("a/", ".", "a"), ("ab", ".", "ab"), ("a/b", "a", "b"), ("/a", "/", "a"), ("a//b//", "a", "b"), ("", ".", ""),
            ("/a/b.c", "/a", "b.c"), ("./é", ".", "é"), ("a/\u{301}x", "a", "\u{301}x"),
        ] {
            XCTAssertEqual(Files.folder(of: path), folder, path)
            XCTAssertEqual(Files.name(of: path), name, path)
        }
    }

    /// A failure says what the system says.
    func testFailuresSayWhy() {
        for (path, words) in [("/proc/none/a", "no directory"), ("/proc/a", "cannot be written: No such file or directory")] {
            XCTAssertThrowsError(try Files.checkWritable(path)) { XCTAssert("\($0)".contains(words), "\($0)") }
        }
    }

    func testWritesAndReplaces() throws {
        let path = folder + "/a.txt"
        try replace(path, "one")
        chmod(path, 0o600)
        try replace(path, "two")
        XCTAssertEqual(try text(path), "two")
        XCTAssertEqual(try names(), ["a.txt"])
        var status = stat()
        stat(path, &status)
        XCTAssertEqual(status.st_mode & 0o777, 0o600, "the mode of what was there")
    }

    func testFollowsLinks() throws {
        try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "inner/new")
        try replace(folder + "/link", "there")
        XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link"), "inner/new")
        XCTAssertEqual(try text(folder + "/inner/new"), "there")
    }

    func testWritesIntoPipesAndDevices() throws {
        let pipe = folder + "/pipe"
        XCTAssertEqual(mkfifo(pipe, 0o600), 0)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try replace(pipe, "through")
        var bytes = [UInt8](repeating: 0, count: 16)
        XCTAssertEqual(read(reader, &bytes, 16), 7)
        var status = stat()
        stat(pipe, &status)
        XCTAssertEqual(status.st_mode & S_IFMT, S_IFIFO)
        XCTAssertEqual(try names(), ["pipe"])
    }

    func testAPipeIsNotReadAndNeverWaitedFor() {
        XCTAssertEqual(mkfifo(folder + "/pipe", 0o600), 0)
        XCTAssertThrowsError(try replace(folder + "/pipe", "x")) { XCTAssert("\($0)".contains("nobody reads this pipe"), "\($0)") }
        XCTAssertThrowsError(try Files.contents(folder + "/pipe")) { XCTAssert("\($0)".contains("expected a regular file"), "\($0)") }
        XCTAssertThrowsError(try Files.contents(folder + "/none")) { XCTAssertEqual("\($0)", "no such file") }
        XCTAssertThrowsError(try Files.contents(folder)) { XCTAssert("\($0)".contains("found a directory"), "\($0)") }
    }

    func testWhatDeadWritersLeftIsClearedAwayAndNothingElse() throws {
        let dead = folder + "/.a.txt.lockstep-12ab.tmp", other = folder + "/.b.txt.lockstep-12ab.tmp", mine = folder + "/a.txt.tmp"
        for path in [dead, other, mine] { XCTAssert(FileManager.default.createFile(atPath: path, contents: Data())) }
        let living = try PartialFile(beside: folder + "/a.txt")
        try replace(folder + "/a.txt", "new")
        let left = try names()
        XCTAssertFalse(left.contains(".a.txt.lockstep-12ab.tmp"))
        XCTAssertEqual(left.count, 4, "a living writer's file and those of others stay: \(left)")
        living.discard()
    }

    func testNothingChangesWhereNothingCanBeWritten() throws {
        XCTAssertThrowsError(try replace(folder, "x")) { XCTAssert("\($0)".contains("found a directory"), "\($0)") }
        XCTAssertThrowsError(try replace(folder + "/none/x", "x")) { XCTAssert("\($0)".contains("there is no directory"), "\($0)") }
        XCTAssertThrowsError(try Files.checkWritable(folder + "/none/x"))
        try Files.checkWritable(folder + "/x")
        XCTAssertEqual(try names(), [])
    }
}
