import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import XCTest

/// Files whose structures lie, behind checksums of the archive that are right.
final class HDF5DamageTests: SavingTestCase {
    private static let extremes: [UInt64] = [0, 1, 2, 7, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 33, 1 << 62, .max - 1, .max]

    /// A file in which one or two fields of 1, 2, 4 or 8 bytes, which lie at `places`, are others.
    private func damaged(_ whole: [UInt8], _ random: inout SplitMix, _ places: [Int]) throws -> ByteBuffer {
        var bytes = whole
        for _ in 0 ..< Int.random(in: 1 ... 2, using: &random) {
            var place = places.randomElement(using: &random)!, size = 1 << Int.random(in: 0 ... 3, using: &random)
            var value = HDF5DamageTests.extremes.randomElement(using: &random)!
            if Bool.random(using: &random) {
                // What another field says: addresses that lead back make circles.
                (place, size) = (place & ~7, 8)
                let other = min(places.randomElement(using: &random)! & ~7, whole.count - 8)
                value = (0 ..< 8).reduce(0) { $0 | UInt64(whole[other + $1]) << (8 * $1) }
            }
            for index in 0 ..< size where place + index < bytes.count {
                bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
            }
        }
        return try ByteBuffer(bytes)
    }

    /// Everything in the file is read, as far as it goes; every error is a `SavingError`.
    private func readAll(_ bytes: ByteBuffer) throws {
        let file = try HDF5File(bytes, source: "f.h5")
        func visit(_ group: HDF5Group, depth: Int) {
            _ = try? group.attribute("name")
            _ = try? group.attribute("layer_names")
            guard depth < 6, let names = attempt({ try group.names() }) else { return }
            for name in names.prefix(200) {
                if let dataset = attempt({ try group.dataset(name) }) ?? nil {
                    // A shape that the file claims is what a caller might expect, as long as it is a small one.
                    _ = attempt { try dataset.readInteger() }
                    if let shape = dataset.shape, shape.dimensions.allSatisfy({ $0 < 50 }), shape.rank < 4 {
                        _ = attempt { try dataset.read(shape, dataset.type.hasPrefix("float") ? .float32 : .int32) }
                    }
                } else if let inside = attempt({ try group.group(name) }) ?? nil {
                    visit(inside, depth: depth + 1)
                }
            }
        }
        visit(file.root, depth: 0)
    }

    private func attempt<Result>(_ body: () throws -> Result) -> Result? {
        do { return try body() } catch {
            XCTAssertTrue(error is SavingError, "\(error)")
            return nil
        }
    }

    /// 300 model files, 150 `.h5` files and 200 of other forms: each is read or refused, none ends the process or takes its time.
    func testDamagedFieldsAreRefusedOrDoNotMatter() throws {
        var random = SplitMix(state: 11)
        let archive = try ZipArchive(reading: golden("adam.keras", Golden.adam.file), kind: "")
        let members = try archive.names.indices.map { (name: archive.names[$0], bytes: try archive.member($0)) }
        let whole = try XCTUnwrap(members.first { $0.name == "model.weights.h5" }).bytes.withBytes { Array($0) }
        let places = structures(of: whole), model = classifier()
        try model.compile(optimizer: Adam(amsgrad: true), loss: "mse")
        var outcomes: [Bool: Int] = [:]
        for round in 0 ..< 300 {
            let began = Date(), weights = try damaged(whole, &random, places)
            let isRead: Bool
            // Writing an archive brings it to the disk, which takes its time: the weights alone are read in the same way.
            if round % 10 == 0 {
                let changed = members.map { $0.name == "model.weights.h5" ? ($0.name, weights) : $0 }
                try withExtendedLifetime(changed) { try ZipArchive.write(changed.map { ($0, [$1.withBytes { $0 }]) }, to: path("d.keras")) }
                isRead = attempt { try loadModel(path("d.keras")) } != nil
            } else {
                let name = try file("d.weights.h5", weights.withBytes { Data($0) })
                isRead = attempt { try model.loadWeights(name) } != nil
            }
            outcomes[isRead, default: 0] += 1
            XCTAssertLessThan(-began.timeIntervalSinceNow, 5, "file \(round)")
        }
        XCTAssertGreaterThan(outcomes[true, default: 0], 20, "hardly one could be read: are fields damaged that all depends on?")
        XCTAssertGreaterThan(outcomes[false, default: 0], 100, "hardly one was refused: were fields damaged?")
        let trained = classifier()
        try trained.compile(optimizer: Adam(), loss: "sparse_categorical_crossentropy")
        step(trained)
        try trained.save(path("whole.h5"))
        let legacy = [UInt8](try bytes(of: "whole.h5")), legacyPlaces = structures(of: legacy)
        outcomes = [:]
        for round in 0 ..< 150 {
            let began = Date(), name = try file("d.h5", damaged(legacy, &random, legacyPlaces).withBytes { Data($0) })
            outcomes[attempt { try loadModel(name) } != nil, default: 0] += 1
            XCTAssertLessThan(-began.timeIntervalSinceNow, 5, "file \(round)")
        }
        XCTAssertGreaterThan(outcomes[true, default: 0], 10, "hardly one .h5 file could be read")
        XCTAssertGreaterThan(outcomes[false, default: 0], 50, "hardly one .h5 file was refused")
        for text in [GoldenHDF5.earliest, GoldenHDF5.latest] {
            let whole = try ByteBuffer(contentsOf: golden("f.h5", text)).withBytes { Array($0) }, places = structures(of: whole)
            for round in 0 ..< 100 {
                let began = Date(), bytes = try damaged(whole, &random, places)
                _ = attempt { try readAll(bytes) }
                XCTAssertLessThan(-began.timeIntervalSinceNow, 5, "file \(round)")
            }
        }
    }

    /// Where bytes are that are not zero: addresses, lengths, counts, kinds, versions. Long runs of zeros are room for more.
    private func structures(of bytes: [UInt8]) -> [Int] { bytes.indices.filter { bytes[$0] != 0 } }

    // MARK: Links

    private func model(_ edit: (inout [UInt8]) throws -> Void) throws -> String {
        let model = classifier()
        try model.saveWeights(path("m.weights.h5"))
        var bytes = [UInt8](try bytes(of: "m.weights.h5"))
        try edit(&bytes)
        return try file("x.weights.h5", Data(bytes))
    }

    private func dense() -> Sequential {
        clearSession()
        return Sequential([Input([2]), Dense(2)])
    }

    /// Lists of names in an `.h5` file that are much longer than what they name.
    func testNamesThatAreGivenAgainAndAgain() throws {
        let model = dense(), json = model.toJSON()
        func written(layers: [String], weights: [String], _ fill: (HDF5Writer) throws -> Void = { _ in }) throws -> String {
            let writer = try HDF5Writer(source: "h.h5")
            try writer.setAttribute("model_config", json, of: "/")
            try writer.makeGroup("model_weights/dense")
            try writer.setAttribute("layer_names", layers, of: "model_weights")
            try writer.setAttribute("weight_names", weights, of: "model_weights/dense")
            try fill(writer)
            return try file("\(layers.count)-\(weights.count)-\(weights.first ?? "").h5", writer.image().data)
        }
        let whole = try written(layers: ["dense"], weights: ["kernel", "bias"]) {
            try $0.write(.ones([2, 2]), at: "model_weights/dense/kernel")
            try $0.write(.ones([2]), at: "model_weights/dense/bias")
        }
        XCTAssertEqual(try loadModel(whole).weightBits, [[1, 1, 1, 1], [1, 1]])
        let many = [String](repeating: "dense", count: 5000)
        for (name, reason) in [
            (try written(layers: many, weights: many), "structures overlap"),
            (try written(layers: ["dense"], weights: many), "found 5000 arrays"),
            (try written(layers: ["dense"], weights: ["kernels", "bias"]), "has no array kernels"),
            (try written(layers: ["dense", "other"], weights: ["kernel"]), "has no group of layer other"),
            (try written(layers: [], weights: []), "expected weights of 1 layers of model sequential, found those of 0"),
        ] {
            let began = Date()
            XCTAssertThrowsError(try loadModel(name)) { XCTAssertTrue("\($0)".contains(reason), "\($0), not \(reason)") }
            XCTAssertLessThan(-began.timeIntervalSinceNow, 5, reason)
        }
    }

    func testFilesThatWouldTakeTimeOrMemoryWithoutEnd() throws {
        for (text, place, reason) in [
            (GoldenHDF5.circle, "layers/zzz", "is a group that the file holds under several names"),
            (GoldenHDF5.twice, "layers/twice", "is a group that the file holds under several names"),
            (GoldenHDF5.fan, String(repeating: "/a", count: 19) + "/b", "is a group that the file holds under several names"),
            (GoldenHDF5.largeBlocks, "layers/dense/vars/0", "2 blocks of [1, 4194304] elements in an array of shape (2, 2)"),
        ] {
            let name = try golden("h.weights.h5", text)
            XCTAssertThrowsError(try dense().loadWeights(name)) { error in
                guard let error = error as? SavingError else { return XCTFail("\(error)") }
                XCTAssertTrue(error.source.hasPrefix(name + ", ") && error.source.hasSuffix(place), error.source)
                XCTAssertTrue(error.message.contains(reason), error.message)
            }
        }
        func written(_ fill: (HDF5Writer) throws -> Void) throws -> String {
            let file = try HDF5Writer(source: "w")
            try file.makeGroup("layers/dense/vars")
            try file.write(.zeros([2, 2]), at: "layers/dense/vars/0")
            try file.write(.zeros([2]), at: "layers/dense/vars/1")
            try fill(file)
            return try self.file("h.weights.h5", file.image().data)
        }
        let deep = try written { try $0.makeGroup("layers" + String(repeating: "/a", count: 300)) }
        assertSavingError("\(deep), layers", "more than 200 deep") { try dense().loadWeights(deep) }
        let wide = try written { file in for index in 0 ..< 1100 { try file.makeGroup("layers/\(index)") } }
        assertSavingError("\(wide), layers", "has more than 1020 groups") { try dense().loadWeights(wide) }
        XCTAssertNoThrow(try dense().loadWeights(written { _ in }))
    }

    /// Entries of groups that lead to others' headers: a group inside itself, and one under two names.
    func testGroupsThatLeadToEachOther() throws {
        // An entry is the name's offset, the header's address, the kind 1 and the addresses of tree and heap.
        func entries(_ bytes: [UInt8]) -> [(place: Int, address: [UInt8])] {
            stride(from: 0, to: bytes.count - 8, by: 8).filter { Array(bytes[$0 ..< $0 + 4]) == Array("SNOD".utf8) }.map {
                ($0 + 16, Array(bytes[$0 + 16 ..< $0 + 24]))
            }
        }
        let count = try entries([UInt8](Data(contentsOf: URL(fileURLWithPath: model { _ in })))).count
        XCTAssertGreaterThan(count, 3)
        for from in 0 ..< count {
            for to in 0 ..< count where to != from {
                clearSession()
                let name = try model { bytes in
                    let all = entries(bytes)
                    bytes.replaceSubrange(all[from].place ..< all[from].place + 8, with: all[to].address)
                }
                clearSession()
                _ = attempt { try classifier().loadWeights(name) }
            }
        }
    }
}

/// Random numbers that are the same at each run (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
