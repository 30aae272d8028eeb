// Normalization over batches, rows and groups. Conventions as in CKernels.h.
#pragma once
#include <stdint.h>
#include <stdbool.h>

// MARK: Channels
//
// A tensor's channels lie as [outer, blocks, inner, lanes]; channel b * lanes + l has the elements (o, b, i, l) for all o and i.
// Channels last are [rows, 1, 1, channels]; a channel axis in the middle is [outer, channels, inner, 1]; blocks of sixteen, as oneDNN
// has them, are [samples, channels / 16, height * width, 16].
typedef struct { int64_t outer, blocks, inner, lanes; } lk_channels;

// Doubles that the kernels over channels work in.
int64_t lk_channel_scratch(lk_channels form);

// The sums of each channel's elements and of their squares, in seven rows of `blocks * lanes` floats: the count; then Σx and Σx², each
// as three floats of 12, 12 and 24 bits, which together have the 48 leading bits of the sum. So rows of parts of a batch can be added
// as floats: the first two pieces add up without rounding, and variances of numbers far from zero keep their digits.
// Within, sums are of distances from a running mean, merged in double (Chan, Golub & LeVeque 1983).
// mask: NULL, or a byte for each `stretch` elements of inner (outer and inner, if there is one block): zero leaves them out.
void lk_channel_sums(lk_channels form, const float *x, const uint8_t *mask, int64_t stretch, double *scratch, float *sums);
// The same before they are cut into pieces: how many elements each channel has, their mean, and the sum of squared distances from it.
void lk_channel_moments(lk_channels form, const float *x, double *scratch, double *count, double *mean, double *squares);
// Mean, mean squared distance from it and count of each channel; of no elements 0, 0 and 0.
void lk_channel_statistics(int64_t channels, const float *sums, float *mean, float *variance, float *count);
// y = (x - mean) * scale + shift  (in place); mean and shift may be NULL for zeros.
void lk_channel_affine(lk_channels form, const float *x, const float *mean, const float *scale, const float *shift, double *scratch,
                       float *y);
// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta  (in place)
void lk_channel_normalize(lk_channels form, const float *x, const float *mean, const float *variance, const float *gamma,
                          const float *beta, float epsilon, double *scratch, float *y);
// dbeta = Σ dy and dgamma = Σ dy (x - mean) / sqrt(variance + epsilon) of each channel; without `variance` (NULL) the root is 1.
void lk_channel_gradient_sums(lk_channels form, const float *dy, const float *x, const float *mean, const float *variance,
                              float epsilon, double *scratch, float *dgamma, float *dbeta);
// The gradient of lk_channel_normalize by x, where mean and variance are those of x: with n = (x - mean) * s, s = 1 / sqrt(variance +
// epsilon), dx = gamma * s * (dy - (dbeta + n * dgamma) / count)  (in place with dy); where the mask is zero, gamma * s * dy. The sums are
// of all that has these statistics; mask and stretch as for lk_channel_sums.
void lk_channel_gradient(lk_channels form, const float *dy, const float *x, const float *mean, const float *variance,
                         const float *count, const float *gamma, float epsilon, const float *dgamma, const float *dbeta,
                         const uint8_t *mask, int64_t stretch, double *scratch, float *dx);

// MARK: Rows

// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, mean and variance of each row; inverse: 1 / sqrt(variance + epsilon).
// Without `mean` (NULL) the mean counts as 0, and the variance is the mean square. `beta` may be NULL.  (in place)
void lk_normalize_rows(int64_t rows, int64_t cols, const float *x, const float *gamma, const float *beta, float epsilon, float *y,
                       float *mean, float *inverse);
// With n = (x - mean) * inverse and g = dy * gamma: dx = inverse * (g - (mean of g + n * mean of g n)), the mean of g left out
// without `mean`; dgamma = Σ dy n and dbeta = Σ dy over rows.  (dx in place with dy)  scratch: 2 * cols floats.
void lk_normalize_rows_gradient(int64_t rows, int64_t cols, const float *dy, const float *x, const float *gamma, const float *mean,
                                const float *inverse, float *scratch, float *dx, float *dgamma, float *dbeta);

// MARK: Groups of channels, of each sample by itself

// y = (x - mean) * inverse * gamma + beta, with mean and inverse = 1 / sqrt(variance + epsilon) of each group of channels / groups
// neighbouring channels of a sample: [outer, groups]. `outer` of the form counts samples. Scratch as for channels.  (in place)
void lk_normalize_groups(lk_channels form, int64_t groups, const float *x, const float *gamma, const float *beta, float epsilon,
                         double *scratch, float *y, float *mean, float *inverse);
// The gradients as of rows; dx in place with dy.
void lk_normalize_groups_gradient(lk_channels form, int64_t groups, const float *dy, const float *x, const float *gamma,
                                  const float *mean, const float *inverse, double *scratch, float *dx, float *dgamma, float *dbeta);
