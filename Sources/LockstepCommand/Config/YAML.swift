import CYaml
import Lockstep

/// YAML text as a tree that knows its lines and columns.
///
/// Scalars are read as YAML 1.2 says and a little beyond: `true` and `false` in any case, whole numbers also as 60_000,
/// numbers also as 1e-3. `yes`, `no`, `on`, `off` and 0o17 are text. `<<` takes over the keys of a mapping, or of a list of
/// mappings, that are not there themselves.
///
/// The tree is made from the events of libyaml, which is part of Yams. Yams' own tree compares aliases of aliases node by node, which
/// never ends for some texts of a few hundred bytes.
enum YAML {
    /// - Parameters:
    ///   - name: how messages call the text.
    ///   - fixedPlace: what is given as the place of all values, in place of lines and columns.
    /// - Returns: `nil` for a text without any value.
    /// - Throws: `InputError` for text that is not YAML, a key that is there twice, an environment variable that is not set, more than a
    ///   million nodes.
    static func read(_ text: String, name: String, fixedPlace: String? = nil) throws -> ConfigTree? {
        // libyaml compares each directive with all before it.
        let directives = text.utf8.split(separator: UInt8(ascii: "\n")).lazy.filter { $0.first == UInt8(ascii: "%") }.count
        guard directives <= mostDirectives else {
            throw InputError("\(fixedPlace ?? name): \(directives) lines that begin with %; expected at most \(mostDirectives)")
        }
        var text = text
        return try text.withUTF8 { try Composer($0, name, fixedPlace).document() }
    }

    /// The most lines of a text that begin as directives do; a config needs none.
    private static let mostDirectives = 100

    /// A scalar without quotes; `nil` for a number beyond what a double holds.
    static func plain(_ text: String) -> ConfigValue? {
        switch text.lowercased() {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case ".inf", "+.inf": return .double(.infinity)
        case "-.inf": return .double(-.infinity)
        case ".nan": return .double(.nan)
        default: break
        }
        let bare = text.drop { $0 == "-" || $0 == "+" }
        // Swift reads words such as "infinity" and hexadecimal as numbers too; here a number starts as one.
        guard let first = bare.first, text.count - bare.count <= 1, first.isASCII, first.isNumber || first == "." else {
            return .string(text)
        }
        let digits = text.replacing("_", with: "")
        if let int = Int(digits) { return .int(int) }
        guard !bare.lowercased().hasPrefix("0x"), let double = Double(digits) else { return .string(text) }
        return double.isFinite ? .double(double) : nil
    }
}

/// Makes the tree of one text from libyaml's events, which refuses more than a thousand levels by itself.
private final class Composer {
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let name: String, fixedPlace: String?
    /// What anchors stand for, once it is complete: an alias within its own anchor finds nothing.
    private var anchors: [String: (tree: ConfigTree, count: Int)] = [:]
    /// The nodes so far.
    private var count = 0
    /// How many bytes values may still have: environment variables may be long.
    private var room = 64 << 20

    /// - Parameter text: must live as long as this.
    init(_ text: UnsafeBufferPointer<UInt8>, _ name: String, _ fixedPlace: String?) throws {
        (self.name, self.fixedPlace) = (name, fixedPlace)
        guard yaml_parser_initialize(parser) == 1 else { throw InputError("\(name): no memory to read it") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    func document() throws -> ConfigTree? {
        _ = try next()  // the stream's start
        guard try next().type != YAML_STREAM_END_EVENT else { return nil }
        let tree = try node(next())
        _ = try next()  // the document's end
        let end = try next()
        guard end.type == YAML_STREAM_END_EVENT else { throw InputError("\(place(end)): expected one document, found another") }
        return tree
    }

    private func node(_ event: Event) throws -> ConfigTree {
        let (before, place) = (count, place(event))
        try add(1, place)
        let tree: ConfigTree
        switch event.type {
        case YAML_ALIAS_EVENT:
            let (tree, count) = try anchor(event, place)
            try add(count, place)
            return tree
        case YAML_SCALAR_EVENT: tree = ConfigTree(content: .scalar(try scalar(event, place)), place: place)
        case YAML_SEQUENCE_START_EVENT: tree = ConfigTree(content: .list(try list()), place: place)
        default: tree = ConfigTree(content: .mapping(try mapping()), place: place)
        }
        if let anchor = event.anchor { anchors[anchor] = (tree, count - before) }
        return tree
    }

    private func add(_ nodes: Int, _ place: String) throws {
        count += nodes
        guard count <= ConfigValue.most else {
            throw InputError("\(place): more than \(ConfigValue.most) values, those that aliases repeat included")
        }
    }

    private func anchor(_ event: Event, _ place: String) throws -> (tree: ConfigTree, count: Int) {
        let alias = event.alias
        guard let anchor = anchors[alias] else { throw InputError("\(place): *\(alias): there is no &\(alias) that is complete before it") }
        return anchor
    }

    private func list() throws -> [ConfigTree] {
        var items: [ConfigTree] = []
        while true {
            let event = try next()
            if event.type == YAML_SEQUENCE_END_EVENT { return items }
            items.append(try node(event))
        }
    }

    private func mapping() throws -> [ConfigTree.Entry] {
        var entries: [ConfigTree.Entry] = [], merged: [ConfigTree.Entry] = []
        var keys: Set<String> = []
        while true {
            let event = try next()
            if event.type == YAML_MAPPING_END_EVENT { break }
            let place = place(event), key = try key(event, place)
            guard keys.insert(key).inserted else { throw InputError("\(place): the key \"\(key)\" is there twice") }
            let value = try node(next())
            if key == "<<", event.isPlain {
                merged = try mappings(toMerge: value)
            } else {
                entries.append(.init(key: key, place: place, tree: value))
            }
        }
        // The earlier of two mappings wins, as does a key of one's own.
        return merged.filter { keys.insert($0.key).inserted } + entries
    }

    private func key(_ event: Event, _ place: String) throws -> String {
        switch event.type {
        case YAML_SCALAR_EVENT:
            let key = event.text
            if let anchor = event.anchor { anchors[anchor] = (ConfigTree(content: .scalar(.string(key)), place: place), 1) }
            return key
        case YAML_ALIAS_EVENT:
            if case .scalar(.string(let key)) = try anchor(event, place).tree.content { return key }
        default: break
        }
        throw InputError("\(place): expected a word as a key, found something else")
    }

    private func mappings(toMerge tree: ConfigTree) throws -> [ConfigTree.Entry] {
        switch tree.content {
        case .mapping(let entries): return entries
        case .list(let items) where items.allSatisfy({ if case .mapping = $0.content { true } else { false } }):
            return try items.flatMap { try mappings(toMerge: $0) }
        default: throw InputError("\(tree.place): expected a mapping after <<, or a list of mappings, found \(tree.value.kind)")
        }
    }

    private func scalar(_ event: Event, _ place: String) throws -> ConfigValue {
        let text = try Environment.expand(event.text, place: place)
        room -= text.utf8.count
        guard room >= 0 else { throw InputError("\(place): the values are longer than 64 MB with what ${…} stands for") }
        switch event.tag {
        case nil where !event.isPlain, "!", "tag:yaml.org,2002:str": return .string(text)
        case nil, "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float":
            guard let value = YAML.plain(text) else { throw InputError("\(place): \(text): is beyond what a number can be") }
            return value
        case let tag?: throw InputError("\(place): the tag \(tag) is not read; leave it out")
        }
    }

    // MARK: Events

    private func next() throws -> Event {
        let event = Event()
        guard yaml_parser_parse(parser, &event.raw) == 1 else {
            let problem = "not YAML: " + (parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read")
            // Characters that are no YAML have no mark.
            let mark = parser.pointee.error == YAML_READER_ERROR ? nil : parser.pointee.problem_mark
            throw InputError("\(place(mark)): \(problem)")
        }
        return event
    }

    private func place(_ event: Event) -> String { place(event.raw.start_mark) }
    private func place(_ mark: yaml_mark_t?) -> String {
        fixedPlace ?? mark.map { "\(name):\($0.line + 1):\($0.column + 1)" } ?? name
    }
}

/// One of libyaml's events, freed with this.
private final class Event {
    var raw = yaml_event_t()
    deinit { yaml_event_delete(&raw) }

    var type: yaml_event_type_t { raw.type }
    var alias: String { Event.string(raw.data.alias.anchor) ?? "" }
    var anchor: String? {
        switch type {
        case YAML_SCALAR_EVENT: Event.string(raw.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: Event.string(raw.data.sequence_start.anchor)
        default: Event.string(raw.data.mapping_start.anchor)
        }
    }
    /// Of a scalar.
    var tag: String? { Event.string(raw.data.scalar.tag) }
    var isPlain: Bool { type == YAML_SCALAR_EVENT && raw.data.scalar.style == YAML_PLAIN_SCALAR_STYLE }
    var text: String { String(decoding: UnsafeBufferPointer(start: raw.data.scalar.value, count: raw.data.scalar.length), as: UTF8.self) }

    private static func string(_ bytes: UnsafePointer<yaml_char_t>?) -> String? { bytes.map { String(cString: $0) } }
}
