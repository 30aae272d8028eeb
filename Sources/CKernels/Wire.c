// Gradients in sixteen bits, for the network between hosts. All in integers and in sums of normal numbers, so that the
// results do not depend on whether subnormal numbers are flushed.
#include "Vectors.h"

LK_INLINE uint32_t to_bfloat16(uint32_t bits) {
    uint32_t magnitude = bits & 0x7fffffffu;
    uint32_t rounded = (magnitude + 0x7fffu + (magnitude >> 16 & 1)) >> 16;
    rounded = magnitude < 0x7f800000u && rounded > 0x7f7fu ? 0x7f7fu : rounded;
    rounded = magnitude > 0x7f800000u ? 0x7fc0u : rounded;
    return (bits >> 16 & 0x8000u) | rounded;
}

LK_INLINE uint32_t from_bfloat16(uint32_t wire) { return wire << 16; }

LK_INLINE uint32_t to_float16(uint32_t bits) {
    uint32_t magnitude = bits & 0x7fffffffu;
    // The exponent's bias falls by 112.
    uint32_t rounded = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1)) >> 13;
    // Below 2^-14 numbers lie 2^-24 apart, as floats from 1/2 to 1 do: the addition rounds.
    uint32_t small = lk_as_bits(lk_as_float(magnitude) + 0.5f) - 0x3f000000u;
    rounded = magnitude < 0x38800000u ? small : rounded;
    rounded = magnitude >= 0x477ff000u ? 0x7bffu : rounded;
    rounded = magnitude == 0x7f800000u ? 0x7c00u : rounded;
    rounded = magnitude > 0x7f800000u ? 0x7e00u : rounded;
    return (bits >> 16 & 0x8000u) | rounded;
}

LK_INLINE uint32_t from_float16(uint32_t wire) {
    uint32_t magnitude = (wire & 0x7fffu) << 13, exponent = magnitude & 0x0f800000u;
    uint32_t normal = magnitude + (112u << 23);
    uint32_t small = lk_as_bits(lk_as_float(normal + (1u << 23)) - 0x1p-14f);
    uint32_t value = exponent == 0 ? small : exponent == 0x0f800000u ? normal + (112u << 23) : normal;
    return (wire & 0x8000u) << 16 | value;
}

#define WIRE(format)                                                                                            \
    LK_KERNEL void lk_compress_##format(int64_t n, const float *x, float *error, uint16_t *wire) {              \
        LK_EACH(i, n) {                                                                                         \
            float v = x[i] + error[i];                                                                          \
            uint32_t w = to_##format(lk_as_bits(v));                                                            \
            wire[i] = (uint16_t)w;                                                                              \
            error[i] = (lk_as_bits(v) & 0x7f800000u) == 0x7f800000u ? 0.0f : v - lk_as_float(from_##format(w)); \
        }                                                                                                       \
    }                                                                                                           \
    LK_KERNEL void lk_expand_##format(int64_t n, const uint16_t *wire, float *y) {                              \
        LK_EACH(i, n) y[i] = lk_as_float(from_##format(wire[i]));                                               \
    }

WIRE(bfloat16)
WIRE(float16)
