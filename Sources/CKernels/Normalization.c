// Normalization: each pass reads its tensors once. Within 64 rows floats are added to floats; beyond that to doubles.
#include "Normalization.h"
#include "Vectors.h"

enum { block_rows = 64, wide_sums = 128, wide_pattern = 512, block_columns = 4096 };

LK_INLINE int64_t channel_count(lk_channels f) { return f.blocks * f.lanes; }
// The parts of the scratch: what four doubles a channel suffice for, thrice.
LK_INLINE int64_t scratch_part(lk_channels f) { return 4 * lk_most(wide_pattern, channel_count(f)); }
int64_t lk_channel_scratch(lk_channels form) { return 3 * scratch_part(form); }

// Blocks of single places are lanes of one block, and what is not cut into blocks is rows of one run.
LK_INLINE lk_channels plain(lk_channels f, bool masked) {
    if (f.inner == 1 && !masked) f = (lk_channels){f.outer, 1, 1, f.blocks * f.lanes};
    if (f.blocks == 1) f = (lk_channels){1, 1, f.outer * f.inner, f.lanes};
    return f;
}

// Runs `body` on every run of rows, `rows` of them at offset `at`, of block b whose mask is `valid`; all of them without one.
#define EACH_RUN(f, b, mask, stretch, body) \
    for (int64_t o = 0; o < (f).outer; ++o) { \
        int64_t begin = (o * (f).blocks + (b)) * (f).inner, entry = begin / (stretch), end = entry + (f).inner / (stretch); \
        for (int64_t next; entry < end; entry = next) { \
            bool valid = !(mask) || (mask)[entry] != 0; \
            next = (mask) ? entry + 1 : end; \
            while (next < end && ((mask)[next] != 0) == valid) ++next; \
            int64_t rows = (next - entry) * (stretch), at = entry * (stretch) * (f).lanes; \
            body \
        } \
    }

// MARK: Sums of channels

// Of `n` elements each: their mean, and the sum of squared distances from it.
typedef struct { double n, *mean, *square; } moments;

// Merges n rows, of whose distances from a pivot s is the sum and q that of the squares.
LK_INLINE void merge(int64_t width, double n, const float *pivot, const float *s, const float *q, moments m) {
    double inverse = 1 / n, share = n / (m.n + n), weight = m.n * share;
    LK_EACH(j, width) {
        double d = s[j] * inverse, delta = pivot[j] + d - m.mean[j];
        m.mean[j] += delta * share;
        m.square[j] += q[j] - s[j] * d + delta * delta * weight;
    }
}

// The running mean; in the beginning that of a few rows, so that no single one is far from all others.
LK_INLINE void choose_pivot(int64_t n, int64_t width, int64_t stride, const float *x, moments m, float *pivot) {
    if (m.n > 0) { LK_EACH(j, width) pivot[j] = (float)m.mean[j]; return; }
    int64_t some = lk_least(n, 8);
    memcpy(pivot, x, (size_t)width * 4);
    for (int64_t i = 1; i < some; ++i) LK_EACH(j, width) pivot[j] += x[i * stride + j];
    LK_EACH(j, width) pivot[j] *= 1.0f / (float)some;
}

// `vectors` times sixteen columns.
LK_INLINE void add_tile(int64_t n, int64_t stride, const float *x, const int vectors, moments m) {
    float pivots[64], sums[64], squares[64];
    choose_pivot(n, 16 * vectors, stride, x, m, pivots);
    f32x16 pivot[4], s[4], q[4];
    for (int v = 0; v < vectors; ++v) {
        pivot[v] = *(const f32x16 *)(pivots + 16 * v);
        s[v] = q[v] = (f32x16){0};
    }
    for (int64_t i = 0; i < n; ++i, x += stride)
        for (int v = 0; v < vectors; ++v) {
            f32x16 d = *(const f32x16 *)(x + 16 * v) - pivot[v];
            s[v] += d;
            q[v] += d * d;
        }
    memcpy(sums, s, (size_t)vectors * 64);
    memcpy(squares, q, (size_t)vectors * 64);
    merge(16 * vectors, (double)n, pivots, sums, squares, m);
}

// Fewer than sixteen columns.
LK_INLINE void add_columns(int64_t n, int64_t width, int64_t stride, const float *x, moments m) {
    float pivot[16], s[16] = {0}, q[16] = {0};
    choose_pivot(n, width, stride, x, m, pivot);
    for (int64_t i = 0; i < n; ++i, x += stride)
        LK_EACH(j, width) {
            float d = x[j] - pivot[j];
            s[j] += d;
            q[j] += d * d;
        }
    merge(width, (double)n, pivot, s, q, m);
}

LK_INLINE void add_rows(int64_t rows, int64_t width, const float *x, moments *m) {
    for (int64_t start = 0; start < rows; start += block_rows, x += block_rows * width) {
        int64_t n = lk_least(block_rows, rows - start), c = 0;
#define AT_COLUMN (moments){m->n, m->mean + c, m->square + c}
        for (; c + 64 <= width; c += 64) add_tile(n, width, x + c, 4, AT_COLUMN);
        for (; c + 16 <= width; c += 16) add_tile(n, width, x + c, 1, AT_COLUMN);
        if (c < width) add_columns(n, width - c, width, x + c, AT_COLUMN);
        m->n += (double)n;
    }
}

// Mean and squares of each channel, and their number of elements, [channels] each. Narrow rows are taken several at a time, as one row of
// as many columns, which are merged in the end; what is left of each run has moments of its own. Works in one part of the scratch.
LK_INLINE void channel_moments(lk_channels form, const float *x, const uint8_t *mask, int64_t stretch, double *scratch,
                               double *count, double *mean, double *square) {
    lk_channels f = plain(form, mask != NULL);
    int64_t lanes = f.lanes, several = lk_rows_at_a_time(f.inner, lanes, wide_sums), width = several * lanes;
    int64_t part = lk_most(wide_sums, lanes);
    for (int64_t b = 0; b < f.blocks; ++b) {
        moments m = {0, scratch, scratch + part}, left = {0, scratch + 2 * part, scratch + 3 * part};
        memset(m.mean, 0, (size_t)width * 8);
        memset(m.square, 0, (size_t)width * 8);
        memset(left.mean, 0, (size_t)lanes * 8);
        memset(left.square, 0, (size_t)lanes * 8);
        EACH_RUN(f, b, mask, stretch, {
            if (!valid) continue;
            int64_t whole = rows / several;
            add_rows(whole, width, x + at, &m);
            add_rows(rows % several, lanes, x + at + whole * width, &left);
        })
        for (int64_t w = width / 2; several > 1 && w >= lanes; w /= 2, m.n *= 2)
            LK_EACH(j, w) {
                double delta = m.mean[j + w] - m.mean[j];
                m.mean[j] += delta / 2;
                m.square[j] += m.square[j + w] + delta * delta * (m.n / 2);
            }
        double n = m.n + left.n, share = n > 0 ? left.n / n : 0;
        for (int64_t j = 0, c = b * lanes; j < lanes; ++j, ++c) {
            double delta = left.mean[j] - m.mean[j];
            count[c] = n;
            mean[c] = m.mean[j] + delta * share;
            square[c] = m.square[j] + left.square[j] + delta * delta * (m.n * share);
        }
    }
}

// The twelve leading bits.
LK_INLINE double leading(double v) {
    uint64_t bits;
    memcpy(&bits, &v, 8);
    bits &= ~UINT64_C(0) << 41;
    memcpy(&v, &bits, 8);
    return v;
}

LK_INLINE void split(double v, int64_t stride, float *pieces) {
    double first = leading(v), second = leading(v - first);
    pieces[0] = (float)first;
    pieces[stride] = (float)second;
    pieces[2 * stride] = (float)(v - first - second);
}

LK_INLINE double join(int64_t stride, const float *pieces) {
    return (double)pieces[0] + (double)pieces[stride] + (double)pieces[2 * stride];
}

LK_KERNEL void lk_channel_sums(lk_channels form, const float *x, const uint8_t *mask, int64_t stretch, double *scratch, float *sums) {
    int64_t channels = channel_count(form);
    double *count = scratch + scratch_part(form), *mean = count + channels, *square = mean + channels;
    channel_moments(form, x, mask, stretch, scratch, count, mean, square);
    for (int64_t c = 0; c < channels; ++c) {
        double sum = count[c] * mean[c];
        sums[c] = (float)count[c];
        split(sum, channels, sums + channels + c);
        split(square[c] + sum * mean[c], channels, sums + 4 * channels + c);
    }
}

LK_KERNEL void lk_channel_moments(lk_channels form, const float *x, double *scratch, double *count, double *mean, double *squares) {
    channel_moments(form, x, NULL, 1, scratch, count, mean, squares);
}

LK_KERNEL void lk_channel_statistics(int64_t channels, const float *sums, float *mean, float *variance, float *count) {
    for (int64_t c = 0; c < channels; ++c) {
        double n = sums[c], inverse = n > 0 ? 1 / n : 0;
        double m = join(channels, sums + channels + c) * inverse, v = join(channels, sums + 4 * channels + c) * inverse - m * m;
        mean[c] = (float)m;
        variance[c] = v < 0 ? 0 : (float)v;
        count[c] = sums[c];
    }
}

// MARK: Passes over channels

// What is the same for all rows, repeated for several rows of few channels.
typedef struct { int64_t width; float *row[4]; } pattern;

LK_INLINE pattern make_pattern(lk_channels f, float *scratch) {
    int64_t several = lk_rows_at_a_time(f.inner, f.lanes, wide_pattern), room = lk_most(wide_pattern, f.lanes);
    return (pattern){several * f.lanes, {scratch, scratch + room, scratch + 2 * room, scratch + 3 * room}};
}

// `row` of the pattern: the channels of a block, or zeros.
LK_INLINE void fill(pattern p, int row, int64_t lanes, const float *values) {
    float *to = p.row[row];
    if (values) memcpy(to, values, (size_t)lanes * 4); else memset(to, 0, (size_t)lanes * 4);
    for (int64_t w = lanes; w < p.width; w *= 2) memcpy(to + w, to, (size_t)w * 4);
}

LK_INLINE void affine_run(int64_t total, pattern p, const float *x, float *y) {
    const float *mean = p.row[0], *scale = p.row[1], *shift = p.row[2];
    int64_t width = p.width, start = 0;
    for (; start + 4 * width <= total; start += 4 * width) {
        const float *x0 = x + start, *x1 = x0 + width, *x2 = x1 + width, *x3 = x2 + width;
        float *y0 = y + start, *y1 = y0 + width, *y2 = y1 + width, *y3 = y2 + width;
        LK_EACH(j, width) {
            float m = mean[j], s = scale[j], b = shift[j];
            y0[j] = (x0[j] - m) * s + b;
            y1[j] = (x1[j] - m) * s + b;
            y2[j] = (x2[j] - m) * s + b;
            y3[j] = (x3[j] - m) * s + b;
        }
    }
    for (; start < total; start += width)
        LK_EACH(j, lk_least(width, total - start)) y[start + j] = (x[start + j] - mean[j]) * scale[j] + shift[j];
}

LK_INLINE void affine(lk_channels form, const float *x, const float *mean, const float *scale, const float *shift, float *scratch,
                      float *y) {
    lk_channels f = plain(form, false);
    pattern p = make_pattern(f, scratch);
    for (int64_t b = 0; b < f.blocks; ++b) {
        fill(p, 0, f.lanes, mean ? mean + b * f.lanes : NULL);
        fill(p, 1, f.lanes, scale + b * f.lanes);
        fill(p, 2, f.lanes, shift ? shift + b * f.lanes : NULL);
        for (int64_t o = 0, run = f.inner * f.lanes; o < f.outer; ++o)
            affine_run(run, p, x + (o * f.blocks + b) * run, y + (o * f.blocks + b) * run);
    }
}

LK_KERNEL void lk_channel_affine(lk_channels form, const float *x, const float *mean, const float *scale, const float *shift,
                                 double *scratch, float *y) {
    affine(form, x, mean, scale, shift, (float *)scratch, y);
}

LK_INLINE void inverse_deviation(int64_t n, const float *variance, float epsilon, float *y) {
    LK_EACH(c, n) y[c] = 1.0f / __builtin_elementwise_sqrt(variance[c] + epsilon);
}

LK_KERNEL void lk_channel_normalize(lk_channels form, const float *x, const float *mean, const float *variance, const float *gamma,
                                    const float *beta, float epsilon, double *scratch, float *y) {
    float *scale = (float *)(scratch + scratch_part(form));
    inverse_deviation(channel_count(form), variance, epsilon, scale);
    LK_EACH(c, channel_count(form)) scale[c] *= gamma[c];
    affine(form, x, mean, scale, beta, (float *)scratch, y);
}

// Adds Σ dy and Σ dy (x - mean) of n rows of `vectors` times sixteen columns.
LK_INLINE void product_tile(int64_t n, int64_t stride, const float *dy, const float *x, const float *mean, const int vectors,
                            double *sum, double *product) {
    float sums[64], products[64];
    f32x16 m[4], s[4], q[4];
    for (int v = 0; v < vectors; ++v) {
        m[v] = *(const f32x16 *)(mean + 16 * v);
        s[v] = q[v] = (f32x16){0};
    }
    for (int64_t i = 0; i < n; ++i, x += stride, dy += stride)
        for (int v = 0; v < vectors; ++v) {
            f32x16 g = *(const f32x16 *)(dy + 16 * v);
            s[v] += g;
            q[v] += g * (*(const f32x16 *)(x + 16 * v) - m[v]);
        }
    memcpy(sums, s, (size_t)vectors * 64);
    memcpy(products, q, (size_t)vectors * 64);
    LK_EACH(j, 16 * vectors) {
        sum[j] += sums[j];
        product[j] += products[j];
    }
}

LK_INLINE void product_columns(int64_t n, int64_t width, int64_t stride, const float *dy, const float *x, const float *mean,
                               double *sum, double *product) {
    for (int64_t i = 0; i < n; ++i, x += stride, dy += stride)
        LK_EACH(j, width) {
            sum[j] += dy[j];
            product[j] += (double)dy[j] * (x[j] - mean[j]);
        }
}

// Sums of each channel, [channels]. Works in one part of the scratch.
LK_INLINE void channel_products(lk_channels form, const float *dy, const float *x, const float *mean, double *scratch, double *sum,
                                double *product) {
    lk_channels f = plain(form, false);
    int64_t lanes = f.lanes, part = lk_most(wide_sums, lanes), run = f.inner * lanes;
    int64_t width = lk_rows_at_a_time(f.inner, lanes, wide_sums) * lanes, rows = width > 0 ? run / width : 0;
    double *s = scratch, *q = scratch + part;
    pattern p = {width, {(float *)(scratch + 2 * part)}};
    for (int64_t b = 0; b < f.blocks; ++b) {
        fill(p, 0, lanes, mean + b * lanes);
        const float *m = p.row[0];
        memset(s, 0, (size_t)width * 8);
        memset(q, 0, (size_t)width * 8);
        for (int64_t o = 0; o < f.outer; ++o) {
            const float *g = dy + (o * f.blocks + b) * run, *v = x + (o * f.blocks + b) * run;
            for (int64_t start = 0; start < rows; start += block_rows) {
                int64_t n = lk_least(block_rows, rows - start), c = 0, at = start * width;
                for (; c + 64 <= width; c += 64) product_tile(n, width, g + at + c, v + at + c, m + c, 4, s + c, q + c);
                for (; c + 16 <= width; c += 16) product_tile(n, width, g + at + c, v + at + c, m + c, 1, s + c, q + c);
                product_columns(n, width - c, width, g + at + c, v + at + c, m + c, s + c, q + c);
            }
            product_columns(1, run - rows * width, 0, g + rows * width, v + rows * width, m, s, q);
        }
        for (int64_t w = width / 2; width > lanes && w >= lanes; w /= 2)
            LK_EACH(j, w) {
                s[j] += s[j + w];
                q[j] += q[j + w];
            }
        memcpy(sum + b * lanes, s, (size_t)lanes * 8);
        memcpy(product + b * lanes, q, (size_t)lanes * 8);
    }
}

LK_KERNEL void lk_channel_gradient_sums(lk_channels form, const float *dy, const float *x, const float *mean, const float *variance,
                                        float epsilon, double *scratch, float *dgamma, float *dbeta) {
    int64_t channels = channel_count(form);
    double *sum = scratch + scratch_part(form), *product = sum + channels;
    channel_products(form, dy, x, mean, scratch, sum, product);
    LK_EACH(c, channels) {
        dbeta[c] = (float)sum[c];
        dgamma[c] = (float)product[c];
    }
    if (variance) LK_EACH(c, channels) dgamma[c] /= __builtin_elementwise_sqrt(variance[c] + epsilon);
}

// dx = scale * dy - (a + (x - mean) * b), or scale * dy alone.
LK_INLINE void gradient_run(int64_t total, pattern p, const float *dy, const float *x, float *dx) {
    const float *mean = p.row[0], *scale = p.row[1], *a = p.row[2], *b = p.row[3];
    int64_t width = p.width, start = 0;
    for (; start + 2 * width <= total; start += 2 * width) {
        const float *g0 = dy + start, *g1 = g0 + width, *x0 = x + start, *x1 = x0 + width;
        float *d0 = dx + start, *d1 = d0 + width;
        LK_EACH(j, width) {
            float m = mean[j], s = scale[j], u = a[j], v = b[j];
            d0[j] = s * g0[j] - (u + (x0[j] - m) * v);
            d1[j] = s * g1[j] - (u + (x1[j] - m) * v);
        }
    }
    for (; start < total; start += width)
        LK_EACH(j, lk_least(width, total - start))
            dx[start + j] = scale[j] * dy[start + j] - (a[j] + (x[start + j] - mean[j]) * b[j]);
}

LK_INLINE void scaled_run(int64_t total, pattern p, const float *dy, float *dx) {
    for (int64_t start = 0; start < total; start += p.width)
        LK_EACH(j, lk_least(p.width, total - start)) dx[start + j] = p.row[1][j] * dy[start + j];
}

LK_INLINE void gradient(lk_channels form, const float *dy, const float *x, const float *mean, const float *scale, const float *a,
                        const float *b, const uint8_t *mask, int64_t stretch, float *scratch, float *dx) {
    lk_channels f = plain(form, mask != NULL);
    pattern p = make_pattern(f, scratch);
    for (int64_t block = 0; block < f.blocks; ++block) {
        int64_t c = block * f.lanes;
        fill(p, 0, f.lanes, mean + c);
        fill(p, 1, f.lanes, scale + c);
        fill(p, 2, f.lanes, a + c);
        fill(p, 3, f.lanes, b + c);
        EACH_RUN(f, block, mask, stretch, {
            int64_t total = rows * f.lanes;
            if (valid) gradient_run(total, p, dy + at, x + at, dx + at); else scaled_run(total, p, dy + at, dx + at);
        })
    }
}

LK_KERNEL void lk_channel_gradient(lk_channels form, const float *dy, const float *x, const float *mean, const float *variance,
                                   const float *count, const float *gamma, float epsilon, const float *dgamma, const float *dbeta,
                                   const uint8_t *mask, int64_t stretch, double *scratch, float *dx) {
    int64_t channels = channel_count(form);
    float *scale = (float *)(scratch + scratch_part(form)), *a = scale + channels, *b = a + channels;
    inverse_deviation(channels, variance, epsilon, b);
    LK_EACH(c, channels) {
        float s = gamma[c] * b[c], part = count[c] > 0.0f ? s / count[c] : 0.0f;
        scale[c] = s;
        a[c] = part * dbeta[c];
        b[c] = part * dgamma[c] * b[c];
    }
    gradient(form, dy, x, mean, scale, a, b, mask, stretch, (float *)scratch, dx);
}

// MARK: Rows

// Σ (x - shift), or of its squares, in double beyond 4096 columns.
LK_INLINE double row_sum(int64_t n, const float *x, float shift, const bool squared) {
    double total = 0;
    for (int64_t start = 0; start < n; start += block_columns) {
        int64_t end = lk_least(start + block_columns, n), i = start;
        f32x16 s[4] = {{0}, {0}, {0}, {0}};
        for (; i + 64 <= end; i += 64)
            for (int v = 0; v < 4; ++v) {
                f32x16 d = *(const f32x16 *)(x + i + 16 * v) - shift;
                s[v] += squared ? d * d : d;
            }
        for (; i + 16 <= end; i += 16) {
            f32x16 d = *(const f32x16 *)(x + i) - shift;
            s[0] += squared ? d * d : d;
        }
        s[0] = (s[0] + s[1]) + (s[2] + s[3]);
        float rest = lk_fold_sum(&s[0]);
        for (; i < end; ++i) {
            float d = x[i] - shift;
            rest += squared ? d * d : d;
        }
        total += rest;
    }
    return total;
}

LK_KERNEL void lk_normalize_rows(int64_t rows, int64_t cols, const float *x, const float *gamma, const float *beta, float epsilon,
                                 float *y, float *mean, float *inverse) {
    for (int64_t r = 0; r < rows; ++r, x += cols, y += cols) {
        float m = mean ? (float)(row_sum(cols, x, 0.0f, false) / (double)cols) : 0.0f;
        float s = 1.0f / sqrtf((float)(row_sum(cols, x, m, true) / (double)cols) + epsilon);
        if (mean) mean[r] = m;
        inverse[r] = s;
        if (beta) LK_EACH(j, cols) y[j] = (x[j] - m) * s * gamma[j] + beta[j];
        else LK_EACH(j, cols) y[j] = (x[j] - m) * s * gamma[j];
    }
}

LK_KERNEL void lk_normalize_rows_gradient(int64_t rows, int64_t cols, const float *dy, const float *x, const float *gamma,
                                          const float *mean, const float *inverse, float *scratch, float *dx, float *dgamma,
                                          float *dbeta) {
    memset(dgamma, 0, (size_t)cols * 4);
    memset(dbeta, 0, (size_t)cols * 4);
    float *part_gamma = scratch, *part_beta = scratch + cols;
    for (int64_t start = 0; start < rows; start += block_rows) {
        memset(scratch, 0, (size_t)cols * 8);
        int64_t end = lk_least(start + block_rows, rows);
        for (int64_t r = start; r < end; ++r, x += cols, dy += cols, dx += cols) {
            float m = mean ? mean[r] : 0.0f, s = inverse[r];
            double sum = 0, product = 0;
            for (int64_t first = 0; first < cols; first += block_columns) {
                int64_t last = lk_least(first + block_columns, cols), j = first;
                f32x16 a = {0}, b = {0};
                for (; j + 16 <= last; j += 16) {
                    f32x16 d = *(const f32x16 *)(dy + j), n = (*(const f32x16 *)(x + j) - m) * s;
                    f32x16 g = d * *(const f32x16 *)(gamma + j);
                    a += g;
                    b += g * n;
                    *(f32x16 *)(part_gamma + j) += d * n;
                    *(f32x16 *)(part_beta + j) += d;
                }
                float rest = lk_fold_sum(&a), rest_product = lk_fold_sum(&b);
                for (; j < last; ++j) {
                    float n = (x[j] - m) * s, g = dy[j] * gamma[j];
                    rest += g;
                    rest_product += g * n;
                    part_gamma[j] += dy[j] * n;
                    part_beta[j] += dy[j];
                }
                sum += rest;
                product += rest_product;
            }
            float a = mean ? (float)(sum / (double)cols) : 0.0f, b = (float)(product / (double)cols);
            LK_EACH(j, cols) dx[j] = s * (dy[j] * gamma[j] - (a + (x[j] - m) * s * b));
        }
        LK_EACH(j, cols) {
            dgamma[j] += part_gamma[j];
            dbeta[j] += part_beta[j];
        }
    }
}

// MARK: Groups

LK_KERNEL void lk_normalize_groups(lk_channels form, int64_t groups, const float *x, const float *gamma, const float *beta,
                                   float epsilon, double *scratch, float *y, float *mean, float *inverse) {
    lk_channels sample = {1, form.blocks, form.inner, form.lanes};
    int64_t channels = channel_count(form), size = channels / groups, length = channels * form.inner;
    double *count = scratch + scratch_part(form), *means = count + channels, *squares = means + channels;
    float *center = (float *)(scratch + 2 * scratch_part(form)), *scale = center + channels;
    for (int64_t n = 0; n < form.outer; ++n, x += length, y += length, mean += groups, inverse += groups) {
        channel_moments(sample, x, NULL, 1, scratch, count, means, squares);
        for (int64_t g = 0; g < groups; ++g) {
            // All channels have the same count.
            double m = 0, v = 0;
            for (int64_t c = g * size; c < (g + 1) * size; ++c) m += means[c];
            m /= (double)size;
            for (int64_t c = g * size; c < (g + 1) * size; ++c) v += squares[c] + count[c] * (means[c] - m) * (means[c] - m);
            mean[g] = (float)m;
            inverse[g] = 1.0f / sqrtf((float)(v / (double)(size * form.inner)) + epsilon);
            for (int64_t c = g * size; c < (g + 1) * size; ++c) {
                center[c] = mean[g];
                scale[c] = inverse[g] * gamma[c];
            }
        }
        affine(sample, x, center, scale, beta, (float *)scratch, y);
    }
}

LK_KERNEL void lk_normalize_groups_gradient(lk_channels form, int64_t groups, const float *dy, const float *x, const float *gamma,
                                            const float *mean, const float *inverse, double *scratch, float *dx, float *dgamma,
                                            float *dbeta) {
    lk_channels sample = {1, form.blocks, form.inner, form.lanes};
    int64_t channels = channel_count(form), size = channels / groups, length = channels * form.inner;
    double *sum = scratch + scratch_part(form), *product = sum + channels, *sums = product + channels, *products = sums + channels;
    float *center = (float *)(scratch + 2 * scratch_part(form)), *scale = center + channels, *a = scale + channels, *b = a + channels;
    memset(sums, 0, (size_t)channels * 16);
    for (int64_t n = 0; n < form.outer; ++n, x += length, dy += length, dx += length, mean += groups, inverse += groups) {
        for (int64_t c = 0; c < channels; ++c) {
            center[c] = mean[c / size];
            scale[c] = inverse[c / size] * gamma[c];
        }
        channel_products(sample, dy, x, center, scratch, sum, product);
        for (int64_t g = 0; g < groups; ++g) {
            double s = inverse[g], u = 0, v = 0, part = s / (double)(size * form.inner);
            for (int64_t c = g * size; c < (g + 1) * size; ++c) {
                product[c] *= s;
                u += gamma[c] * sum[c];
                v += gamma[c] * product[c];
                sums[c] += sum[c];
                products[c] += product[c];
            }
            for (int64_t c = g * size; c < (g + 1) * size; ++c) {
                a[c] = (float)(u * part);
                b[c] = (float)(v * part * s);
            }
        }
        gradient(sample, dy, x, center, scale, a, b, NULL, 1, (float *)scratch, dx);
    }
    for (int64_t c = 0; c < channels; ++c) {
        dgamma[c] = (float)products[c];
        dbeta[c] = (float)sums[c];
    }
}
