// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The allocator that the tap passes on to: the next definition of malloc after ours.
#ifndef NEXT_ALLOCATOR_H
#define NEXT_ALLOCATOR_H

#include <stddef.h>

#include "tap_build.h"

struct tap_allocator {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    void *(*memalign)(size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    size_t (*malloc_usable_size)(void *);
};

/// Returns whether it is glibc's. Its blocks begin in different granules of the map. Called once, while the process has one thread;
/// may allocate.
tap_hidden int tap_find_next(struct tap_allocator *out);

#endif
