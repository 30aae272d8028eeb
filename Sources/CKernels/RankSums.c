// Adding up what several ranks wrote, and telling whether they agree.
#include "Vectors.h"

// The tree over at most eight arrays, written out. y may be one of the x: each element is read before it is written.
LK_INLINE void sum_few(int64_t n, int64_t count, const float *const *x, int64_t start, float *y) {
    const float *a[8] = {0};
    for (int64_t k = 0; k < count; ++k) a[k] = x[k] + start;
    const float *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[3], *a4 = a[4], *a5 = a[5], *a6 = a[6], *a7 = a[7];
#define PAIR(j, k) (a##j[i] + a##k[i])
#define FOUR (PAIR(0, 1) + PAIR(2, 3))
    switch (count) {
    case 0: LK_EACH(i, n) y[i] = 0.0f; break;
    case 1: LK_EACH(i, n) y[i] = a0[i]; break;
    case 2: LK_EACH(i, n) y[i] = PAIR(0, 1); break;
    case 3: LK_EACH(i, n) y[i] = PAIR(0, 1) + a2[i]; break;
    case 4: LK_EACH(i, n) y[i] = FOUR; break;
    case 5: LK_EACH(i, n) y[i] = FOUR + a4[i]; break;
    case 6: LK_EACH(i, n) y[i] = FOUR + PAIR(4, 5); break;
    case 7: LK_EACH(i, n) y[i] = FOUR + (PAIR(4, 5) + a6[i]); break;
    case 8: LK_EACH(i, n) y[i] = FOUR + (PAIR(4, 5) + PAIR(6, 7)); break;
    }
#undef PAIR
#undef FOUR
}

enum { slice = 1024 };   // floats; one buffer a level of the recursion

LK_KERNEL static void add_slice(int64_t n, const float *a, const float *b, float *y) {
    LK_EACH(i, n) y[i] = a[i] + b[i];
}

LK_KERNEL static void few_slice(int64_t n, int64_t count, const float *const *x, int64_t start, float *y) {
    sum_few(n, count, x, start, y);
}

// A subtree's shape depends on its size alone, so its leaves may be subtrees of up to eight.
static void tree_slice(int64_t n, int64_t count, const float *const *x, int64_t start, float *y) {
    if (count <= 8) return few_slice(n, count, x, start, y);
    int64_t half = 8;
    while (2 * half < count) half *= 2;
    float left[slice], right[slice];
    tree_slice(n, half, x, start, left);
    tree_slice(n, count - half, x + half, start, right);
    add_slice(n, left, right, y);
}

LK_KERNEL void lk_sum_arrays(int64_t n, int64_t count, const float *const *x, float *y) {
    if (count <= 8) return sum_few(n, count, x, 0, y);
    for (int64_t start = 0; start < n; start += slice)
        tree_slice(lk_least(slice, n - start), count, x, start, y + start);
}

// xxHash32's round (Y. Collet) in 64 independent lanes, then a 64-bit mix of the lanes. Every step can be undone, so
// arrays that differ in one lane never collide; others do with odds near 2^-64.
static inline __attribute__((always_inline)) uint64_t checksum(int64_t n, const float *x, int of_numbers) {
    enum { lanes = 64 };
    uint32_t h[lanes], word[lanes];
    for (uint32_t j = 0; j < lanes; ++j) h[j] = 0x9e3779b1u * (j + 1);
    for (int64_t start = 0; start < n; start += lanes) {
        if (n - start >= lanes) memcpy(word, x + start, sizeof word);
        else {
            memset(word, 0, sizeof word);
            memcpy(word, x + start, (size_t)(n - start) * 4);
        }
        for (int j = 0; j < lanes; ++j) {
            uint32_t w = word[j];
            if (of_numbers) w = (w & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : w;
            uint32_t v = h[j] + w * 2246822519u;
            h[j] = (v << 13 | v >> 19) * 2654435761u;
        }
    }
    uint64_t sum = (uint64_t)n * 0x9e3779b97f4a7c15u;
    for (int j = 0; j < lanes; ++j) {
        sum = (sum ^ h[j]) * 0xd6e8feb86659fd93u;
        sum ^= sum >> 32;
    }
    return sum;
}

LK_KERNEL uint64_t lk_checksum(int64_t n, const float *x) { return checksum(n, x, 0); }

LK_KERNEL uint64_t lk_checksum_numbers(int64_t n, const float *x) { return checksum(n, x, 1); }
