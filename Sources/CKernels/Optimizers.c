// Optimizer updates: one pass over gradient, parameter and state.
#include "Vectors.h"

LK_KERNEL void lk_sgd(int64_t n, float lr, const float *g, float *p) {
    LK_EACH(i, n) p[i] -= lr * g[i];
}

LK_KERNEL void lk_sgd_momentum(int64_t n, float lr, float momentum, bool nesterov, const float *g, float *p, float *m) {
    if (nesterov) LK_EACH(i, n) {
        float step = lr * g[i], velocity = momentum * m[i] - step;
        m[i] = velocity;
        p[i] += momentum * velocity - step;
    }
    else LK_EACH(i, n) {
        float velocity = momentum * m[i] - lr * g[i];
        m[i] = velocity;
        p[i] += velocity;
    }
}

LK_KERNEL void lk_rmsprop(int64_t n, float lr, double rho_, float epsilon, const float *g, float *p, float *v) {
    float rho = (float)rho_, rest = (float)(1.0 - rho_);
    LK_EACH(i, n) {
        v[i] = rho * v[i] + rest * (g[i] * g[i]);
        p[i] -= lr * g[i] / __builtin_elementwise_sqrt(v[i] + epsilon);
    }
}

// `centered` and `moving` are constants at each call, so each of the four variants is a loop without tests.
LK_INLINE void rmsprop(int64_t n, float lr, double rho_, float momentum, float epsilon, const float *g, float *p,
                       float *v, float *m, float *a, bool centered, bool moving) {
    float rho = (float)rho_, rest = (float)(1.0 - rho_);
    LK_EACH(i, n) {
        float second = rho * v[i] + rest * (g[i] * g[i]), variance = second;
        v[i] = second;
        if (centered) {
            float mean = rho * a[i] + rest * g[i];
            a[i] = mean;
            variance = second - mean * mean;
        }
        float step = lr * g[i] / __builtin_elementwise_sqrt(variance + epsilon);
        if (moving) {
            step = momentum * m[i] + step;
            m[i] = step;
        }
        p[i] -= step;
    }
}

LK_KERNEL void lk_rmsprop_full(int64_t n, float lr, double rho, float momentum, float epsilon, const float *g, float *p,
                               float *v, float *m, float *a) {
    if (a && m) rmsprop(n, lr, rho, momentum, epsilon, g, p, v, m, a, true, true);
    else if (a) rmsprop(n, lr, rho, momentum, epsilon, g, p, v, m, a, true, false);
    else if (m) rmsprop(n, lr, rho, momentum, epsilon, g, p, v, m, a, false, true);
    else rmsprop(n, lr, rho, momentum, epsilon, g, p, v, m, a, false, false);
}

LK_INLINE void adam(int64_t n, float alpha, double beta1, double beta2, float epsilon, const float *g, float *p,
                    float *m, float *v, float *vhat, bool amsgrad) {
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
        p[i] -= alpha * mean / (__builtin_elementwise_sqrt(second) + epsilon);
    }
}

LK_KERNEL void lk_adam(int64_t n, float alpha, double beta1, double beta2, float epsilon, const float *g, float *p,
                       float *m, float *v, float *vhat) {
    if (vhat) adam(n, alpha, beta1, beta2, epsilon, g, p, m, v, vhat, true);
    else adam(n, alpha, beta1, beta2, epsilon, g, p, m, v, vhat, false);
}

LK_KERNEL void lk_adagrad(int64_t n, float lr, float epsilon, const float *g, float *p, float *a) {
    LK_EACH(i, n) {
        a[i] += g[i] * g[i];
        p[i] -= lr * g[i] / __builtin_elementwise_sqrt(a[i] + epsilon);
    }
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
