import Foundation
import Lockstep

/// A picture as text, and how it gets into a file.
enum SVG {
    /// The parts of a picture, on white.
    static func picture(width: Double, height: Double, _ parts: [String]) -> String {
        let size = "\(Int(width)) \(Int(height))"
        let head = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(size)" font-family="sans-serif" font-size="13">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
        ]
        return (head + parts + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    /// The ending of a picture's name.
    static func requireName(_ path: String) throws {
        guard [".svg", ".png"].contains(where: path.lowercased().hasSuffix) else {
            throw InputError("\(path): expected a name that ends in .svg or .png")
        }
    }

    /// Writes a picture, whole or not at all. That of a name in `.png` is drawn by librsvg's program `rsvg-convert`.
    ///
    /// - Throws: `InputError`.
    static func write(_ svg: String, to path: String) throws {
        try Files.at(path, "; name another file") {
            let picture = path.lowercased().hasSuffix(".png") ? try png(svg) : Data(svg.utf8)
            try picture.withUnsafeBytes { try Files.replace(path, with: [$0]) }
        }
    }

    private static func png(_ svg: String) throws -> Data {
        try Program(
            "rsvg-convert", package: "librsvg2-bin", otherwise: "write an .svg file"
        ).run(["--width", "1600", "--keep-aspect-ratio"], input: Data(svg.utf8))
    }
}
