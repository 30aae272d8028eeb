// How a kernel is compiled: the clones, the loops, and sixteen floats as one value.
#pragma once
#include "CKernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

// One body, several instruction sets; the dynamic loader picks the widest that the CPU has. Helpers must be inlined,
// or they would be called as baseline code.
#if defined(__x86_64__) && defined(__linux__)
#define LK_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LK_KERNEL
#endif
#define LK_INLINE static inline __attribute__((always_inline))

// An output that is the very same array as an input fails the compiler's own overlap check, which would send it to the
// scalar loop. The header rules out partial overlap, so iterations never depend on one another.
#define LK_LOOP _Pragma("clang loop vectorize(assume_safety)")
#define LK_EACH(i, n) LK_LOOP for (int64_t i = 0; i < (n); ++i)

// Unaligned: arrays start anywhere. Passed only by pointer, since clones differ in how they pass vectors by value.
typedef float f32x16 __attribute__((vector_size(64), aligned(4)));
typedef double f64x8 __attribute__((vector_size(64), aligned(8)));

LK_INLINE float lk_as_float(uint32_t bits) { float x; memcpy(&x, &bits, 4); return x; }
LK_INLINE uint32_t lk_as_bits(float x) { uint32_t bits; memcpy(&bits, &x, 4); return bits; }
LK_INLINE int64_t lk_least(int64_t a, int64_t b) { return a < b ? a : b; }
LK_INLINE int64_t lk_most(int64_t a, int64_t b) { return a > b ? a : b; }

LK_INLINE float lk_fold_sum(const f32x16 *v) {
    float s[16];
    memcpy(s, v, sizeof s);
    for (int w = 8; w > 0; w /= 2)
        for (int i = 0; i < w; ++i) s[i] += s[i + w];
    return s[0];
}

// The largest power of two r with r * cols <= limit and r <= rows, at least 1. Short rows are handled r at a time, as
// one long row, so that a row of ten does not spend itself in a vector loop's remainder.
LK_INLINE int64_t lk_rows_at_a_time(int64_t rows, int64_t cols, int64_t limit) {
    int64_t r = 1;
    while (2 * r * cols <= limit && 2 * r <= rows) r *= 2;
    return r;
}

// Interleaving the halves of sixteen rows, four times over, transposes a 16 by 16 tile.
LK_INLINE void lk_transpose_tile(const float *x, int64_t x_stride, float *y, int64_t y_stride) {
    f32x16 a[16], b[16];
    for (int i = 0; i < 16; ++i) a[i] = *(const f32x16 *)(x + i * x_stride);
#pragma clang loop unroll(full)
    for (int stage = 0; stage < 4; ++stage) {
        for (int i = 0; i < 8; ++i) {
            b[2 * i] = __builtin_shufflevector(a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            b[2 * i + 1] =
                __builtin_shufflevector(a[i], a[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(a, b, sizeof a);
    }
    for (int i = 0; i < 16; ++i) *(f32x16 *)(y + i * y_stride) = a[i];
}
