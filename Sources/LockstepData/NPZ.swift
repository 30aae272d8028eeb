import LockstepTensor

/// NumPy's format for several named arrays: a zip archive of `.npy` files.
public enum NPZ {
    /// All arrays of an `.npz` file, in the archive's order, named as `numpy.load` names them.
    ///
    /// - Throws: `DataError` naming the file and the member: where it is no zip archive, holds something else than `.npy`
    ///   arrays or two of one name, is damaged (each member has a CRC-32), or for what `NPY.read` throws.
    public static func read(_ path: String) throws -> [(name: String, tensor: Tensor)] {
        try open(path).map { ($0.name, try $0.array.tensor()) }
    }

    /// The same arrays as they lie in the file, to be made tensors of the types that are needed.
    ///
    /// - Parameters:
    ///   - isWanted: called with the names of all arrays before any of them is read; those that are not wanted are not.
    ///   - fits: called with an array's name and shape before its elements are read.
    /// - Throws: as `read`, but for numbers that a type cannot hold; what `isWanted` and `fits` throw.
    public static func open(
        _ path: String, where isWanted: (String) throws -> Bool = { _ in true }, fits: (String, Shape) throws -> Void = { _, _ in }
    ) throws -> [(name: String, array: StoredArray)] {
        let archive = try ZipArchive(reading: path, kind: "an .npz file")
        guard !archive.names.isEmpty else { throw DataError(path, "the archive holds no arrays") }
        // All names first: nothing is inflated of a file that is not of this kind.
        for (index, name) in archive.names.enumerated() where !name.hasSuffix(".npy") {
            throw DataError(archive.source(index), "expected arrays named ….npy only; save the file with numpy.savez")
        }
        let wanted = try archive.names.enumerated().filter { try isWanted(String($0.element.dropLast(4))) }
        return try wanted.map { index, name in
            let source = archive.source(index), array = String(name.dropLast(4))
            let member = try archive.member(index, first: NPYHeader.longest) { first, length in
                try fits(array, NPY.validate(first: first, length: length, source: source))
            }
            return (array, try NPY.decode(member, source: source))
        }
    }

    /// Writes named arrays so that `numpy.load` reads them, each with its type. The file appears whole or not at all, and
    /// the same arrays make the same bytes.
    ///
    /// - Parameter compressed: deflate the arrays, as `numpy.savez_compressed` does.
    /// - Throws: `DataError` where the file cannot be written, there are no arrays, or two have one name.
    public static func write(_ arrays: [(name: String, tensor: Tensor)], to path: String, compressed: Bool = false) throws {
        guard !arrays.isEmpty else { throw DataError(path, "expected at least one array to write, found none") }
        var seen: Set<String> = []
        for (name, _) in arrays {
            guard !name.isEmpty else { throw DataError(path, "expected a name for every array, found none") }
            guard seen.insert(name).inserted else { throw DataError(path, "two arrays are named '\(name)'") }
        }
        let headers = try arrays.map { try ByteBuffer(NPYHeader.encode(shape: $0.tensor.shape, dtype: $0.tensor.dtype)) }
        // The archive reads headers and tensors where they lie.
        try withExtendedLifetime((headers, arrays)) {
            let members = zip(arrays, headers).map { array, header in
                ("\(array.name).npy", [header.withBytes { $0 }, array.tensor.withBytes { $0 }])
            }
            try ZipArchive.write(members, to: path, compressed: compressed)
        }
    }
}
