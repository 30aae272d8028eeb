// One operand: arithmetic, elementary functions, conversions of type.
#include "Elementary.h"

#define UNARY(name, expression) \
    LK_KERNEL void lk_##name(int64_t n, const float *x, float *y) \
        { LK_EACH(i, n) { float v = x[i]; y[i] = expression; } }

UNARY(neg, -v)
UNARY(abs, __builtin_fabsf(v))
UNARY(sign, v > 0.0f ? 1.0f : v < 0.0f ? -1.0f : v)
UNARY(square, v * v)
UNARY(sqrt, __builtin_elementwise_sqrt(v))
UNARY(rsqrt, 1.0f / __builtin_elementwise_sqrt(v))
UNARY(reciprocal, 1.0f / v)
UNARY(exp, lk_exp1(v))
UNARY(expm1, lk_expm1_1(v))
UNARY(log, lk_log1(v))
UNARY(log1p, lk_log1p_1(v))
UNARY(tanh, lk_tanh1(v))
UNARY(sigmoid, lk_sigmoid1(v))
UNARY(softplus, lk_softplus1(v))
UNARY(relu, 0.0f > v ? 0.0f : v)
UNARY(erf, lk_erf1(v))
UNARY(floor, __builtin_elementwise_floor(v))
UNARY(ceil, __builtin_elementwise_ceil(v))
UNARY(round, __builtin_elementwise_roundeven(v))

// The fast reduction holds to 2^20; a block with anything beyond goes to the C library.
#define PERIODIC(name, quadrant) \
    LK_KERNEL void lk_##name(int64_t n, const float *x, float *y) { \
        enum { block = 256 }; \
        for (int64_t start = 0; start < n; start += block, x += block, y += block) { \
            int64_t m = lk_least(block, n - start); \
            uint32_t large = 0; \
            LK_EACH(i, m) large |= __builtin_fabsf(x[i]) > 0x1p20f; \
            if (large) for (int64_t i = 0; i < m; ++i) y[i] = name##f(x[i]); \
            else LK_EACH(i, m) y[i] = lk_sine_shifted(x[i], quadrant); \
        } \
    }
PERIODIC(sin, 0)
PERIODIC(cos, 1)

LK_KERNEL void lk_clamp(int64_t n, const float *x, float low, float high, float *y) {
    LK_EACH(i, n) { float v = low > x[i] ? low : x[i]; y[i] = high < v ? high : v; }
}

LK_KERNEL void lk_float_from_uint8(int64_t n, const uint8_t *x, float *y) { LK_EACH(i, n) y[i] = x[i]; }
LK_KERNEL void lk_float_from_int32(int64_t n, const int32_t *x, float *y) { LK_EACH(i, n) y[i] = (float)x[i]; }
LK_KERNEL void lk_int32_from_uint8(int64_t n, const uint8_t *x, int32_t *y) { LK_EACH(i, n) y[i] = x[i]; }

// What has no int32 (NaN, infinities, too large) becomes INT32_MIN, as x86 does, on every CPU.
LK_KERNEL void lk_int32_from_float(int64_t n, const float *x, int32_t *y) {
    LK_EACH(i, n) y[i] = x[i] >= -0x1p31f && x[i] < 0x1p31f ? (int32_t)x[i] : INT32_MIN;
}
