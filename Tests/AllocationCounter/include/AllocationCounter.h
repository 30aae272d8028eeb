// Counts heap allocations of the calling thread, by standing in for malloc and its kin in the program that links this
// target (glibc only; elsewhere, and under the address
// sanitizer, the count stays zero). For tests that a step allocates nothing.
#pragma once
#include <stdint.h>

uint64_t heap_allocations(void);
// Bytes of the heap that are in use, by all threads; what is freed but not yet given back does not count (glibc 2.33).
uint64_t heap_bytes(void);
