// Gradients of tables of which a batch names a few rows: by row, not by table.
//
// An *occurrence* is a place where some shard has left a row number and, `width` floats each, what is to be added to that row's
// gradient. Shards have `capacity` places each, one behind the other; `shards[place / capacity]` is whose they are. What is negative is
// no row.
#pragma once
#include <stdint.h>

// Appends the occurrences among `n` places from `first` on whose row leaves `part` when divided by `parts`, in their order, to rows and
// places; index[i] is the row at place first + i. Returns their number.
int64_t lk_collect_rows(int64_t n, const int32_t *index, int64_t first, int32_t part, int32_t parts, int32_t *rows, int32_t *places);
// Sorts by row, those of one row as they came; rows are below `limit`. Works in other_rows and other_places, as long.
void lk_sort_rows(int64_t n, int64_t limit, int32_t *rows, int32_t *places, int32_t *other_rows, int32_t *other_places);
// Of sorted rows each one once, in place, and in starts where its occurrences begin, and behind the last one n. starts has room for
// n + 1. Returns their number.
int64_t lk_unite_rows(int64_t n, int32_t *rows, int32_t *starts);
// y[k, :] = sum of x[place, :] over places[starts[k]] ..< places[starts[k + 1]], those of a shard in their order, then over the shards in
// the tree of lk_sum_arrays, in which shards without an occurrence have no part. Places of one row ascend by shard, of which there are
// shard_count. scratch: 32 rows.
void lk_sum_rows(int64_t n, int64_t width, const int32_t *starts, const int32_t *places, const float *x, int64_t capacity,
                 const int32_t *shards, int64_t shard_count, float *scratch, float *y);
// x[places[starts[k]], :] = change[k, :], and changed[place] = rows[k] there and -1 at the row's other places.
void lk_publish_rows(int64_t n, int64_t width, const int32_t *starts, const int32_t *places, const int32_t *rows, const float *change,
                     float *x, int32_t *changed);
// table[changed[i], :] += x[i, :] where changed[i] is a row that does not leave `part` when divided by `parts`.
void lk_add_rows(int64_t n, int64_t width, const int32_t *changed, const float *x, int32_t part, int32_t parts, float *table);

// Updates of the rows of a table p, and of its state, by g[k, :], the gradient of rows[k]; no row comes twice. What is added to the
// parameters is left in g. As the updates of the same names without _rows.
void lk_sgd_rows(int64_t n, int64_t width, float lr, const int32_t *rows, float *g, float *p);
void lk_adagrad_rows(int64_t n, int64_t width, float lr, float epsilon, const int32_t *rows, float *g, float *p, float *a);
// As if v = rho v had been done in each update since update latest[row], of which row `update` is the next: this one sets latest.
// powers[k] = rho^k for k below power_count.
void lk_rmsprop_rows(int64_t n, int64_t width, float lr, double rho, float epsilon, const float *powers, int64_t power_count,
                     int32_t update, const int32_t *rows, float *g, float *p, float *v, int32_t *latest);
// v = rho v in each update after latest[row] up to `update`, of all n rows; sets latest.
void lk_decay_rows(int64_t n, int64_t width, double rho, const float *powers, int64_t power_count, int32_t update, float *v,
                   int32_t *latest);
