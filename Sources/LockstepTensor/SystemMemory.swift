import Foundation

/// Memory from the system, so that a request that cannot be met ends in one line that says for what it was.
///
/// The system grants more than it has, and ends a process when that is used. So what is more than memory and swap of the host, with
/// what this process has taken already, is refused here before any of it is touched.
package enum SystemMemory {
    /// Bytes of memory and swap of this host, or of the control group to which a container keeps its processes.
    package static let size: Int = {
        // SwapTotal:        8388604 kB
        let lines = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let swap = lines.first { $0.hasPrefix("SwapTotal:") }.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap {
            (try? String(contentsOfFile: $0, encoding: .utf8)).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        return min(Int(clamping: ProcessInfo.processInfo.physicalMemory) + swap * 1024, limits.min() ?? .max)
    }()

    /// Bytes that were taken and not given back.
    nonisolated(unsafe) private static var taken = 0
    private static let lock = NSLock()

    /// `byteCount` bytes, 64-byte aligned, not initialised.
    ///
    /// - Parameter purpose: for what, with its shape, as the error says it.
    static func take(_ byteCount: Int, for purpose: () -> String) -> UnsafeMutableRawPointer {
        if let pointer = take(byteCount) { return pointer }
        StoragePool.trim()
        guard let pointer = take(byteCount) else {
            let used = taken > 0 ? ", \(text(taken)) of it taken by this process" : ""
            Failure.report(
                "\(purpose()): needs \(byteCount) bytes (\(text(byteCount))); this host has \(text(size))\(used); make it smaller")
        }
        return pointer
    }

    private static func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        lock.withLock {
            var pointer: UnsafeMutableRawPointer?
            guard byteCount >= 0, byteCount <= size - taken, posix_memalign(&pointer, 64, byteCount) == 0 else { return nil }
            taken += byteCount
            useLargePages(pointer!, byteCount)
            return pointer
        }
    }

    /// Asks for pages of 2 MB: a table of a million rows, read here and there, costs a walk through the tables of pages for each row in
    /// smaller ones.
    private static func useLargePages(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        let page = 1 << 21, start = pointer.alignedUp(toMultipleOf: page), end = (pointer + byteCount).alignedDown(toMultipleOf: page)
        // 14 is MADV_HUGEPAGE. Where the system has none, pages stay small.
        if end - start >= 8 * page { madvise(start, end - start, 14) }
    }

    static func give(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        lock.withLock { taken -= byteCount }
        free(pointer)
    }

    /// As Keras writes sizes: `3.81 MB`, in steps of 1024.
    package static func text(_ byteCount: Int) -> String {
        var (size, units) = (Double(byteCount), ["B", "KB", "MB", "GB", "TB", "PB"][...])
        while size / 1024 >= 1, units.count > 1 {
            size /= 1024
            units.removeFirst()
        }
        return String(format: "%.2f ", size) + units.first!
    }
}
