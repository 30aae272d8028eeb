// Random numbers: Philox4x32-10, from J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#include "Elementary.h"

typedef uint64_t u64x8 __attribute__((vector_size(64), aligned(8)));
enum { chunk = 256, vectors = 4 };      // numbers made at once: 64 blocks of four

// Thirty-two blocks. Each word lives in the low half of a 64-bit lane: a product's low half is then the lane itself,
// its high half one shift, and the multiplier ignores whatever stands above.
LK_INLINE void thirty_two_blocks(uint64_t key, uint64_t stream, uint64_t block, uint32_t *y) {
    const uint64_t low = 0xffffffffu;
    u64x8 c0[vectors], c1[vectors], c2[vectors], c3[vectors];
    for (int v = 0; v < vectors; ++v) {
        u64x8 index = (u64x8){0, 1, 2, 3, 4, 5, 6, 7} + (block + 8 * (uint64_t)v);
        c0[v] = index;
        c1[v] = index >> 32;
        c2[v] = (u64x8){0} + (stream & low);
        c3[v] = (u64x8){0} + (stream >> 32);
    }
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u)
        for (int v = 0; v < vectors; ++v) {
            u64x8 p0 = (c0[v] & low) * 0xd2511f53u, p1 = (c2[v] & low) * 0xcd9e8d57u;
            c0[v] = p1 >> 32 ^ c1[v] ^ k0;
            c2[v] = p0 >> 32 ^ c3[v] ^ k1;
            c1[v] = p1;
            c3[v] = p0;
        }
    for (int v = 0; v < vectors; ++v) {
        u64x8 pair[2] = {(c0[v] & low) | c1[v] << 32, (c2[v] & low) | c3[v] << 32};
        for (int j = 0; j < 8; ++j)
            for (int half = 0; half < 2; ++half) {
                y[32 * v + 4 * j + 2 * half] = (uint32_t)pair[half][j];
                y[32 * v + 4 * j + 2 * half + 1] = (uint32_t)(pair[half][j] >> 32);
            }
    }
}

// Runs `body` over every chunk of the elements first ..< first + n: `bits` points at the chunk's `count` numbers, and
// `at` is where its results go. Chunks begin at whole blocks, whatever `first` is.
#define EACH_CHUNK \
    uint32_t made[chunk]; \
    int64_t skip = (int64_t)(first % 4), count = 0; \
    uint64_t block = first / 4; \
    for (int64_t at = 0; at < n; at += count, skip = 0, block += chunk / 4)
#define MAKE_CHUNK \
    const uint32_t *bits = made + skip; \
    count = lk_least(chunk - skip, n - at); \
    thirty_two_blocks(key, stream, block, made); \
    if (skip + count > chunk / 2) thirty_two_blocks(key, stream, block + chunk / 8, made + chunk / 2);

LK_KERNEL void lk_philox(int64_t n, uint64_t key, uint64_t stream, uint64_t first, uint32_t *y) {
    EACH_CHUNK {
        MAKE_CHUNK
        memcpy(y + at, bits, (size_t)count * 4);
    }
}

LK_INLINE float uniform(uint32_t bits) { return (float)(int32_t)(bits >> 8) * 0x1p-24f; }

LK_KERNEL void lk_random_uniform(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float low, float high,
                                 float *y) {
    float width = high - low, last = high > low ? nextafterf(high, low) : high;     // rounding may reach `high`
    EACH_CHUNK {
        MAKE_CHUNK
        LK_EACH(i, count) {
            float v = low + width * uniform(bits[i]);
            y[at + i] = v < last ? v : last;
        }
    }
}

// 2u - 1 for u = ((bits >> 8) + 1/2) 2^-24: an odd number of 2^-24, exact, never 0 or 1 in size.
LK_INLINE float symmetric(uint32_t bits) {
    return (float)(2 * (int32_t)(bits >> 8) + 1 - (1 << 24)) * 0x1p-24f;
}

LK_KERNEL void lk_random_normal(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float mean, float stddev,
                                float *y) {
    float scale = stddev * 1.41421356f;
    EACH_CHUNK {
        MAKE_CHUNK
        LK_EACH(i, count) y[at + i] = mean + scale * lk_erfinv1(symmetric(bits[i]));
    }
}

LK_KERNEL void lk_random_truncated_normal(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float mean,
                                          float stddev, float *y) {
    const float edge = 0.954499736f;        // erf(sqrt 2), the probability within two deviations
    EACH_CHUNK {
        MAKE_CHUNK
        LK_EACH(i, count) {
            float z = 1.41421356f * lk_erfinv1(edge * symmetric(bits[i]));
            z = z > 2.0f ? 2.0f : z;
            y[at + i] = mean + stddev * (z < -2.0f ? -2.0f : z);
        }
    }
}

LK_KERNEL void lk_dropout(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float rate, const float *x,
                          float *y) {
    float scale = 1.0f / (1.0f - rate);
    EACH_CHUNK {
        MAKE_CHUNK
        LK_EACH(i, count) y[at + i] = uniform(bits[i]) >= rate ? x[at + i] * scale : 0.0f;
    }
}

LK_KERNEL void lk_affine_dropout(int64_t n, uint64_t key, uint64_t stream, uint64_t first, float rate, float scale, float shift,
                                 float dropped, const float *x, float *y) {
    EACH_CHUNK {
        MAKE_CHUNK
        LK_EACH(i, count) y[at + i] = uniform(bits[i]) >= rate ? x[at + i] * scale + shift : dropped;
    }
}
