import Foundation
import LockstepCommunication
import LockstepSystem

/// The terminal that text for people reaches, if it does.
public enum Terminal {
    /// Whether there is one. A launcher gives rank zero a pseudo-terminal of its own, also when its output goes to a file: there,
    /// and only there, where the launcher's own text goes is looked at.
    public static var isThere: Bool {
        guard isatty(Console.people) == 1 else { return false }
        guard let target = launchersOutput else { return true }
        return ["/dev/pts/", "/dev/tty", "/dev/console"].contains { target.hasPrefix($0) }
    }

    /// Its columns as they are now: what it says itself, or that of the launcher, or else the variable COLUMNS; `nil` where none of
    /// them is a number.
    public static var width: Int? {
        if let columns = columns(Console.people) { return columns }
        if isThere, let path = launchersOutput {
            let descriptor = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
            defer { if descriptor >= 0 { close(descriptor) } }
            if descriptor >= 0, let columns = columns(descriptor) { return columns }
        }
        return getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    /// Where the text of the launcher goes that this process was started by on this host; `nil` without one.
    private static var launchersOutput: String? {
        guard Launcher.isPresent else { return nil }
        return try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/\(Console.people)")
    }
}

extension StringProtocol {
    /// How many columns of a terminal this text takes.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The longest beginning that takes no more than `limit` columns.
    func prefix(columns limit: Int) -> String {
        var (text, used) = ("", 0)
        for character in self {
            used += character.columns
            if used > limit { break }
            text.append(character)
        }
        return text
    }
}

extension Character {
    /// 2 for East Asian wide characters and emoji (Unicode Standard Annex 11), 0 for marks that stand alone, else 1.
    fileprivate var columns: Int {
        guard let first = unicodeScalars.first, !first.isASCII else { return 1 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        let isEmoji = first.properties.isEmojiPresentation || unicodeScalars.contains("\u{fe0f}")
        return isEmoji || Character.wide.contains { $0.contains(first.value) } ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100 ... 0x115f, 0x2e80 ... 0x303e, 0x3041 ... 0xa4cf, 0xa960 ... 0xa97c, 0xac00 ... 0xd7a3, 0xf900 ... 0xfaff,
        0xfe30 ... 0xfe6f, 0xff00 ... 0xff60, 0xffe0 ... 0xffe6, 0x1f300 ... 0x1f64f, 0x1f900 ... 0x1f9ff, 0x20000 ... 0x3fffd,
    ]
}
