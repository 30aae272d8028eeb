// Softmax and cross-entropy. Rows go in groups of sixteen: a group's maxima m and sums s of exp(x - m) come first, and
// everything else follows from them.
#include "Elementary.h"
#include "SoftmaxRows.h"

enum { group = lk_lanes, block = 256 };

// A row of ten would leave most of a vector empty, so sixteen rows are turned into columns: lane l holds row l.
LK_INLINE void short_rows(int64_t rows, int64_t cols, int64_t rows_left, const float *x, const float *weight, float *e,
                          float *m, float *s) {
    float t[group * group], stage[group * group + group] = {0}, max[group], sum[group];
    bool reads_past_end = rows_left * cols < group * cols + group;      // the tile's rows are sixteen wide
    if (reads_past_end) memcpy(stage, x, (size_t)(rows * cols) * 4);
    lk_transpose_tile(reads_past_end ? stage : x, cols, t, group);
    for (int l = 0; l < group; ++l) max[l] = -INFINITY;
    for (int l = 0; l < group; ++l) sum[l] = 0;
    for (int64_t c = 0; c < cols; ++c)
        LK_EACH_LANE(l) max[l] = lk_greater(max[l], t[c * group + l]);
    for (int64_t c = 0; c < cols; ++c)
        LK_EACH_LANE(l) {
            float v = lk_exp1(t[c * group + l] - max[l]);
            t[c * group + l] = v;
            sum[l] += v;
        }
    memcpy(m, max, sizeof max);
    memcpy(s, sum, sizeof sum);
    if (!e) return;
    LK_EACH_LANE(l) sum[l] = weight[l] / sum[l];
    for (int64_t c = 0; c < cols; ++c)
        LK_EACH_LANE(l) t[c * group + l] *= sum[l];
    lk_transpose_tile(t, group, stage, cols);           // each row overwrites what the one before wrote past its end
    memcpy(e, stage, (size_t)(rows * cols) * 4);
}

LK_INLINE void long_row(int64_t cols, const float *x, float weight, float *e, float *m, float *s) {
    float max = lk_row_max(cols, x), sum = 0, part[block];
    for (int64_t start = 0; start < cols; start += block) {
        int64_t n = lk_least(block, cols - start);
        float *out = e ? e + start : part;
        LK_EACH(c, n) out[c] = lk_exp1(x[start + c] - max);
        sum += lk_row_sum(n, out);
    }
    *m = max;
    *s = sum;
    if (!e) return;
    float scale = weight / sum;
    LK_EACH(c, cols) e[c] *= scale;
}

// The group beginning at row `first`: m and s of each row, and weight * softmax(x) into e, if not NULL; e may be x.
LK_INLINE int64_t softmax_group(int64_t first, int64_t rows, int64_t cols, const float *x, const float *weight,
                                float *e, float *m, float *s) {
    int64_t count = lk_least(group, rows - first);
    x += first * cols;
    if (e) e += first * cols;
    if (cols <= group) short_rows(count, cols, rows - first, x, weight, e, m, s);
    else for (int64_t l = 0; l < count; ++l)
        long_row(cols, x + l * cols, weight ? weight[l] : 0, e ? e + l * cols : NULL, m + l, s + l);
    return count;
}

// The same without e, and with the logarithm of s: `log_s` holds log(sum(exp(x - m))).
LK_INLINE int64_t log_sum_group(int64_t first, int64_t rows, int64_t cols, const float *x, float *m, float *log_s) {
    float s[group] = {0};
    int64_t count = softmax_group(first, rows, cols, x, NULL, NULL, m, s);
    LK_EACH_LANE(l) log_s[l] = lk_log1(s[l]);
    return count;
}

#define EACH_GROUP \
    float m[group], s[group]; \
    for (int64_t first = 0; first < rows; first += group)

LK_KERNEL void lk_softmax(int64_t rows, int64_t cols, const float *x, float *y) {
    float one[group];
    for (int l = 0; l < group; ++l) one[l] = 1;
    EACH_GROUP softmax_group(first, rows, cols, x, one, y, m, s);
}

LK_KERNEL void lk_log_softmax(int64_t rows, int64_t cols, const float *x, float *y) {
    EACH_GROUP {
        int64_t count = log_sum_group(first, rows, cols, x, m, s);
        for (int64_t l = 0; l < count; ++l) {
            const float *row = x + (first + l) * cols;
            float *out = y + (first + l) * cols;
            LK_EACH(c, cols) out[c] = (row[c] - m[l]) - s[l];
        }
    }
}

LK_KERNEL void lk_softmax_gradient(int64_t rows, int64_t cols, const float *dy, const float *y, float *dx) {
    for (int64_t r = 0; r < rows; ++r, dy += cols, y += cols, dx += cols) {
        float dot = lk_row_dot(cols, dy, y);
        LK_EACH(c, cols) dx[c] = y[c] * (dy[c] - dot);
    }
}

LK_KERNEL void lk_sparse_cross_entropy(int64_t rows, int64_t cols, const float *x, const int32_t *label, float *loss) {
    EACH_GROUP {
        int64_t count = log_sum_group(first, rows, cols, x, m, s);
        for (int64_t l = 0, r = first; l < count; ++l, ++r) loss[r] = s[l] + (m[l] - x[r * cols + label[r]]);
    }
}

LK_KERNEL void lk_sparse_cross_entropy_gradient(int64_t rows, int64_t cols, const float *x, const int32_t *label,
                                                const float *dloss, float *dx) {
    float weight[group] = {0};
    EACH_GROUP {
        memcpy(weight, dloss + first, (size_t)lk_least(group, rows - first) * 4);
        int64_t count = softmax_group(first, rows, cols, x, weight, dx, m, s);
        for (int64_t r = first; r < first + count; ++r) dx[r * cols + label[r]] -= dloss[r];
    }
}

LK_KERNEL void lk_cross_entropy(int64_t rows, int64_t cols, const float *x, const float *target, float *loss) {
    float part[block];
    EACH_GROUP {
        int64_t count = log_sum_group(first, rows, cols, x, m, s);
        for (int64_t l = 0, r = first; l < count; ++l, ++r) {
            float log_sum = s[l], max = m[l], sum = 0;
            for (int64_t start = 0; start < cols; start += block) {
                const float *row = x + r * cols + start, *t = target + r * cols + start;
                int64_t n = lk_least(block, cols - start);
                LK_EACH(c, n) part[c] = t[c] * (log_sum + (max - row[c]));
                sum += lk_row_sum(n, part);
            }
            loss[r] = sum;
        }
    }
}

LK_KERNEL void lk_cross_entropy_gradient(int64_t rows, int64_t cols, const float *x, const float *target,
                                         const float *dloss, float *dx) {
    float weight[group] = {0};
    EACH_GROUP {
        for (int64_t r = first; r < lk_least(first + group, rows); ++r)
            weight[r - first] = dloss[r] * lk_row_sum(cols, target + r * cols);
        int64_t count = softmax_group(first, rows, cols, x, weight, dx, m, s);
        for (int64_t r = first; r < first + count; ++r) {
            const float *t = target + r * cols;
            float *out = dx + r * cols, scale = dloss[r];
            LK_EACH(c, cols) out[c] -= scale * t[c];
        }
    }
}
