#include <cblas.h>

// LAPACK's QR factorization, which OpenBLAS brings along: column-major, its arguments by address, as Fortran has them.
void sgeqrf_(const int *m, const int *n, float *a, const int *lda, float *tau, float *work, const int *lwork, int *info);
void sorgqr_(const int *m, const int *n, const int *k, float *a, const int *lda, const float *tau, float *work, const int *lwork, int *info);
