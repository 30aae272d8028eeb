// How many numbers lie in each of some ranges.
#include "Vectors.h"

enum { chunk = 256 };

LK_KERNEL void lk_histogram(int64_t n, const float *x, double low, double width, int64_t buckets, int64_t *counts) {
    for (int64_t start = 0; start < n; start += chunk) {
        int32_t bucket[chunk];
        int64_t length = lk_least(chunk, n - start);
        LK_EACH(i, length) bucket[i] = (int32_t)(((double)x[start + i] - low) / width);
        for (int64_t i = 0; i < length; ++i) ++counts[lk_least(bucket[i], buckets - 1)];
    }
}
