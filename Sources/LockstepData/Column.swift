import CKernels
import Foundation
import LockstepTensor

/// One array of a data set, samples along its first axis.
///
/// Images stay `uint8` in memory, a quarter of their size as floats, and become floats a batch at a time: MNIST takes
/// 47 MB. Arrays of other types that have a divisor are divided once, when the column is made.
public struct Column {
    /// `[samples, …]`, of type `uint8`, `int32` or `float32`.
    public let tensor: Tensor
    /// What each value of a `uint8` column is divided by when a batch is gathered; 1 for columns of other types.
    public let divisor: Float
    /// The file or the array that the values come from, for messages.
    public let source: String
    /// Elements of one sample.
    private let width: Int

    /// A column of numbers. `bool` becomes 0 and 1.
    ///
    /// - Parameters:
    ///   - tensor: `[samples, …]` of any type.
    ///   - divisor: what values are divided by: 255 brings bytes to 0 … 1. Other than 1 it makes a float column.
    ///   - source: the file or array that the values come from, for messages.
    /// - Throws: `DataError` for a scalar, or a divisor that is zero or not finite.
    public init(_ tensor: Tensor, divisor: Float = 1, source: String = "array") throws {
        guard tensor.shape.rank > 0 else { throw DataError(source, "expected an array with one row a sample, found a scalar") }
        guard divisor.isFinite, divisor != 0 else { throw DataError(source, "cannot be divided by \(divisor)") }
        guard tensor.shape[0] <= Int(Int32.max) else {
            throw DataError(source, "expected at most \(Int32.max) samples, found \(tensor.shape[0])")
        }
        switch tensor.dtype {
        case .uint8, .bool:
            self.init(tensor: tensor.dtype == .bool ? tensor.bytes : tensor, divisor: divisor, source: source)
        case .int32, .float32:
            self.init(tensor: divisor == 1 ? tensor : tensor.divided(by: divisor), divisor: 1, source: source)
        }
    }

    /// A column of what a file holds, in the type that is needed.
    ///
    /// Integers of any size become floats as NumPy's `astype` makes them; bytes stay bytes until a batch is gathered.
    ///
    /// - Parameters:
    ///   - array: `[samples, …]`.
    ///   - dtype: the type of gathered batches, `float32` or `int32`: that of the model's input.
    ///   - source: what messages call it; the file or member that it comes from where nothing else is said.
    /// - Throws: as `init(_:divisor:source:)` and `converted(to:)`.
    public init(_ array: StoredArray, as dtype: DType, divisor: Float = 1, source: String? = nil) throws {
        let tensor =
            switch array.type {
            case .uint8, .bool: try array.tensor()
            default: try array.tensor(as: divisor == 1 ? dtype : .float32)
            }
        self = try Column(tensor, divisor: divisor, source: source ?? array.source).converted(to: dtype)
    }

    /// A column of class numbers, `int32` whatever the type they come in (MNIST's are bytes).
    ///
    /// - Throws: `DataError` for a scalar, or naming the first value that is not a whole number.
    public init(labels: Tensor, source: String = "labels") throws {
        self = try Column.labels(source) {
            try Column(Column(labels, source: source).wholeNumbers(), source: source)
        }
    }

    /// The same, of what a file holds.
    public init(labels: StoredArray, source: String? = nil) throws {
        let source = source ?? labels.source
        self = try Column.labels(source) { try Column(labels.exactTensor(as: .int32), source: source) }
    }

    private static func labels(_ source: String, _ make: () throws -> Column) throws -> Column {
        do { return try make() } catch let element as UnfitElement {
            throw DataError(
                source, "label \(element.index) is \(element.value); expected whole numbers, the classes' numbers from 0")
        }
    }

    /// Gathers batches of another type: the same values, as `float32` or `int32`.
    ///
    /// A layer gets what the model's input says, whatever type a file holds; so in Keras.
    ///
    /// - Throws: `DataError` that names the first value which is no whole number that `int32` holds.
    public func converted(to dtype: DType) throws -> Column {
        check(dtype == .float32 || dtype == .int32, "\(source): batches of \(dtype); expected float32 or int32")
        guard dtype != batchDType else { return self }
        guard dtype == .int32 else { return Column(tensor: tensor.cast(to: .float32), divisor: 1, source: source) }
        do { return Column(tensor: try wholeNumbers(), divisor: 1, source: source) } catch let element as UnfitElement {
            throw DataError(
                source, "element \(element.index) is \(element.value); it is needed as int32, which holds whole numbers up to \(Int32.max)")
        }
    }

    /// The values as `int32`. Throws `UnfitElement`.
    private func wholeNumbers() throws -> Tensor {
        guard tensor.dtype != .int32 else { return tensor }
        let values = tensor.scalars
        return try Tensor(shape: tensor.shape) { (target: UnsafeMutableBufferPointer<Int32>) in
            for (i, value) in values.enumerated() {
                guard let whole = Int32(exactly: value / divisor) else { throw UnfitElement(index: i, value: "\(value / divisor)") }
                target[i] = whole
            }
        }
    }

    private init(tensor: Tensor, divisor: Float, source: String) {
        self.tensor = tensor
        self.divisor = divisor
        self.source = source
        width = tensor.shape.sample.count
    }

    /// The number of samples.
    public var count: Int { tensor.shape[0] }
    /// The shape of one sample.
    public var sampleShape: Shape { tensor.shape.sample }
    /// The type of gathered batches: `int32` or `float32`.
    public var batchDType: DType { tensor.dtype == .int32 ? .int32 : .float32 }
    /// The size of one sample in a gathered batch.
    public var batchBytesPerSample: Int { width * batchDType.size }

    /// The samples of a range, sharing this column's bytes.
    public func rows(_ range: Range<Int>) -> Column {
        check(range.lowerBound >= 0 && range.upperBound <= count, "\(source): rows \(range) of \(count)")
        let shape = sampleShape.batched(range.count)
        let value = Value(
            view: tensor.value.pointer! + range.lowerBound * width * tensor.dtype.size,
            byteCount: shape.count * tensor.dtype.size, owner: tensor.value)
        return Column(tensor: Tensor(shape: shape, dtype: tensor.dtype, value: value), divisor: divisor, source: source)
    }

    /// Writes the samples numbered `rows`, one after the other, as `batchDType` to `target`, which has room for
    /// `rows.count * batchBytesPerSample` bytes. Allocates nothing; the row numbers are trusted.
    public func gather(rows: UnsafeBufferPointer<Int32>, into target: UnsafeMutableRawPointer) {
        withExtendedLifetime(tensor.value) { gather(rows, from: tensor.value.pointer!, into: target) }
    }

    private func gather(_ rows: UnsafeBufferPointer<Int32>, from source: UnsafeRawPointer, into target: UnsafeMutableRawPointer) {
        guard let index = rows.baseAddress, !rows.isEmpty else { return }
        let n = Int64(rows.count)
        switch tensor.dtype {
        case .float32:
            lk_gather_rows(n, Int64(width), source.assumingMemoryBound(to: Float.self), index, target.assumingMemoryBound(to: Float.self))
        case .uint8, .bool:
            lk_gather_rows_uint8(
                n, Int64(width), source.assumingMemoryBound(to: UInt8.self), index, divisor, target.assumingMemoryBound(to: Float.self))
        case .int32:
            let source = source.assumingMemoryBound(to: Int32.self)
            let target = target.assumingMemoryBound(to: Int32.self)
            if width == 1 {
                for i in 0 ..< rows.count { target[i] = source[Int(index[i])] }
            } else {
                for i in 0 ..< rows.count { memcpy(target + i * width, source + Int(index[i]) * width, 4 * width) }
            }
        }
    }

    /// The largest absolute value after division, of at most a thousand samples spread evenly over the column; 0 where there are none.
    ///
    /// Tells bytes that nobody has divided by 255 from those that somebody has.
    public var magnitude: Float {
        let step = max(1, count / 1000)
        var largest: Float = 0
        for row in stride(from: 0, to: count, by: step) {
            for value in rows(row ..< row + 1).tensor.scalars where value.isFinite { largest = max(largest, abs(value)) }
        }
        return largest / abs(divisor)
    }

    /// Throws `DataError` that names the first value which is not a class number, 0 ..< `classes`.
    public func validateLabels(classes: Int) throws {
        func fail(_ index: Int, _ value: String) -> DataError {
            DataError(source, "label \(index) is \(value); with \(classes) classes, labels are 0 to \(classes - 1)")
        }
        switch tensor.dtype {
        case .int32:
            try tensor.withElements { (labels: UnsafeBufferPointer<Int32>) in
                for (i, label) in labels.enumerated() where label < 0 || Int(label) >= classes { throw fail(i, "\(label)") }
            }
        case .uint8, .bool, .float32:
            for (i, label) in tensor.scalars.enumerated() {
                let label = label / divisor
                if !(label >= 0 && label < Float(classes) && label == label.rounded()) { throw fail(i, "\(label)") }
            }
        }
    }
}

extension Column {
    /// Refuses what does not say a row of a table; numbers that are not whole are cut off.
    ///
    /// - Parameters:
    ///   - rows: how many the table has.
    ///   - input: the model's input that the column is for. - owner: who reads the table.
    /// - Throws: `DataError` that names the first such value, and its place.
    package func requireIndices(below rows: Int, input: String, of owner: String) throws {
        func fail(_ index: Int, _ value: String) -> DataError {
            DataError(
                source,
                "index \(value) at \(tensor.shape.place(of: index)), for input \(input), is not in the vocabulary of \(owner), which has \(rows): expected 0 to \(rows - 1); give the layer a larger inputDim, or the data other numbers"
            )
        }
        if tensor.dtype == .int32 {
            try tensor.withElements { (values: UnsafeBufferPointer<Int32>) in
                for (i, value) in values.enumerated() where value < 0 || Int(value) >= rows { throw fail(i, "\(value)") }
            }
        } else {
            let limit = Float(rows)
            for (i, value) in tensor.scalars.enumerated() where !(value / divisor > -1 && value / divisor < limit) {
                let value = value / divisor
                throw fail(i, Int(exactly: value).map(String.init) ?? "\(value)")
            }
        }
    }
}

extension Tensor {
    /// The bytes of a `bool` tensor as `uint8`, 0 and 1.
    fileprivate var bytes: Tensor {
        Tensor(shape: shape, dtype: .uint8, value: Value(view: value.pointer, byteCount: shape.count, owner: value))
    }

    fileprivate func divided(by divisor: Float) -> Tensor {
        let floats = cast(to: .float32)
        return Tensor(shape: shape) { (quotients: UnsafeMutableBufferPointer<Float>) in
            floats.withElements { lk_div_vs(Int64(shape.count), $0.baseAddress!, divisor, quotients.baseAddress!) }
        }
    }
}
