// Counting what a classifier gets right and wrong.
#pragma once
#include <stdint.h>
#include <stdbool.h>

// How thresholds lie. LK_EVEN: 0, 1/(count - 1), …, 1, and predictions are cut to [0, 1]; which ones a prediction is above
// follows from its product with count - 1, rounded to float. LK_EVEN_WITHIN: as before, but the first lies below 0 and the
// last above 1. LK_SORTED: ascending.
typedef enum : int32_t { LK_SORTED = 0, LK_EVEN = 1, LK_EVEN_WITHIN = 2 } lk_thresholds;
// tp[i] … fn[i]: the weights of true positives, false positives, true negatives and false negatives where a prediction is
// positive if above threshold i of `count`, a truth if not zero. Truths, predictions and weights lie `stride` floats apart: 1, or the
// columns of a matrix of which one is counted. `weight` may be NULL for ones. Sums are in double, so counts are exact. `buckets`:
// 2 (count + 1) doubles of scratch.
void lk_confusion(int64_t n, int64_t stride, const float *truth, const float *prediction, const float *weight, int64_t count,
                  const float *thresholds, lk_thresholds kind, double *buckets, float *tp, float *fp, float *tn, float *fn);
// y[r, c] = x[r, c] if it is among the k largest of its row (of equal ones the first), else `rest`.
void lk_keep_top_k(int64_t rows, int64_t cols, int64_t k, float rest, const float *x, float *y);
// y[r] = 1 where fewer than k numbers of the row are greater than that at label[r], else 0: equal ones are all among the k largest.
// A NaN at the label counts as -infinity, elsewhere as none; a label that is no column of the row is in no top k.
void lk_in_top_k(int64_t rows, int64_t cols, int64_t k, const float *x, const int32_t *label, float *y);
// matrix[t, p] = the weights of the elements whose truth is t and whose prediction is p, both below `classes`; others, and those whose
// truth is `ignored` (-1 for none), count for nothing. `weight` may be NULL for ones. `sums`: classes * classes doubles of scratch.
void lk_confusion_matrix(int64_t n, int64_t classes, int64_t ignored, const int32_t *truth, const int32_t *prediction,
                         const float *weight, double *sums, float *matrix);
