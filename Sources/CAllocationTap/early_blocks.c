// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#include "early_blocks.h"

#include <errno.h>
#include <string.h>

#if TAP_BUILT

// Blocks for dlsym, which allocates when it fails, from the time before there is a next allocator. Each has its size before it.
enum { early_capacity = 16 * 1024, early_header = 16 };
static char early[early_capacity] __attribute__((aligned(16)));
static size_t early_used;

void *tap_early_malloc(size_t size)
{
    size_t need = early_header + ((size + 15) & ~(size_t)15);
    if (size > early_capacity || need > early_capacity - early_used) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = early + early_used + early_header;
    memcpy(block - early_header, &size, sizeof size);
    early_used += need;
    return block;
}

int tap_is_early_block(const void *block)
{
    return (const char *)block >= early && (const char *)block < early + early_capacity;
}

size_t tap_early_size(const void *block)
{
    size_t size;
    memcpy(&size, (const char *)block - early_header, sizeof size);
    return size;
}

#endif
