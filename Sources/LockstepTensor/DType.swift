/// The type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable {
    /// What is computed with.
    case float32
    /// Labels and indices.
    case int32
    /// Images as they lie in files.
    case uint8
    /// Masks and comparisons; one byte, 0 or 1.
    case bool

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .float32, .int32: 4
        case .uint8, .bool: 1
        }
    }
}

/// A Swift type that tensors hold.
public protocol TensorScalar: TensorElements {
    static var dtype: DType { get }
}

extension Float: TensorScalar { public static var dtype: DType { .float32 } }
extension Int32: TensorScalar { public static var dtype: DType { .int32 } }
extension UInt8: TensorScalar { public static var dtype: DType { .uint8 } }
extension Bool: TensorScalar { public static var dtype: DType { .bool } }
