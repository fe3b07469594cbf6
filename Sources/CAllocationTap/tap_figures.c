// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What the tap says about itself and the process.
#define _GNU_SOURCE
#include <malloc.h>
#include <string.h>

#include "CAllocationTap.h"
#include "admission.h"
#include "first_allocation.h"
#include "sampling.h"
#include "thread_rows.h"

#if TAP_BUILT

enum alloctap_state alloctap_state(void)
{
    if (tap_is_shadowed)
        return alloctap_shadowed;
    return tap_has_tables ? alloctap_active : alloctap_no_tables;
}

// Never called. It is nobody's but glibc's, so in a static executable it brings glibc's malloc, which comes before our weak one.
__attribute__((used)) static int (*const brings_malloc)(size_t) = malloc_trim;

void alloctap_read_totals(struct alloctap_totals *out)
{
    memset(out, 0, sizeof *out);
    uint32_t rows = tap_has_tables ? tap_rows_used() : 0;
    // All frees before any malloc: a block is freed after it was allocated, so there are never more frees.
    out->frees = atomic_load(&tap_shared_row.frees);
    for (uint32_t index = 0; index < rows; index++)
        out->frees += atomic_load(&tap_rows[index].frees);
    rows = tap_has_tables ? tap_rows_used() : 0;
    out->mallocs = atomic_load(&tap_shared_row.mallocs);
    out->bytes = atomic_load(&tap_shared_row.bytes);
    for (uint32_t index = 0; index < rows; index++) {
        out->mallocs += atomic_load(&tap_rows[index].mallocs);
        out->bytes += atomic_load(&tap_rows[index].bytes);
        out->threads += atomic_load(&tap_rows[index].owned);
    }
    out->rows = rows;
    out->unknown_frees = atomic_load(&tap_unknown_frees);
    out->unmapped_blocks = atomic_load(&tap_unmapped_blocks);
    tap_count_samples(&out->samples, &out->dropped_samples);
}

int alloctap_is_glibc(void)
{
    return tap_next_is_glibc;
}

int alloctap_block_containing(uintptr_t address, uintptr_t lowest, uintptr_t *start, size_t *size)
{
    *start = alloctap_block_before(address, lowest);
    *size = *start ? tap_next.malloc_usable_size((void *)*start) : 0;
    return *start != 0 && address - *start < *size;
}

#else

enum alloctap_state alloctap_state(void)
{
#if !defined(ALLOCATION_TAP)
    return alloctap_left_out;
#elif defined(TAP_SANITIZED)
    return alloctap_sanitized;
#else
    return alloctap_unsupported;
#endif
}

void alloctap_read_totals(struct alloctap_totals *out)
{
    memset(out, 0, sizeof *out);
}

int alloctap_is_glibc(void)
{
    return 0;
}

int alloctap_block_containing(uintptr_t address, uintptr_t lowest, uintptr_t *start, size_t *size)
{
    (void)address, (void)lowest;
    *start = 0;
    *size = 0;
    return 0;
}

#endif
