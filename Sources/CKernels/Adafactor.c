// Adafactor: the second moments of a matrix by those of its rows and columns.
#include "Vectors.h"

enum { block = 1024 };

// The squares of g / sqrt(v), summed
LK_INLINE double normalized_squares(int64_t n, const float *g, const float *v) {
    float u[block];
    LK_EACH(i, n) u[i] = g[i] / __builtin_elementwise_sqrt(v[i]);
    return lk_sum_squares(n, u);
}

LK_KERNEL double lk_adafactor_matrix(int64_t rows, int64_t cols, float decay, float epsilon, const float *g, float *r, float *c,
                                     float *v) {
    float rest = 1.0f - decay;
    double total = 0, sum = 0;
    for (int64_t i = 0; i < rows; ++i) {
        r[i] = decay * r[i] + rest * ((float)(lk_sum_squares(cols, g + i * cols) / (double)cols) + epsilon);
        total += r[i];
    }
    float mean = (float)(total / (double)rows);
    for (int64_t start = 0; start < cols; start += block) {
        int64_t count = lk_least(block, cols - start);
        float *cb = c + start;
        double squares[block];
        LK_EACH(j, count) squares[j] = 0;
        for (int64_t i = 0; i < rows; ++i) {
            const float *row = g + i * cols + start;
            LK_EACH(j, count) squares[j] += (double)row[j] * (double)row[j];
        }
        LK_EACH(j, count) cb[j] = decay * cb[j] + rest * ((float)(squares[j] / (double)rows) + epsilon);
        for (int64_t i = 0; i < rows; ++i) {
            float *row = v + i * cols + start, part = r[i] / mean;
            LK_EACH(j, count) row[j] = part * cb[j];
            sum += normalized_squares(count, g + i * cols + start, row);
        }
    }
    return sum;
}

LK_KERNEL double lk_adafactor_vector(int64_t n, float decay, float epsilon, const float *g, float *v) {
    float rest = 1.0f - decay;
    double sum = 0;
    for (int64_t start = 0; start < n; start += block) {
        int64_t count = lk_least(block, n - start);
        const float *gb = g + start;
        float *vb = v + start;
        LK_EACH(i, count) vb[i] = decay * vb[i] + rest * (gb[i] * gb[i] + epsilon);
        sum += normalized_squares(count, gb, vb);
    }
    return sum;
}

LK_KERNEL void lk_adafactor(int64_t n, float rate, const float *g, const float *v, float *p) {
    LK_EACH(i, n) p[i] -= rate * (g[i] / __builtin_elementwise_sqrt(v[i]));
}
