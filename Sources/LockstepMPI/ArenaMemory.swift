// Memory of arenas: whole cache lines, so that no two ranks or threads write into one.

let floatsPerLine = 16

/// The length of an arena rounded up to whole cache lines, and at least one.
func arenaStride(_ count: Int) -> Int { max(1, (count + floatsPerLine - 1) / floatsPerLine) * floatsPerLine }

/// `count` zeros on a cache line.
func allocateFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
        .initializeMemory(as: Float.self, repeating: 0, count: count)
}
