// Two operands: arithmetic, comparisons, selection.
#include "Vectors.h"

#define BINARY(name, expression) \
    LK_KERNEL void lk_##name##_vv(int64_t n, const float *a, const float *b, float *y) \
        { LK_EACH(i, n) { float p = a[i], q = b[i]; y[i] = expression; } } \
    LK_KERNEL void lk_##name##_vs(int64_t n, const float *a, float q, float *y) \
        { LK_EACH(i, n) { float p = a[i]; y[i] = expression; } } \
    LK_KERNEL void lk_##name##_sv(int64_t n, float p, const float *b, float *y) \
        { LK_EACH(i, n) { float q = b[i]; y[i] = expression; } }

BINARY(add, p + q)
BINARY(sub, p - q)
BINARY(mul, p * q)
BINARY(div, p / q)
BINARY(max, __builtin_elementwise_maximum(p, q))
BINARY(min, __builtin_elementwise_minimum(p, q))

// powf may be off by an ulp where the answer is a product or a root; these are exact.
LK_INLINE float power(float x, float e) {
    if (e == 2.0f) return x * x;
    if (e == 0.5f) return x == -INFINITY ? INFINITY : sqrtf(x) + 0.0f;     // + 0: pow(-0, 0.5) is +0
    if (e == -1.0f) return 1.0f / x;
    return powf(x, e);
}

void lk_pow_vv(int64_t n, const float *a, const float *b, float *y) {
    for (int64_t i = 0; i < n; ++i) y[i] = power(a[i], b[i]);
}

void lk_pow_sv(int64_t n, float a, const float *b, float *y) {
    for (int64_t i = 0; i < n; ++i) y[i] = power(a, b[i]);
}

LK_KERNEL void lk_pow_vs(int64_t n, const float *a, float b, float *y) {
    if (b == 0.0f) LK_EACH(i, n) y[i] = 1.0f;
    else if (b == 1.0f) LK_EACH(i, n) y[i] = a[i];
    else if (b == 2.0f) LK_EACH(i, n) y[i] = a[i] * a[i];
    else if (b == 3.0f) LK_EACH(i, n) y[i] = a[i] * a[i] * a[i];
    else if (b == -1.0f) LK_EACH(i, n) y[i] = 1.0f / a[i];
    else if (b == 0.5f)
        LK_EACH(i, n) y[i] = a[i] == -INFINITY ? INFINITY : __builtin_elementwise_sqrt(a[i]) + 0.0f;
    else for (int64_t i = 0; i < n; ++i) y[i] = powf(a[i], b);
}

#define COMPARE(name, op) \
    LK_KERNEL void lk_##name##_vv(int64_t n, const float *a, const float *b, uint8_t *y) \
        { LK_EACH(i, n) y[i] = a[i] op b[i]; } \
    LK_KERNEL void lk_##name##_vs(int64_t n, const float *a, float b, uint8_t *y) \
        { LK_EACH(i, n) y[i] = a[i] op b; }

COMPARE(equal, ==)
COMPARE(not_equal, !=)
COMPARE(less, <)
COMPARE(less_equal, <=)
COMPARE(greater, >)
COMPARE(greater_equal, >=)

LK_KERNEL void lk_select(int64_t n, const uint8_t *condition, const float *a, const float *b, float *y) {
    LK_EACH(i, n) { float p = a[i], q = b[i]; y[i] = condition[i] ? p : q; }
}

LK_KERNEL void lk_axpy(int64_t n, float a, const float *x, float *y) {
    LK_EACH(i, n) y[i] += a * x[i];
}

LK_KERNEL void lk_fill(int64_t n, float value, float *y) {
    LK_EACH(i, n) y[i] = value;
}
