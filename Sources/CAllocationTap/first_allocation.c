// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// From the first allocation of the process on: each function finds the next allocator first, and is replaced by it.
#define _GNU_SOURCE
#include "first_allocation.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "block_map.h"
#include "early_blocks.h"
#include "interposition.h"
#include "recent_stack.h"
#include "sample_sites.h"
#include "sampled_blocks.h"
#include "thread_rows.h"

#if TAP_BUILT

// The first allocation of a process comes before its second thread, so none of this needs to be atomic.
static enum { not_started, starting, started } progress;
int tap_is_shadowed, tap_has_tables, tap_next_is_glibc;
size_t tap_clears_below;

static void *first_malloc(size_t size)
{
    tap_start();
    return progress == started ? tap_next.malloc(size) : tap_early_malloc(size);
}

static void *first_calloc(size_t count, size_t size)
{
    tap_start();
    if (progress == started)
        return tap_next.calloc(count, size);
    return size && count > SIZE_MAX / size ? tap_early_malloc(SIZE_MAX) : tap_early_malloc(count * size);  // zero: never used
}

// realloc handles early blocks and NULL itself; no other block exists yet.
static void *first_realloc(void *block, size_t size)
{
    tap_start();
    return progress == started ? tap_next.realloc(block, size) : NULL;
}

static void first_free(void *block)
{
    tap_start();
    if (progress == started)
        tap_next.free(block);
}

static void *first_memalign(size_t alignment, size_t size)
{
    tap_start();
    if (progress == started)
        return tap_next.memalign(alignment, size);
    errno = ENOMEM;
    return NULL;
}

static void *first_aligned_alloc(size_t alignment, size_t size)
{
    tap_start();
    return progress == started ? tap_next.aligned_alloc(alignment, size) : first_memalign(alignment, size);
}

static int first_posix_memalign(void **block, size_t alignment, size_t size)
{
    tap_start();
    return progress == started ? tap_next.posix_memalign(block, alignment, size) : ENOMEM;
}

static size_t first_usable_size(void *block)
{
    tap_start();
    return progress == started ? tap_next.malloc_usable_size(block) : 0;
}

union tap_locked_page tap_locked = {.allocator = {
    first_malloc,   first_calloc,        first_realloc,        first_free,
    first_memalign, first_aligned_alloc, first_posix_memalign, first_usable_size,
}};

void tap_start(void)
{
    if (progress != not_started)
        return;
    int saved = errno;
    progress = starting;
    struct tap_allocator next;
    tap_next_is_glibc = tap_find_next(&next);
    tap_is_shadowed = !tap_is_linked() || !tap_is_first();
    int has_tables = !tap_is_shadowed && tap_make_map() && tap_make_sampled_blocks() && tap_make_sites()
        && tap_make_recent_stacks() && tap_make_rows();
    tap_next = next;
    if (getpagesize() == sizeof tap_locked)
        mprotect(&tap_locked, sizeof tap_locked, PROT_READ);
    tap_has_tables = has_tables;
    tap_clears_below = has_tables && tap_next_is_glibc ? 128 << 10 : 0;
    progress = started;
    errno = saved;
}

// For a program that has not allocated before main.
__attribute__((constructor)) static void start_before_main(void)
{
    tap_start();
}

#endif
