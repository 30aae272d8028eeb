// All steps of a recurrent layer.
//
// A block of rows goes through all steps together: its states, and the products of a step, stay in the first-level cache. The products
// are tiles of six rows against a panel of 64 columns of the recurrent kernel, as in Product.c; where the processor has no AVX-512, of one
// row. Inside, units are padded to a multiple of sixteen, so that no loop has a remainder.
#include "Elementary.h"
#include "Recurrence.h"

#define UNROLL _Pragma("clang loop unroll(full)")
enum { TILE_ROWS = 6, PANEL_VECTORS = 4, PANEL = 16 * PANEL_VECTORS, MOST_ROWS = 48 };

LK_INLINE int64_t padded(int64_t n) { return (n + 15) / 16 * 16; }
LK_INLINE int64_t gates_of(lk_cell cell) { return cell == LK_CELL_SIMPLE ? 1 : cell == LK_CELL_LSTM ? 4 : 3; }

// Rows that go through the steps together: all that is theirs should fit into the first-level cache beside the kernel, or, of larger
// kernels, a panel of it should be used by many rows.
LK_INLINE int64_t block_rows(int64_t units) { return units <= 32 ? 2 * TILE_ROWS : MOST_ROWS; }

// MARK: Products

// y += a·b: one tile, `rows` of a, `depth` long, against a panel of 16 `vectors` columns.
LK_INLINE void tile(int rows, int vectors, int64_t depth, const float *a, int64_t a_row, const float *panel, float *y, int64_t y_row) {
    f32x16 sum[TILE_ROWS][PANEL_VECTORS];
    UNROLL for (int i = 0; i < rows; ++i)
        UNROLL for (int j = 0; j < vectors; ++j) sum[i][j] = *(const f32x16 *)(y + i * y_row + 16 * j);
    for (int64_t p = 0; p < depth; ++p, panel += 16 * vectors) {
        f32x16 row[PANEL_VECTORS];
        UNROLL for (int j = 0; j < vectors; ++j) row[j] = *(const f32x16 *)(panel + 16 * j);
        UNROLL for (int i = 0; i < rows; ++i) {
            const float x = a[i * a_row + p];
            const f32x16 s = {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
            UNROLL for (int j = 0; j < vectors; ++j) sum[i][j] += s * row[j];
        }
    }
    UNROLL for (int i = 0; i < rows; ++i)
        UNROLL for (int j = 0; j < vectors; ++j) *(f32x16 *)(y + i * y_row + 16 * j) = sum[i][j];
}

typedef void tile_function(int64_t depth, const float *a, int64_t a_row, const float *panel, float *y, int64_t y_row);

#define TILE(target, kind, rows, vectors) \
    target static void tile_##kind##_##rows##_##vectors(int64_t depth, const float *a, int64_t a_row, const float *panel, float *y, \
                                                        int64_t y_row) { \
        tile(rows, vectors, depth, a, a_row, panel, y, y_row); \
    }
#define NAMES(kind, r) {tile_##kind##_##r##_1, tile_##kind##_##r##_2, tile_##kind##_##r##_3, tile_##kind##_##r##_4}
#define TILES(target, kind, r) TILE(target, kind, r, 1) TILE(target, kind, r, 2) TILE(target, kind, r, 3) TILE(target, kind, r, 4)

#if defined(__x86_64__) && defined(__linux__)
#define AVX512 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NARROW __attribute__((target_clones("arch=x86-64-v3", "default")))
TILES(AVX512, wide, 1) TILES(AVX512, wide, 2) TILES(AVX512, wide, 3) TILES(AVX512, wide, 4) TILES(AVX512, wide, 5) TILES(AVX512, wide, 6)
static tile_function *const wide_tiles[TILE_ROWS][PANEL_VECTORS] = {NAMES(wide, 1), NAMES(wide, 2), NAMES(wide, 3),
                                                                     NAMES(wide, 4), NAMES(wide, 5), NAMES(wide, 6)};
#else
#define NARROW
#endif
TILES(NARROW, narrow, 1)
static tile_function *const narrow_tiles[1][PANEL_VECTORS] = {NAMES(narrow, 1)};

// What the processor can hold of a tile.
typedef struct { tile_function *const (*tiles)[PANEL_VECTORS]; int64_t rows; } product_kind;

// y += a·b: [rows, depth]·[depth, cols], `cols` a multiple of sixteen. b is part of panels `panel_depth` deep, from row `top` on.
LK_INLINE void add_product(product_kind kind, int64_t rows, int64_t cols, int64_t depth, const float *a, int64_t a_row, const float *panels,
                           int64_t panel_depth, int64_t top, float *y, int64_t y_row) {
    for (int64_t left = 0; left < cols; left += PANEL) {
        int64_t vectors = lk_least(PANEL, cols - left) / 16;
        const float *panel = panels + left * panel_depth + top * 16 * vectors;
        int64_t count = (rows + kind.rows - 1) / kind.rows;
        for (int64_t i = 0; i < rows; --count) {
            int64_t n = (rows - i + count - 1) / count;
            kind.tiles[n - 1][vectors - 1](depth, a + i * a_row, a_row, panel, y + i * y_row + left, y_row);
            i += n;
        }
    }
}

// Panels of `cols` columns, a multiple of sixteen; `at` gives the elements.
#define FILL_PANELS(depth, cols, to, at) \
    for (int64_t left = 0; left < (cols); left += PANEL) { \
        int64_t across = lk_least(PANEL, (cols) - left); \
        for (int64_t p = 0; p < (depth); ++p) \
            for (int64_t q = 0; q < across; ++q) { \
                int64_t j = left + q; \
                (to)[left * (depth) + p * across + q] = at; \
            } \
    }

// MARK: Functions of gates

LK_INLINE void activate(lk_gate_function f, int64_t n, float *z) {
    switch (f) {
    case LK_GATE_LINEAR: break;
    case LK_GATE_RELU: LK_EACH(i, n) z[i] = 0.0f > z[i] ? 0.0f : z[i]; break;
    case LK_GATE_SIGMOID: LK_EACH(i, n) z[i] = lk_sigmoid1(z[i]); break;
    case LK_GATE_TANH: LK_EACH(i, n) z[i] = lk_tanh1(z[i]); break;
    case LK_GATE_HARD_SIGMOID:
        LK_EACH(i, n) {
            float y = z[i] * (1.0f / 6.0f) + 0.5f, low = 0.0f > y ? 0.0f : y;
            z[i] = low > 1.0f ? 1.0f : low;
        }
        break;
    }
}

// The slope where the function's value is y.
LK_INLINE void slope(lk_gate_function f, int64_t n, const float *y, float *s) {
    switch (f) {
    case LK_GATE_LINEAR: LK_EACH(i, n) s[i] = 1.0f; break;
    case LK_GATE_RELU: LK_EACH(i, n) s[i] = y[i] > 0.0f ? 1.0f : 0.0f; break;
    case LK_GATE_SIGMOID: LK_EACH(i, n) s[i] = y[i] * (1.0f - y[i]); break;
    case LK_GATE_TANH: LK_EACH(i, n) s[i] = 1.0f - y[i] * y[i]; break;
    case LK_GATE_HARD_SIGMOID: LK_EACH(i, n) s[i] = y[i] > 0.0f && y[i] < 1.0f ? 1.0f / 6.0f : 0.0f; break;
    }
}

// MARK: Rows, padded and not

// `parts` of `n` floats each, padded to `width`.
LK_INLINE void load(int64_t parts, int64_t n, int64_t width, const float *from, float *to) {
    if (n == width) {
        LK_EACH(i, parts * n) to[i] = from[i];
        return;
    }
    for (int64_t g = 0; g < parts; ++g) {
        LK_EACH(j, n) to[g * width + j] = from[g * n + j];
        for (int64_t j = n; j < width; ++j) to[g * width + j] = 0.0f;
    }
}

LK_INLINE void store(int64_t parts, int64_t n, int64_t width, const float *from, float *to) {
    if (n == width) {
        LK_EACH(i, parts * n) to[i] = from[i];
        return;
    }
    for (int64_t g = 0; g < parts; ++g)
        LK_EACH(j, n) to[g * n + j] = from[g * width + j];
}

LK_INLINE void load_or_zero(int64_t n, int64_t width, const float *from, float *to) {
    if (from) load(1, n, width, from, to);
    else memset(to, 0, (size_t)width * 4);
}

LK_INLINE void fetch(const float *row, int64_t n) {
    for (int64_t i = 0; i < n; i += 16) __builtin_prefetch(row + i, 0, 2);
}

// MARK: Memory

// What a block of rows works in, behind the packed kernel.
typedef struct {
    float *panels;
    float *bias, *inner_bias;      // padded; of gru the latter is what belongs to r's product
    float *h, *c, *z, *product;    // [rows, width], the last two [rows, gates · width]
    float *factors, *dropped;      // [rows, gates · width]: dropout, and the states times it
    float *row, *slopes;           // [gates · width]
    float *sums, *total;           // [2 · gates · width]: gradients of bias, of the block and of all
} memory;

LK_INLINE memory divide(const lk_recurrence *r, int64_t rows) {
    int64_t width = padded(r->units), all = gates_of(r->cell) * width;
    memory m;
    float *next = r->scratch;
#define TAKE(name, n) (m.name = next, next += (n))
    TAKE(panels, all * width);
    TAKE(bias, all);
    TAKE(inner_bias, all);
    TAKE(h, rows * width);
    TAKE(c, rows * width);
    TAKE(z, rows * all);
    TAKE(product, rows * all);
    TAKE(factors, rows * all);
    TAKE(dropped, rows * all);
    TAKE(row, all);
    TAKE(slopes, all);
    TAKE(sums, 2 * all);
    TAKE(total, 2 * all);
#undef TAKE
    return m;
}

int64_t lk_recurrence_scratch(lk_cell cell, int64_t batch, int64_t units) {
    int64_t width = padded(units), all = gates_of(cell) * width, rows = lk_least(batch, block_rows(units));
    return all * width + rows * (2 * width + 4 * all) + 8 * all;
}

// The gates of which the products with the state have the same left side: all, or each alone where dropout differs; before the reset
// gate is known, all but the last.
LK_INLINE int64_t together(const lk_recurrence *r) {
    return r->dropout ? 1 : r->cell == LK_CELL_GRU_RESET_BEFORE ? 2 : gates_of(r->cell);
}

// MARK: Forward

// The kernel in panels, gates that are multiplied together side by side.
LK_INLINE void pack_forward(const lk_recurrence *r, float *to) {
    int64_t u = r->units, width = padded(u), gates = gates_of(r->cell);
    for (int64_t g = 0; g < gates;) {
        int64_t count = lk_least(together(r), gates - g), cols = count * width;
        float *group = to + g * width * u;
        FILL_PANELS(u, cols, group, j % width < u ? r->kernel[p * gates * u + (g + j / width) * u + j % width] : 0.0f)
        g += count;
    }
}

LK_INLINE void pad_bias(const lk_recurrence *r, memory m) {
    int64_t u = r->units, width = padded(u), gates = gates_of(r->cell);
    memset(m.bias, 0, (size_t)(gates * width) * 4);
    memset(m.inner_bias, 0, (size_t)(gates * width) * 4);
    if (!r->bias) return;
    load(gates, u, width, r->bias, m.bias);
    if (r->cell == LK_CELL_GRU) load(gates, u, width, r->bias + gates * u, m.inner_bias);
}

// y += (factors h)·U for gates `first` up to `end`.
LK_INLINE void multiply_states(product_kind kind, const lk_recurrence *r, memory m, int64_t rows, int64_t first, int64_t end,
                               const float *h, float *y) {
    int64_t u = r->units, width = padded(u), all = gates_of(r->cell) * width;
    for (int64_t g = first; g < end;) {
        int64_t count = lk_least(together(r), end - g);
        const float *a = h;
        int64_t a_row = width;
        if (r->dropout) {
            for (int64_t i = 0; i < rows; ++i)
                LK_EACH(j, width) m.dropped[i * all + g * width + j] = h[i * width + j] * m.factors[i * all + g * width + j];
            a = m.dropped + g * width;
            a_row = all;
        }
        add_product(kind, rows, count * width, u, a, a_row, m.panels + g * width * u, u, 0, y + g * width, all);
        g += count;
    }
}

LK_INLINE void forward(const lk_recurrence *r, product_kind kind) {
    const int64_t u = r->units, width = padded(u), gates = gates_of(r->cell), all = gates * width, steps = r->steps;
    const int64_t most = lk_least(r->batch, block_rows(u)), states = r->cell == LK_CELL_LSTM ? 2 : 1;
    const lk_gate_function inside = r->recurrent_activation, outside = r->activation;
    if (r->batch == 0) return;
    const memory m = divide(r, most);
    pack_forward(r, m.panels);
    pad_bias(r, m);
    for (int64_t first = 0; first < r->batch; first += most) {
        const int64_t rows = lk_least(most, r->batch - first);
        for (int64_t i = 0; i < rows; ++i) {
            load_or_zero(u, width, r->initial[0] ? r->initial[0] + (first + i) * u : NULL, m.h + i * width);
            if (states == 2) load_or_zero(u, width, r->initial[1] ? r->initial[1] + (first + i) * u : NULL, m.c + i * width);
            if (r->dropout) load(gates, u, width, r->dropout + (first + i) * gates * u, m.factors + i * all);
        }
        for (int64_t s = 0; s < steps; ++s) {
            const int64_t t = r->backwards ? steps - 1 - s : s, ahead = s + 1 == steps ? 0 : r->backwards ? -1 : 1;
            for (int64_t i = 0; i < rows; ++i) {
                const int64_t place = (first + i) * steps + t;
                float *z = m.z + i * all;
                load(gates, u, width, r->x + place * gates * u, z);
                LK_EACH(j, all) z[j] += m.bias[j];
                fetch(r->x + (place + ahead) * gates * u, gates * u);
                if (r->before[0]) store(1, u, width, m.h + i * width, r->before[0] + place * u);
                if (states == 2 && r->before[1]) store(1, u, width, m.c + i * width, r->before[1] + place * u);
            }
            // The products, and what comes before the last function.
            if (r->cell == LK_CELL_GRU) {
                for (int64_t i = 0; i < rows; ++i) memcpy(m.product + i * all, m.inner_bias, (size_t)all * 4);
                multiply_states(kind, r, m, rows, 0, 3, m.h, m.product);
            } else {
                multiply_states(kind, r, m, rows, 0, r->cell == LK_CELL_GRU_RESET_BEFORE ? 2 : gates, m.h, m.z);
            }
            if (r->cell == LK_CELL_GRU_RESET_BEFORE) {
                float *reset = m.product;
                for (int64_t i = 0; i < rows; ++i) {
                    float *z = m.z + i * all, *h = m.h + i * width;
                    activate(inside, 2 * width, z);
                    LK_EACH(j, width) reset[i * width + j] = z[width + j] * h[j];
                }
                multiply_states(kind, r, m, rows, 2, 3, reset, m.z);
            }
            for (int64_t i = 0; i < rows; ++i) {
                const int64_t place = (first + i) * steps + t;
                float *z = m.z + i * all, *h = m.h + i * width, *c = m.c + i * width;
                const bool counts = !r->mask || r->mask[place];
                switch (r->cell) {
                case LK_CELL_SIMPLE:
                    activate(outside, width, z);
                    if (counts) memcpy(h, z, (size_t)width * 4);
                    break;
                case LK_CELL_LSTM:
                    activate(inside, 2 * width, z);
                    activate(outside, width, z + 2 * width);
                    activate(inside, width, z + 3 * width);
                    if (!counts) break;
                    LK_EACH(j, width) m.row[j] = c[j] = z[width + j] * c[j] + z[j] * z[2 * width + j];
                    activate(outside, width, m.row);
                    LK_EACH(j, width) h[j] = z[3 * width + j] * m.row[j];
                    break;
                case LK_CELL_GRU: {
                    const float *product = m.product + i * all;
                    LK_EACH(j, 2 * width) z[j] += product[j];
                    activate(inside, 2 * width, z);
                    LK_EACH(j, width) z[2 * width + j] += z[width + j] * product[2 * width + j];
                    activate(outside, width, z + 2 * width);
                    if (r->inner) store(1, u, width, product + 2 * width, r->inner + place * u);
                    if (counts) LK_EACH(j, width) h[j] = z[j] * h[j] + (1.0f - z[j]) * z[2 * width + j];
                    break;
                }
                case LK_CELL_GRU_RESET_BEFORE:
                    activate(outside, width, z + 2 * width);
                    if (r->inner)
                        store(1, u, width, r->dropout ? m.dropped + i * all + 2 * width : m.product + i * width, r->inner + place * u);
                    if (counts) LK_EACH(j, width) h[j] = z[j] * h[j] + (1.0f - z[j]) * z[2 * width + j];
                    break;
                }
                store(gates, u, width, z, r->gates + place * gates * u);
                if (!r->sequence) continue;
                float *y = r->sequence + ((first + i) * steps + (r->reversed ? steps - 1 - s : s)) * u;
                if (counts || !r->zeroes_masked) store(1, u, width, h, y);
                else memset(y, 0, (size_t)u * 4);
            }
        }
        for (int64_t i = 0; i < rows; ++i) {
            if (r->last[0]) store(1, u, width, m.h + i * width, r->last[0] + (first + i) * u);
            if (states == 2 && r->last[1]) store(1, u, width, m.c + i * width, r->last[1] + (first + i) * u);
        }
    }
}

// MARK: Backward

// The kernel transposed, gates one below the other: [gates · width, width].
LK_INLINE void pack_backward(const lk_recurrence *r, float *to) {
    int64_t u = r->units, width = padded(u), gates = gates_of(r->cell);
    FILL_PANELS(gates * width, width, to, j < u && p % width < u ? r->kernel[j * gates * u + p / width * u + p % width] : 0.0f)
}

// dh += factors (dz·Uᵀ) for gates `first` up to `end`.
LK_INLINE void multiply_gradients(product_kind kind, const lk_recurrence *r, memory m, int64_t rows, int64_t first, int64_t end,
                                  const float *dz, float *dh) {
    int64_t width = padded(r->units), all = gates_of(r->cell) * width;
    if (!r->dropout) {
        add_product(kind, rows, width, (end - first) * width, dz + first * width, all, m.panels, all, first * width, dh, width);
        return;
    }
    for (int64_t g = first; g < end; ++g) {
        memset(m.dropped, 0, (size_t)(rows * width) * 4);
        add_product(kind, rows, width, width, dz + g * width, all, m.panels, all, g * width, m.dropped, width);
        for (int64_t i = 0; i < rows; ++i)
            LK_EACH(j, width) dh[i * width + j] += m.dropped[i * width + j] * m.factors[i * all + g * width + j];
    }
}

LK_INLINE void backward(const lk_recurrence *r, product_kind kind) {
    const int64_t u = r->units, width = padded(u), gates = gates_of(r->cell), all = gates * width, steps = r->steps;
    const int64_t most = lk_least(r->batch, block_rows(u)), states = r->cell == LK_CELL_LSTM ? 2 : 1;
    const lk_gate_function inside = r->recurrent_activation, outside = r->activation;
    const memory m = divide(r, most);
    memset(m.total, 0, (size_t)(2 * all) * 4);
    if (r->batch > 0) pack_backward(r, m.panels);
    for (int64_t first = 0; first < r->batch; first += most) {
        const int64_t rows = lk_least(most, r->batch - first);
        for (int64_t i = 0; i < rows; ++i) {
            load_or_zero(u, width, r->d_last[0] ? r->d_last[0] + (first + i) * u : NULL, m.h + i * width);
            if (states == 2) load_or_zero(u, width, r->d_last[1] ? r->d_last[1] + (first + i) * u : NULL, m.c + i * width);
            if (r->dropout) load(gates, u, width, r->dropout + (first + i) * gates * u, m.factors + i * all);
        }
        memset(m.sums, 0, (size_t)(2 * all) * 4);
        for (int64_t s = steps - 1; s >= 0; --s) {
            const int64_t t = r->backwards ? steps - 1 - s : s, ahead = s == 0 ? 0 : r->backwards ? 1 : -1;
            for (int64_t i = 0; i < rows; ++i) {
                const int64_t place = (first + i) * steps + t;
                float *dz = m.z + i * all, *dh = m.h + i * width, *dc = m.c + i * width, *w = m.row, *slopes = m.slopes;
                const bool counts = !r->mask || r->mask[place];
                if (r->d_sequence && (counts || !r->zeroes_masked)) {
                    const float *dy = r->d_sequence + ((first + i) * steps + (r->reversed ? steps - 1 - s : s)) * u;
                    LK_EACH(j, u) dh[j] += dy[j];
                }
                fetch(r->gates + (place + ahead) * gates * u, gates * u);
                if (!counts) {
                    memset(dz, 0, (size_t)all * 4);
                    if (r->cell == LK_CELL_GRU) memset(m.product + i * all, 0, (size_t)all * 4);
                    continue;
                }
                load(gates, u, width, r->gates + place * gates * u, dz);
                switch (r->cell) {
                case LK_CELL_SIMPLE:
                    slope(outside, width, dz, slopes);
                    LK_EACH(j, width) {
                        dz[j] = dh[j] * slopes[j];
                        dh[j] = 0.0f;
                    }
                    break;
                case LK_CELL_LSTM: {
                    float *before = w + width, *value = w;
                    load(1, u, width, r->before[1] + place * u, before);
                    slope(inside, 2 * width, dz, slopes);
                    slope(outside, width, dz + 2 * width, slopes + 2 * width);
                    slope(inside, width, dz + 3 * width, slopes + 3 * width);
                    LK_EACH(j, width) value[j] = dz[width + j] * before[j] + dz[j] * dz[2 * width + j];
                    activate(outside, width, value);
                    slope(outside, width, value, w + 2 * width);
                    LK_EACH(j, width) {
                        const float in = dz[j], forget = dz[width + j], candidate = dz[2 * width + j], out = dz[3 * width + j];
                        const float d = dc[j] + dh[j] * out * w[2 * width + j];
                        dz[3 * width + j] = dh[j] * value[j] * slopes[3 * width + j];
                        dz[2 * width + j] = d * in * slopes[2 * width + j];
                        dz[width + j] = d * before[j] * slopes[width + j];
                        dz[j] = d * candidate * slopes[j];
                        dc[j] = d * forget;
                        dh[j] = 0.0f;
                    }
                    break;
                }
                case LK_CELL_GRU:
                case LK_CELL_GRU_RESET_BEFORE: {
                    load(1, u, width, r->before[0] + place * u, w);
                    slope(inside, 2 * width, dz, slopes);
                    slope(outside, width, dz + 2 * width, slopes + 2 * width);
                    float *product = m.product + i * all, *inner = w + width;
                    if (r->cell == LK_CELL_GRU) load(1, u, width, r->inner + place * u, inner);
                    LK_EACH(j, width) {
                        const float update = dz[j], reset = dz[width + j], candidate = dz[2 * width + j], d = dh[j];
                        const float dcandidate = d * (1.0f - update) * slopes[2 * width + j];
                        dh[j] = d * update;
                        dz[j] = d * (w[j] - candidate) * slopes[j];
                        dz[2 * width + j] = dcandidate;
                        if (r->cell == LK_CELL_GRU) {
                            product[j] = dz[j];
                            product[width + j] = dz[width + j] = dcandidate * inner[j] * slopes[width + j];
                            product[2 * width + j] = dcandidate * reset;
                        } else {
                            // What is left of the reset gate needs the product with its state.
                            product[j] = reset;
                            product[width + j] = w[j] * slopes[width + j];
                        }
                    }
                    break;
                }
                }
            }
            if (r->cell == LK_CELL_GRU_RESET_BEFORE) {
                // d of r h, into the place of the reset gates' gradients, a row apart from the products' own.
                float *dreset = m.dropped + rows * width;
                memset(dreset, 0, (size_t)(rows * width) * 4);
                multiply_gradients(kind, r, m, rows, 2, 3, m.z, dreset);
                for (int64_t i = 0; i < rows; ++i) {
                    const int64_t place = (first + i) * steps + t;
                    if (r->mask && !r->mask[place]) continue;
                    float *dz = m.z + i * all, *dh = m.h + i * width, *product = m.product + i * all;
                    LK_EACH(j, width) {
                        dz[width + j] = dreset[i * width + j] * product[width + j];
                        dh[j] += dreset[i * width + j] * product[j];
                    }
                }
                multiply_gradients(kind, r, m, rows, 0, 2, m.z, m.h);
            } else {
                multiply_gradients(kind, r, m, rows, 0, gates, r->cell == LK_CELL_GRU ? m.product : m.z, m.h);
            }
            for (int64_t i = 0; i < rows; ++i) {
                const int64_t place = (first + i) * steps + t;
                const float *dz = m.z + i * all, *product = m.product + i * all;
                LK_EACH(j, all) m.sums[j] += dz[j];
                store(gates, u, width, dz, r->dx + place * gates * u);
                if (r->cell != LK_CELL_GRU) continue;
                LK_EACH(j, all) m.sums[all + j] += product[j];
                store(gates, u, width, product, r->d_product + place * gates * u);
            }
        }
        LK_EACH(j, 2 * all) m.total[j] += m.sums[j];
        for (int64_t i = 0; i < rows; ++i) {
            if (r->d_initial[0]) store(1, u, width, m.h + i * width, r->d_initial[0] + (first + i) * u);
            if (states == 2 && r->d_initial[1]) store(1, u, width, m.c + i * width, r->d_initial[1] + (first + i) * u);
        }
    }
    if (!r->d_bias) return;
    store(gates, u, width, m.total, r->d_bias);
    if (r->cell == LK_CELL_GRU) store(gates, u, width, m.total + all, r->d_bias + gates * u);
}

// MARK: By processor

NARROW static void forward_narrow(const lk_recurrence *r) { forward(r, (product_kind){narrow_tiles, 1}); }
NARROW static void backward_narrow(const lk_recurrence *r) { backward(r, (product_kind){narrow_tiles, 1}); }

#if defined(__x86_64__) && defined(__linux__)
AVX512 static void forward_wide(const lk_recurrence *r) { forward(r, (product_kind){wide_tiles, TILE_ROWS}); }
AVX512 static void backward_wide(const lk_recurrence *r) { backward(r, (product_kind){wide_tiles, TILE_ROWS}); }

void lk_recurrence_forward(const lk_recurrence *r) {
    __builtin_cpu_supports("x86-64-v4") ? forward_wide(r) : forward_narrow(r);
}
void lk_recurrence_backward(const lk_recurrence *r) {
    __builtin_cpu_supports("x86-64-v4") ? backward_wide(r) : backward_narrow(r);
}
#else
void lk_recurrence_forward(const lk_recurrence *r) { forward_narrow(r); }
void lk_recurrence_backward(const lk_recurrence *r) { backward_narrow(r); }
#endif
