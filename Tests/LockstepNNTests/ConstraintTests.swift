import Foundation
import LockstepNN
import LockstepTensor
import XCTest

final class ConstraintTests: XCTestCase {
    /// Norms over one axis, several and all; weights of zeros among them.
    func testAgainstKeras() throws {
        for test in try golden("constraints")["cases"]!.items {
            let name = test["name"]!.text!, note = "\(name) \(test["arguments"]!)"
            let constraint = try Constraints.registry.make(name, test["arguments"]!)
            for value in test["values"]!.items {
                let x = value["x"]!.tensor, y = constraint(x)
                XCTAssertEqual(y.shape, x.shape, note)
                assertNear(y.scalars, value["y"]!.tensor.scalars, floor: 0.01, "\(note) of \(x.shape)")
            }
        }
    }

    /// What Keras writes, and what its names stand for.
    func testConfigurationsAgainstKeras() throws {
        let golden = try golden("constraints")
        func assertWritten(_ constraint: Constraint, _ want: ConfigValue, _ note: String) {
            XCTAssertEqual(constraint.className, want["class_name"]!.text, note)
            assertSame(.object(constraint.config), want["config"]!, at: note)
        }
        for test in golden["cases"]!.items {
            let written = test["serialized"]!, note = "\(test["name"]!) \(test["arguments"]!)"
            assertWritten(try Constraints.registry.make(test["name"]!.text!, test["arguments"]!), written, note)
            assertWritten(try Constraints.registry.make(written), written, "\(note), read again")
        }
        for (name, want) in golden["names"]!.entries.map({ ($0.key, $0.value) }) { assertWritten(try name.makeConstraint(), want, name) }
        let table: [(Constraint, String, ConfigValue)] = [
            (MaxNorm(), "max_norm", nil), (MaxNorm(3, axis: [0, 1]), "MaxNorm", .object(["max_value": 3, "axis": .array([0, 1])])),
            (NonNeg(), "non_neg", nil), (UnitNorm(), "unit_norm", nil), (UnitNorm(axis: .all), "UnitNorm", .object(["axis": nil])),
            (MinMaxNorm(), "min_max_norm", nil),
            (
                MinMaxNorm(minValue: 0.1, maxValue: 0.7, rate: 0.5, axis: -1), "MinMaxNorm",
                .object(["min_value": 0.1, "max_value": 0.7, "rate": 0.5, "axis": -1])
            ),
        ]
        for (given, name, arguments) in table { XCTAssertEqual(given.config, try Constraints.registry.make(name, arguments).config, name) }
    }

    /// Each weight of a model has the constraint that its layer was given.
    func testWeightsAgainstKeras() throws {
        let golden = try golden("regularizers")["model"]!, model = try TestModel.regularized.make()
        model.setWeights(golden["weights"]!.items.map(\.tensor))
        let constrained = model.weights.filter { $0.constraint != nil }, wanted = golden["constrained"]!.items
        XCTAssertEqual(constrained.map(\.path), wanted.map { $0["path"]!.text! })
        for (weight, want) in zip(constrained, wanted) {
            assertNear(weight.constraint!(weight.value).scalars, want["value"]!.tensor.scalars, floor: 0.01, weight.path)
        }
    }

    func testMistakes() {
        func assertError(_ want: String, line: UInt = #line, _ body: () throws -> Any) {
            XCTAssertThrowsError(try body(), want, line: line) { XCTAssertEqual("\($0)", want, line: line) }
        }
        assertError("unknown constraint \"max_nrm\"; did you mean MaxNorm? Known: \(Constraints.registry.names.joined(separator: ", "))") {
            try "max_nrm".makeConstraint()
        }
        assertError("MaxNorm.axis: expected an axis, a list of axes, or null for all of them, found \"0\"") {
            try Constraints.registry.make("MaxNorm", .object(["axis": "0"]))
        }
        assertError("UnitNorm.axis: expected numbers of axes, found nothing") {
            try Constraints.registry.make("UnitNorm", .object(["axis": .array([0, nil])]))
        }
        assertError("MaxNorm.max_values: unknown argument \"max_values\"; did you mean max_value? Known: max_value") {
            try Constraints.registry.make("MaxNorm", .object(["max_values": 3]))
        }
    }

    /// A class of one's own, by its name once it is registered.
    func testOwn() throws {
        final class Centered: Constraint {
            override func callAsFunction(_ weight: Tensor) -> Tensor { weight - weight.mean() }
        }
        Constraints.registry.register("Centered") { _ in Centered() }
        XCTAssertEqual(try "centered".makeConstraint()(Tensor([1, 2, 6] as [Float])).scalars, [-2, -1, 3])
    }
}
