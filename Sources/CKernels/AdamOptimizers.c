// Updates by moving means of gradients and of their squares: one pass over gradient, parameter and state.
#include "Change.h"

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

LK_INLINE void adamax(int64_t n, float alpha, double beta1, float beta2, float epsilon, const float *g, float *p, float *m, float *u,
                      float *d, bool keep) {
    float rest = (float)(1.0 - beta1);
    LK_EACH(i, n) {
        float mean = m[i] + (g[i] - m[i]) * rest, old = beta2 * u[i], size = __builtin_fabsf(g[i]);
        float largest = old > size ? old : size;
        m[i] = mean;
        u[i] = largest;
        add(i, -(alpha * mean / (largest + epsilon)), p, d, keep);
    }
}

LK_KERNEL void lk_adamax(int64_t n, float alpha, double beta1, float beta2, float epsilon, const float *g, float *p, float *m,
                         float *u, float *d) {
    EITHER(adamax, n, alpha, beta1, beta2, epsilon, g, p, m, u, d);
}

LK_INLINE void nadam(int64_t n, float lr, float beta1, float beta2, float epsilon, float from_mean, float from_gradient, float rest2,
                     const float *g, float *p, float *m, float *v, float *d, bool keep) {
    float decay1 = 1.0f - beta1, decay2 = 1.0f - beta2;
    LK_EACH(i, n) {
        float gradient = g[i], mean = m[i] + (gradient - m[i]) * decay1, second = v[i] + (gradient * gradient - v[i]) * decay2;
        m[i] = mean;
        v[i] = second;
        float ahead = from_mean * mean + from_gradient * gradient;
        add(i, -(ahead * lr / (__builtin_elementwise_sqrt(second / rest2) + epsilon)), p, d, keep);
    }
}

LK_KERNEL void lk_nadam(int64_t n, float lr, float beta1, float beta2, float epsilon, float from_mean, float from_gradient,
                        float rest2, const float *g, float *p, float *m, float *v, float *d) {
    EITHER(nadam, n, lr, beta1, beta2, epsilon, from_mean, from_gradient, rest2, g, p, m, v, d);
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
