// Vector loops over floats: one function each, no allocation, no threads, no policy.
//
// Conventions
// - `n`, `rows`, `cols` … count elements, not bytes. Arrays are row-major and dense. Zero counts are allowed everywhere.
// - An output may be the very same array as an input where the comment says "in place"; partly overlapping arrays never.
// - Every function is compiled for AVX-512, AVX2+FMA and the baseline, and the loader picks one (`target_clones`).
// - NaN and infinities follow IEEE 754 except where a comment says otherwise. Order of summation is fixed for a given
//   build and CPU type: the same input gives the same bytes.
#pragma once
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include "Attention.h"
#include "Confusion.h"
#include "Normalization.h"
#include "Recurrence.h"
#include "Rows.h"

// MARK: Matrix product

// y = a·b: [m, k]·[k, n] = [m, n]; a is stored [k, m] and b [n, k] where transposed. Rows of a, as stored, lie a_row floats
// apart, those of b b_row and those of y y_row: each may be some columns of a wider matrix. Where `adds`, the product is added
// to y. For matrices that are thin, m or k up to a few hundred. An output's bytes depend on its row of a and its column of b
// alone, not on m, n or its place.
// Only where lk_vector_unit() is "x86-64-v4". Takes 560 KiB of stack.
void lk_product(int64_t m, int64_t n, int64_t k, const float *a, int64_t a_row, bool a_transposed, const float *b,
                int64_t b_row, bool b_transposed, bool adds, float *y, int64_t y_row);

// MARK: Element-wise, two operands (in place with either)
// Suffix: _vv array op array; _vs array op scalar; _sv scalar op array.

#define LK_BINARY(name) \
    void lk_##name##_vv(int64_t n, const float *a, const float *b, float *y); \
    void lk_##name##_vs(int64_t n, const float *a, float b, float *y); \
    void lk_##name##_sv(int64_t n, float a, const float *b, float *y);
LK_BINARY(add)
LK_BINARY(sub)
LK_BINARY(mul)
LK_BINARY(div)
LK_BINARY(max)      // NaN if either is NaN, as numpy.maximum
LK_BINARY(min)      // NaN if either is NaN, as numpy.minimum
LK_BINARY(pow)      // as C powf (accuracy: a few ulp; exact for exponents 0, 1, 2, 0.5, -1)
#undef LK_BINARY

// Comparisons: y[i] = 1 or 0, one byte each. Comparisons with NaN are 0, except not_equal.
#define LK_COMPARE(name) \
    void lk_##name##_vv(int64_t n, const float *a, const float *b, uint8_t *y); \
    void lk_##name##_vs(int64_t n, const float *a, float b, uint8_t *y);
LK_COMPARE(equal)
LK_COMPARE(not_equal)
LK_COMPARE(less)
LK_COMPARE(less_equal)
LK_COMPARE(greater)
LK_COMPARE(greater_equal)
#undef LK_COMPARE

// y[i] = condition[i] ? a[i] : b[i]
void lk_select(int64_t n, const uint8_t *condition, const float *a, const float *b, float *y);
// y[i] += a * x[i]
void lk_axpy(int64_t n, float a, const float *x, float *y);
// y[i] = min(max(x[i], low), high)  (in place)
void lk_clamp(int64_t n, const float *x, float low, float high, float *y);
// y[i] = value
void lk_fill(int64_t n, float value, float *y);

// MARK: Element-wise, one operand (in place). exp, log, tanh, sigmoid … within 3 ulp of libm in double, on the whole
// range, subnormal results may flush to zero.

#define LK_UNARY(name) void lk_##name(int64_t n, const float *x, float *y);
LK_UNARY(neg)
LK_UNARY(abs)
LK_UNARY(sign)          // -1, 0, 1; NaN stays NaN
LK_UNARY(square)
LK_UNARY(sqrt)
LK_UNARY(rsqrt)         // 1/sqrt(x), full precision
LK_UNARY(reciprocal)
LK_UNARY(exp)
LK_UNARY(expm1)
LK_UNARY(log)           // log(0) = -inf, log(negative) = NaN
LK_UNARY(log1p)
LK_UNARY(sin)           // reduction good to |x| <= 1e5; beyond that may call libm
LK_UNARY(cos)
LK_UNARY(tanh)
LK_UNARY(sigmoid)       // 1/(1+exp(-x)), no overflow
LK_UNARY(softplus)      // log(1+exp(x)), no overflow
LK_UNARY(relu)          // max(x, 0); NaN stays NaN
LK_UNARY(erf)
LK_UNARY(floor)
LK_UNARY(ceil)
LK_UNARY(round)         // half to even, as numpy
#undef LK_UNARY

// MARK: Types

void lk_float_from_uint8(int64_t n, const uint8_t *x, float *y);
void lk_float_from_int32(int64_t n, const int32_t *x, float *y);
void lk_int32_from_float(int64_t n, const float *x, int32_t *y);     // truncates toward zero; INT32_MIN for NaN and what does not fit
void lk_int32_from_uint8(int64_t n, const uint8_t *x, int32_t *y);

// MARK: Reductions. Sums keep at least 16 partial sums (pairwise or blocked), so the error grows slowly with n.
// x has shape [outer, n, inner]; y has shape [outer, inner]. inner = 1 is a row sum, outer = 1 a column sum; both fast.

void lk_reduce_sum(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
void lk_reduce_prod(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
void lk_reduce_max(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);   // n >= 1; NaN wins
void lk_reduce_min(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
// Index of the first maximum (minimum) along the middle axis; a NaN counts as the extreme, as numpy.argmax.
void lk_argmax(int64_t outer, int64_t n, int64_t inner, const float *x, int32_t *y);
void lk_argmin(int64_t outer, int64_t n, int64_t inner, const float *x, int32_t *y);
// Sums of x[i]^2 and x[i]*y[i] accumulated in double.
double lk_sum_squares(int64_t n, const float *x);
double lk_dot(int64_t n, const float *x, const float *y);
// counts[i] += elements of x in [low + i * width, low + (i + 1) * width); the last of them takes what lies beyond, too.
// x is finite and not below low.
void lk_histogram(int64_t n, const float *x, double low, double width, int64_t buckets, int64_t *counts);
// true if every element is finite
bool lk_all_finite(int64_t n, const float *x);

// MARK: Moving data

// y[cols, rows] = transpose of x[rows, cols], in cache-sized blocks.
void lk_transpose(int64_t rows, int64_t cols, const float *x, float *y);
// y[i, :] = x[index[i], :], `cols` floats a row. Indices are trusted.
void lk_gather_rows(int64_t n, int64_t cols, const float *x, const int32_t *index, float *y);
// y[i, :] = x[index[i], :] / divisor, bytes to floats.
void lk_gather_rows_uint8(int64_t n, int64_t cols, const uint8_t *x, const int32_t *index, float divisor, float *y);
// y[index[i], :] += x[i, :], in the order of i.
void lk_scatter_add_rows(int64_t n, int64_t cols, const float *x, const int32_t *index, float *y);

// MARK: Dense layers, fused

// What is applied to z = x + bias. The gradient of each needs only the output y.
typedef enum : int32_t { LK_LINEAR = 0, LK_RELU = 1, LK_SIGMOID = 2, LK_TANH = 3 } lk_activation;
// y[r, c] = activation(x[r, c] + bias[c])   (in place); bias may be NULL.
void lk_bias_activation(int64_t rows, int64_t cols, const float *x, const float *bias, lk_activation f, float *y);
// dx[r, c] = dy[r, c] * activation'(y[r, c]) (dx in place with dy) and dbias[c] = sum over r of dx[r, c], in one pass.
// relu'(y) = y > 0. dbias may be NULL.
void lk_bias_activation_gradient(int64_t rows, int64_t cols, const float *dy, const float *y, lk_activation f,
                                 float *dx, float *dbias);

// MARK: Softmax and cross-entropy over rows

void lk_softmax(int64_t rows, int64_t cols, const float *x, float *y);                // (in place) shifted by the maximum
void lk_log_softmax(int64_t rows, int64_t cols, const float *x, float *y);            // (in place)
// dx = y * (dy - sum(dy * y)) per row  (dx in place with dy)
void lk_softmax_gradient(int64_t rows, int64_t cols, const float *dy, const float *y, float *dx);
// loss[r] = log(sum(exp(x[r]))) - x[r, label[r]]; computed as log-sum-exp shifted by the maximum. Labels are trusted.
void lk_sparse_cross_entropy(int64_t rows, int64_t cols, const float *x, const int32_t *label, float *loss);
// dx[r, c] = dloss[r] * (softmax(x)[r, c] - (c == label[r]))
void lk_sparse_cross_entropy_gradient(int64_t rows, int64_t cols, const float *x, const int32_t *label,
                                      const float *dloss, float *dx);
// loss[r] = sum over c of target[r, c] * (logsumexp(x[r]) - x[r, c])
void lk_cross_entropy(int64_t rows, int64_t cols, const float *x, const float *target, float *loss);
// dx[r, c] = dloss[r] * (softmax(x)[r, c] * sum(target[r]) - target[r, c])
void lk_cross_entropy_gradient(int64_t rows, int64_t cols, const float *x, const float *target,
                               const float *dloss, float *dx);

// MARK: Random numbers: Philox4x32-10 (Salmon et al. 2011), counter-based.
// Element e of a stream is lane e % 4 of the block with counter words {e/4 low, e/4 high, stream low, stream high} and
// key words {key low, key high}. So the value of an element depends on (key, stream, e) alone: any split of a range
// into calls gives the same numbers. `first` is the index e of y[0].

void lk_philox(int64_t n, uint64_t key, uint64_t stream, uint64_t first, uint32_t *y);
void lk_random_uniform(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float low, float high, float *y); // [low, high), u = (bits >> 8) * 2^-24
void lk_random_normal(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float mean, float stddev, float *y); // sqrt(2) erfinv(2u - 1), u = ((bits >> 8) + 0.5) * 2^-24
// Normal cut to two standard deviations by the inverse distribution function (as jax.random.truncated_normal).
void lk_random_truncated_normal(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float mean, float stddev, float *y);
// y[i] = u(first + i) >= rate ? x[i] * (1 / (1 - rate)) : 0    (in place); the gradient is the same call on dy.
void lk_dropout(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float rate, const float *x, float *y);
// y[i] = u(first + i) >= rate ? x[i] * scale + shift : dropped    (in place)
void lk_affine_dropout(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float rate, float scale, float shift, float dropped,
                       const float *x, float *y);

#include "Optimizers.h"

// MARK: The calling thread's floating-point mode

// Makes subnormal results and operands zero, and returns the mode before, for lk_restore_mode. A state that decays (the
// squares of gradients that are zero) becomes subnormal after some hundred steps, and each operation on it then takes a
// hundred cycles: RMSprop's update is seven times slower. TensorFlow and XLA flush as well.
uint64_t lk_flush_subnormals(void);
void lk_restore_mode(uint64_t mode);

// MARK: Reducing what several ranks wrote

// y[i] = sum of x[k][i] for k in 0 ..< count, added as one fixed balanced binary tree over k (y may be one of the x):
// tree(lo, hi) = tree(lo, mid) + tree(mid, hi), mid = lo + (largest power of two below hi - lo).
void lk_sum_arrays(int64_t n, int64_t count, const float *const *x, float *y);
// A 64-bit checksum of the bytes, order-sensitive, the same for any CPU: for finding a parameter that differs.
uint64_t lk_checksum(int64_t n, const float *x);
// As lk_checksum, but every NaN counts as the same one: which of its many bit patterns an operation gives is left open.
uint64_t lk_checksum_numbers(int64_t n, const float *x);

// The instruction set for which kernels were chosen on this machine: results of another one may differ in the last bits.
const char *lk_vector_unit(void);

// MARK: Sixteen bits on the wire

// v = x + error, wire = v rounded to bfloat16 or IEEE binary16 (to nearest, ties to even), error = v - wire.
// NaN and infinities stay what they are and leave no error. What is finite but too large for the format becomes its
// largest number, and the rest stays in the error.
void lk_compress_bfloat16(int64_t n, const float *x, float *error, uint16_t *wire);
void lk_compress_float16(int64_t n, const float *x, float *error, uint16_t *wire);
// y = wire, exactly
void lk_expand_bfloat16(int64_t n, const uint16_t *wire, float *y);
void lk_expand_float16(int64_t n, const uint16_t *wire, float *y);
