import LockstepTensor

// The functions that graphs may hold, by Keras' classes: module, names of arguments, settings.

extension SymbolicOperation {
    /// A function by its Keras name: each argument is a list, of one tensor where Keras takes a tensor.
    struct Kind {
        let className: String
        let module: String
        /// The names of arguments, for files that give some by name.
        let parameters: [String]
        /// Whether it computes element by element on two arguments whose shapes broadcast.
        let broadcasts: Bool
        /// The function for settings and arguments.
        let make: (Config, [Argument]) throws -> ([[Tensor]]) -> Tensor

        init(
            _ className: String, _ module: String, _ parameters: [String] = ["x"], broadcasts: Bool = false,
            _ make: @escaping (Config, [Argument]) throws -> ([[Tensor]]) -> Tensor
        ) {
            (self.className, self.module, self.parameters, self.make) = (className, module, parameters, make)
            self.broadcasts = broadcasts
        }

        static func unary(_ className: String, _ module: String, _ function: @escaping (Tensor) -> Tensor) -> Kind {
            Kind(className, module) { _, _ in { function($0[0][0]) } }
        }

        /// A function of two tensors or numbers, which are computed with in one type.
        static func binary(_ className: String, onFloats: Bool = false, _ function: @escaping (Tensor, Tensor) -> Tensor) -> Kind {
            Kind(className, numpy, ["x1", "x2"], broadcasts: true) { _, _ in
                { arguments in
                    let (a, b) = (arguments[0][0], arguments[1][0])
                    let isFit = a.dtype == b.dtype && (a.dtype == .int32 && !onFloats || a.dtype == .float32)
                    return isFit ? function(a, b) : function(a.cast(to: .float32), b.cast(to: .float32))
                }
            }
        }

        /// One along axes, which may be all.
        static func reduction(
            _ className: String, refusing unknown: String? = nil, _ function: @escaping (Tensor, _ axes: [Int]?, _ keepDims: Bool) -> Tensor
        ) -> Kind {
            Kind(className, numpy) { config, _ in
                let axes = try config.axes("axis"), keepDims = try config.bool("keepdims", default: false)
                if let unknown { try config.refuse(unknown) }
                return { function($0[0][0], axes, keepDims) }
            }
        }

        /// Joins a list of tensors along an axis.
        static func joining(_ className: String, _ axis: Int, _ function: @escaping ([Tensor], Int) -> Tensor) -> Kind {
            Kind(className, numpy, ["xs"]) { config, _ in
                let axis = try config.int("axis", default: axis)
                return { function($0[0], axis) }
            }
        }

        /// The index of an extreme along one axis.
        static func position(_ className: String, _ function: @escaping (Tensor, Int) -> Tensor) -> Kind {
            Kind(className, numpy) { config, _ in
                let axis = try config.int("axis"), keepDims = try config.bool("keepdims", default: false)
                return {
                    let found = function($0[0][0], axis)
                    return keepDims ? found.expandingDims(axis: axis) : found
                }
            }
        }

        /// - Throws: `ConfigError` unless there are as many arguments as parameters, each of its kind.
        func require(_ arguments: [Argument]) throws {
            guard arguments.count == parameters.count else {
                throw ConfigError("\(className) takes \(parameters.joined(separator: ", ")); found \(arguments.count) arguments")
            }
            for (argument, parameter) in zip(arguments, parameters) {
                let (isFit, expected) =
                    switch (argument, parameter) {
                    case (.tensors, _): (parameter == "xs", "a tensor")
                    case (.tensor, _): (parameter != "xs" && parameter != "key", parameter == "xs" ? "a list of tensors" : "an index")
                    case (.constant, "key"): (true, "")
                    case (.constant(let value), _): (parameter != "xs" && value.number != nil, "tensors and numbers")
                    }
                guard isFit else {
                    let found = if case .constant(let value) = argument { ", found \(value.kind)" } else { "" }
                    throw ConfigError("expected \(expected) as \(parameter) of \(className)\(found)")
                }
            }
        }
    }

    /// What the modules of all functions begin with, and some of them.
    package static let modules = "keras.src.ops"
    private static let numpy = "\(modules).numpy", nn = "\(modules).nn", math = "\(modules).math"

    /// The module of a function of Keras; `nil` where there is none of this name.
    package static func module(ofFunction className: String) -> String? { kinds.first { $0.className == className }?.module }

    nonisolated(unsafe) static let kinds: [Kind] = [
        .binary("Add", +), .binary("Subtract", -), .binary("Multiply", *), .binary("TrueDivide", onFloats: true, /),
        .binary("Divide", onFloats: true, /), .binary("Power", onFloats: true) { pow($0, $1) }, .binary("Maximum") { maximum($0, $1) },
        .binary("Minimum") { minimum($0, $1) },
        .binary("Equal", .==), .binary("NotEqual", .!=), .binary("Greater", .>), .binary("GreaterEqual", .>=), .binary("Less", .<),
        .binary("LessEqual", .<=), .binary("LogicalOr") { logicalOr($0, $1) },
        .unary("Negative", numpy) { -$0 }, .unary("Absolute", numpy, abs), .unary("Sign", numpy, sign), .unary("Square", numpy, square),
        .unary("Sqrt", numpy, sqrt), .unary("Rsqrt", math, rsqrt), .unary("Reciprocal", numpy, reciprocal), .unary("Exp", numpy, exp),
        .unary("Expm1", numpy, expm1), .unary("Log", numpy, log), .unary("Log1p", numpy, log1p), .unary("Sin", numpy, sin),
        .unary("Cos", numpy, cos), .unary("Tanh", numpy) { tanh($0) }, .unary("Erf", math, erf), .unary("Floor", numpy, floor),
        .unary("Ceil", numpy, ceil), .unary("Relu", nn, relu), .unary("Sigmoid", nn, sigmoid), .unary("Softplus", nn, softplus),
        Kind("Round", numpy) { config, _ in
            guard try config.int("decimals", default: 0) == 0 else {
                throw ConfigError("rounding to decimals is not supported yet", at: ["decimals"])
            }
            return { round($0[0][0]) }
        },
        Kind("Clip", numpy) { config, _ in
            let low = try config.float("x_min"), high = try config.float("x_max")
            return { clip($0[0][0], low, high) }
        },
        Kind("Softmax", nn) { config, _ in
            let axis = try config.int("axis", default: -1)
            return { softmax($0[0][0], axis: axis) }
        },
        Kind("LogSoftmax", nn) { config, _ in
            let axis = try config.int("axis", default: -1)
            return { logSoftmax($0[0][0], axis: axis) }
        },
        Kind("OneHot", nn) { config, _ in
            let count = try config.length("num_classes"), type = try config.string("dtype", default: "float32")
            // A file must not ask for memory without end: the numbers of all classes are an operand.
            guard count <= 1 << 24 else { throw ConfigError("expected at most \(1 << 24) classes, found \(count)", at: ["num_classes"]) }
            guard try config.int("axis", default: -1) == -1 else { throw ConfigError("expected the last axis, -1", at: ["axis"]) }
            guard type == "float32" else { throw ConfigError("expected float32, found \"\(type)\"", at: ["dtype"]) }
            if try config.bool("sparse", default: false) { throw ConfigError("sparse tensors are not supported", at: ["sparse"]) }
            return { oneHot($0[0][0].cast(to: .int32), count) }
        },
        .reduction("Sum") { $0.sum(axes: $1, keepDims: $2) }, .reduction("Mean") { $0.mean(axes: $1, keepDims: $2) },
        .reduction("Var") { $0.variance(axes: $1, keepDims: $2) },
        .reduction("Prod", refusing: "dtype") { $0.prod(axes: $1, keepDims: $2) },
        .reduction("Max", refusing: "initial") { $0.max(axes: $1, keepDims: $2) },
        .reduction("Min", refusing: "initial") { $0.min(axes: $1, keepDims: $2) },
        .reduction("Any") { $0.cast(to: .float32).sum(axes: $1, keepDims: $2) .> 0 },
        .position("Argmax") { $0.argmax(axis: $1) }, .position("Argmin") { $0.argmin(axis: $1) },
        .joining("Concatenate", -1) { concatenate($0, axis: $1) }, .joining("Stack", 0) { stack($0, axis: $1) },
        Kind("Matmul", numpy, ["x1", "x2"]) { _, _ in { matmul($0[0][0], $0[1][0]) } },
        Kind("Where", numpy, ["condition", "x1", "x2"]) { _, _ in
            { `where`($0[0][0].cast(to: .bool), $0[1][0].cast(to: .float32), $0[2][0].cast(to: .float32)) }
        },
        Kind("Cast", "\(modules).core") { config, _ in
            let name = try config.string("dtype")
            guard let type = DType(rawValue: name) else {
                throw ConfigError(unknownName("type", name, DType.allCases.map(\.rawValue)), at: ["dtype"])
            }
            return { $0[0][0].cast(to: type) }
        },
        Kind("Reshape", numpy) { config, _ in
            guard let lengths = try config.axes("newshape") else { throw ConfigError("missing newshape: expected the lengths of axes") }
            return { $0[0][0].reshaped(Shape(lengths)) }
        },
        Kind("Transpose", numpy) { config, _ in
            let axes = try config.axes("axes")
            return { arguments in
                let x = arguments[0][0]
                return x.transposed(axes?.map { $0 < 0 ? $0 + x.shape.rank : $0 })
            }
        },
        Kind("ExpandDims", numpy) { config, _ in
            guard let axes = try config.axes("axis") else { throw ConfigError("missing axis: expected the place of the new axis") }
            return { arguments in
                let x = arguments[0][0], rank = x.shape.rank + axes.count
                return axes.map { $0 < 0 ? $0 + rank : $0 }.sorted().reduce(x) { $0.expandingDims(axis: $1) }
            }
        },
        Kind("Squeeze", numpy) { config, _ in
            let axes = try config.axes("axis")
            return { arguments in
                let x = arguments[0][0]
                // The batch stays, though a batch may have one sample.
                return x.squeezed(axes: axes ?? (1 ..< max(1, x.shape.rank)).filter { x.shape[$0] == 1 })
            }
        },
        Kind("Take", numpy, ["x", "indices"]) { config, _ in
            guard try config.int("axis") == 0 else { throw ConfigError("expected axis 0: rows are taken", at: ["axis"]) }
            return { $0[0][0].gathered($0[1][0].cast(to: .int32)) }
        },
        Kind("GetItem", numpy, ["x", "key"]) { _, arguments in
            guard case .constant(let key) = arguments[1] else { throw ConfigError("expected an index as key of GetItem") }
            let index = try TensorKey(key)
            return { index.part(of: $0[0][0]) }
        },
    ]
}

extension Config {
    /// One axis or several; `nil` for all.
    fileprivate func axes(_ key: String) throws -> [Int]? {
        try read(key) { value in
            let items = if case .array(let items) = value { items } else { [value] }
            return try items.map { item in
                guard case .int(let axis) = item, Swift.abs(axis) <= Int(Int32.max) else {
                    throw ConfigError("expected whole numbers, found \(item.kind)")
                }
                return axis
            }
        }
    }
}
