// The largest number of a row, its sum, and its product with another.
#pragma once
#include "Vectors.h"

enum { lk_lanes = 16 };

// Left to itself the compiler unrolls these sixteen steps and vectorises the loop around them, with gathers.
#define LK_EACH_LANE(l) \
    _Pragma("clang loop vectorize(assume_safety) unroll(disable)") for (int l = 0; l < lk_lanes; ++l)

LK_INLINE float lk_greater(float a, float b) { return a > b ? a : b; }

LK_INLINE float lk_row_max(int64_t n, const float *x) {
    float lanes[lk_lanes], m = -INFINITY;
    int64_t i = 0;
    LK_EACH_LANE(l) lanes[l] = m;
    for (; i + lk_lanes <= n; i += lk_lanes)
        LK_EACH_LANE(l) lanes[l] = lk_greater(lanes[l], x[i + l]);
    for (int l = 0; l < lk_lanes; ++l) m = lk_greater(m, lanes[l]);
    for (; i < n; ++i) m = lk_greater(m, x[i]);
    return m;
}

LK_INLINE float lk_row_sum(int64_t n, const float *x) {
    float total = 0;
    int64_t i = 0;
    if (n >= 16) {
        f32x16 a = {0};
        for (; i + 16 <= n; i += 16) a += *(const f32x16 *)(x + i);
        total = lk_fold_sum(&a);
    }
    for (; i < n; ++i) total += x[i];
    return total;
}

LK_INLINE float lk_row_dot(int64_t n, const float *x, const float *y) {
    float total = 0;
    int64_t i = 0;
    if (n >= 16) {
        f32x16 a = {0};
        for (; i + 16 <= n; i += 16) a += *(const f32x16 *)(x + i) * *(const f32x16 *)(y + i);
        total = lk_fold_sum(&a);
    }
    for (; i < n; ++i) total += x[i] * y[i];
    return total;
}
