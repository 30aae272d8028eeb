// What a dense layer does around its matrix product.
#include "Elementary.h"

// `f` is a constant at each call, so the choice is made outside the loops.
LK_INLINE float activate(float z, lk_activation f) {
    switch (f) {
    case LK_LINEAR: return z;
    case LK_RELU: return 0.0f > z ? 0.0f : z;
    case LK_SIGMOID: return lk_sigmoid1(z);
    case LK_TANH: return lk_tanh1(z);
    }
}

LK_INLINE float differentiate(float dy, float y, lk_activation f) {
    switch (f) {
    case LK_LINEAR: return dy;
    case LK_RELU: return y > 0.0f ? dy : 0.0f;
    case LK_SIGMOID: return dy * (y * (1.0f - y));
    case LK_TANH: return dy * (1.0f - y * y);
    }
}

#define FOR_EACH_ACTIVATION(call) \
    switch (f) { \
    case LK_LINEAR: call(LK_LINEAR); break; \
    case LK_RELU: call(LK_RELU); break; \
    case LK_SIGMOID: call(LK_SIGMOID); break; \
    case LK_TANH: call(LK_TANH); break; \
    }

LK_INLINE void bias_rows(int64_t total, int64_t width, const float *x, const float *bias, lk_activation f, float *y) {
    for (int64_t start = 0; start < total; start += width) {
        const float *from = x + start;
        float *to = y + start;
        LK_EACH(j, lk_least(width, total - start)) to[j] = activate(from[j] + bias[j], f);
    }
}

LK_KERNEL void lk_bias_activation(int64_t rows, int64_t cols, const float *x, const float *bias, lk_activation f,
                                  float *y) {
    int64_t total = rows * cols;
    if (!bias) {
#define PLAIN(f) LK_EACH(i, total) y[i] = activate(x[i], f)
        FOR_EACH_ACTIVATION(PLAIN)
        return;
    }
    enum { limit = 2048 };
    float repeated[limit];
    int64_t at_a_time = lk_rows_at_a_time(rows, cols, limit);
    if (at_a_time > 1) {
        memcpy(repeated, bias, (size_t)cols * 4);
        for (int64_t r = 1; r < at_a_time; r *= 2) memcpy(repeated + r * cols, repeated, (size_t)(r * cols) * 4);
        bias = repeated;
    }
#define WITH_BIAS(f) bias_rows(total, at_a_time * cols, x, bias, f, y)
    FOR_EACH_ACTIVATION(WITH_BIAS)
}

// Rows of `width`, four a pass, so that the running sums are loaded and stored once for four rows.
LK_INLINE void gradient_rows(int64_t total, int64_t width, const float *dy, const float *y, lk_activation f, float *dx,
                             float *sum) {
    int64_t start = 0;
    for (; start + 4 * width <= total; start += 4 * width) {
        const float *g0 = dy + start, *g1 = g0 + width, *g2 = g1 + width, *g3 = g2 + width;
        const float *y0 = y + start, *y1 = y0 + width, *y2 = y1 + width, *y3 = y2 + width;
        float *d0 = dx + start, *d1 = d0 + width, *d2 = d1 + width, *d3 = d2 + width;
        LK_EACH(j, width) {
            float v0 = differentiate(g0[j], y0[j], f), v1 = differentiate(g1[j], y1[j], f);
            float v2 = differentiate(g2[j], y2[j], f), v3 = differentiate(g3[j], y3[j], f);
            d0[j] = v0;
            d1[j] = v1;
            d2[j] = v2;
            d3[j] = v3;
            sum[j] += (v0 + v1) + (v2 + v3);
        }
    }
    for (; start < total; start += width) {
        const float *g0 = dy + start, *y0 = y + start;
        float *d0 = dx + start;
        LK_EACH(j, lk_least(width, total - start)) {
            float v0 = differentiate(g0[j], y0[j], f);
            d0[j] = v0;
            sum[j] += v0;
        }
    }
}

LK_KERNEL void lk_bias_activation_gradient(int64_t rows, int64_t cols, const float *dy, const float *y, lk_activation f,
                                           float *dx, float *dbias) {
    int64_t total = rows * cols;
    if (cols == 0) return;
    if (!dbias) {
#define PLAIN_GRADIENT(f) LK_EACH(i, total) dx[i] = differentiate(dy[i], y[i], f)
        FOR_EACH_ACTIVATION(PLAIN_GRADIENT)
        return;
    }
    enum { limit = 512 };
    float folded[limit];
    int64_t at_a_time = lk_rows_at_a_time(rows, cols, limit), width = at_a_time * cols;
    float *sum = at_a_time > 1 ? folded : dbias;
    memset(sum, 0, (size_t)width * 4);
#define WITH_SUM(f) gradient_rows(total, width, dy, y, f, dx, sum)
    FOR_EACH_ACTIVATION(WITH_SUM)
    if (at_a_time == 1) return;
    for (int64_t w = width / 2; w >= cols && w > 0; w /= 2)
        LK_EACH(j, w) folded[j] += folded[j + w];
    memcpy(dbias, folded, (size_t)cols * 4);
}
