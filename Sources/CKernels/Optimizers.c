// Optimizer updates: one pass over gradient, parameter and state.
#include "Vectors.h"

// Adds to a parameter. What is added is rounded by itself, so that it is the same number wherever it is added. `keep` is
// a constant at each call, as are the other flags below: each variant is a loop without tests.
LK_INLINE void add(int64_t i, float change, float *p, float *d, bool keep) {
    p[i] += change;
    if (keep) d[i] = change;
}

#define EITHER(f, ...) do { if (d) f(__VA_ARGS__, true); else f(__VA_ARGS__, false); } while (0)

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

LK_INLINE void adam(int64_t n, float alpha, double beta1, double beta2, float epsilon, const float *g, float *p,
                    float *m, float *v, float *vhat, float *d, bool amsgrad, bool keep) {
    float rest1 = (float)(1.0 - beta1), rest2 = (float)(1.0 - beta2);
    LK_EACH(i, n) {
        float mean = m[i] + (g[i] - m[i]) * rest1;
        float second = v[i] + (g[i] * g[i] - v[i]) * rest2;
        m[i] = mean;
        v[i] = second;
        if (amsgrad) {
            second = vhat[i] > second ? vhat[i] : second;
            vhat[i] = second;
        }
        add(i, -(alpha * mean / (__builtin_elementwise_sqrt(second) + epsilon)), p, d, keep);
    }
}

LK_KERNEL void lk_adam(int64_t n, float alpha, double beta1, double beta2, float epsilon, const float *g, float *p,
                       float *m, float *v, float *vhat, float *d) {
    if (vhat) EITHER(adam, n, alpha, beta1, beta2, epsilon, g, p, m, v, vhat, d, true);
    else EITHER(adam, n, alpha, beta1, beta2, epsilon, g, p, m, v, vhat, d, false);
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

LK_INLINE float direction(float epsilon, float rest1, float rest2, float m, float v) {
    return m / rest1 / (__builtin_elementwise_sqrt(v / rest2) + epsilon);
}

LK_KERNEL double lk_lamb_moments(int64_t n, double beta1, double beta2, float epsilon, float rest1, float rest2,
                                 const float *g, float *m, float *v) {
    enum { block = 1024 };
    float decay1 = (float)(1.0 - beta1), decay2 = (float)(1.0 - beta2), u[block];
    double total = 0;
    for (int64_t start = 0; start < n; start += block) {
        int64_t count = lk_least(block, n - start);
        const float *gb = g + start;
        float *mb = m + start, *vb = v + start;
        LK_EACH(i, count) {
            float mean = mb[i] + (gb[i] - mb[i]) * decay1, second = vb[i] + (gb[i] * gb[i] - vb[i]) * decay2;
            mb[i] = mean;
            vb[i] = second;
            u[i] = direction(epsilon, rest1, rest2, mean, second);
        }
        total += lk_sum_squares(count, u);
    }
    return total;
}

LK_KERNEL void lk_lamb(int64_t n, float rate, float epsilon, float rest1, float rest2, const float *m, const float *v, float *p) {
    LK_EACH(i, n) p[i] -= rate * direction(epsilon, rest1, rest2, m[i], v[i]);
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
