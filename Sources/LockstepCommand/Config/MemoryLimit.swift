import Foundation

/// The memory that this process can have at most, in bytes: the machine's, or less where a limit is set for the process or its
/// container. What a config asks for beyond is refused before it is tried.
let memoryLimit: Int = {
    var limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    var own = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &own) == 0 { limit = min(limit, Int(clamping: own.rlim_cur)) }
    // Version 2 and 1 of Linux' control groups, as a container sees its own.
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if let bytes = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), bytes > 0 { limit = min(limit, bytes) }
    }
    return limit
}()
