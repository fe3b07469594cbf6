// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Memory for the tap's tables, straight from the kernel.
#define _GNU_SOURCE
#include "own_mappings.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "CAllocationTap.h"
#include "block_map.h"

#if TAP_BUILT

enum { max_tables = 16 };
static struct alloctap_mapping tables[max_tables];
static size_t table_count;

void *tap_map(size_t size)
{
    int saved = errno;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        memory = NULL;
    } else {
        // A huge page would cost 2 MiB where 4 KiB are touched.
        madvise(memory, size, MADV_NOHUGEPAGE);
        madvise(memory, size, MADV_DONTDUMP);
    }
    errno = saved;
    return memory;
}

void *tap_map_table(size_t size)
{
    void *memory = table_count < max_tables ? tap_map(size) : NULL;
    if (memory != NULL)
        tables[table_count++] = (struct alloctap_mapping){(uintptr_t)memory, size};
    return memory;
}

int alloctap_own_mapping(size_t index, struct alloctap_mapping *out)
{
    if (index < table_count) {
        *out = tables[index];
        return 1;
    }
    uint8_t *chunk = tap_chunk_of_region(index - table_count);
    *out = (struct alloctap_mapping){(uintptr_t)chunk, chunk ? tap_chunk_size : 0};
    return chunk != NULL;
}

#else

int alloctap_own_mapping(size_t index, struct alloctap_mapping *out)
{
    (void)index;
    *out = (struct alloctap_mapping){0, 0};
    return 0;
}

#endif
