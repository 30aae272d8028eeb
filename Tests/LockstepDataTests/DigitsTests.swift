import LockstepData
import LockstepTensor
import XCTest

final class DigitsTests: XCTestCase {
    /// FNV-1a over the bytes, so that not one pixel changes unnoticed, on any machine.
    private func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    func testKnownImages() {
        let (images, labels) = Digits.make(count: 100, seed: 1)
        XCTAssertEqual(images.shape, [100, 28, 28])
        XCTAssertEqual(images.dtype, .uint8)
        XCTAssertEqual(labels.shape, [100])
        XCTAssertEqual(Array(labels.int32Scalars.prefix(20)), [4, 9, 4, 2, 5, 4, 6, 1, 5, 9, 2, 2, 0, 1, 6, 7, 6, 9, 5, 3])
        XCTAssertEqual(checksum(images.byteScalars), 16_411_164_232_607_570_511)
        XCTAssertEqual(checksum(Digits.make(count: 100, seed: 1, split: .test).images.byteScalars), 14_161_099_736_832_157_604)
    }

    func testASampleDoesNotDependOnTheCount() {
        let few = Digits.make(count: 7, seed: 3)
        let many = Digits.make(count: 50, seed: 3)
        XCTAssertEqual(few.images.byteScalars, Array(many.images.byteScalars.prefix(7 * 784)))
        XCTAssertEqual(few.labels.int32Scalars, Array(many.labels.int32Scalars.prefix(7)))
    }

    func testSeedsAndSplitsDiffer() {
        let sets = [
            Digits.make(count: 300, seed: 1), Digits.make(count: 300, seed: 2), Digits.make(count: 300, seed: 1, split: .test),
            Digits.make(count: 300, seed: 2, split: .test),
        ]
        var seen: Set<[UInt8]> = []
        for set in sets {
            let pixels = set.images.byteScalars
            for i in 0 ..< 300 { seen.insert(Array(pixels[i * 784 ..< (i + 1) * 784])) }
        }
        XCTAssertEqual(seen.count, 1200, "an image is there twice")
        XCTAssertEqual(Set(sets.map { $0.labels.int32Scalars }).count, 4)
    }

    func testEachDigitIsAsLikely() {
        var counts = [Int](repeating: 0, count: 10)
        for label in Digits.make(count: 5000, seed: 9).labels.int32Scalars { counts[Int(label)] += 1 }
        for (digit, count) in counts.enumerated() { XCTAssertEqual(Double(count), 500, accuracy: 110, "\(digit)") }
    }

    /// Every image has ink, some of it dark, and much paper.
    func testImagesAreDrawn() {
        let pixels = Digits.make(count: 500, seed: 4).images.byteScalars
        for i in 0 ..< 500 {
            let image = pixels[i * 784 ..< (i + 1) * 784]
            XCTAssertGreaterThan(image.max()!, 150, "image \(i)")
            let inked = image.filter { $0 > 100 }.count
            XCTAssertTrue((15 ... 400).contains(inked), "image \(i) has \(inked) inked pixels")
        }
    }

    /// The task is learned: nearest class means, the simplest classifier, is far better than chance and far from perfect.
    func testTheTaskIsNeitherTrivialNorHopeless() {
        let (training, test) = (Digits.make(count: 4000, seed: 1), Digits.make(count: 1000, seed: 1, split: .test))
        var means = [[Float]](repeating: .init(repeating: 0, count: 784), count: 10)
        var counts = [Float](repeating: 0, count: 10)
        let (pixels, labels) = (training.images.scalars, training.labels.int32Scalars)
        for (i, label) in labels.enumerated() {
            counts[Int(label)] += 1
            for p in 0 ..< 784 { means[Int(label)][p] += pixels[i * 784 + p] }
        }
        for digit in 0 ..< 10 { for p in 0 ..< 784 { means[digit][p] /= counts[digit] } }
        let (seen, truth) = (test.images.scalars, test.labels.int32Scalars)
        var right = 0
        for i in 0 ..< 1000 {
            let distances = means.map { mean in
                (0 ..< 784).reduce(Float(0)) { $0 + (seen[i * 784 + $1] - mean[$1]) * (seen[i * 784 + $1] - mean[$1]) }
            }
            if distances.firstIndex(of: distances.min()!)! == Int(truth[i]) { right += 1 }
        }
        XCTAssertTrue((500 ... 900).contains(right), "nearest class means gets \(right) of 1000 right")
    }
}
