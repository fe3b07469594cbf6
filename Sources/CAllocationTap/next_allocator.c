// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "next_allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "CAllocationTap.h"

#if TAP_BUILT

// The allocator behind, for those that hand out blocks of 8 bytes that are aligned to 8: two would share a byte of the map.
static struct tap_allocator behind;
enum { least_size = 16 };

static size_t at_least(size_t size)
{
    return size < least_size ? least_size : size;
}

static void *raised_malloc(size_t size)
{
    return behind.malloc(at_least(size));
}

static void *raised_calloc(size_t count, size_t size)
{
    return size && count > SIZE_MAX / size ? behind.calloc(count, size) : behind.calloc(1, at_least(count * size));
}

static void *raised_realloc(void *block, size_t size)
{
    if (size != 0)
        return behind.realloc(block, at_least(size));
    void *moved = behind.realloc(block, 0);  // frees it, or gives the smallest block
    return (uintptr_t)moved % least_size ? behind.realloc(moved, least_size) : moved;
}

static void *raised_memalign(size_t alignment, size_t size)
{
    return behind.memalign(at_least(alignment), at_least(size));
}

static void *raised_aligned_alloc(size_t alignment, size_t size)
{
    return behind.aligned_alloc(alignment, at_least(size));
}

static int raised_posix_memalign(void **block, size_t alignment, size_t size)
{
    return behind.posix_memalign(block, alignment, at_least(size));
}

// For an allocator that leaves these to glibc, which would hand out blocks of its own heap.
static void *memalign_by_posix(size_t alignment, size_t size)
{
    void *block = NULL;
    int error = behind.posix_memalign(&block, alignment < sizeof(void *) ? sizeof(void *) : alignment, size);
    if (error)
        errno = error;
    return error ? NULL : block;
}

// For glibc's own entry points, which have neither.
static int posix_by_memalign(void **block, size_t alignment, size_t size)
{
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    int saved = errno;
    void *found = behind.memalign(alignment, size);
    errno = saved;
    if (found == NULL)
        return ENOMEM;
    *block = found;
    return 0;
}

static size_t glibc_usable_size(void *block)
{
    uint64_t word_before;
    if (block == NULL)
        return 0;
    memcpy(&word_before, (const char *)block - sizeof word_before, sizeof word_before);
    return alloctap_glibc_size(word_before);
}

static int no_posix_memalign(void **block, size_t alignment, size_t size)
{
    (void)block, (void)alignment, (void)size;
    return ENOMEM;
}

static size_t no_usable_size(void *block)
{
    (void)block;
    return 0;
}

// Where the object that holds `function` begins.
static void *object_of(void *function)
{
    Dl_info info;
    return function && dladdr(function, &info) ? info.dli_fbase : NULL;
}

// The next definition of `name` that belongs to the allocator in `object`; NULL if there is none.
static void *next_of(const char *name, void *object)
{
    void *function = dlsym(RTLD_NEXT, name);
    return object_of(function) == object ? function : NULL;
}

extern void *__libc_malloc(size_t) __attribute__((weak));
extern void *__libc_calloc(size_t, size_t) __attribute__((weak));
extern void *__libc_realloc(void *, size_t) __attribute__((weak));
extern void __libc_free(void *) __attribute__((weak));
extern void *__libc_memalign(size_t, size_t) __attribute__((weak));

// A function pointer by way of memory: ISO C knows no conversion from an object pointer.
#define find(member, name, otherwise)                  \
    do {                                               \
        void *function_ = next_of(name, object);       \
        behind.member = otherwise;                     \
        if (function_ != NULL)                         \
            memcpy(&behind.member, &function_, sizeof function_); \
    } while (0)

// Returns whether it is glibc's.
static int find_behind(void)
{
    // In a fully static executable nothing can be looked up, and malloc is glibc's own.
    void *(*linked)(size_t) = malloc;
    void *object = linked == __libc_malloc ? NULL : object_of(dlsym(RTLD_NEXT, "malloc"));
    if (object == NULL) {
        behind = (struct tap_allocator){
            __libc_malloc,   __libc_calloc,   __libc_realloc,    __libc_free,
            __libc_memalign, __libc_memalign, posix_by_memalign, glibc_usable_size,
        };
        return 1;
    }
    find(malloc, "malloc", NULL);
    find(calloc, "calloc", NULL);
    find(realloc, "realloc", NULL);
    find(free, "free", NULL);
    find(posix_memalign, "posix_memalign", no_posix_memalign);
    find(memalign, "memalign", memalign_by_posix);
    find(aligned_alloc, "aligned_alloc", memalign_by_posix);
    find(malloc_usable_size, "malloc_usable_size", no_usable_size);
    return object == object_of(dlsym(RTLD_NEXT, "gnu_get_libc_version"));  // no other allocator has this
}

int tap_find_next(struct tap_allocator *out)
{
    int is_glibc = find_behind();
    *out = behind;
    if (!is_glibc) {
        out->malloc = raised_malloc;
        out->calloc = raised_calloc;
        out->realloc = raised_realloc;
        out->memalign = raised_memalign;
        out->aligned_alloc = raised_aligned_alloc;
        out->posix_memalign = raised_posix_memalign;
    }
    return is_glibc;
}

#endif
