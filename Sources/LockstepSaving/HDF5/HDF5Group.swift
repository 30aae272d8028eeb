/// A group of an HDF5 file that is read: named groups and datasets, and attributes.
///
/// Links to paths, in this file or others, are not followed: a model file must not read what it was not given.
package struct HDF5Group {
    private let file: HDF5File
    /// Where its header is in the file: two groups with one address are one.
    let address: Int
    /// From the root, without a slash in front; empty for the root.
    package let path: String

    init(_ file: HDF5File, _ address: Int, path: String) { (self.file, self.address, self.path) = (file, address, path) }

    /// The file and a path in it, for messages.
    package func source(_ name: String = "") -> String {
        let path = inside(name)
        return path.isEmpty ? file.source : "\(file.source), \(path)"
    }
    private func inside(_ name: String) -> String { path.isEmpty || name.isEmpty ? path + name : "\(path)/\(name)" }

    /// The names of what the group holds, sorted.
    ///
    /// - Throws: `SavingError` where the group is damaged.
    package func names() throws -> [String] { try links().keys.sorted() }

    private func links() throws -> [String: HDF5Link] { try file.savingErrors(path) { try file.links(at: address) } }

    /// The group at `path` inside this one; `nil` if there is none.
    package func group(_ path: String) throws -> HDF5Group? {
        var group = self
        for name in path.split(separator: "/").map(String.init) {
            guard let (address, header) = try group.object(name) else { return nil }
            guard header.isGroup else { throw SavingError(group.source(name), "expected a group, found something else") }
            group = HDF5Group(file, address, path: group.inside(name))
        }
        return group
    }

    /// The dataset at `path` inside this group; `nil` if there is none.
    package func dataset(_ path: String) throws -> HDF5Dataset? {
        var names = path.split(separator: "/").map(String.init)
        guard let name = names.popLast() else { return nil }
        return try group(names.joined(separator: "/"))?.ownDataset(name)
    }

    private func ownDataset(_ name: String) throws -> HDF5Dataset? {
        guard let (_, header) = try object(name) else { return nil }
        guard header.isDataset else { throw SavingError(source(name), "expected a dataset, found something else") }
        return try file.savingErrors(inside(name)) { try HDF5Dataset(file, header, path: inside(name)) }
    }

    private func object(_ name: String) throws -> (address: Int, HDF5ObjectHeader)? {
        switch try links()[name] {
        case nil: return nil
        case .path: throw SavingError(source(name), "is a link, which is not followed")
        case .hard(let address): return (address, try file.savingErrors(inside(name)) { try file.header(at: address) })
        }
    }

    // MARK: Attributes

    /// Whether there is an attribute of this name, of any type.
    package func hasAttribute(_ name: String) throws -> Bool { try attributeMessage(name) != nil }

    /// The texts of an attribute, one for each of its elements; `nil` if there is none of that name.
    ///
    /// - Throws: `SavingError` where it is no text.
    package func attribute(_ name: String) throws -> [String]? {
        guard let message = try attributeMessage(name) else { return nil }
        return try file.savingErrors(path) { try HDF5Attribute(message).texts(file) }
    }

    /// The texts of a list that Keras cuts into several attributes where it is long: `layer_names`, or `layer_names0`, `layer_names1`, …;
    /// `nil` if there is none.
    ///
    /// - Throws: `SavingError` where they are no texts.
    package func attributeList(_ name: String) throws -> [String]? {
        if let whole = try attribute(name) { return whole }
        guard var list = try attribute(name + "0") else { return nil }
        var count = 1
        while let next = try attribute(name + String(count)) {
            list += next
            count += 1
        }
        return list
    }

    private func attributeMessage(_ name: String) throws -> HDF5Cursor? {
        try file.savingErrors(path) { try file.attributes(at: address)[name] }
    }
}
