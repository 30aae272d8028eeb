// Gradients of tables of which a batch names a few rows. Rows of a large table lie anywhere: each is asked for some rows ahead.
#include "Vectors.h"

enum { ahead = 8 };   // rows

LK_INLINE void fetch(const float *row, int64_t width) {
    for (int64_t line = 0; line < lk_least(width, 256); line += 16) __builtin_prefetch(row + line, 1);
}

int64_t lk_collect_rows(int64_t n, const int32_t *index, int64_t first, int32_t part, int32_t parts, int32_t *rows, int32_t *places) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; ++i) {
        // Written in any case, as a branch on it would be guessed.
        rows[count] = index[i];
        places[count] = (int32_t)(first + i);
        count += parts == 1 || index[i] % parts == part;
    }
    return count;
}

void lk_sort_rows(int64_t n, int64_t limit, int32_t *rows, int32_t *places, int32_t *other_rows, int32_t *other_places) {
    enum { bits = 11, digits = 1 << bits };
    int32_t counts[digits];
    int32_t *from_rows = rows, *from = places, *to_rows = other_rows, *to = other_places;
    for (int shift = 0; shift < 31 && limit > (int64_t)1 << shift; shift += bits) {
        memset(counts, 0, sizeof counts);
        for (int64_t i = 0; i < n; ++i) ++counts[(from_rows[i] >> shift) & (digits - 1)];
        int32_t sum = 0;
        for (int d = 0; d < digits; ++d) {
            int32_t count = counts[d];
            counts[d] = sum;
            sum += count;
        }
        for (int64_t i = 0; i < n; ++i) {
            int32_t place = counts[(from_rows[i] >> shift) & (digits - 1)]++;
            to_rows[place] = from_rows[i];
            to[place] = from[i];
        }
        int32_t *t = from_rows; from_rows = to_rows; to_rows = t;
        t = from; from = to; to = t;
    }
    if (from != places) {
        memcpy(rows, from_rows, (size_t)n * 4);
        memcpy(places, from, (size_t)n * 4);
    }
}

int64_t lk_unite_rows(int64_t n, int32_t *rows, int32_t *starts) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; ++i)
        if (i == 0 || rows[i] != rows[count - 1]) {
            rows[count] = rows[i];
            starts[count++] = (int32_t)i;
        }
    starts[count] = (int32_t)n;
    return count;
}

LK_KERNEL static void add_row(int64_t width, const float *x, float *y) { LK_EACH(c, width) y[c] += x[c]; }

// The occurrences of one row that are not summed yet.
struct occurrences { const int32_t *next, *end; const float *x; int64_t width, capacity; const int32_t *shards; };

LK_INLINE bool is_before(const struct occurrences *o, int64_t shard) {
    return o->next < o->end && o->shards[*o->next / o->capacity] < shard;
}

// The sum over shards from ..< to; y is not written where they have no occurrence.
static bool sum_shards(struct occurrences *o, int64_t from, int64_t to, float *scratch, float *y) {
    if (!is_before(o, to)) return false;
    if (to - from == 1) {
        memcpy(y, o->x + *o->next++ * o->width, (size_t)o->width * 4);
        while (is_before(o, to)) add_row(o->width, o->x + *o->next++ * o->width, y);
        return true;
    }
    int64_t half = 1;
    while (2 * half < to - from) half *= 2;
    if (!sum_shards(o, from, from + half, scratch, y)) return sum_shards(o, from + half, to, scratch, y);
    if (sum_shards(o, from + half, to, scratch + o->width, scratch)) add_row(o->width, scratch, y);
    return true;
}

void lk_sum_rows(int64_t n, int64_t width, const int32_t *starts, const int32_t *places, const float *x, int64_t capacity,
                 const int32_t *shards, int64_t shard_count, float *scratch, float *y) {
    for (int64_t k = 0; k < n; ++k) {
        struct occurrences o = {places + starts[k], places + starts[k + 1], x, width, capacity, shards};
        if (k + ahead < n) fetch(x + places[starts[k + ahead]] * width, width);
        if (o.end - o.next == 1) memcpy(y + k * width, x + *o.next * width, (size_t)width * 4);
        else sum_shards(&o, 0, shard_count, scratch, y + k * width);
    }
}

void lk_publish_rows(int64_t n, int64_t width, const int32_t *starts, const int32_t *places, const int32_t *rows, const float *change,
                     float *x, int32_t *changed) {
    for (int64_t k = 0; k < n; ++k) {
        const int32_t *place = places + starts[k], *end = places + starts[k + 1];
        memcpy(x + *place * width, change + k * width, (size_t)width * 4);
        changed[*place] = rows[k];
        while (++place < end) changed[*place] = -1;
    }
}

LK_KERNEL void lk_add_rows(int64_t n, int64_t width, const int32_t *changed, const float *x, int32_t part, int32_t parts,
                           float *table) {
    for (int64_t i = 0; i < n; ++i) {
        if (i + ahead < n && changed[i + ahead] >= 0) fetch(table + changed[i + ahead] * width, width);
        if (changed[i] < 0 || changed[i] % parts == part) continue;
        float *row = table + changed[i] * width;
        const float *change = x + i * width;
        LK_EACH(c, width) row[c] += change[c];
    }
}

LK_KERNEL void lk_sgd_rows(int64_t n, int64_t width, float lr, const int32_t *rows, float *g, float *p) {
    for (int64_t k = 0; k < n; ++k) {
        if (k + ahead < n) fetch(p + rows[k + ahead] * width, width);
        float *gradient = g + k * width, *row = p + rows[k] * width;
        LK_EACH(c, width) {
            float change = -(lr * gradient[c]);
            row[c] += change;
            gradient[c] = change;
        }
    }
}

LK_KERNEL void lk_adagrad_rows(int64_t n, int64_t width, float lr, float epsilon, const int32_t *rows, float *g, float *p, float *a) {
    for (int64_t k = 0; k < n; ++k) {
        if (k + ahead < n) {
            fetch(p + rows[k + ahead] * width, width);
            fetch(a + rows[k + ahead] * width, width);
        }
        float *gradient = g + k * width, *row = p + rows[k] * width, *sum = a + rows[k] * width;
        LK_EACH(c, width) {
            sum[c] += gradient[c] * gradient[c];
            float change = -(lr * gradient[c] / __builtin_elementwise_sqrt(sum[c] + epsilon));
            row[c] += change;
            gradient[c] = change;
        }
    }
}

LK_INLINE float power(double rho, const float *powers, int64_t power_count, int64_t k) {
    return k < power_count ? powers[k] : (float)pow((double)(float)rho, (double)k);
}

LK_KERNEL void lk_rmsprop_rows(int64_t n, int64_t width, float lr, double rho_, float epsilon, const float *powers,
                               int64_t power_count, int32_t update, const int32_t *rows, float *g, float *p, float *v,
                               int32_t *latest) {
    float rho = (float)rho_, rest = (float)(1.0 - rho_);
    for (int64_t k = 0; k < n; ++k) {
        if (k + ahead < n) {
            fetch(p + rows[k + ahead] * width, width);
            fetch(v + rows[k + ahead] * width, width);
            __builtin_prefetch(latest + rows[k + ahead], 1);
        }
        float *gradient = g + k * width, *row = p + rows[k] * width, *square = v + rows[k] * width;
        // Not touched: once less than there were updates since.
        float decay = power(rho_, powers, power_count, lk_most(0, update - 1 - latest[rows[k]]));
        latest[rows[k]] = update;
        LK_EACH(c, width) {
            float second = rho * (decay * square[c]) + rest * (gradient[c] * gradient[c]);
            square[c] = second;
            float change = -(lr * gradient[c] / __builtin_elementwise_sqrt(second + epsilon));
            row[c] += change;
            gradient[c] = change;
        }
    }
}

LK_KERNEL void lk_decay_rows(int64_t n, int64_t width, double rho, const float *powers, int64_t power_count, int32_t update, float *v,
                             int32_t *latest) {
    for (int64_t r = 0; r < n; ++r) {
        if (update <= latest[r]) continue;
        float decay = power(rho, powers, power_count, update - latest[r]), *row = v + r * width;
        LK_EACH(c, width) row[c] *= decay;
        latest[r] = update;
    }
}
