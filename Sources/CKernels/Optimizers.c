// Optimizer updates: one pass over gradient, parameter and state.
#include "Change.h"
#include "Elementary.h"

LK_INLINE void sgd(int64_t n, float lr, const float *g, float *p, float *d, bool keep) {
    LK_EACH(i, n) add(i, -(lr * g[i]), p, d, keep);
}

LK_KERNEL void lk_sgd(int64_t n, float lr, const float *g, float *p, float *d) { EITHER(sgd, n, lr, g, p, d); }

LK_INLINE void momentum_step(int64_t n, float lr, float momentum, const float *g, float *p, float *m, float *d, bool nesterov,
                             bool keep) {
    LK_EACH(i, n) {
        float step = lr * g[i], velocity = momentum * m[i] - step;
        m[i] = velocity;
        add(i, nesterov ? momentum * velocity - step : velocity, p, d, keep);
    }
}

LK_KERNEL void lk_sgd_momentum(int64_t n, float lr, float momentum, bool nesterov, const float *g, float *p, float *m, float *d) {
    if (nesterov) EITHER(momentum_step, n, lr, momentum, g, p, m, d, true);
    else EITHER(momentum_step, n, lr, momentum, g, p, m, d, false);
}

LK_INLINE void rmsprop(int64_t n, float lr, double rho_, float momentum, float epsilon, const float *g, float *p,
                       float *v, float *m, float *a, float *d, bool centered, bool moving, bool keep) {
    float rho = (float)rho_, rest = (float)(1.0 - rho_);
    LK_EACH(i, n) {
        float gradient = g[i], second = rho * v[i] + rest * (gradient * gradient), variance = second;
        v[i] = second;
        if (centered) {
            float mean = rho * a[i] + rest * gradient;
            a[i] = mean;
            variance = second - mean * mean;
        }
        float step = lr * gradient / __builtin_elementwise_sqrt(variance + epsilon);
        if (moving) {
            step = momentum * m[i] + step;
            m[i] = step;
        }
        add(i, -step, p, d, keep);
    }
}

LK_KERNEL void lk_rmsprop(int64_t n, float lr, double rho, float momentum, float epsilon, const float *g, float *p, float *v,
                          float *m, float *a, float *d) {
    if (a && m) EITHER(rmsprop, n, lr, rho, momentum, epsilon, g, p, v, m, a, d, true, true);
    else if (a) EITHER(rmsprop, n, lr, rho, momentum, epsilon, g, p, v, m, a, d, true, false);
    else if (m) EITHER(rmsprop, n, lr, rho, momentum, epsilon, g, p, v, m, a, d, false, true);
    else EITHER(rmsprop, n, lr, rho, momentum, epsilon, g, p, v, m, a, d, false, false);
}

LK_INLINE void adagrad(int64_t n, float lr, float epsilon, const float *g, float *p, float *a, float *d, bool keep) {
    LK_EACH(i, n) {
        a[i] += g[i] * g[i];
        add(i, -(lr * g[i] / __builtin_elementwise_sqrt(a[i] + epsilon)), p, d, keep);
    }
}

LK_KERNEL void lk_adagrad(int64_t n, float lr, float epsilon, const float *g, float *p, float *a, float *d) {
    EITHER(adagrad, n, lr, epsilon, g, p, a, d);
}

LK_INLINE void adadelta(int64_t n, float lr, double rho_, float epsilon, const float *g, float *p, float *a, float *b, float *d,
                        bool keep) {
    float rho = (float)rho_, rest = (float)(1.0 - rho_);
    LK_EACH(i, n) {
        float second = rho * a[i] + rest * (g[i] * g[i]);
        float u = -(__builtin_elementwise_sqrt(b[i] + epsilon) * g[i] / __builtin_elementwise_sqrt(second + epsilon));
        a[i] = second;
        b[i] = rho * b[i] + rest * (u * u);
        add(i, lr * u, p, d, keep);
    }
}

LK_KERNEL void lk_adadelta(int64_t n, float lr, double rho, float epsilon, const float *g, float *p, float *a, float *b, float *d) {
    EITHER(adadelta, n, lr, rho, epsilon, g, p, a, b, d);
}

// x^power for x >= 0, by the power's kind
enum { FTRL_ONE, FTRL_ROOT, FTRL_ANY };
LK_INLINE float ftrl_power(float x, float power, int kind) {
    return kind == FTRL_ONE ? 1.0f : kind == FTRL_ROOT ? __builtin_elementwise_sqrt(x) : lk_exp1(power * lk_log1(x));
}

LK_INLINE void ftrl(int64_t n, float lr, float power, float l1, float l2, float shrinkage, const float *g, float *p, float *a,
                    float *z, float *d, int kind, bool keep) {
    LK_EACH(i, n) {
        float sum = a[i] + g[i] * g[i], before = ftrl_power(a[i], power, kind), after = ftrl_power(sum, power, kind);
        float linear = z[i] + (g[i] + shrinkage * p[i] - (after - before) / lr * p[i]);
        float cut = linear > l1 ? l1 : linear < -l1 ? -l1 : linear;
        float excess = cut - linear;
        a[i] = sum;
        z[i] = linear;
        // Without any gradient so far both may be zero.
        add(i, (excess == 0.0f ? 0.0f : excess / (after / lr + l2)) - p[i], p, d, keep);
    }
}

LK_KERNEL void lk_ftrl(int64_t n, float lr, float power, float l1, float l2, float shrinkage, const float *g, float *p, float *a,
                       float *z, float *d) {
    if (power == 0.5f) EITHER(ftrl, n, lr, power, l1, l2, shrinkage, g, p, a, z, d, FTRL_ROOT);
    else if (power == 0.0f) EITHER(ftrl, n, lr, power, l1, l2, shrinkage, g, p, a, z, d, FTRL_ONE);
    else EITHER(ftrl, n, lr, power, l1, l2, shrinkage, g, p, a, z, d, FTRL_ANY);
}

LK_INLINE void lion(int64_t n, float lr, float beta1, float beta2, const float *g, float *p, float *m, float *d, bool keep) {
    float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
    LK_EACH(i, n) {
        float gradient = g[i], x = m[i] * beta1 + gradient * rest1;
        m[i] = m[i] * beta2 + gradient * rest2;
        // NaN stays NaN, and 0 is 0.
        add(i, -(lr * (x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x)), p, d, keep);
    }
}

LK_KERNEL void lk_lion(int64_t n, float lr, float beta1, float beta2, const float *g, float *p, float *m, float *d) {
    EITHER(lion, n, lr, beta1, beta2, g, p, m, d);
}

LK_KERNEL void lk_lars(int64_t n, float rate, float momentum, bool nesterov, float decay, const float *g, float *p, float *m) {
    if (nesterov) LK_EACH(i, n) {
        float step = rate * (g[i] + decay * p[i]), velocity = momentum * m[i] + step;
        m[i] = velocity;
        p[i] -= momentum * velocity + step;
    }
    else LK_EACH(i, n) {
        float velocity = momentum * m[i] + rate * (g[i] + decay * p[i]);
        m[i] = velocity;
        p[i] -= velocity;
    }
}

LK_KERNEL void lk_weight_decay(int64_t n, float part, float *p) {
    LK_EACH(i, n) p[i] -= part * p[i];
}

LK_KERNEL void lk_moving_average(int64_t n, float momentum, const float *p, float *a) {
    float rest = 1.0f - momentum;
    LK_EACH(i, n) a[i] = momentum * a[i] + rest * p[i];
}
