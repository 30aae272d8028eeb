// Sums, products and extremes. x is [outer, n, inner]; a sum's order depends on the shape alone, not on the CPU.
#include "Vectors.h"

#define SUM(a, b) ((a) + (b))
#define PRODUCT(a, b) ((a) * (b))
#define MAXIMUM(a, b) __builtin_elementwise_maximum(a, b)      // NaN wins
#define MINIMUM(a, b) __builtin_elementwise_minimum(a, b)

enum { strip = 512, block_rows = 128, block_floats = 4096 };

// Each operation gets two loops. `row`: 64 partial results within a block, the blocks combined in double. `columns`:
// eight rows a pass as a tree, blocks of 128 rows, and the blocks in turn; narrow columns several rows at a time.
#define REDUCE(name, OP, identity) \
    LK_INLINE float name##_row(int64_t n, const float *x) { \
        double total = identity; \
        for (int64_t start = 0; start < n; start += block_floats) { \
            int64_t end = lk_least(start + block_floats, n), i = start; \
            float lanes[16], rest = identity; \
            if (end - i >= 16) { \
                f32x16 a0 = *(const f32x16 *)(x + i); \
                i += 16; \
                if (end - i >= 48) { \
                    f32x16 a1 = *(const f32x16 *)(x + i), a2 = *(const f32x16 *)(x + i + 16); \
                    f32x16 a3 = *(const f32x16 *)(x + i + 32); \
                    for (i += 48; i + 64 <= end; i += 64) { \
                        const f32x16 *v = (const f32x16 *)(x + i); \
                        a0 = OP(a0, v[0]); \
                        a1 = OP(a1, v[1]); \
                        a2 = OP(a2, v[2]); \
                        a3 = OP(a3, v[3]); \
                    } \
                    a0 = OP(OP(a0, a1), OP(a2, a3)); \
                } \
                for (; i + 16 <= end; i += 16) a0 = OP(a0, *(const f32x16 *)(x + i)); \
                memcpy(lanes, &a0, sizeof lanes); \
                for (int w = 8; w > 0; w /= 2) \
                    for (int j = 0; j < w; ++j) lanes[j] = OP(lanes[j], lanes[j + w]); \
                rest = lanes[0]; \
            } \
            for (; i < end; ++i) rest = OP(rest, x[i]); \
            total = OP(total, (double)rest); \
        } \
        return (float)total; \
    } \
    LK_INLINE void name##_strip(int64_t n, int64_t width, int64_t stride, const float *x, float *total) { \
        float part[strip]; \
        for (int64_t start = 0; start < n; start += block_rows) { \
            int64_t end = lk_least(start + block_rows, n), i = start; \
            LK_EACH(j, width) part[j] = identity; \
            for (; i + 8 <= end; i += 8) { \
                const float *r0 = x + i * stride, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride; \
                const float *r4 = r3 + stride, *r5 = r4 + stride, *r6 = r5 + stride, *r7 = r6 + stride; \
                LK_EACH(j, width) { \
                    float low = OP(OP(r0[j], r1[j]), OP(r2[j], r3[j])); \
                    float high = OP(OP(r4[j], r5[j]), OP(r6[j], r7[j])); \
                    part[j] = OP(part[j], OP(low, high)); \
                } \
            } \
            for (; i < end; ++i) { \
                const float *r = x + i * stride; \
                LK_EACH(j, width) part[j] = OP(part[j], r[j]); \
            } \
            LK_EACH(j, width) total[j] = OP(total[j], part[j]); \
        } \
    } \
    LK_INLINE void name##_columns(int64_t n, int64_t inner, const float *x, float *y) { \
        float total[strip]; \
        int64_t rows = lk_rows_at_a_time(n, inner, strip), wide = rows * inner, left = n % rows * inner; \
        for (int64_t first = 0; first < wide; first += strip) { \
            int64_t width = lk_least(strip, wide - first); \
            LK_EACH(j, width) total[j] = identity; \
            name##_strip(n / rows, width, wide, x + first, total); \
            LK_EACH(j, left) total[j] = OP(total[j], x[n * inner - left + j]); \
            for (int64_t w = wide / 2; w >= inner && rows > 1; w /= 2) { \
                LK_EACH(j, w) total[j] = OP(total[j], total[j + w]); \
                if (w == inner) width = inner; \
            } \
            memcpy(y + first, total, (size_t)width * 4); \
        } \
    } \
    LK_KERNEL void lk_reduce_##name(int64_t outer, int64_t n, int64_t inner, const float *x, float *y) { \
        if (inner == 1) for (int64_t o = 0; o < outer; ++o) y[o] = name##_row(n, x + o * n); \
        else for (int64_t o = 0; o < outer; ++o) name##_columns(n, inner, x + o * n * inner, y + o * inner); \
    }

REDUCE(sum, SUM, 0.0f)
REDUCE(prod, PRODUCT, 1.0f)
REDUCE(max, MAXIMUM, -INFINITY)
REDUCE(min, MINIMUM, INFINITY)

// A row's extreme first, then the first element equal to it; columns keep the best so far, a strip at a time.
#define ARGUMENT(name, op, extreme) \
    LK_KERNEL void lk_arg##name(int64_t outer, int64_t n, int64_t inner, const float *x, int32_t *y) { \
        if (inner == 1) { \
            for (int64_t o = 0; o < outer; ++o, x += n) { \
                float best = name##_row(n, x); \
                int64_t i = 0; \
                for (; i + 64 <= n; i += 64) { \
                    uint32_t found = 0; \
                    LK_EACH(j, 64) found |= (x[i + j] == best) | (x[i + j] != x[i + j]); \
                    if (found) break; \
                } \
                while (i < n - 1 && x[i] != best && x[i] == x[i]) ++i; \
                y[o] = (int32_t)i; \
            } \
            return; \
        } \
        float best[strip]; \
        for (int64_t o = 0; o < outer; ++o, x += n * inner, y += inner) \
            for (int64_t first = 0; first < inner; first += strip) { \
                int64_t width = lk_least(strip, inner - first); \
                int32_t *index = y + first; \
                if (n > 0) memcpy(best, x + first, (size_t)width * 4); \
                LK_EACH(j, width) index[j] = 0; \
                for (int64_t i = 1; i < n; ++i) { \
                    const float *row = x + i * inner + first; \
                    LK_EACH(j, width) { \
                        float v = row[j], b = best[j]; \
                        bool better = (v op b) | ((v != v) & (b == b)); \
                        best[j] = better ? v : b; \
                        index[j] = better ? (int32_t)i : index[j]; \
                    } \
                } \
            } \
    }
ARGUMENT(max, >, -INFINITY)
ARGUMENT(min, <, INFINITY)

// Sixteen floats at a time, widened to double, into 32 partial sums.
#define DOUBLE_SUM(left, right) \
    f64x8 a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}; \
    int64_t i = 0; \
    for (; i + 32 <= n; i += 32) { \
        a0 += WIDE(left, 0) * WIDE(right, 0); \
        a1 += WIDE(left, 8) * WIDE(right, 8); \
        a2 += WIDE(left, 16) * WIDE(right, 16); \
        a3 += WIDE(left, 24) * WIDE(right, 24); \
    } \
    a0 = (a0 + a1) + (a2 + a3); \
    double total = 0; \
    for (int j = 0; j < 8; ++j) total += a0[j]; \
    for (; i < n; ++i) total += (double)left[i] * right[i]; \
    return total;
typedef float f32x8 __attribute__((vector_size(32), aligned(4)));
#define WIDE(p, offset) __builtin_convertvector(*(const f32x8 *)(p + i + offset), f64x8)

LK_KERNEL double lk_sum_squares(int64_t n, const float *x) { DOUBLE_SUM(x, x) }
LK_KERNEL double lk_dot(int64_t n, const float *x, const float *y) { DOUBLE_SUM(x, y) }

LK_KERNEL bool lk_all_finite(int64_t n, const float *x) {
    for (int64_t start = 0; start < n; start += block_floats) {
        int64_t end = lk_least(start + block_floats, n);
        uint32_t bad = 0;
        LK_LOOP for (int64_t i = start; i < end; ++i) bad |= (lk_as_bits(x[i]) & 0x7f800000u) == 0x7f800000u;
        if (bad) return false;
    }
    return true;
}
