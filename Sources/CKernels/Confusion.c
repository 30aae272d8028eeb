// Counting what a classifier gets right and wrong.
#include "Vectors.h"

// The number of thresholds that x is above.
LK_INLINE int64_t above(float x, int64_t count, const float *thresholds, lk_thresholds kind) {
    if (kind == LK_SORTED) {
        int64_t low = 0, high = count;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            if (thresholds[middle] < x) low = middle + 1;
            else high = middle;
        }
        return low;
    }
    // A NaN counts as 0.
    float inside = x > 0 ? (x < 1 ? x : 1.0f) : 0.0f;
    int64_t place = (int64_t)ceilf(inside * (float)(count - 1));
    return kind == LK_EVEN_WITHIN && place == 0 ? 1 : place;
}

void lk_confusion(int64_t n, int64_t stride, const float *truth, const float *prediction, const float *weight, int64_t count,
                  const float *thresholds, lk_thresholds kind, double *buckets, float *tp, float *fp, float *tn, float *fn) {
    double *positive = buckets, *negative = buckets + count + 1;
    memset(buckets, 0, sizeof(double) * 2 * (size_t)(count + 1));
    for (int64_t i = 0; i < n * stride; i += stride) {
        int64_t place = above(prediction[i], count, thresholds, kind);
        (truth[i] != 0 ? positive : negative)[place] += weight ? weight[i] : 1.0;
    }
    double true_positives = 0, false_positives = 0, positives = 0, negatives = 0;
    for (int64_t k = 0; k <= count; ++k) {
        positives += positive[k];
        negatives += negative[k];
    }
    for (int64_t i = count - 1; i >= 0; --i) {
        true_positives += positive[i + 1];
        false_positives += negative[i + 1];
        tp[i] = (float)true_positives;
        fp[i] = (float)false_positives;
        tn[i] = (float)(negatives - false_positives);
        fn[i] = (float)(positives - true_positives);
    }
}

void lk_keep_top_k(int64_t rows, int64_t cols, int64_t k, float rest, const float *x, float *y) {
    for (int64_t r = 0; r < rows; ++r, x += cols, y += cols) {
        // The k-th largest: the largest that is smaller than those before, as often as it takes.
        float bound = INFINITY;
        int64_t kept = 0, equal = 0;
        for (bool first = true; kept < k && kept < cols; first = false) {
            float best = -INFINITY;
            int64_t times = 0;
            for (int64_t c = 0; c < cols; ++c) {
                if (!(first ? x[c] <= bound : x[c] < bound) || x[c] < best) continue;
                times = x[c] == best ? times + 1 : 1;
                best = x[c];
            }
            if (times == 0) break;
            bound = best;
            equal = lk_least(times, k - kept);
            kept += times;
        }
        for (int64_t c = 0; c < cols; ++c) {
            bool keep = kept > 0 && (x[c] > bound || (x[c] == bound && equal-- > 0));
            y[c] = keep ? x[c] : rest;
        }
    }
}

LK_KERNEL void lk_in_top_k(int64_t rows, int64_t cols, int64_t k, const float *x, const int32_t *label, float *y) {
    for (int64_t r = 0; r < rows; ++r, x += cols) {
        bool is_column = label[r] >= 0 && label[r] < cols;
        float at_label = is_column ? x[label[r]] : NAN;
        if (at_label != at_label) at_label = -INFINITY;
        int32_t greater = 0;
        LK_EACH(c, cols) greater += x[c] > at_label;
        y[r] = is_column && greater < k;
    }
}

void lk_confusion_matrix(int64_t n, int64_t classes, int64_t ignored, const int32_t *truth, const int32_t *prediction,
                         const float *weight, double *sums, float *matrix) {
    memset(sums, 0, sizeof(double) * (size_t)(classes * classes));
    for (int64_t i = 0; i < n; ++i) {
        int64_t t = truth[i], p = prediction[i];
        if (t < 0 || t >= classes || p < 0 || p >= classes || t == ignored) continue;
        sums[t * classes + p] += weight ? weight[i] : 1.0;
    }
    for (int64_t i = 0; i < classes * classes; ++i) matrix[i] = (float)sums[i];
}
