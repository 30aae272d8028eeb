import Foundation
import LockstepSystem
import LockstepTensor

/// The bytes of a file or of what it holds, in one block that tensors may be views of.
package final class ByteBuffer {
    package private(set) var pointer: UnsafeMutableRawPointer
    /// Bytes in use.
    package var count: Int
    package private(set) var capacity: Int

    /// Room for `capacity` bytes, 64-byte aligned. Throws `DataError` for `source` where memory does not suffice.
    package init(capacity: Int, source: String) throws {
        var block: UnsafeMutableRawPointer?
        // The system grants more than it has, and ends a process when that is used.
        guard capacity <= SystemMemory.size, posix_memalign(&block, 64, max(capacity, 64)) == 0, let block else {
            throw DataError(source, "needs \(capacity) bytes of memory, which the system does not grant")
        }
        pointer = block
        count = 0
        self.capacity = capacity
    }

    deinit { free(pointer) }

    package convenience init(_ bytes: [UInt8], source: String = "bytes") throws {
        try self.init(capacity: bytes.count, source: source)
        bytes.withUnsafeBytes { if let base = $0.baseAddress { pointer.copyMemory(from: base, byteCount: $0.count) } }
        count = bytes.count
    }

    /// Makes room for `capacity` bytes; what is in use stays.
    package func grow(to capacity: Int, source: String) throws {
        let larger = try ByteBuffer(capacity: capacity, source: source)
        larger.pointer.copyMemory(from: pointer, byteCount: count)
        swap(&pointer, &larger.pointer)
        swap(&self.capacity, &larger.capacity)
    }

    /// Calls `body` with the bytes in use, which live until it returns.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(.init(start: pointer, count: count)) }
    }
}

// MARK: Files

extension ByteBuffer {
    /// The whole of a regular file.
    ///
    /// The file is read, not mapped: a file that another program cuts short meanwhile is an error, not a crash.
    ///
    /// - Parameters:
    ///   - inspect: called with up to `first` bytes of the file and its whole length, before memory for the rest is taken; throws
    ///     where they do not go together.
    /// - Throws: `DataError` where the file is missing, not a regular one, empty, or cannot be read; what `inspect` throws.
    package convenience init(
        contentsOf path: String, first: Int = 0, _ inspect: (UnsafeRawBufferPointer, _ length: Int) throws -> Void = { _, _ in }
    ) throws {
        let (file, size) = try dataErrors(path) { try Files.open(path) }
        defer { close(file) }
        guard size > 0 else { throw DataError(path, "the file is empty") }
        try self.init(capacity: min(first, size), source: path)
        if first > 0 {
            try fill(from: file, path)
            try withBytes { try inspect($0, size) }
        }
        if count < size {
            try grow(to: size, source: path)
            try fill(from: file, path)
        }
    }

    /// Reads as many bytes as there is room for.
    private func fill(from file: Int32, _ path: String) throws {
        count += try dataErrors(path) { try Files.read(file, into: .init(start: pointer + count, count: capacity - count)) }
        guard count == capacity else {
            throw DataError(path, "expected \(capacity) bytes, found \(count): the file shrank while it was read")
        }
    }
}
