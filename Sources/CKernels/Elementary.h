// exp, log and their family for one float, without branches or tables, so that a loop over them vectorises.
// The reductions and polynomials of exp, log, sin and cos are those of Cephes (S. Moshier, single precision: expf.c,
// logf.c, sinf.c); the shape of expm1 and log1p follows SLEEF (N. Shibata). Products and sums written in one expression
// may become fused multiply-adds where the CPU has them.
#pragma once
#include "Vectors.h"

#define LK_LN2_HIGH 0.693359375f        // 10 bits: times a whole number up to 2^14 it is exact
#define LK_LN2_LOW -2.12194440e-4f

// x = n ln 2 + r, |r| <= ln(2)/2. Adding 1.5 * 2^23 rounds to a whole number and leaves n in the low bits.
typedef struct { float r; uint32_t n; } lk_exp_parts;
LK_INLINE lk_exp_parts lk_exp_reduce(float x) {
    float shifted = x * 1.44269504f + 0x1.8p23f;
    float n = shifted - 0x1.8p23f;
    float r = x - n * LK_LN2_HIGH;
    r = r - n * LK_LN2_LOW;
    return (lk_exp_parts){r, lk_as_bits(shifted)};
}

// exp(r) - 1 for a reduced r
LK_INLINE float lk_exp_minus_one_reduced(float r) {
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return p * (r * r) + r;
}

LK_INLINE float lk_exp1(float x) {
    lk_exp_parts e = lk_exp_reduce(x);
    float y = 1.0f + lk_exp_minus_one_reduced(e.r);
    y = lk_as_float(lk_as_bits(y) + (e.n << 23));   // y in [0.7, 1.5): every normal result is reached, none in between
    float y_or_zero = x >= -0x1.5d589ep6f ? y : 0.0f;       // ln(FLT_MIN)
    return x <= 0x1.62e42ep6f ? y_or_zero : x + INFINITY;   // ln(FLT_MAX); NaN goes here too
}

// (exp(x) - 1) / 2 for -80 < x < 88.7: halved so that the power of two stays finite
LK_INLINE float lk_half_expm1(float x) {
    lk_exp_parts e = lk_exp_reduce(x);
    float half_power = lk_as_float((e.n << 23) + 0x3f000000u);
    return half_power * lk_exp_minus_one_reduced(e.r) + (half_power - 0.5f);
}

LK_INLINE float lk_expm1_1(float x) {
    float y = 2.0f * lk_half_expm1(x < -20.0f ? -20.0f : x);
    return x <= 0x1.62e42ep6f ? y : x + INFINITY;
}

// log(1 + f) + k ln 2 for 1 + f in [sqrt(1/2), sqrt(2))
LK_INLINE float lk_log_reduced(float f, float k) {
    float p = 7.0376836292e-2f, f2 = f * f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    p = p * f * f2 + k * LK_LN2_LOW;
    p = p - 0.5f * f2;
    return k * LK_LN2_HIGH + (f + p);
}

// x = m 2^k, m in [sqrt(1/2), sqrt(2)), for a normal positive x
typedef struct { float m, k; int32_t exponent; } lk_log_parts;
LK_INLINE lk_log_parts lk_log_reduce(float x) {
    uint32_t bits = lk_as_bits(x) + (0x3f800000u - 0x3f3504f3u);
    int32_t exponent = (int32_t)(bits >> 23) - 127;
    return (lk_log_parts){lk_as_float((bits & 0x007fffffu) + 0x3f3504f3u), (float)exponent, exponent};
}

LK_INLINE float lk_log1(float x) {
    bool tiny = x < FLT_MIN;
    lk_log_parts e = lk_log_reduce(tiny ? x * 0x1p23f : x);
    float y = lk_log_reduced(e.m - 1.0f, tiny ? e.k - 23.0f : e.k);
    float finite = x < INFINITY ? y : x;
    return x > 0.0f ? finite : x == 0.0f ? -INFINITY : NAN;
}

// Reduces u = 1 + x, then takes the remainder from x itself, since u has lost its low bits.
LK_INLINE float lk_log1p_1(float x) {
    float u = 1.0f + x;
    lk_log_parts e = lk_log_reduce(u);
    float scale = lk_as_float((uint32_t)(127 - e.exponent) << 23);     // 2^-k
    float f = scale * x + (scale - 1.0f);
    float y = lk_log_reduced(u < 0x1p25f ? f : e.m - 1.0f, e.k);
    float finite = x < INFINITY ? y : x;
    return x > -1.0f ? finite : x == -1.0f ? -INFINITY : NAN;
}

LK_INLINE float lk_sigmoid1(float x) { return 1.0f / (1.0f + lk_exp1(-x)); }

// tanh x = h / (h + 1), h = (exp(2x) - 1) / 2; beyond 9.1 it is 1 in floats
LK_INLINE float lk_tanh1(float x) {
    float low = x < -9.1f ? -9.1f : x;
    float h = lk_half_expm1(2.0f * (low > 9.1f ? 9.1f : low));
    return h / (h + 1.0f);
}

LK_INLINE float lk_softplus1(float x) {
    return lk_log1p_1(lk_exp1(-__builtin_fabsf(x))) + (x < 0.0f ? 0.0f : x);
}

// Polynomials by N. Juffa (stackoverflow.com/a/35148199): x + x p(x^2) near zero, 1 - exp(-q(|x|)) beyond.
LK_INLINE float lk_erf1(float x) {
    float t = __builtin_fabsf(x), s = x * x;
    t = t > 4.0f ? 4.0f : t;
    float p = -5.96761703e-4f;
    p = p * s + 4.99119423e-3f;
    p = p * s - 2.67681349e-2f;
    p = p * s + 1.12819925e-1f;
    p = p * s - 3.76125336e-1f;
    p = p * s + 1.28379166e-1f;
    float near = p * x + x;
    float q = -1.72853470e-5f * t + 3.83197126e-4f;
    float q2 = -3.88396438e-3f * t + 2.42546219e-2f;
    q = q * (t * t) + q2;
    q = q * t - 1.06777877e-1f;
    q = q * t - 6.34846687e-1f;
    q = q * t - 1.28717512e-1f;
    float far = 1.0f - lk_exp1(q * t - t);
    return t > 0.927734375f ? __builtin_copysignf(far, x) : near;
}

// sin(x + quadrant pi/2). The reduction is done in double with pi/2 in two parts of 33 and 53 bits: no error up to
// |x| = 2^20, and much less code than three parts in single.
LK_INLINE float lk_sine_shifted(float x, uint32_t quadrant) {
    double shifted = (double)x * 0x1.45f306dc9c883p-1 + 0x1.8p52;
    double n = shifted - 0x1.8p52;
    double reduced = (double)x - n * 0x1.921fb544p0;
    float r = (float)(reduced - n * 0x1.0b4611a626331p-34);
    uint64_t bits;
    memcpy(&bits, &shifted, 8);
    uint32_t q = (uint32_t)bits + quadrant;
    float r2 = r * r;
    float s = -1.9515295891e-4f;
    s = s * r2 + 8.3321608736e-3f;
    s = s * r2 - 1.6666654611e-1f;
    s = s * r2 * r + r;
    float c = 2.443315711809948e-5f;
    c = c * r2 - 1.388731625493765e-3f;
    c = c * r2 + 4.166664568298827e-2f;
    c = c * (r2 * r2) + (1.0f - 0.5f * r2);
    return lk_as_float(lk_as_bits(q & 1 ? c : s) ^ ((q & 2) << 30));
}

// The inverse of erf on (-1, 1): M. Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2010.
LK_INLINE float lk_erfinv1(float x) {
    float w = -lk_log1((1.0f - x) * (1.0f + x));
    bool tail = w >= 5.0f;
    float v = tail ? __builtin_elementwise_sqrt(w) - 3.0f : w - 2.5f;
#define LK_STEP(tail_value, centre_value) p = p * v + (tail ? tail_value : centre_value);
    float p = tail ? -0.000200214257f : 2.81022636e-08f;
    LK_STEP(0.000100950558f, 3.43273939e-07f)
    LK_STEP(0.00134934322f, -3.5233877e-06f)
    LK_STEP(-0.00367342844f, -4.39150654e-06f)
    LK_STEP(0.00573950773f, 0.00021858087f)
    LK_STEP(-0.0076224613f, -0.00125372503f)
    LK_STEP(0.00943887047f, -0.00417768164f)
    LK_STEP(1.00167406f, 0.246640727f)
    LK_STEP(2.83297682f, 1.50140941f)
#undef LK_STEP
    return p * x;
}
