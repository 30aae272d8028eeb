/// Where a name in a group leads.
enum HDF5Link {
    /// To the object whose header is at this address.
    case hard(Int)
    /// To a path, in this file or another, which is not followed: a model file must not read what it was not given.
    case path
}

extension HDF5ObjectHeader {
    /// What a group holds, by name.
    func links(_ file: HDF5File) throws -> [String: HDF5Link] {
        var links: [String: HDF5Link] = [:]
        func add(_ name: String, _ link: HDF5Link) throws {
            guard links.updateValue(link, forKey: name) == nil else { throw HDF5Failure.damaged("two things are called \(name)") }
        }
        if var table = try first(.symbolTable) {
            guard let tree = try table.address(), let heap = try table.address() else {
                throw HDF5Failure.damaged("a group without a table")
            }
            try HDF5SymbolTable(file, heap: heap).forEach(tree, add)
        }
        if var info = try first(.linkInfo) {
            guard try info.byte() == 0 else { throw HDF5Failure.damaged("an unknown version of a group") }
            if try info.byte() & 1 != 0 { try info.skip(8) }
            guard try info.address() == nil else { throw HDF5Failure.notRead("keeps what it holds in a fractal heap") }
        }
        for var message in try all(.link) { try HDF5ObjectHeader.readLink(&message, add) }
        return links
    }

    private static func readLink(_ message: inout HDF5Cursor, _ add: (String, HDF5Link) throws -> Void) throws {
        guard try message.byte() == 1 else { throw HDF5Failure.damaged("an unknown version of a link") }
        let flags = try message.byte()
        let type = flags & 8 != 0 ? try message.byte() : 0
        if flags & 4 != 0 { try message.skip(8) }  // when it was made
        if flags & 16 != 0 { try message.skip(1) }  // ASCII or UTF-8
        let name = String(decoding: try message.bytes(try message.number(1 << (flags & 3))), as: UTF8.self)
        guard type == 0 else { return try add(name, .path) }
        guard let address = try message.address() else { throw HDF5Failure.damaged("\(name) leads nowhere") }
        try add(name, .hard(address))
    }
}

/// A group in the form that HDF5 has had from the beginning: names in a local heap, entries in the leaves of a B-tree (version 1).
struct HDF5SymbolTable {
    private let file: HDF5File
    private let names: HDF5Cursor

    init(_ file: HDF5File, heap address: Int) throws {
        self.file = file
        try file.claim(address)
        var heap = try file.cursor(at: address)
        try heap.expect("HEAP")
        try heap.skip(4)
        let size = try heap.number(8)
        try heap.skip(8)  // what is free in it
        guard let segment = try heap.address() else { throw HDF5Failure.damaged("a group without names") }
        names = try file.cursor(at: segment, count: size)
    }

    /// Calls `body` with every entry below the node at `root`.
    func forEach(_ root: Int, _ body: (String, HDF5Link) throws -> Void) throws {
        try HDF5BTree.forEachLeaf(file, root, kind: 0, keySize: 8) { _, leaf in
            guard let leaf else { throw HDF5Failure.damaged("an empty place in a B-tree") }
            try file.claim(leaf)
            var node = try file.cursor(at: leaf)
            try node.expect("SNOD")
            try node.skip(2)
            let count = try node.number(2)
            try file.charge(8 + 40 * count)
            for _ in 0 ..< count {
                let offset = try node.number(8), address = try node.address(), kind = try node.number(4)
                try node.skip(20)
                var name = names
                try name.skip(offset)
                let text = try name.text()
                try file.charge(text.utf8.count)
                // Kind 2 is a symbolic link, which has no object.
                guard kind != 2, let address else {
                    try body(text, .path)
                    continue
                }
                try body(text, .hard(address))
            }
        }
    }
}

/// A B-tree of version 1, which indexes the entries of groups and the chunks of datasets.
enum HDF5BTree {
    /// Calls `body` with each key and address in the leaves, from left to right.
    ///
    /// - Parameters:
    ///   - kind: 0 for groups, 1 for chunks.
    ///   - keySize: the bytes of a key.
    static func forEachLeaf(
        _ file: HDF5File, _ root: Int, kind: Int, keySize: Int, _ body: (_ key: HDF5Cursor, _ address: Int?) throws -> Void
    ) throws {
        /// Levels fall by one from a node to those below: 255 at most.
        func visit(_ address: Int, level expected: Int?) throws {
            try file.claim(address)
            var node = try file.cursor(at: address)
            try node.expect("TREE")
            let (found, level, count) = (try node.byte(), try node.byte(), try node.number(2))
            guard found == kind, expected == nil || level == expected else {
                throw HDF5Failure.damaged("a wrong node of a B-tree at \(address)")
            }
            try node.skip(16)  // its neighbours
            try file.charge(24 + count * (keySize + 8))
            for _ in 0 ..< count {
                let key = try node.part(keySize), child = try node.address()
                if level == 0 {
                    try body(key, child)
                } else {
                    guard let child else { throw HDF5Failure.damaged("an empty place in a B-tree") }
                    try visit(child, level: level - 1)
                }
            }
        }
        try visit(root, level: nil)
    }
}
