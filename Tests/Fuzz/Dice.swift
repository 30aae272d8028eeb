/// The random numbers of one case (SplitMix64, Steele et al. 2014): a function of the seed and the case's number alone.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int, case number: Int) {
        state = UInt64(bitPattern: Int64(seed)) &* 0x9e37_79b9_7f4a_7c15
        state = next() ^ UInt64(bitPattern: Int64(number))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    /// One of `0 ..< count`.
    mutating func roll(_ count: Int) -> Int { Int.random(in: 0 ..< max(1, count), using: &self) }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }
    /// True in one of `count` cases.
    mutating func oneIn(_ count: Int) -> Bool { roll(count) == 0 }
}
