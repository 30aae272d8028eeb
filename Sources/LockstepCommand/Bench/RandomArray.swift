import Lockstep

/// An array of a workload: a shape, and what its numbers are.
struct RandomArray {
    enum Values {
        /// Bytes, divided by 255: images as files have them.
        case bytes
        /// Floats from 0 to 1.
        case floats
        /// Floats that are 0 or 1.
        case bits
        /// Whole numbers of a range, `int32`.
        case wholes(Range<Int32>)
        /// Rows of zeros with a single one.
        case oneHot
    }

    let name: String, values: Values, sampleShape: Shape

    init(_ name: String, _ values: Values, _ sampleShape: Shape = []) {
        (self.name, self.values, self.sampleShape) = (name, values, sampleShape)
    }

    var bytesPerSample: Int {
        if case .bytes = values { sampleShape.count } else { 4 * sampleShape.count }
    }

    func column(_ count: Int, _ bits: inout RandomBits) throws -> Column {
        let shape = sampleShape.batched(count), source = "random \(name)"
        switch values {
        case .bytes:
            return try Column(
                Tensor(shape: shape) { (bytes: UnsafeMutableBufferPointer<UInt8>) in
                    for start in stride(from: 0, to: bytes.count, by: 8) {
                        var word = bits.next()
                        for index in start ..< min(start + 8, bytes.count) {
                            bytes[index] = UInt8(truncatingIfNeeded: word)
                            word >>= 8
                        }
                    }
                }, divisor: 255, source: source)
        case .floats: return try floats(shape, source) { for index in $0.indices { $0[index] = Float(bits.next() >> 40) * 0x1p-24 } }
        case .bits:
            return try floats(shape, source) { floats in
                for start in stride(from: 0, to: floats.count, by: 64) {
                    var word = bits.next()
                    for index in start ..< min(start + 64, floats.count) {
                        floats[index] = Float(word & 1)
                        word >>= 1
                    }
                }
            }
        case .wholes(let range):
            return try Column(
                Tensor(shape: shape) { (wholes: UnsafeMutableBufferPointer<Int32>) in
                    for index in wholes.indices { wholes[index] = range.lowerBound + Int32(bits.next() % UInt64(range.count)) }
                }, source: source)
        case .oneHot:
            return try floats(shape, source) { floats in
                floats.initialize(repeating: 0)
                let width = sampleShape.count
                for sample in 0 ..< count { floats[sample * width + Int(bits.next() % UInt64(width))] = 1 }
            }
        }
    }

    private func floats(_ shape: Shape, _ source: String, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> Column {
        try Column(Tensor(shape: shape, initializingWith: fill), source: source)
    }
}

/// Sixty-four random bits at a time (SplitMix64, Steele et al. 2014), the same in every run.
struct RandomBits {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
