// Attention: softmax over what each row of scores sees; and the scores of additive attention.
#include "Elementary.h"
#include "SoftmaxRows.h"

// How many entries of row r a causal mask leaves, and whether the mask allows any of them.
LK_INLINE int64_t seen_columns(int64_t r, int64_t cols, lk_sight sight) {
    return sight.causal ? lk_least(cols, lk_most(0, sight.first + r + 1)) : cols;
}
LK_INLINE bool allows_any(int64_t n, const uint8_t *mask) {
    uint8_t any = 0;
    LK_EACH(c, n) any |= mask[c];
    return any != 0;
}

LK_KERNEL void lk_attention_weights(int64_t rows, int64_t cols, float scale, lk_sight sight, float *scores, float *log_sum) {
    for (int64_t r = 0; r < rows; ++r) {
        float *x = scores + r * cols;
        const uint8_t *mask = sight.mask ? sight.mask + r * sight.mask_row : NULL;
        int64_t n = seen_columns(r, cols, sight);
        if (n == 0 || (mask && !allows_any(n, mask))) {
            float even = 1.0f / (float)cols;
            LK_EACH(c, cols) x[c] = even;
            if (log_sum) log_sum[r] = INFINITY;
            continue;
        }
        if (mask) LK_EACH(c, n) x[c] = mask[c] ? scale * x[c] : -INFINITY;
        else LK_EACH(c, n) x[c] = scale * x[c];
        float max = lk_row_max(n, x);
        LK_EACH(c, n) x[c] = lk_exp1(x[c] - max);
        float sum = lk_row_sum(n, x), share = 1.0f / sum;
        LK_EACH(c, n) x[c] *= share;
        LK_EACH(c, cols - n) x[n + c] = 0;
        if (log_sum) log_sum[r] = max + lk_log1(sum);
    }
}

LK_KERNEL void lk_attention_weights_again(int64_t rows, int64_t cols, float scale, lk_sight sight, const float *log_sum,
                                          float *scores) {
    for (int64_t r = 0; r < rows; ++r) {
        float *x = scores + r * cols, rest = log_sum[r];
        const uint8_t *mask = sight.mask ? sight.mask + r * sight.mask_row : NULL;
        if (rest == INFINITY) {
            float even = 1.0f / (float)cols;
            LK_EACH(c, cols) x[c] = even;
            continue;
        }
        int64_t n = seen_columns(r, cols, sight);
        if (mask) LK_EACH(c, n) x[c] = mask[c] ? lk_exp1(scale * x[c] - rest) : 0;
        else LK_EACH(c, n) x[c] = lk_exp1(scale * x[c] - rest);
        LK_EACH(c, cols - n) x[n + c] = 0;
    }
}

LK_KERNEL void lk_attention_gradient(int64_t rows, int64_t cols, float scale, bool ends, const float *weights, const float *log_sum,
                                     const float *delta, float *dweights) {
    for (int64_t r = 0; r < rows; ++r, weights += cols, dweights += cols) {
        float sum = delta[r], factor = ends && log_sum[r] == INFINITY ? 0 : scale;
        LK_EACH(c, cols) dweights[c] = factor * weights[c] * (dweights[c] - sum);
    }
}

LK_KERNEL void lk_row_dots(int64_t rows, int64_t cols, const float *x1, int64_t x1_row, const float *x2, int64_t x2_row, float *y) {
    for (int64_t r = 0; r < rows; ++r) y[r] = lk_row_dot(cols, x1 + r * x1_row, x2 + r * x2_row);
}

enum { chunk = 256 };

LK_KERNEL void lk_additive_scores(int64_t queries, int64_t keys, int64_t cols, float factor, const float *query, const float *key,
                                  const float *weight, float *score) {
    float part[chunk];
    for (int64_t i = 0; i < queries; ++i)
        for (int64_t j = 0; j < keys; ++j) {
            float sum = 0;
            for (int64_t start = 0; start < cols; start += chunk) {
                const float *q = query + i * cols + start, *k = key + j * cols + start, *w = weight + start;
                int64_t n = lk_least(chunk, cols - start);
                if (weight) LK_EACH(c, n) part[c] = w[c] * lk_tanh1(factor * (q[c] + k[c]));
                else LK_EACH(c, n) part[c] = lk_tanh1(factor * (q[c] + k[c]));
                sum += lk_row_sum(n, part);
            }
            score[i * keys + j] = sum;
        }
}

LK_KERNEL float lk_additive_scores_gradient(int64_t queries, int64_t keys, int64_t cols, float factor, const float *query,
                                            const float *key, const float *weight, const float *dscore, float *dquery, float *dkey,
                                            float *dweight) {
    float part[chunk], dfactor = 0;
    for (int64_t i = 0; i < queries; ++i)
        for (int64_t j = 0; j < keys; ++j) {
            float g = dscore[i * keys + j];
            for (int64_t start = 0; start < cols; start += chunk) {
                const float *q = query + i * cols + start, *k = key + j * cols + start, *w = weight + start;
                float *dq = dquery + i * cols + start, *dk = dkey + j * cols + start;
                int64_t n = lk_least(chunk, cols - start);
                LK_EACH(c, n) {
                    float sum = q[c] + k[c], t = lk_tanh1(factor * sum);
                    float slope = g * (1.0f - t * t) * (weight ? w[c] : 1.0f);
                    part[c] = slope * sum;
                    dq[c] += slope * factor;
                    dk[c] += slope * factor;
                    if (dweight) dweight[start + c] += g * t;
                }
                dfactor += lk_row_sum(n, part);
            }
        }
    return dfactor;
}
