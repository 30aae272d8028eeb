// Transposing, gathering and scattering rows.
#include "Vectors.h"

LK_KERNEL void lk_transpose(int64_t rows, int64_t cols, const float *x, float *y) {
    enum { tile = 16, block = 64 };
    int64_t whole_rows = rows / tile * tile, whole_cols = cols / tile * tile;
    for (int64_t r0 = 0; r0 < whole_rows; r0 += block)
        for (int64_t c0 = 0; c0 < whole_cols; c0 += block)
            for (int64_t c = c0; c < lk_least(c0 + block, whole_cols); c += tile)
                for (int64_t r = r0; r < lk_least(r0 + block, whole_rows); r += tile)
                    lk_transpose_tile(x + r * cols + c, cols, y + c * rows + r, rows);
    for (int64_t c = whole_cols; c < cols; ++c)
        for (int64_t r = 0; r < whole_rows; ++r) y[c * rows + r] = x[r * cols + c];
    for (int64_t r = whole_rows; r < rows; ++r)
        for (int64_t c = 0; c < cols; ++c) y[c * rows + r] = x[r * cols + c];
}

// Asks memory for a row to come while those before it are copied, as rows lie anywhere in a large array. Of a long row
// for the start: what follows the processor fetches by itself.
LK_INLINE void fetch(const void *row, int64_t bytes) {
    for (int64_t line = 0; line < lk_least(bytes, 4096); line += 64) __builtin_prefetch((const char *)row + line);
}

LK_KERNEL void lk_gather_rows(int64_t n, int64_t cols, const float *x, const int32_t *index, float *y) {
    int64_t ahead = lk_most(1, lk_least(16, 512 / lk_most(1, cols)));
    for (int64_t i = 0; i < n; ++i) {
        const float *row = x + index[i] * cols;
        float *out = y + i * cols;
        if (i + ahead < n) fetch(x + index[i + ahead] * cols, cols * 4);
        if (cols >= 32) memcpy(out, row, (size_t)cols * 4);
        else for (int64_t c = 0; c < cols; ++c) out[c] = row[c];
    }
}

LK_KERNEL void lk_gather_rows_uint8(int64_t n, int64_t cols, const uint8_t *x, const int32_t *index, float divisor,
                                    float *y) {
    for (int64_t i = 0; i < n; ++i) {
        const uint8_t *row = x + index[i] * cols;
        float *out = y + i * cols;
        if (i + 1 < n) fetch(x + index[i + 1] * cols, cols);
        LK_EACH(c, cols) out[c] = row[c] / divisor;
    }
}

LK_KERNEL void lk_scatter_add_rows(int64_t n, int64_t cols, const float *x, const int32_t *index, float *y) {
    for (int64_t i = 0; i < n; ++i) {
        const float *row = x + i * cols;
        float *out = y + index[i] * cols;
        LK_EACH(c, cols) out[c] += row[c];
    }
}
