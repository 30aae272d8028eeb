import Foundation
import XCTest

/// The Python that launch/test installs from PyPI, with Keras and TensorBoard: oracles that are nobody's own.
struct Python {
    let path: String

    /// Skips the test, loudly, where a package of PyPI is not there.
    static func require(_ module: String) throws -> Python {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let python = Python(path: root.appendingPathComponent(".build/keras/bin/python").path)
        guard FileManager.default.isExecutableFile(atPath: python.path), (try? python.run("-c", "import \(module)")) != nil else {
            FileHandle.standardError.write(
                Data("\n*** NOT TESTED: \(module) of PyPI is not installed (launch/test does it where it reaches PyPI) ***\n\n".utf8))
            throw XCTSkip("\(module) is not installed")
        }
        return python
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// What a script prints; throws what it says where it fails.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Data {
        let process = Process(), output = Pipe(), errors = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        // Of Keras' backends JAX is the one that is installed.
        process.environment = ProcessInfo.processInfo.environment.merging(["KERAS_BACKEND": "jax"]) { $1 }.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description:
                    "\(arguments): \(String(decoding: text, as: UTF8.self))\n\((try? String(contentsOf: errors, encoding: .utf8)) ?? "")")
        }
        return text
    }

    /// A PNG's pixels, channels side by side, as Python's zlib and the PNG standard give them: rows behind a filter of 0.
    static func pixels(_ file: [UInt8]) throws -> [UInt8] {
        let script = """
            import struct, sys, zlib
            data, place, pixels = bytes.fromhex(sys.argv[1]), 8, b""
            assert data[:8] == b"\\x89PNG\\r\\n\\x1a\\n"
            while place < len(data):
                length, kind = struct.unpack(">I4s", data[place:place + 8])
                body = data[place + 8:place + 8 + length]
                assert zlib.crc32(kind + body) == struct.unpack(">I", data[place + 8 + length:place + 12 + length])[0]
                if kind == b"IHDR":
                    width, height, depth, colour = struct.unpack(">IIBB", body[:10])
                    assert depth == 8
                    channels = {0: 1, 4: 2, 2: 3, 6: 4}[colour]
                if kind == b"IDAT":
                    pixels += body
                place += 12 + length
            rows = zlib.decompress(pixels)
            size = width * channels + 1
            assert len(rows) == size * height and all(rows[i * size] == 0 for i in range(height))
            print(list(b"".join(rows[i * size + 1:(i + 1) * size] for i in range(height))))
            """
        return try JSONDecoder().decode([UInt8].self, from: require("zlib").run("-c", script, hex(file)))
    }

    /// The samples of a WAV file, from -1 to 1, and frames a second, as Python's wave reads them.
    static func sound(_ file: [UInt8]) throws -> (samples: [Float], rate: Int) {
        let script = """
            import io, struct, sys, wave
            sound = wave.open(io.BytesIO(bytes.fromhex(sys.argv[1])))
            assert sound.getsampwidth() == 2
            frames = sound.readframes(sound.getnframes())
            print([sound.getframerate()] + [v / 32767 for v in struct.unpack("<%dh" % (len(frames) // 2), frames)])
            """
        let numbers = try JSONDecoder().decode([Float].self, from: require("wave").run("-c", script, hex(file)))
        return (Array(numbers.dropFirst()), Int(numbers[0]))
    }

    private static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
}
