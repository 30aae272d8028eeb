// Counters in memory that several processes map: C11's acquire and release, which Swift's `Atomic` offers only for
// memory it owns. A load that sees a stored value also sees all that its writer wrote before the store.
#pragma once
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline uint64_t cmpi_load_acquire(const uint64_t *flag) { return __atomic_load_n(flag, __ATOMIC_ACQUIRE); }
static inline void cmpi_store_release(uint64_t *flag, uint64_t value) { __atomic_store_n(flag, value, __ATOMIC_RELEASE); }

// Tells the core that this is a waiting loop: saves power and leaves the other hyperthread its share.
static inline void cmpi_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// A file in memory without a name, or -1: memfd_create, which Swift's import of the C library leaves out. Closed on exec.
static inline int cmpi_unnamed_file(const char *label) {
#ifdef SYS_memfd_create
    return (int)syscall(SYS_memfd_create, label, 1u);
#else
    return -1;
#endif
}
