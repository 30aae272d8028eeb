// Optimizer updates, in place over p and the state arrays. Keras' formulas.
//
// Decay rates are doubles where Keras subtracts them from 1 in double: 1 - 0.999f is off by 1.3e-5.
// Those with a `d` write what they add to p to d as well, unless d is NULL; d may be g. p and d do not depend on one another:
// adding d to the old p anywhere gives the same new p.
#pragma once
#include <stdint.h>
#include <stdbool.h>

// p -= lr * g
void lk_sgd(int64_t n, float lr, const float *g, float *p, float *d);
// m = momentum * m - lr * g;  p += nesterov ? momentum * m - lr * g : m
void lk_sgd_momentum(int64_t n, float lr, float momentum, bool nesterov, const float *g, float *p, float *m, float *d);
// v = rho v + (1 - rho) g^2;  p -= lr * g / sqrt(v + epsilon)
// centered (a != NULL): a = rho a + (1 - rho) g, denominator sqrt(v - a^2 + epsilon);
// momentum (m != NULL): m = momentum m + increment, p -= m.
void lk_rmsprop(int64_t n, float lr, double rho, float momentum, float epsilon, const float *g, float *p, float *v, float *m,
                float *a, float *d);
// a += g^2;  p -= lr * g / sqrt(a + epsilon)
void lk_adagrad(int64_t n, float lr, float epsilon, const float *g, float *p, float *a, float *d);
// a = rho a + (1 - rho) g^2;  u = -g sqrt(b + epsilon) / sqrt(a + epsilon);  b = rho b + (1 - rho) u^2;  p += lr * u
void lk_adadelta(int64_t n, float lr, double rho, float epsilon, const float *g, float *p, float *a, float *b, float *d);
// With s = a^power before and after a += g^2:  z += g + shrinkage p - (s after - s before) / lr p;
// p = (z cut to [-l1, l1] - z) / (s after / lr + l2)
void lk_ftrl(int64_t n, float lr, float power, float l1, float l2, float shrinkage, const float *g, float *p, float *a, float *z,
             float *d);
// p -= lr * sign(beta1 m + (1 - beta1) g);  m = beta2 m + (1 - beta2) g
void lk_lion(int64_t n, float lr, float beta1, float beta2, const float *g, float *p, float *m, float *d);
// d = rate * (g + decay * p);  m = momentum * m + d;  p -= nesterov ? momentum * m + d : m
void lk_lars(int64_t n, float rate, float momentum, bool nesterov, float decay, const float *g, float *p, float *m);
// p -= part * p
void lk_weight_decay(int64_t n, float part, float *p);
// a = momentum * a + (1 - momentum) * p
void lk_moving_average(int64_t n, float momentum, const float *p, float *a);

// MARK: Adam and its kin

// m += (g - m)(1 - beta1);  v += (g^2 - v)(1 - beta2);  vhat = max(vhat, v) if not NULL;
// p -= alpha * m / (sqrt(v or vhat) + epsilon), alpha = lr * sqrt(1 - beta2^t) / (1 - beta1^t)
void lk_adam(int64_t n, float alpha, double beta1, double beta2, float epsilon, const float *g, float *p, float *m, float *v,
             float *vhat, float *d);
// m += (g - m)(1 - beta1);  u = max(beta2 u, |g|);  p -= alpha * m / (u + epsilon), alpha = lr / (1 - beta1^t)
void lk_adamax(int64_t n, float alpha, double beta1, float beta2, float epsilon, const float *g, float *p, float *m, float *u,
               float *d);
// m += (g - m)(1 - beta1);  v += (g^2 - v)(1 - beta2);
// p -= lr * (from_mean m + from_gradient g) / (sqrt(v / rest2) + epsilon), rest2 = 1 - beta2^t
void lk_nadam(int64_t n, float lr, float beta1, float beta2, float epsilon, float from_mean, float from_gradient, float rest2,
              const float *g, float *p, float *m, float *v, float *d);
// m, v as in lk_adam; the sum of the squares, in double, of u = m / rest1 / (sqrt(v / rest2) + epsilon), rest = 1 - beta^t
double lk_lamb_moments(int64_t n, double beta1, double beta2, float epsilon, float rest1, float rest2, const float *g,
                       float *m, float *v);
// p -= rate * u
void lk_lamb(int64_t n, float rate, float epsilon, float rest1, float rest2, const float *m, const float *v, float *p);

// MARK: Adafactor: second moments of matrices by rows and columns. s = g^2 + epsilon

// r[i] = decay r[i] + (1 - decay) mean of s over row i;  c[j] = decay c[j] + (1 - decay) mean of s over column j;
// v[i, j] = r[i] / mean(r) * c[j]; the sum, in double, of g^2 / v
double lk_adafactor_matrix(int64_t rows, int64_t cols, float decay, float epsilon, const float *g, float *r, float *c, float *v);
// v = decay v + (1 - decay) s; the sum of g^2 / v
double lk_adafactor_vector(int64_t n, float decay, float epsilon, const float *g, float *v);
// p -= rate * g / sqrt(v)
void lk_adafactor(int64_t n, float rate, const float *g, const float *v, float *p);
