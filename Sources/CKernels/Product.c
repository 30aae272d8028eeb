// The matrix product of a batch: few rows, or a short sum.
//
// b goes block by block into a buffer of panels, each 64 columns wide; against each panel stand tiles of six rows of a,
// whose 24 running sums of sixteen fill the registers of AVX-512 (Goto and van de Geijn 2008, "Anatomy of
// high-performance matrix multiplication").
//
// Where nothing is transposed, as in a forward pass, a block is a single panel that stays in the first-level cache while
// all rows of a pass by. So the loads that a core can have under way are free to fetch the next panel of the weights,
// which may come from memory. Otherwise a block is eight deep panels or more, which stay in the second-level cache: what it
// costs to turn them, or the rows of a, is paid once for all. Where b is transposed and long, as the weights are in a
// backward pass, a takes its part: see `multiply_turned`.
#include "Vectors.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Lines that are to be written are fetched for writing: those of shared arenas lie in other cores' caches too.
#define AVX512 __attribute__((target("arch=x86-64-v4,prfchw"), min_vector_width(512)))

enum {
    TILE_ROWS = 6,
    PANEL_VECTORS = 4,
    PANEL = 16 * PANEL_VECTORS,
    DEPTH = 272,          // the most terms that a block adds to an output,
    PANEL_DEPTH = 80,     // and that one does that is a single panel: two thirds of a first-level cache of 32 KiB
    COLUMNS = 512,        // how wide a block is, or wider if it is not deep,
    BLOCK = 256 * DEPTH,  // up to so many floats
    CACHED = 1 << 20,     // floats of b that other caches than the core's own may hold from step to step
    TURNED_ROWS = 48,     // a multiple of TILE_ROWS, and of sixteen
    TURNED_DEPTH = 4 * DEPTH,
};

#define UNROLL _Pragma("clang loop unroll(full)")

// One tile: `rows` of a against a panel of `vectors` * 16 columns.
typedef struct {
    int64_t depth;
    const float *a;
    int64_t a_row, a_col;
    float *panel;
    const float *b;       // where a panel not yet filled is filled from, in passing
    int64_t b_row;        // floats from one of its rows to the next
    float *y;
    int64_t y_row;
    __mmask16 last;       // the columns of the last vector
    bool adds;            // to what y holds
    const float *ahead;   // a line to fetch from each row of the next block,
    int64_t ahead_row;
    int spread;           // one in 2^spread steps
} tile;

// All but the last are constants at each call: how large the tile is, whether it fills the panel, and whether it fetches one
// line in 2^spread steps or one in each.
AVX512 LK_INLINE void multiply_tile(int rows, int vectors, bool fills, bool spreads, const tile *t) {
    f32x16 sum[TILE_ROWS][PANEL_VECTORS], row[PANEL_VECTORS];
    const float *a = t->a, *b = t->b, *ahead = t->ahead;
    const int64_t a_row = t->a_row, a_col = t->a_col, ahead_row = t->ahead_row, b_row = t->b_row, y_row = t->y_row;
    float *panel = t->panel, *y = t->y;
    UNROLL for (int i = 0; i < rows; ++i)
        UNROLL for (int j = 0; j < vectors; ++j) {
            sum[i][j] = (f32x16){0};
            __builtin_prefetch(y + i * y_row + 16 * j, 1, 3);
        }
    for (int64_t p = 0; p < t->depth; ++p) {
        UNROLL for (int j = 0; j < vectors; ++j) {
            row[j] = *(const f32x16 *)((fills ? b : panel) + 16 * j);
            if (fills) *(f32x16 *)(panel + 16 * j) = row[j];
        }
        __builtin_prefetch(spreads ? ahead + (p >> t->spread) * ahead_row : ahead, 0, 2);
        UNROLL for (int i = 0; i < rows; ++i) {
            const float x = a[i * a_row];
            const f32x16 s = {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
            UNROLL for (int j = 0; j < vectors; ++j) sum[i][j] += s * row[j];
        }
        a += a_col;
        panel += 16 * vectors;
        if (!spreads) ahead += ahead_row;
        if (fills) b += b_row;
    }
    const __mmask16 last = t->last, all = 0xffff;
    if (t->adds)
        UNROLL for (int i = 0; i < rows; ++i)
            UNROLL for (int j = 0; j < vectors; ++j)
                sum[i][j] += (f32x16)_mm512_maskz_loadu_ps(j < vectors - 1 ? all : last, y + i * y_row + 16 * j);
    UNROLL for (int i = 0; i < rows; ++i)
        UNROLL for (int j = 0; j < vectors; ++j)
            _mm512_mask_storeu_ps(y + i * y_row + 16 * j, j < vectors - 1 ? all : last, (__m512)sum[i][j]);
}

// By rows, and: vectors; a panel that the tile fills; the same two of four vectors for tiles that spread what they fetch.
enum { FILLS = PANEL_VECTORS, SPREADS, FILLS_SPREADS, KINDS };
#define TILE(rows, vectors, fills, spreads) \
    AVX512 static void tile_##rows##_##vectors##_##fills##_##spreads(const tile *t) { \
        multiply_tile(rows, vectors, fills, spreads, t); \
    }
#define TILES(r) TILE(r, 1, 0, 0) TILE(r, 2, 0, 0) TILE(r, 3, 0, 0) TILE(r, 4, 0, 0) TILE(r, 4, 1, 0) TILE(r, 4, 0, 1) TILE(r, 4, 1, 1)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#define NAMES(r) {tile_##r##_1_0_0, tile_##r##_2_0_0, tile_##r##_3_0_0, tile_##r##_4_0_0, \
                  tile_##r##_4_1_0, tile_##r##_4_0_1, tile_##r##_4_1_1}
static void (*const tiles_of[TILE_ROWS][KINDS])(const tile *) = {NAMES(1), NAMES(2), NAMES(3), NAMES(4), NAMES(5), NAMES(6)};

// `depth` rows of `cols` from b into a panel, its last vector padded with zeros.
AVX512 LK_INLINE void fill_panel(int64_t depth, int64_t cols, const float *b, int64_t b_row, float *panel) {
    int64_t width = (cols + 15) / 16 * 16;
    for (int64_t p = 0; p < depth; ++p, panel += width, b += b_row)
        for (int64_t j = 0; j < width; ++j) panel[j] = j < cols ? b[j] : 0;
}

// The same from b transposed: `cols` rows of `depth`.
AVX512 LK_INLINE void fill_panel_transposed(int64_t depth, int64_t cols, const float *b, int64_t b_row, float *panel) {
    int64_t width = (cols + 15) / 16 * 16;
    for (int64_t j = 0; j < cols; j += 16)
        for (int64_t p = 0; p < depth; p += 16) {
            const float *from = b + j * b_row + p;
            float *to = panel + p * width + j;
            int64_t rows = lk_least(16, cols - j), columns = lk_least(16, depth - p);
            if (rows == 16 && columns == 16) {
                lk_transpose_tile(from, b_row, to, width);
                continue;
            }
            float edge[256] = {0}, turned[256];
            for (int64_t i = 0; i < rows; ++i) memcpy(edge + 16 * i, from + i * b_row, (size_t)columns * 4);
            lk_transpose_tile(edge, 16, turned, 16);
            for (int64_t q = 0; q < columns; ++q) *(f32x16 *)(to + q * width) = *(f32x16 *)(turned + 16 * q);
        }
}

// `rows` floats from each of `depth` rows of a transposed, side by side: read once for all panels.
AVX512 LK_INLINE void gather_rows(int64_t rows, int64_t depth, const float *a, int64_t a_col, float *tile) {
    if (rows == TILE_ROWS)
        for (int64_t p = 0; p < depth; ++p) memcpy(tile + p * TILE_ROWS, a + p * a_col, 4 * TILE_ROWS);
    else
        for (int64_t p = 0; p < depth; ++p)
            for (int64_t i = 0; i < rows; ++i) tile[p * rows + i] = a[p * a_col + i];
}

// How many rows the next tile has where `rows` are left for `tiles` tiles: as many as the others, or one more.
LK_INLINE int64_t next_tile(int64_t rows, int64_t tiles) { return (rows + tiles - 1) / tiles; }

// Blocks of equal depth, at most `most` deep, which does not depend on m or n: so an output is the same bytes whatever they are.
LK_INLINE int64_t equal_depth(int64_t k, int64_t most) {
    int64_t blocks = (k + most - 1) / most;
    return ((k + blocks - 1) / blocks + 15) / 16 * 16;
}

// y[c, r] = x[r, c], or adds it to what y holds: `rows` of up to PANEL floats, at most `cols` of each.
AVX512 LK_INLINE void turn(int64_t rows, int64_t cols, const float *x, float *y, int64_t y_row, bool adds) {
    for (int64_t c = 0; c < cols; c += 16)
        for (int64_t r = 0; r < rows; r += 16) {
            float turned[256];
            lk_transpose_tile(x + r * PANEL + c, PANEL, turned, 16);
            const __mmask16 mask = (__mmask16)(0xffff >> (16 - lk_least(16, rows - r)));
            for (int64_t i = 0; i < lk_least(16, cols - c); ++i) {
                float *to = y + (c + i) * y_row + r;
                f32x16 sum = *(const f32x16 *)(turned + 16 * i);
                if (adds) sum += (f32x16)_mm512_maskz_loadu_ps(mask, to);
                _mm512_mask_storeu_ps(to, mask, (__m512)sum);
            }
        }
}

// y = a·bᵀ as yᵀ = b·aᵀ: rows of b, which the processor fetches ahead by itself as they are read just as they lie, against
// deep panels of a in the second-level cache. Only a is turned, and what comes out; with many terms that is little.
AVX512 static void multiply_turned(int64_t m, int64_t n, int64_t k, const float *a, int64_t a_row, bool a_transposed, const float *b,
                                   int64_t b_row, bool adds, float *y, int64_t y_row) {
    __attribute__((aligned(64))) float panel[TURNED_DEPTH * PANEL], turned[TURNED_ROWS * PANEL];
    int64_t deepest = equal_depth(k, TURNED_DEPTH);
    for (int64_t top = 0; top < k; top += deepest)
        for (int64_t left = 0; left < m; left += PANEL) {
            int64_t depth = lk_least(deepest, k - top), cols = lk_least(PANEL, m - left), vectors = (cols + 15) / 16;
            if (a_transposed) fill_panel(depth, cols, a + top * a_row + left, a_row, panel);
            else fill_panel_transposed(depth, cols, a + left * a_row + top, a_row, panel);
            for (int64_t first = 0; first < n; first += TURNED_ROWS) {
                int64_t count = lk_least(TURNED_ROWS, n - first), tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
                for (int64_t i = 0; i < count; --tiles) {
                    int64_t rows = next_tile(count - i, tiles);
                    const float *from = b + (first + i) * b_row + top;
                    tile t = {.depth = depth, .a = from, .a_row = b_row, .a_col = 1, .panel = panel, .y = turned + i * PANEL, .y_row = PANEL,
                              .last = 0xffff, .ahead = from};
                    tiles_of[rows - 1][vectors - 1](&t);
                    i += rows;
                }
                turn(count, cols, turned, y + left * y_row + first, y_row, adds || top > 0);
            }
        }
}

AVX512 void lk_product(int64_t m, int64_t n, int64_t k, const float *a, int64_t a_row, bool a_transposed, const float *b,
                       int64_t b_row, bool b_transposed, bool adds, float *y, int64_t y_row) {
    if (k == 0 && !adds)
        for (int64_t i = 0; i < m; ++i) memset(y + i * y_row, 0, (size_t)n * 4);
    if (m == 0 || k == 0) return;
    if (b_transposed && k > DEPTH) return multiply_turned(m, n, k, a, a_row, a_transposed, b, b_row, adds, y, y_row);
    __attribute__((aligned(64))) float block[COLUMNS * DEPTH], a_tile[TILE_ROWS * DEPTH];
    bool is_panel = !a_transposed && !b_transposed;
    int64_t deepest = equal_depth(k, is_panel ? PANEL_DEPTH : DEPTH);
    int64_t widest = is_panel ? PANEL : lk_most(COLUMNS, BLOCK / deepest / PANEL * PANEL), tiles = (m + TILE_ROWS - 1) / TILE_ROWS;
    for (int64_t top = 0; top < k; top += deepest)
        for (int64_t left = 0; left < n; left += widest) {
            int64_t width = lk_least(widest, n - left), depth = lk_least(deepest, k - top);
            for (int64_t j = 0; j < width; j += PANEL) {
                int64_t cols = lk_least(PANEL, width - j);
                if (b_transposed)
                    fill_panel_transposed(depth, cols, b + (left + j) * b_row + top, b_row, block + j * depth);
                else if (cols < PANEL)
                    fill_panel(depth, cols, b + top * b_row + left + j, b_row, block + j * depth);
            }
            const float *next = NULL;
            if (!b_transposed && left + widest < n) next = b + top * b_row + left + widest;
            else if (!b_transposed && top + deepest < k) next = b + (top + deepest) * b_row;
            // The first tiles fetch the next panel, a line each step. Where it comes from memory a core cannot have so many
            // loads under way, and more tiles share the work.
            int sharing = k * n <= CACHED ? 0 : tiles >= 4 * PANEL_VECTORS ? 2 : tiles >= 2 * PANEL_VECTORS ? 1 : 0;
            for (int64_t i = 0, index = 0; i < m; ++index) {
                int64_t rows = next_tile(m - i, tiles - index);
                tile t = {.depth = depth, .a = a + i * a_row + top, .a_row = a_row, .a_col = 1, .b_row = b_row, .y_row = y_row,
                          .adds = adds || top > 0};
                if (a_transposed && width > 2 * PANEL) {
                    gather_rows(rows, depth, a + top * a_row + i, a_row, a_tile);
                    t.a = a_tile, t.a_row = 1, t.a_col = rows;
                } else if (a_transposed) {
                    t.a = a + top * a_row + i, t.a_row = 1, t.a_col = a_row;
                }
                for (int64_t j = 0; j < width; j += PANEL) {
                    int64_t cols = lk_least(PANEL, width - j), vectors = (cols + 15) / 16;
                    t.panel = block + j * depth;
                    t.b = b + top * b_row + left + j;
                    t.y = y + i * y_row + left + j;
                    t.last = (__mmask16)(0xffff >> (16 * vectors - cols));
                    int spread = vectors == PANEL_VECTORS ? sharing : 0;
                    bool fetches = next && index < PANEL_VECTORS << spread;
                    int64_t vector = index % PANEL_VECTORS, part = index / PANEL_VECTORS;
                    t.ahead = fetches ? next + j + 16 * vector + part * (depth >> spread) * b_row : t.a;
                    t.ahead_row = fetches ? b_row : 0;
                    t.spread = spread;
                    bool fills = index == 0 && !b_transposed && cols == PANEL;
                    int kind = fills ? FILLS : vectors - 1;
                    if (spread > 0) kind = fills ? FILLS_SPREADS : SPREADS;
                    tiles_of[rows - 1][kind](&t);
                }
                i += rows;
            }
        }
}

#else

// No other processor is asked for it: see the header.
void lk_product(int64_t m, int64_t n, int64_t k, const float *a, int64_t a_row, bool a_transposed, const float *b,
                int64_t b_row, bool b_transposed, bool adds, float *y, int64_t y_row) {
    __builtin_trap();
}

#endif
