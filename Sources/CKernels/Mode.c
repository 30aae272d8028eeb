// The thread's floating-point control register.
#include "CKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Flush to zero, and denormals are zero.
enum { SUBNORMALS_ARE_ZERO = 0x8040 };

uint64_t lk_flush_subnormals(void) {
    uint32_t mode = _mm_getcsr();
    _mm_setcsr(mode | SUBNORMALS_ARE_ZERO);
    return mode;
}

void lk_restore_mode(uint64_t mode) { _mm_setcsr((uint32_t)mode); }

#elif defined(__aarch64__)

uint64_t lk_flush_subnormals(void) {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1u << 24));
    return mode;
}

void lk_restore_mode(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }

#else

uint64_t lk_flush_subnormals(void) { return 0; }
void lk_restore_mode(uint64_t mode) { (void)mode; }

#endif

// As the loader chooses among the versions of a kernel (LK_KERNEL).
const char *lk_vector_unit(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
    if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
    return "x86-64";
#elif defined(__aarch64__)
    return "aarch64";
#else
    return "unknown";
#endif
}
