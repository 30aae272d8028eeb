import LockstepData

/// What is wrong with an HDF5 file, without its name and the place in it, which the caller adds.
struct HDF5Failure: Error {
    let message: String

    /// Bytes that do not say what they should.
    static func damaged(_ what: String) -> HDF5Failure {
        HDF5Failure(message: "is cut short or damaged: \(what); copy or download the file again")
    }

    /// What HDF5 knows and this reader does not.
    static func notRead(_ what: String) -> HDF5Failure {
        HDF5Failure(message: "\(what), which is not read; save it with Keras 3, or with h5py's defaults")
    }
}

/// A place in a file's bytes, from which numbers are taken one after the other, and none from beyond the end. Little-endian.
struct HDF5Cursor {
    private let buffer: ByteBuffer
    /// From the file's first byte.
    private(set) var offset: Int
    private let end: Int

    /// Throws where these bytes are not all in the file.
    init(_ buffer: ByteBuffer, at offset: Int, count: Int) throws {
        guard offset >= 0, count >= 0, offset <= buffer.count, count <= buffer.count - offset else {
            throw HDF5Failure.damaged("it names \(count) bytes at \(offset), and is \(buffer.count) long")
        }
        (self.buffer, self.offset, end) = (buffer, offset, offset + count)
    }

    /// How many bytes are left.
    var left: Int { end - offset }

    /// Passes `count` bytes; returns where they are.
    @discardableResult
    mutating func skip(_ count: Int) throws -> Int {
        guard count >= 0, count <= left else { throw HDF5Failure.damaged("a structure at \(offset) ends too early") }
        defer { offset += count }
        return offset
    }

    mutating func byte() throws -> Int { try number(1) }

    /// A number without a sign of 1 to 8 bytes.
    mutating func number(_ size: Int) throws -> Int {
        let bits = try bits(size)
        guard let number = Int(exactly: bits) else { throw HDF5Failure.damaged("the number \(bits) at \(offset - size)") }
        return number
    }

    /// A place in the file; `nil` where the file says that there is none.
    mutating func address() throws -> Int? {
        let bits = try bits(8)
        guard bits != .max else { return nil }
        guard bits < UInt64(buffer.count) else {
            throw HDF5Failure.damaged("it names the place \(bits), and is \(buffer.count) bytes long")
        }
        return Int(bits)
    }

    private mutating func bits(_ size: Int) throws -> UInt64 {
        let place = try skip(size)
        return buffer.withBytes { bytes in
            var bits: UInt64 = 0
            for index in 0 ..< size { bits |= UInt64(bytes[place + index]) << (8 * index) }
            return bits
        }
    }

    /// Passes the four letters with which a structure begins.
    mutating func expect(_ signature: String) throws {
        guard try bytes(4).elementsEqual(signature.utf8) else { throw HDF5Failure.damaged("there is no \(signature) at \(offset - 4)") }
    }

    /// Whether the next bytes are these letters.
    func begins(with signature: String) -> Bool {
        var copy = self
        return (try? copy.bytes(signature.utf8.count))?.elementsEqual(signature.utf8) ?? false
    }

    mutating func bytes(_ count: Int) throws -> [UInt8] {
        let place = try skip(count)
        return buffer.withBytes { Array($0[place ..< place + count]) }
    }

    /// The next `count` bytes as a part of their own, which are passed here.
    mutating func part(_ count: Int) throws -> HDF5Cursor { try HDF5Cursor(buffer, at: skip(count), count: count) }

    /// Text up to a zero byte, which must come before the end.
    mutating func text() throws -> String {
        let length = buffer.withBytes { bytes in bytes[offset ..< end].firstIndex(of: 0).map { $0 - offset } }
        guard let length else { throw HDF5Failure.damaged("a name at \(offset) has no end") }
        defer { offset += 1 }
        return String(decoding: try bytes(length), as: UTF8.self)
    }

    /// Where the next byte lies, and what keeps it alive.
    var place: (owner: ByteBuffer, UnsafeMutableRawPointer) { (buffer, buffer.pointer + offset) }

    /// Calls `body` with what is left.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try buffer.withBytes { try body(.init(rebasing: $0[offset ..< end])) }
    }
}
