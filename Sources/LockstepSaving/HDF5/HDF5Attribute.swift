/// A text, or several, that belong to a group.
struct HDF5Attribute {
    let name: String
    private let type: HDF5Datatype
    private let space: HDF5Dataspace
    private let data: HDF5Cursor

    init(_ message: HDF5Cursor) throws {
        var cursor = message
        let version = try cursor.byte()
        guard (1 ... 3).contains(version) else { throw HDF5Failure.damaged("version \(version) of an attribute") }
        let flags = try cursor.byte()
        let (nameSize, typeSize, spaceSize) = (try cursor.number(2), try cursor.number(2), try cursor.number(2))
        if version == 3 { try cursor.skip(1) }  // ASCII or UTF-8
        /// The first version fills up to a multiple of eight bytes.
        func part(_ size: Int) throws -> HDF5Cursor {
            let part = try cursor.part(size)
            if version == 1 { try cursor.skip(-size & 7) }
            return part
        }
        var nameBytes = try part(nameSize)
        name = try nameBytes.text()
        // Types that are described elsewhere (a bit of the flags, from version 2 on) are of no text that Keras writes.
        guard version == 1 || flags & 3 == 0 else { throw HDF5Failure.notRead("has an attribute of a committed type") }
        (type, space) = (try HDF5Datatype(part(typeSize)), try HDF5Dataspace(part(spaceSize)))
        data = cursor
    }

    /// The messages that describe an object's attributes, by name; the first of a name.
    static func messages(in header: HDF5ObjectHeader) throws -> [String: HDF5Cursor] {
        if var info = try header.first(.attributeInfo) {
            guard try info.byte() == 0 else { throw HDF5Failure.damaged("an unknown version of attributes") }
            if try info.byte() & 1 != 0 { try info.skip(2) }
            guard try info.address() == nil else { throw HDF5Failure.notRead("keeps its attributes in a fractal heap") }
        }
        return Dictionary(try header.all(.attribute).map { (try name($0), $0) }) { first, _ in first }
    }

    /// The name alone, of an attribute of any type.
    private static func name(_ message: HDF5Cursor) throws -> String {
        var cursor = message
        let version = try cursor.byte()
        guard (1 ... 3).contains(version) else { throw HDF5Failure.damaged("version \(version) of an attribute") }
        try cursor.skip(version == 3 ? 8 : 7)
        return try cursor.text()
    }

    /// The texts, one for each element. No elements are no texts, whatever their type: NumPy's empty list is one of float64.
    func texts(_ file: HDF5File) throws -> [String] {
        guard space.count > 0 else { return [] }
        // Many names may lead to one group.
        try file.charge(data.left)
        // Each element has bytes of its own in the message, so there are not more of them than fit.
        var cursor = data
        switch type.kind {
        case .text(let padding):
            return try (0 ..< space.count).map { _ in
                var bytes = try cursor.bytes(type.size).prefix { $0 != 0 }
                if padding != 0 { while bytes.last == padding { bytes.removeLast() } }
                return String(decoding: bytes, as: UTF8.self)
            }
        case .variableText:
            return try (0 ..< space.count).map { _ in
                let length = try cursor.number(4), heap = try cursor.address(), index = try cursor.number(4)
                guard length > 0, let heap, heap != 0 else { return "" }
                var object = try file.heap(at: heap).object(index)
                // Many texts may lie in one place.
                try file.charge(length)
                return String(decoding: try object.bytes(length).prefix { $0 != 0 }, as: UTF8.self)
            }
        default: throw HDF5Failure(message: "expected attribute \(name) to be a text, found \(type.name)")
        }
    }
}

/// A block of objects of any size, known by their numbers.
struct HDF5GlobalHeap {
    private var objects: [Int: HDF5Cursor] = [:]

    init(_ file: HDF5File, at address: Int) throws {
        try file.claim(address)
        var prefix = try file.cursor(at: address)
        try prefix.expect("GCOL")
        try prefix.skip(4)
        let size = try prefix.number(8)
        try file.charge(size)
        var heap = try file.cursor(at: address, count: size)
        try heap.skip(16)
        while heap.left >= 16 {
            let index = try heap.number(2)
            try heap.skip(6)
            let size = try heap.number(8)
            // What is free comes last.
            guard index != 0 else { break }
            objects[index] = try heap.part(size)
            try heap.skip(min(-size & 7, heap.left))
        }
    }

    func object(_ index: Int) throws -> HDF5Cursor {
        guard let object = objects[index] else { throw HDF5Failure.damaged("a text leads to nothing") }
        return object
    }
}
