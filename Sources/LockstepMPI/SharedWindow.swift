import CMPI
import Foundation
import LockstepCommunication

/// Memory that all ranks of one host map, zero at first: an `MPI_Win_allocate_shared` window.
///
/// Freeing a window is collective, but ranks may drop their reducers at different times (rank zero's callbacks may hold
/// one longer). So a dropped window is only marked, and freed at the next collective call at which every rank has
/// dropped it: `makeReducer` or `finalize`.
final class SharedWindow {
    /// The first byte, page-aligned; the same offset is the same memory on every rank.
    let base: UnsafeMutableRawPointer
    let number: Int
    fileprivate let byteCount: Int
    fileprivate var window: MPI_Win?
    fileprivate var dropped = false

    static let page = 4096

    fileprivate init(_ window: MPI_Win, base: UnsafeMutableRawPointer, byteCount: Int, number: Int) {
        (self.window, self.base, self.byteCount, self.number) = (window, base, byteCount, number)
    }

    /// This rank no longer uses the memory.
    func drop() { dropped = true }

    /// Takes the pages of some of its bytes from the system, if nobody has yet, near this rank's core.
    ///
    /// - Returns: the system's error code, if there is no room.
    fileprivate func take(_ bytes: Range<Int>) -> Int32? {
        guard !bytes.isEmpty else { return nil }
        let size = Int(getpagesize())
        let first = UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: base + bytes.lowerBound) & ~UInt(size - 1))!
        let count = base + bytes.upperBound - first
        while madvise(first, count, Self.populateForWriting) != 0 {
            if errno == EINTR || errno == EAGAIN { continue }
            // A page that cannot be had is a bad address here, and SIGBUS to whoever writes it.
            guard errno == EINVAL else { return errno == EFAULT ? ENOSPC : errno }
            // A kernel before 5.14: written one by one, if there seems to be room. Nobody else writes now; what is there is kept.
            var system = statvfs()
            if statvfs("/dev/shm", &system) == 0, UInt64(system.f_bavail) * UInt64(system.f_frsize) < UInt64(count) { return ENOSPC }
            for offset in stride(from: 0, to: count, by: size) {
                let byte = (first + offset).assumingMemoryBound(to: UInt8.self)
                byte.pointee = byte.pointee
            }
            break
        }
        return nil
    }

    /// `MADV_POPULATE_WRITE`, since Linux 5.14.
    private static let populateForWriting: Int32 = 23
}

extension MPICommunicator {
    /// How many windows are mapped now.
    package var mappedWindows: Int { windows.count }

    /// A window of `byteCount` bytes that the ranks of this host share. Collective over all hosts; hosts may ask for
    /// different sizes.
    ///
    /// All of its pages are taken from the system before this returns: later others may have filled up `/dev/shm`, and a rank that
    /// writes a page that cannot be had ends by SIGBUS.
    ///
    /// - Parameter own: what this rank will write most. Who takes a page decides where it lies.
    func makeWindow(byteCount: Int, own: [Range<Int>]) -> SharedWindow {
        // All of it belongs to the host's first rank as far as MPI is concerned.
        var window: MPI_Win?
        var mapped: UnsafeMutableRawPointer?
        let asked = localRank == 0 ? byteCount + SharedWindow.page : 0
        record.enter("MPI_Win_allocate_shared")
        let code = withUnsafeMutablePointer(to: &mapped) {
            MPI_Win_allocate_shared(MPI_Aint(asked), 1, cmpi_info_null(), node, $0, &window)
        }
        record.leave()
        guard code == cmpi_success(), let window else {
            fail("MPI_Win_allocate_shared of \(byteCount) bytes: \(describeMPIError(code)); is /dev/shm large enough?")
        }
        check(MPI_Win_set_errhandler(window, cmpi_errors_return()), "MPI_Win_set_errhandler")
        var bytes: MPI_Aint = 0
        var unit: Int32 = 0
        let query = withUnsafeMutablePointer(to: &mapped) { MPI_Win_shared_query(window, 0, &bytes, &unit, $0) }
        check(query, "MPI_Win_shared_query")
        // Loads and stores need an epoch that is open all the time; order comes from acquire and release.
        check(MPI_Win_lock_all(cmpi_mode_nocheck(), window), "MPI_Win_lock_all")

        let shared = SharedWindow(
            window, base: mapped!.alignedUp(toMultipleOf: SharedWindow.page), byteCount: byteCount, number: windowsMade)
        windows[windowsMade] = shared
        windowsMade += 1
        onWindow?()
        for bytes in own { take(bytes, of: shared) }
        barrier()
        // What nobody has named. The window of one rank is plain memory, which is not zero.
        if localRank == 0 { take(0 ..< byteCount, of: shared) }
        if localSize == 1 { memset(shared.base, 0, byteCount) }
        barrier()
        return shared
    }

    private func take(_ bytes: Range<Int>, of window: SharedWindow) {
        guard let code = window.take(bytes) else { return }
        letRankZeroSpeak()
        fail(
            "\(window.byteCount) bytes of memory that ranks share cannot be had: \(String(cString: strerror(code))); /dev/shm is too "
                + "small, or others have filled it: make room there, or give it more (of a container: --shm-size)")
    }

    /// Floats in a window of their own. Collective over all hosts.
    func makeHostMemory(floats count: Int, own: [Range<Int>]) -> HostMemory {
        freeWindows(all: false)
        let window = makeWindow(byteCount: max(1, count) * 4, own: own.map { 4 * $0.lowerBound ..< 4 * $0.upperBound })
        return HostMemory(window.base.bindMemory(to: Float.self, capacity: count)) { window.drop() }
    }

    /// Frees the windows that every rank has dropped, or all. Collective.
    func freeWindows(all: Bool) {
        let dropped = windows.values.filter { $0.dropped || all }.map(\.number)
        let numbers = allGather(dropped).map { Set($0) }
        for number in dropped.sorted() where numbers.allSatisfy({ $0.contains(number) }) {
            let shared = windows.removeValue(forKey: number)!
            check(MPI_Win_unlock_all(shared.window), "MPI_Win_unlock_all")
            check(MPI_Win_free(&shared.window), "MPI_Win_free")
        }
    }
}
