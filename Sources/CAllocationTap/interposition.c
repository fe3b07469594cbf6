// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The functions that take the place of malloc and its like.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CAllocationTap.h"
#include "admission.h"
#include "block_map.h"
#include "early_blocks.h"
#include "first_allocation.h"
#include "interposition.h"
#include "thread_rows.h"

#if TAP_BUILT

#define own_caller ((uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)))

// What the endpoint's own threads take begins with zeros, and what they give back ends with zeros: they handle addresses of
// everything, and left behind in memory that somebody else uses next, these would look like references to a leak detector.
static __attribute__((noinline, cold)) void wipe(void *block)
{
    memset(block, 0, tap_next.malloc_usable_size(block));
}

static __attribute__((noinline, cold)) void free_slowly(void *block)
{
    if (block == NULL || tap_is_early_block(block))
        return;
    tap_dismiss(block);
    if (tap_own_row && tap_own_row->own)
        wipe(block);
    tap_next.free(block);
}

// What malloc gives may have any content, and keeps what its last owners had there: to a leak detector, references. Two of three
// sizes also leave glibc's block a last word that was not asked for, and arrays and tables have room that nobody writes to. So all
// of it is zero. Not in large blocks, whose last page may never be touched.
static inline __attribute__((always_inline)) void *clear(void *block, size_t size)
{
    if (size < tap_clears_below && likely(block != NULL)) {
        size_t chunk = (size + 23) & ~(size_t)15;
        size_t room = (chunk < 32 ? 32 : chunk) - 8;
        char *start = block, *end = start + room;
        // Of fixed lengths that overlap, without a loop and without a call: 0.3 ns for 64 bytes, where a loop takes 1.3.
        if (likely(room <= 72)) {
            memset(start, 0, 16);
            memset(end - 24, 0, 24);
            if (room > 40)
                memset(start + 16, 0, 32);
        } else if (likely(room <= 136)) {
            memset(start, 0, 64);
            memset(end - 72, 0, 72);
        } else {
            memset(start, 0, room);
        }
    }
    return block;
}

static void *tap_malloc(size_t size)
{
    struct tap_row *row = tap_own_row;
    if (unlikely(row == NULL))
        return tap_admit(clear(tap_next.malloc(size), size), size, own_caller);
    int64_t countdown = atomic_load_explicit(&row->countdown, memory_order_relaxed);
    int64_t left = (int64_t)((uint64_t)countdown - size);
    if (unlikely(left < 0))
        return tap_admit(clear(tap_next.malloc(size), size), size, own_caller);
    atomic_store_explicit(&row->countdown, left, memory_order_relaxed);
    tap_add(&row->mallocs, 1);
    tap_add(&row->bytes, size);
    void *block = clear(tap_next.malloc(size), size);
    if (unlikely(block == NULL))
        return tap_readmit(NULL, size, own_caller);
    tap_byte *byte = tap_byte_at((uintptr_t)block);
    if (unlikely(byte == NULL))
        return tap_readmit(block, size, own_caller);
    if (unlikely(row->own)) {
        wipe(block);
        tap_set(byte, row->own == alloctap_own_hidden ? tap_hidden_block : tap_block);
        return block;
    }
    tap_set(byte, tap_block);
    return block;
}

static void tap_free(void *block)
{
    struct tap_row *row = tap_own_row;
    tap_byte *byte = likely(row != NULL) ? tap_byte_at((uintptr_t)block) : NULL;
    if (unlikely(byte == NULL || tap_get(byte) != tap_block)) {
        free_slowly(block);
        return;
    }
    tap_set(byte, tap_no_block);
    tap_add(&row->frees, 1);
    if (unlikely(row->own))
        wipe(block);
    tap_next.free(block);
}

static void *tap_calloc(size_t count, size_t size)
{
    return tap_admit(tap_next.calloc(count, size), count * size, own_caller);  // no overflow where a block came back
}

static void *tap_realloc(void *block, size_t size)
{
    return tap_reallocate(block, size, own_caller);
}

static void *tap_reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return tap_reallocate(block, bytes, own_caller);
}

static void *tap_memalign(size_t alignment, size_t size)
{
    return tap_admit(tap_clear_room(tap_next.memalign(alignment, size), size, 0), size, own_caller);
}

static void *tap_aligned_alloc(size_t alignment, size_t size)
{
    return tap_admit(tap_clear_room(tap_next.aligned_alloc(alignment, size), size, 0), size, own_caller);
}

static int tap_posix_memalign(void **block, size_t alignment, size_t size)
{
    int error = tap_next.posix_memalign(block, alignment, size);
    if (error == 0)
        tap_admit(tap_clear_room(*block, size, 0), size, own_caller);
    return error;
}

static void *tap_valloc(size_t size)
{
    return tap_admit(tap_clear_room(tap_next.memalign((size_t)getpagesize(), size), size, 0), size, own_caller);
}

static void *tap_pvalloc(size_t size)
{
    size_t page = (size_t)getpagesize();
    if (size > SIZE_MAX - page) {
        errno = ENOMEM;
        return NULL;
    }
    size_t whole = (size + page - 1) / page * page;
    return tap_admit(tap_clear_room(tap_next.memalign(page, whole), whole, 0), whole, own_caller);
}

static size_t tap_malloc_usable_size(void *block)
{
    return tap_is_early_block(block) ? tap_early_size(block) : tap_next.malloc_usable_size(block);
}

static void tap_free_sized(void *block, size_t size)
{
    (void)size;
    tap_free(block);
}

static void tap_free_aligned_sized(void *block, size_t alignment, size_t size)
{
    (void)alignment, (void)size;
    tap_free(block);
}

// Weak: in a fully static executable, or with another allocator linked in, theirs win, and nothing is defined twice. For a
// shared C library it makes no difference: the executable's definition comes first, weak or not.
#define takes_the_place(of) __attribute__((weak, alias(#of), visibility("default")))
void *malloc(size_t size) takes_the_place(tap_malloc);
void *calloc(size_t count, size_t size) takes_the_place(tap_calloc);
void *realloc(void *block, size_t size) takes_the_place(tap_realloc);
void *reallocarray(void *block, size_t count, size_t size) takes_the_place(tap_reallocarray);
void free(void *block) takes_the_place(tap_free);
void *memalign(size_t alignment, size_t size) takes_the_place(tap_memalign);
void *aligned_alloc(size_t alignment, size_t size) takes_the_place(tap_aligned_alloc);
int posix_memalign(void **block, size_t alignment, size_t size) takes_the_place(tap_posix_memalign);
void *valloc(size_t size) takes_the_place(tap_valloc);
void *pvalloc(size_t size) takes_the_place(tap_pvalloc);
size_t malloc_usable_size(void *block) takes_the_place(tap_malloc_usable_size);
void free_sized(void *block, size_t size) takes_the_place(tap_free_sized);
void free_aligned_sized(void *block, size_t alignment, size_t size) takes_the_place(tap_free_aligned_sized);

// Compared by address: whichever definition the linker took.
int tap_is_linked(void)
{
    return malloc == tap_malloc && calloc == tap_calloc && realloc == tap_realloc && free == tap_free
        && memalign == tap_memalign && aligned_alloc == tap_aligned_alloc && posix_memalign == tap_posix_memalign;
}

int tap_is_first(void)
{
    void *first = dlsym(RTLD_DEFAULT, "malloc");
    void *(*ours)(size_t) = tap_malloc;
    return first == NULL || memcmp(&first, &ours, sizeof first) == 0;
}

#endif
