// Recurrent layers: all steps of a batch in one call.
#pragma once
#include <stdint.h>
#include <stdbool.h>

// Gates, in Keras' order, of units each; x is a step's product of the inputs with bias, h the state, · a product with a part of the
// recurrent kernel [units, gates · units]:
//   simple            h' = f(x + h·U)
//   lstm              i, f, o = g(x + h·U), ĉ = a(x + h·U); c' = f c + i ĉ; h' = o a(c')         (gates i, f, ĉ, o)
//   gru               z, r = g(x + h·U), ĥ = a(x + r (h·U + b)); h' = z h + (1 - z) ĥ
//   gru_reset_before  z, r = g(x + h·U), ĥ = a(x + (r h)·U);     h' = z h + (1 - z) ĥ
typedef enum { LK_CELL_SIMPLE, LK_CELL_LSTM, LK_CELL_GRU, LK_CELL_GRU_RESET_BEFORE } lk_cell;

// Functions whose slope follows from their value.
typedef enum { LK_GATE_LINEAR, LK_GATE_RELU, LK_GATE_SIGMOID, LK_GATE_TANH, LK_GATE_HARD_SIGMOID } lk_gate_function;

typedef struct {
    lk_cell cell;
    lk_gate_function activation, recurrent_activation;
    int64_t batch, steps, units;
    bool backwards;             // from the last step to the first
    bool reversed;              // `sequence` and its gradient are against the order of computation, not in it
    bool zeroes_masked;         // the output of a masked step is zero, not the one before
    const float *kernel;        // [units, gates · units]
    const float *bias;          // [gates · units], of gru [2, 3 · units]: of the inputs and of the state; or NULL
    const uint8_t *mask;        // [batch, steps]: 0 where a step leaves the states as they are; or NULL
    const float *dropout;       // [batch, gates · units]: what the state is multiplied by before each gate's product; or NULL
    const float *initial[2];    // [batch, units]; NULL for zeros; only lstm has a second state, c
    const float *x;             // [batch, steps, gates · units]
    float *gates;               // as x, which it may be: the gates' values. Of masked steps they mean nothing
    float *before[2];           // [batch, steps, units]: the states before each step; or NULL
    float *inner;               // [batch, steps, units]: of gru h·U + b of ĥ, of gru_reset_before r h, dropped out; or NULL
    float *sequence;            // [batch, steps, units]: outputs; or NULL
    float *last[2];             // [batch, units]: states after the last step
    // Of the gradient, which reads the arrays above but for x, sequence and last.
    const float *d_sequence;    // or NULL
    const float *d_last[2];     // or NULL
    float *dx;                  // as gates, which it may be
    float *d_product;           // [batch, steps, 3 · units]: of gru, with respect to h·U + b
    float *d_initial[2];
    float *d_bias;              // or NULL
    float *scratch;             // lk_recurrence_scratch floats
} lk_recurrence;

int64_t lk_recurrence_scratch(lk_cell cell, int64_t batch, int64_t units);

// Some rows of the batch go through all steps together, so that their states stay in the cache. A row's bytes do not depend on others.
void lk_recurrence_forward(const lk_recurrence *r);
// d_bias is a sum over all rows and steps, in a fixed order.
void lk_recurrence_backward(const lk_recurrence *r);
