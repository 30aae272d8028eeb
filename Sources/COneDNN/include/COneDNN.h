// Convolution, pooling and changes of layout by oneDNN, versions 2.6 and 3, whose interfaces differ.
//
// An operation is described, asked for the memory it works in, bound to addresses, and run as often as needed. It is made for the
// threads of `dnn_set_threads`. Arrays are float32.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// How the channels lie: behind the spatial axes, before them, or in blocks of 16 before them, with the rest of the block behind.
typedef enum { DNN_CHANNELS_LAST, DNN_CHANNELS_FIRST, DNN_CHANNEL_BLOCKS } dnn_order;

// [batch, channels, spatial axes …], whatever the order in memory.
typedef struct {
    int axes;
    int64_t lengths[5];
    dnn_order order;
} dnn_array;

// Where a window goes, by spatial axis. A dilation of 1 leaves no gaps.
typedef struct {
    int64_t size[3], strides[3], dilation[3], before[3], after[3];
} dnn_window;

typedef enum { DNN_FORWARD, DNN_INPUT_GRADIENT, DNN_KERNEL_GRADIENT } dnn_direction;

typedef struct dnn_operation dnn_operation;

// For the operations that are made next by this thread.
void dnn_set_threads(int count);
// Major version times 10000 plus minor version times 100 plus patch.
int dnn_version(void);

// y = x ∗ kernel, with the kernel [spatial axes …, channels of x / groups, channels of y] row by row; NULL if there is no such algorithm.
// Bound to
//   forward: x, kernel, bias or NULL, y;  input gradient: gradient of y, kernel, gradient of x;
//   kernel gradient: x, gradient of y, gradient of kernel, gradient of bias or NULL.
//   winograd: Winograd's minimal filtering, else the direct sum. relu: y = max(y, 0), forward only.
dnn_operation *dnn_convolution(dnn_direction direction, const dnn_array *x, const dnn_array *y, const dnn_window *window, int64_t groups,
                               bool bias, bool winograd, bool relu);
// The maximum of each window, or the mean of what of it is inside of x; NULL if there is no such algorithm. Bound to
//   forward: x, y, places;  input gradient: gradient of y, places, gradient of x.  places: `dnn_workspace_bytes`, NULL where that is 0.
dnn_operation *dnn_pooling(dnn_direction direction, const dnn_array *x, const dnn_array *y, const dnn_window *window, bool maximum);
// The same array in another layout. Bound to x, y.
dnn_operation *dnn_reorder(const dnn_array *x, const dnn_array *y);

// Bytes that it works in, and that hold what a gradient needs besides arrays.
int64_t dnn_scratch_bytes(const dnn_operation *operation);
int64_t dnn_workspace_bytes(const dnn_operation *operation);
// The name that oneDNN gives to the algorithm.
const char *dnn_algorithm(const dnn_operation *operation);
// `arrays` as said above, `scratch` aligned to 64 bytes. False if oneDNN refuses.
bool dnn_bind(dnn_operation *operation, void *const *arrays, void *scratch);
void dnn_run(const dnn_operation *operation);
void dnn_free(dnn_operation *operation);
