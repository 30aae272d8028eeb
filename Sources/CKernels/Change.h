// How an update changes a parameter, and says what it has added.
#pragma once
#include "Vectors.h"

// Adds to a parameter. What is added is rounded by itself, so that it is the same number wherever it is added. `keep` is
// a constant at each call, as are the other flags below: each variant is a loop without tests.
LK_INLINE void add(int64_t i, float change, float *p, float *d, bool keep) {
    p[i] += change;
    if (keep) d[i] = change;
}

#define EITHER(f, ...) do { if (d) f(__VA_ARGS__, true); else f(__VA_ARGS__, false); } while (0)
