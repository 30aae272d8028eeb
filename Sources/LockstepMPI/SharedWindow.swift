import CMPI
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
    fileprivate var window: MPI_Win?
    fileprivate var dropped = false

    static let page = 4096

    fileprivate init(_ window: MPI_Win, base: UnsafeMutableRawPointer, number: Int) {
        self.window = window
        self.base = base
        self.number = number
    }

    /// This rank no longer uses the memory.
    func drop() { dropped = true }
}

extension MPICommunicator {
    /// How many windows are mapped now.
    package var mappedWindows: Int { windows.count }

    /// A window of `byteCount` bytes that the ranks of this host share. Collective over all hosts; hosts may ask for
    /// different sizes.
    func makeWindow(byteCount: Int) -> SharedWindow {
        // All of it belongs to the host's first rank as far as MPI is concerned; who writes a page first decides where it lies.
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

        let shared = SharedWindow(window, base: mapped!.alignedUp(toMultipleOf: SharedWindow.page), number: windowsMade)
        windows[windowsMade] = shared
        windowsMade += 1
        return shared
    }

    /// Floats in a window of their own. Collective over all hosts.
    func makeHostMemory(floats count: Int) -> HostMemory {
        freeWindows(all: false)
        let window = makeWindow(byteCount: max(1, count) * 4)
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
