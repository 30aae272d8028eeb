import XCTest

/// The commands of the folder `launch`, as far as they go without a build.
final class LaunchTests: XCTestCase {
    private let root = CommandRun.root

    func testHelp() throws {
        for name in ["train", "test", "scaling", "fetch-mnist"] {
            for option in ["-h", "--help"] {
                let help = try CommandRun.shell("\(root)/launch/\(name) \(option)")
                XCTAssertEqual(help.status, 0, help.errors)
                XCTAssert(help.output.contains("launch/\(name) [") || help.output.contains("launch/\(name) CONFIG"), help.output)
                XCTAssertFalse(help.output.contains("set -euo"), help.output)
            }
        }
    }

    func testWrongUsage() throws {
        for arguments in ["", "none.yaml", "-n", "configs/quickstart.yaml -n 0", "a.yaml b.yaml", "--none"] {
            let result = try CommandRun.shell("cd \(root) && launch/train \(arguments)")
            XCTAssertEqual(result.status, 2, arguments)
            XCTAssertEqual(result.errors.split(separator: "\n").count, 1, result.errors)
        }
    }

    /// By default SwiftPM's flag for colours depends on whether a terminal shows the output, and each change builds all anew.
    func testAllBuildWithOneFlag() throws {
        for name in ["train", "test", "scaling"] {
            let text = try String(contentsOfFile: "\(root)/launch/\(name)", encoding: .utf8)
            XCTAssertFalse(text.contains("swift build"), name)
            XCTAssert(text.contains("build_release --"), name)
        }
        XCTAssert(try String(contentsOfFile: "\(root)/launch/requirements", encoding: .utf8).contains("--no-color-diagnostics"))
    }
}
