#include "AllocationCounter.h"
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

// Per thread, as libraries (MPI among them) have threads of their own that allocate when they like.
static _Thread_local uint64_t count;

uint64_t heap_allocations(void) { return count; }

uint64_t heap_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
// The address sanitizer stands in for malloc itself.
#if defined(__GLIBC__) && !__has_feature(address_sanitizer)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t items, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    ++count;
    return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
    ++count;
    return __libc_calloc(items, size);
}

void *realloc(void *old, size_t size) {
    ++count;
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    ++count;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *memory = memalign(alignment, size);
    if (!memory) return ENOMEM;
    *result = memory;
    return 0;
}
#endif
