#define _GNU_SOURCE
#include "COneDNN.h"
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Version 3 hands out descriptions of arrays by pointer, version 2 by value.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t description;
typedef const_dnnl_memory_desc_t description_ref;
#define REF(d) (d)
static void release(description *d) { if (*d) dnnl_memory_desc_destroy(*d); *d = NULL; }
static bool copy(description *to, description_ref from) { return dnnl_memory_desc_clone(to, from) == dnnl_success; }
static bool with_tag(description *d, int axes, const int64_t *lengths, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(d, axes, lengths, dnnl_f32, tag) == dnnl_success;
}
static bool with_strides(description *d, int axes, const int64_t *lengths, const int64_t *strides) {
    return dnnl_memory_desc_create_with_strides(d, axes, lengths, dnnl_f32, strides) == dnnl_success;
}
#else
typedef dnnl_memory_desc_t description;
typedef const dnnl_memory_desc_t *description_ref;
#define REF(d) (&(d))
static void release(description *d) { (void)d; }
static bool copy(description *to, description_ref from) { return *to = *from, true; }
static bool with_tag(description *d, int axes, const int64_t *lengths, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(d, axes, lengths, dnnl_f32, tag) == dnnl_success;
}
static bool with_strides(description *d, int axes, const int64_t *lengths, const int64_t *strides) {
    return dnnl_memory_desc_init_by_strides(d, axes, lengths, dnnl_f32, strides) == dnnl_success;
}
#endif

enum { MOST_ARRAYS = 4 };

struct dnn_operation {
    dnnl_primitive_desc_t desc;
    // Of each array: what the primitive calls it, 0 where there is none; how it lies.
    int names[MOST_ARRAYS];
    description arrays[MOST_ARRAYS];
    int count;
    // The array that the primitive has in an order of its own, -1 if none: copied before it runs, or after if it is a result.
    int kernel;
    bool kernel_is_result;
    description kernel_order;

    dnnl_primitive_t primitive, reorder;
    dnnl_exec_arg_t args[MOST_ARRAYS + 1], reorder_args[2];
    int arg_count;
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void begin(void) {
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success
        || dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success)
        abort();
}

void dnn_set_threads(int count) {
    // oneDNN is built with OpenMP, of whatever library.
    static void (*set)(int);
    if (!set) set = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) set(count);
}

int dnn_version(void) {
    const dnnl_version_t *v = dnnl_version();
    return v->major * 10000 + v->minor * 100 + v->patch;
}

// MARK: Descriptions

static bool describe(description *d, const dnn_array *a) {
    const dnnl_format_tag_t first[] = {dnnl_ncw, dnnl_nchw, dnnl_ncdhw}, blocks[] = {dnnl_nCw16c, dnnl_nChw16c, dnnl_nCdhw16c};
    if (a->order == DNN_CHANNELS_FIRST) return with_tag(d, a->axes, a->lengths, first[a->axes - 3]);
    if (a->order == DNN_CHANNEL_BLOCKS) return with_tag(d, a->axes, a->lengths, blocks[a->axes - 3]);
    int64_t strides[5], step = a->lengths[1];
    for (int i = a->axes - 1; i >= 2; --i) strides[i] = step, step *= a->lengths[i];
    strides[0] = step, strides[1] = 1;
    return with_strides(d, a->axes, a->lengths, strides);
}

// The kernel as it is given, row by row, and in an order that oneDNN chooses.
static bool describe_kernel(description *given, description *any, const dnn_array *x, const dnn_array *y, const dnn_window *w, int64_t groups) {
    int64_t lengths[6], strides[6], out = y->lengths[1] / groups, in = x->lengths[1] / groups, step = y->lengths[1];
    int grouped = groups > 1, axes = grouped + x->axes;
    if (grouped) lengths[0] = groups, strides[0] = out;
    lengths[grouped] = out, strides[grouped] = 1;
    lengths[grouped + 1] = in, strides[grouped + 1] = step;
    step *= in;
    for (int i = x->axes - 3; i >= 0; --i) {
        lengths[grouped + 2 + i] = w->size[i], strides[grouped + 2 + i] = step;
        step *= w->size[i];
    }
    return with_strides(given, axes, lengths, strides) && with_tag(any, axes, lengths, dnnl_format_tag_any);
}

static dnnl_primitive_attr_t attributes(bool relu) {
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_attr_create(&attr);
    // What it works in comes from outside: nothing is taken from the heap while it runs.
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (relu) {
        dnnl_post_ops_t ops = NULL;
        dnnl_post_ops_create(&ops);
#if DNNL_VERSION_MAJOR >= 3
        dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0);
#else
        dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
#endif
        dnnl_primitive_attr_set_post_ops(attr, ops);
        dnnl_post_ops_destroy(ops);
    }
    return attr;
}

static dnn_operation *operation(int count) {
    pthread_once(&once, begin);
    dnn_operation *o = calloc(1, sizeof *o);
    o->count = count, o->kernel = -1;
    return o;
}

// MARK: Convolution

static dnnl_primitive_desc_t convolution(dnn_direction direction, description_ref x, description_ref kernel, description_ref bias,
                                         description_ref y, const dnn_window *w, int spatial, bool winograd, bool relu,
                                         dnnl_primitive_desc_t hint) {
    dnnl_primitive_desc_t desc = NULL;
    dnnl_alg_kind_t algorithm = winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
    int64_t gaps[3];
    for (int i = 0; i < spatial; ++i) gaps[i] = w->dilation[i] - 1;
    dnnl_primitive_attr_t attr = attributes(relu);
    dnnl_status_t status;
#if DNNL_VERSION_MAJOR >= 3
    switch (direction) {
    case DNN_FORWARD:
        status = dnnl_convolution_forward_primitive_desc_create(&desc, engine, dnnl_forward_training, algorithm, x, kernel, bias, y,
                                                                w->strides, gaps, w->before, w->after, attr);
        break;
    case DNN_INPUT_GRADIENT:
        status = dnnl_convolution_backward_data_primitive_desc_create(&desc, engine, algorithm, x, kernel, y, w->strides, gaps, w->before,
                                                                      w->after, hint, attr);
        break;
    default:
        status = dnnl_convolution_backward_weights_primitive_desc_create(&desc, engine, algorithm, x, kernel, bias, y, w->strides, gaps,
                                                                         w->before, w->after, hint, attr);
    }
#else
    dnnl_convolution_desc_t described;
    switch (direction) {
    case DNN_FORWARD:
        status = dnnl_dilated_convolution_forward_desc_init(&described, dnnl_forward_training, algorithm, x, kernel, bias, y, w->strides,
                                                            gaps, w->before, w->after);
        break;
    case DNN_INPUT_GRADIENT:
        status = dnnl_dilated_convolution_backward_data_desc_init(&described, algorithm, x, kernel, y, w->strides, gaps, w->before,
                                                                  w->after);
        break;
    default:
        status = dnnl_dilated_convolution_backward_weights_desc_init(&described, algorithm, x, kernel, bias, y, w->strides, gaps,
                                                                     w->before, w->after);
    }
    if (status == dnnl_success) status = dnnl_primitive_desc_create(&desc, &described, attr, engine, hint);
#endif
    dnnl_primitive_attr_destroy(attr);
    return status == dnnl_success ? desc : NULL;
}

dnn_operation *dnn_convolution(dnn_direction direction, const dnn_array *x, const dnn_array *y, const dnn_window *window, int64_t groups,
                               bool bias, bool winograd, bool relu) {
    dnn_operation *o = operation(direction == DNN_INPUT_GRADIENT ? 3 : 4);
    description dx = {0}, dy = {0}, given = {0}, any = {0}, db = {0};
    dnnl_primitive_desc_t hint = NULL;
    int spatial = x->axes - 2;
    bool fine = describe(&dx, x) && describe(&dy, y) && describe_kernel(&given, &any, x, y, window, groups)
        && with_tag(&db, 1, &y->lengths[1], dnnl_a);
    description_ref rb = bias ? REF(db) : NULL;
    if (fine && direction != DNN_FORWARD)
        fine = (hint = convolution(DNN_FORWARD, REF(dx), REF(any), rb, REF(dy), window, spatial, winograd, false, NULL)) != NULL;
    if (fine) fine = (o->desc = convolution(direction, REF(dx), REF(any), rb, REF(dy), window, spatial, winograd, relu, hint)) != NULL;
    if (hint) dnnl_primitive_desc_destroy(hint);
    if (fine) {
        bool isResult = direction == DNN_KERNEL_GRADIENT;
        const int names[3][4] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, bias ? DNNL_ARG_BIAS : 0, DNNL_ARG_DST},
                                 {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC, 0},
                                 {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS, bias ? DNNL_ARG_DIFF_BIAS : 0}};
        memcpy(o->names, names[direction], sizeof o->names);
        description_ref own = dnnl_primitive_desc_query_md(o->desc, isResult ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
        int kernel = isResult ? 2 : 1;
        const description *arrays[3][4] = {{&dx, &given, &db, &dy}, {&dy, &given, &dx, &db}, {&dx, &dy, &given, &db}};
        for (int i = 0; i < MOST_ARRAYS; ++i) fine = copy(&o->arrays[i], REF(*arrays[direction][i])) && fine;
        o->kernel_is_result = isResult;
        if (!dnnl_memory_desc_equal(REF(given), own)) {
            o->kernel = kernel;
            fine = copy(&o->kernel_order, own) && fine;
        }
    }
    release(&dx), release(&dy), release(&given), release(&any), release(&db);
    if (!fine) return dnn_free(o), NULL;
    return o;
}

// MARK: Pooling

static dnnl_primitive_desc_t pooling(bool forward, description_ref x, description_ref y, const dnn_window *w, bool maximum,
                                     dnnl_primitive_desc_t hint) {
    dnnl_primitive_desc_t desc = NULL;
    dnnl_alg_kind_t algorithm = maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
    dnnl_primitive_attr_t attr = attributes(false);
    dnnl_status_t status;
#if DNNL_VERSION_MAJOR >= 3
    const int64_t gaps[3] = {0, 0, 0};
    status = forward ? dnnl_pooling_forward_primitive_desc_create(&desc, engine, dnnl_forward_training, algorithm, x, y, w->strides,
                                                                  w->size, gaps, w->before, w->after, attr)
                     : dnnl_pooling_backward_primitive_desc_create(&desc, engine, algorithm, x, y, w->strides, w->size, gaps, w->before,
                                                                   w->after, hint, attr);
#else
    dnnl_pooling_desc_t described;
    status = forward ? dnnl_pooling_forward_desc_init(&described, dnnl_forward_training, algorithm, x, y, w->strides, w->size, w->before,
                                                      w->after)
                     : dnnl_pooling_backward_desc_init(&described, algorithm, x, y, w->strides, w->size, w->before, w->after);
    if (status == dnnl_success) status = dnnl_primitive_desc_create(&desc, &described, attr, engine, hint);
#endif
    dnnl_primitive_attr_destroy(attr);
    return status == dnnl_success ? desc : NULL;
}

dnn_operation *dnn_pooling(dnn_direction direction, const dnn_array *x, const dnn_array *y, const dnn_window *window, bool maximum) {
    dnn_operation *o = operation(3);
    description dx = {0}, dy = {0};
    bool forward = direction == DNN_FORWARD, fine = describe(&dx, x) && describe(&dy, y);
    dnnl_primitive_desc_t hint = fine ? pooling(true, REF(dx), REF(dy), window, maximum, NULL) : NULL;
    fine = hint != NULL;
    if (fine) {
        o->desc = forward ? hint : pooling(false, REF(dx), REF(dy), window, maximum, hint);
        if (!forward) dnnl_primitive_desc_destroy(hint);
        fine = o->desc != NULL;
    }
    if (fine) {
        int places = maximum ? DNNL_ARG_WORKSPACE : 0;
        const int names[2][3] = {{DNNL_ARG_SRC, DNNL_ARG_DST, places}, {DNNL_ARG_DIFF_DST, places, DNNL_ARG_DIFF_SRC}};
        memcpy(o->names, names[!forward], sizeof names[0]);
        description_ref workspace = maximum ? dnnl_primitive_desc_query_md(o->desc, dnnl_query_workspace_md, 0) : REF(dy);
        description_ref arrays[2][3] = {{REF(dx), REF(dy), workspace}, {REF(dy), workspace, REF(dx)}};
        for (int i = 0; i < 3; ++i) fine = copy(&o->arrays[i], arrays[!forward][i]) && fine;
    }
    release(&dx), release(&dy);
    if (!fine) return dnn_free(o), NULL;
    return o;
}

// MARK: Layouts

static dnnl_primitive_desc_t reordering(description_ref x, description_ref y) {
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_attr_t attr = attributes(false);
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(&desc, x, engine, y, engine, attr);
    dnnl_primitive_attr_destroy(attr);
    return status == dnnl_success ? desc : NULL;
}

dnn_operation *dnn_reorder(const dnn_array *x, const dnn_array *y) {
    dnn_operation *o = operation(2);
    bool fine = describe(&o->arrays[0], x) && describe(&o->arrays[1], y);
    if (fine) fine = (o->desc = reordering(REF(o->arrays[0]), REF(o->arrays[1]))) != NULL;
    o->names[0] = DNNL_ARG_FROM, o->names[1] = DNNL_ARG_TO;
    if (!fine) return dnn_free(o), NULL;
    return o;
}

// MARK: What all have

static int64_t rounded(int64_t bytes) { return (bytes + 63) / 64 * 64; }
static int64_t bytes_of(const dnn_operation *o, dnnl_query_t what) {
    return (int64_t)dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(o->desc, what, 0));
}
static int64_t kernel_bytes(const dnn_operation *o) {
    return o->kernel < 0 ? 0 : rounded((int64_t)dnnl_memory_desc_get_size(REF(o->kernel_order)));
}
// Where the kernel is put in another order, that needs a scratchpad too, at another time.
static int64_t reorder_bytes(dnnl_primitive_desc_t desc) {
    return desc ? (int64_t)dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0)) : 0;
}
static dnnl_primitive_desc_t kernel_reordering(const dnn_operation *o) {
    if (o->kernel < 0) return NULL;
    description_ref given = REF(o->arrays[o->kernel]), own = REF(o->kernel_order);
    return o->kernel_is_result ? reordering(own, given) : reordering(given, own);
}

int64_t dnn_scratch_bytes(const dnn_operation *o) {
    dnnl_primitive_desc_t reorder = kernel_reordering(o);
    int64_t own = bytes_of(o, dnnl_query_scratchpad_md), other = reorder_bytes(reorder);
    if (reorder) dnnl_primitive_desc_destroy(reorder);
    return kernel_bytes(o) + rounded(own) + rounded(other);
}
int64_t dnn_workspace_bytes(const dnn_operation *o) { return bytes_of(o, dnnl_query_workspace_md); }
const char *dnn_algorithm(const dnn_operation *o) {
    const char *name = "";
    dnnl_primitive_desc_query(o->desc, dnnl_query_impl_info_str, 0, &name);
    return name;
}

static bool add(dnnl_exec_arg_t *args, int *count, int name, description_ref order, void *address) {
    dnnl_memory_t memory = NULL;
    if (dnnl_memory_create(&memory, order, engine, address) != dnnl_success) return false;
    args[(*count)++] = (dnnl_exec_arg_t){name, memory};
    return true;
}

bool dnn_bind(dnn_operation *o, void *const *arrays, void *scratch) {
    char *free_bytes = scratch;
    bool fine = dnnl_primitive_create(&o->primitive, o->desc) == dnnl_success;
    for (int i = 0; fine && i < o->count; ++i) {
        if (!o->names[i]) continue;
        if (i == o->kernel) {
            fine = add(o->args, &o->arg_count, o->names[i], REF(o->kernel_order), free_bytes);
        } else {
            fine = add(o->args, &o->arg_count, o->names[i], REF(o->arrays[i]), arrays[i]);
        }
    }
    free_bytes += kernel_bytes(o);
    fine = fine
        && add(o->args, &o->arg_count, DNNL_ARG_SCRATCHPAD, dnnl_primitive_desc_query_md(o->desc, dnnl_query_scratchpad_md, 0), free_bytes);
    free_bytes += rounded(bytes_of(o, dnnl_query_scratchpad_md));
    if (!fine || o->kernel < 0) return fine;

    dnnl_primitive_desc_t desc = kernel_reordering(o);
    int count = 0;
    description_ref given = REF(o->arrays[o->kernel]), own = REF(o->kernel_order);
    void *outside = arrays[o->kernel];
    fine = desc && dnnl_primitive_create(&o->reorder, desc) == dnnl_success
        && add(o->reorder_args, &count, DNNL_ARG_FROM, o->kernel_is_result ? own : given, o->kernel_is_result ? scratch : outside)
        && add(o->reorder_args, &count, DNNL_ARG_TO, o->kernel_is_result ? given : own, o->kernel_is_result ? outside : scratch);
    if (desc) dnnl_primitive_desc_destroy(desc);
    return fine;
}

void dnn_run(const dnn_operation *o) {
    // What can fail has been found when it was bound.
    if (o->reorder && !o->kernel_is_result) dnnl_primitive_execute(o->reorder, stream, 2, o->reorder_args);
    if (dnnl_primitive_execute(o->primitive, stream, o->arg_count, o->args) != dnnl_success) abort();
    if (o->reorder && o->kernel_is_result) dnnl_primitive_execute(o->reorder, stream, 2, o->reorder_args);
}

void dnn_free(dnn_operation *o) {
    for (int i = 0; i < o->arg_count; ++i) dnnl_memory_destroy(o->args[i].memory);
    for (int i = 0; i < 2; ++i) if (o->reorder_args[i].memory) dnnl_memory_destroy(o->reorder_args[i].memory);
    if (o->primitive) dnnl_primitive_destroy(o->primitive);
    if (o->reorder) dnnl_primitive_destroy(o->reorder);
    if (o->desc) dnnl_primitive_desc_destroy(o->desc);
    for (int i = 0; i < MOST_ARRAYS; ++i) release(&o->arrays[i]);
    release(&o->kernel_order);
    free(o);
}
