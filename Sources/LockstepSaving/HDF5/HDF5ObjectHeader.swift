/// The messages that describe a group or a dataset.
struct HDF5ObjectHeader {
    /// The kinds of messages that are read, by their numbers in files.
    enum Kind: Int {
        case dataspace = 0x1, linkInfo = 0x2, datatype = 0x3, fillValue = 0x5, link = 0x6, externalFiles = 0x7, layout = 0x8, filters = 0xb,
            attribute = 0xc, continuation = 0x10, symbolTable = 0x11, attributeInfo = 0x15
    }

    private var messages: [(kind: Kind, isShared: Bool, body: HDF5Cursor)] = []

    var isGroup: Bool { messages.contains { $0.kind == .symbolTable || $0.kind == .linkInfo || $0.kind == .link } }
    var isDataset: Bool { messages.contains { $0.kind == .layout } }
    func has(_ kind: Kind) -> Bool { messages.contains { $0.kind == kind } }

    /// The first message of a kind; `nil` if there is none.
    func first(_ kind: Kind) throws -> HDF5Cursor? { try all(kind, limit: 1).first }

    func all(_ kind: Kind, limit: Int = .max) throws -> [HDF5Cursor] {
        try messages.lazy.filter { $0.kind == kind }.prefix(limit).map { message in
            guard !message.isShared else { throw HDF5Failure.notRead("is described in part by another object (a committed type)") }
            return message.body
        }
    }

    // MARK: Reading

    init(_ file: HDF5File, at address: Int) throws {
        var prefix = try file.cursor(at: address)
        if prefix.begins(with: "OHDR") {
            try prefix.expect("OHDR")
            let version = try prefix.byte()
            guard version == 2 else { throw HDF5Failure.damaged("version \(version) of a header at \(address)") }
            let flags = try prefix.byte()
            if flags & 0x20 != 0 { try prefix.skip(16) }  // times
            if flags & 0x10 != 0 { try prefix.skip(4) }  // when attributes become dense
            let block = try prefix.part(try prefix.number(1 << (flags & 3)))
            try read(file, block) {
                try HDF5ObjectHeader.message2(&$0, hasOrder: flags & 4 != 0)
            } continuation: { block in
                var cursor = block
                try cursor.expect("OCHK")
                return try cursor.part(cursor.left - 4)  // the checksum
            }
        } else {
            let version = try prefix.byte()
            guard version == 1 else { throw HDF5Failure.damaged("version \(version) of a header at \(address)") }
            try prefix.skip(7)  // how many messages, how many links
            let size = try prefix.number(4)
            try prefix.skip(4)
            try read(file, prefix.part(size), HDF5ObjectHeader.message1) { $0 }
        }
    }

    private typealias Message = (kind: Int, flags: Int, body: HDF5Cursor)

    /// Reads the messages of a block and of those that continue it.
    private mutating func read(
        _ file: HDF5File, _ first: HDF5Cursor, _ message: (inout HDF5Cursor) throws -> Message?,
        continuation: (HDF5Cursor) throws -> HDF5Cursor
    ) throws {
        var blocks = [first]
        while var block = blocks.popLast() {
            try file.charge(block.left)
            while let (number, flags, body) = try message(&block) {
                guard let kind = Kind(rawValue: number) else { continue }
                guard kind == .continuation else {
                    messages.append((kind, flags & 2 != 0, body))
                    continue
                }
                var body = body
                guard let address = try body.address() else { throw HDF5Failure.damaged("a header goes on nowhere") }
                try file.claim(address)
                blocks.append(try continuation(file.cursor(at: address, count: body.number(8))))
            }
        }
    }

    private static func message1(_ block: inout HDF5Cursor) throws -> Message? {
        guard block.left >= 8 else { return nil }
        let (kind, size, flags) = (try block.number(2), try block.number(2), try block.byte())
        try block.skip(3)
        return (kind, flags, try block.part(size))
    }

    private static func message2(_ block: inout HDF5Cursor, hasOrder: Bool) throws -> Message? {
        guard block.left >= (hasOrder ? 6 : 4) else { return nil }
        let (kind, size, flags) = (try block.byte(), try block.number(2), try block.byte())
        if hasOrder { try block.skip(2) }
        return (kind, flags, try block.part(size))
    }
}
