/// Hashes of texts that are the same everywhere and always: those that Keras' preprocessing layers use.
enum Fingerprints {
    /// The bucket of a text among `count`: by FarmHash's Fingerprint64, or by SipHash where there is a key.
    static func bucket(_ text: [UInt8], of count: Int, key: (UInt64, UInt64)?) -> Int {
        Int((key.map { sipHash(text, $0) } ?? farmHash(text)) % UInt64(count))
    }

    // MARK: FarmHash

    private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127, k1: UInt64 = 0xb492_b66f_be98_f273, k2: UInt64 = 0x9ae1_6a3b_2f90_404f

    private static func rotate(_ x: UInt64, _ bits: UInt64) -> UInt64 { x >> bits | x << (64 - bits) }
    private static func mix(_ x: UInt64) -> UInt64 { x ^ x >> 47 }
    private static func hash16(_ u: UInt64, _ v: UInt64, _ multiplier: UInt64) -> UInt64 {
        let a = mix((u ^ v) &* multiplier)
        return mix((v ^ a) &* multiplier) &* multiplier
    }

    /// Fingerprint64 of FarmHash (Pike 2014, `farmhashna::Hash64`), which TensorFlow's `to_hash_bucket_fast` is.
    static func farmHash(_ text: [UInt8]) -> UInt64 {
        let count = text.count, length = UInt64(count), multiplier = k2 &+ length &* 2
        func word(_ place: Int) -> UInt64 { (0 ..< 8).reduce(0) { $0 | UInt64(text[place + $1]) << UInt64(8 * $1) } }
        func half(_ place: Int) -> UInt64 { (0 ..< 4).reduce(0) { $0 | UInt64(text[place + $1]) << UInt64(8 * $1) } }
        switch count {
        case 0: return k2
        case 1 ... 3:
            let y = UInt64(text[0]) + UInt64(text[count >> 1]) << 8, z = length + UInt64(text[count - 1]) << 2
            return mix(y &* k2 ^ z &* k0) &* k2
        case 4 ... 7: return hash16(length + half(0) << 3, half(count - 4), multiplier)
        case 8 ... 16:
            let a = word(0) &+ k2, b = word(count - 8)
            return hash16(rotate(b, 37) &* multiplier &+ a, (rotate(a, 25) &+ b) &* multiplier, multiplier)
        case 17 ... 32:
            let a = word(0) &* k1, b = word(8), c = word(count - 8) &* multiplier, d = word(count - 16) &* k2
            return hash16(rotate(a &+ b, 43) &+ rotate(c, 30) &+ d, a &+ rotate(b &+ k2, 18) &+ c, multiplier)
        case 33 ... 64:
            let a = word(0) &* k2, b = word(8), c = word(count - 8) &* multiplier, d = word(count - 16) &* k2
            let y = rotate(a &+ b, 43) &+ rotate(c, 30) &+ d, z = hash16(y, a &+ rotate(b &+ k2, 18) &+ c, multiplier)
            let e = word(16) &* multiplier, f = word(24)
            let g = (y &+ word(count - 32)) &* multiplier, h = (z &+ word(count - 24)) &* multiplier
            return hash16(rotate(e &+ f, 43) &+ rotate(g, 30) &+ h, e &+ rotate(f &+ a, 18) &+ g, multiplier)
        default: return longFarmHash(count, word)
        }
    }

    private static func longFarmHash(_ count: Int, _ word: (Int) -> UInt64) -> UInt64 {
        typealias Pair = (first: UInt64, second: UInt64)
        func weak(_ place: Int, _ a: UInt64, _ b: UInt64) -> Pair {
            let c = a &+ word(place), all = c &+ word(place + 8) &+ word(place + 16)
            return (all &+ word(place + 24), rotate(b &+ c &+ word(place + 24), 21) &+ rotate(all, 44) &+ c)
        }
        let seed: UInt64 = 81
        var x = seed &* k2 &+ word(0), y = seed &* k1 &+ 113, z: UInt64 = 0
        z = mix(y &* k2 &+ 113) &* k2
        var v: Pair = (0, 0), w: Pair = (0, 0)
        func round(_ s: Int, _ multiplier: UInt64, _ nine: UInt64) {
            x = rotate(x &+ y &+ v.first &+ word(s + 8), 37) &* multiplier
            y = rotate(y &+ v.second &+ word(s + 48), 42) &* multiplier
            x ^= w.second &* nine
            y = y &+ v.first &* nine &+ word(s + 40)
            z = rotate(z &+ w.first, 33) &* multiplier
            v = weak(s, v.second &* multiplier, x &+ w.first)
            w = weak(s + 32, z &+ w.second, y &+ word(s + 16))
            (z, x) = (x, z)
        }
        let end = (count - 1) / 64 * 64
        for s in stride(from: 0, to: end, by: 64) { round(s, k1, 1) }
        let multiplier = k1 &+ (z & 0xff) << 1
        w.first = w.first &+ UInt64((count - 1) & 63)
        v.first = v.first &+ w.first
        w.first = w.first &+ v.first
        round(count - 64, multiplier, 9)
        return hash16(
            hash16(v.first, w.first, multiplier) &+ mix(y) &* k0 &+ z, hash16(v.second, w.second, multiplier) &+ x, multiplier)
    }

    // MARK: SipHash

    /// SipHash-2-4 (Aumasson & Bernstein 2012), which TensorFlow's `to_hash_bucket_strong` is.
    static func sipHash(_ text: [UInt8], _ key: (UInt64, UInt64)) -> UInt64 {
        var v0 = key.0 ^ 0x736f_6d65_7073_6575, v1 = key.1 ^ 0x646f_7261_6e64_6f6d
        var v2 = key.0 ^ 0x6c79_6765_6e65_7261, v3 = key.1 ^ 0x7465_6462_7974_6573
        func rotateLeft(_ x: UInt64, _ bits: UInt64) -> UInt64 { x << bits | x >> (64 - bits) }
        func round() {
            v0 = v0 &+ v1
            v2 = v2 &+ v3
            v1 = rotateLeft(v1, 13) ^ v0
            v3 = rotateLeft(v3, 16) ^ v2
            v0 = rotateLeft(v0, 32)
            v2 = v2 &+ v1
            v0 = v0 &+ v3
            v1 = rotateLeft(v1, 17) ^ v2
            v3 = rotateLeft(v3, 21) ^ v0
            v2 = rotateLeft(v2, 32)
        }
        func take(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }
        var place = 0
        while place + 8 <= text.count {
            take((0 ..< 8).reduce(0) { $0 | UInt64(text[place + $1]) << UInt64(8 * $1) })
            place += 8
        }
        take((place ..< text.count).reduce(UInt64(text.count & 0xff) << 56) { $0 | UInt64(text[$1]) << UInt64(8 * ($1 - place)) })
        v2 ^= 0xff
        for _ in 0 ..< 4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}
