// Attention: the weights of rows of scores, and back. Included by CKernels.h.
//
// What a row sees: of its `cols` entries those that `mask` allows, one byte each, rows `mask_row` bytes apart (NULL: all), and
// where `causal` those at `first` + its own place and before. A row that sees nothing weighs all entries alike.
#pragma once
#include <stdint.h>
#include <stdbool.h>

typedef struct {
    const uint8_t *mask;
    int64_t mask_row;
    bool causal;
    int64_t first;
} lk_sight;

// scores[r, :] = softmax(scale * scores[r, :]) over what the row sees, elsewhere 0   (in place)
// log_sum[r] = log(sum(exp(scale * scores[r, :]))) over the same, infinite for a row that sees nothing; may be NULL.
void lk_attention_weights(int64_t rows, int64_t cols, float scale, lk_sight sight, float *scores, float *log_sum);
// The same from log_sum.
void lk_attention_weights_again(int64_t rows, int64_t cols, float scale, lk_sight sight, const float *log_sum, float *scores);
// dweights[r, :] = scale * weights[r, :] * (dweights[r, :] - delta[r])   (in place): the gradient of the scores, if delta[r] is the
// sum of weights * dweights. Where `ends`, it is zero in rows that see nothing: those of an infinite log_sum.
void lk_attention_gradient(int64_t rows, int64_t cols, float scale, bool ends, const float *weights, const float *log_sum,
                           const float *delta, float *dweights);
// y[r] = sum of x1[r, :] * x2[r, :], whose rows lie x1_row and x2_row floats apart.
void lk_row_dots(int64_t rows, int64_t cols, const float *x1, int64_t x1_row, const float *x2, int64_t x2_row, float *y);

// score[i, j] = sum over c of weight[c] * tanh(factor * (query[i, c] + key[j, c])) for rows i < queries and j < keys; weight may be
// NULL for ones.
void lk_additive_scores(int64_t queries, int64_t keys, int64_t cols, float factor, const float *query, const float *key,
                        const float *weight, float *score);
// Adds the gradients of that to dquery, dkey and dweight (which may be NULL), and returns what to add to that of factor.
float lk_additive_scores_gradient(int64_t queries, int64_t keys, int64_t cols, float factor, const float *query, const float *key,
                                  const float *weight, const float *dscore, float *dquery, float *dkey, float *dweight);
