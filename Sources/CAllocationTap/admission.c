// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "admission.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "CAllocationTap.h"
#include "block_map.h"
#include "early_blocks.h"
#include "first_allocation.h"
#include "sampled_blocks.h"
#include "sampling.h"

#if TAP_BUILT

_Atomic uint64_t tap_unknown_frees, tap_unmapped_blocks;

static struct tap_row *row_of_thread(void)
{
    struct tap_row *row = tap_own_row;
    return likely(row != NULL) ? row : tap_take_row();
}

// Counts, samples and maps a block that the next allocator has handed out, and returns it; NULL stays NULL.
void *tap_admit(void *block, size_t size, uintptr_t caller)
{
    if (block == NULL || !tap_has_tables || tap_is_early_block(block))
        return block;
    uintptr_t address = (uintptr_t)block;
    tap_byte *byte = tap_byte_at(address);
    if (byte == NULL)
        byte = tap_make_byte(address);
    if (byte == NULL) {
        atomic_fetch_add(&tap_unmapped_blocks, 1);
        return block;
    }
    uint8_t value = tap_block;
    struct tap_row *row = row_of_thread();
    if (row == NULL) {
        atomic_fetch_add(&tap_shared_row.mallocs, 1);
        atomic_fetch_add(&tap_shared_row.bytes, size);
    } else {
        tap_add(&row->mallocs, 1);
        tap_add(&row->bytes, size);
        int64_t left = atomic_load_explicit(&row->countdown, memory_order_relaxed) - (int64_t)size;
        atomic_store_explicit(&row->countdown, left, memory_order_relaxed);
        if (row->own == alloctap_own_hidden)
            value = tap_hidden_block;
        else if (left < 0 && tap_sample(row, address, size, caller))
            value = tap_sampled_block;
    }
    tap_set(byte, value);
    return block;
}

// Takes the block out of the map and the counts; what is left to do is to call the next free.
void tap_dismiss(void *block)
{
    if (!tap_has_tables)
        return;
    tap_byte *byte = tap_byte_at((uintptr_t)block);
    uint8_t value = byte ? tap_get(byte) : tap_no_block;
    if (value == tap_no_block) {
        atomic_fetch_add(&tap_unknown_frees, 1);
        return;
    }
    if (value == tap_sampled_block)
        tap_forget_sample((uintptr_t)block);
    tap_set(byte, tap_no_block);
    struct tap_row *row = row_of_thread();
    if (row == NULL)
        atomic_fetch_add(&tap_shared_row.frees, 1);
    else
        tap_add(&row->frees, 1);
}

// The next allocator had no memory, or has given a block in a region without a map: what malloc counted ahead is taken back.
void *tap_readmit(void *block, size_t size, uintptr_t caller)
{
    int saved = errno;
    struct tap_row *row = tap_own_row;
    tap_add(&row->mallocs, (uint64_t)-1);
    tap_add(&row->bytes, -size);
    atomic_store(&row->countdown, (int64_t)((uint64_t)atomic_load(&row->countdown) + size));
    errno = saved;
    return tap_admit(block, size, caller);
}

void *tap_clear_room(void *block, size_t size, size_t had)
{
    size_t room = size < tap_clears_below && block != NULL ? tap_next.malloc_usable_size(block) : 0;
    if (room > had)
        memset((char *)block + had, 0, room - had);
    return block;
}

static void *move_early_block(void *block, size_t size, uintptr_t caller)
{
    void *moved = tap_admit(tap_next.malloc(size), size, caller);
    size_t old_size = tap_early_size(block);
    if (moved != NULL)
        memcpy(moved, block, old_size < size ? old_size : size);
    return moved;
}

// The old block leaves the map before the next realloc: from the moment that frees it, its address may be another thread's. When
// nothing came of it, the old block is still ours, and comes back.
void *tap_reallocate(void *block, size_t size, uintptr_t caller)
{
    if (block == NULL)
        return tap_admit(tap_clear_room(tap_next.malloc(size), size, 0), size, caller);
    if (tap_is_early_block(block))
        return move_early_block(block, size, caller);
    tap_byte *byte = tap_has_tables ? tap_byte_at((uintptr_t)block) : NULL;
    uint8_t value = byte ? tap_get(byte) : tap_no_block;
    int place = value == tap_sampled_block ? tap_hold_sample((uintptr_t)block) : -1;
    if (value != tap_no_block)
        tap_set(byte, tap_no_block);
    size_t had = tap_next.malloc_usable_size(block);
    void *moved = tap_clear_room(tap_next.realloc(block, size), size, had);
    if (moved == NULL && size != 0) {
        if (place >= 0)
            tap_keep_sample(place, (uintptr_t)block);
        if (value != tap_no_block)
            tap_set(byte, value);
        return NULL;
    }
    if (place >= 0)
        tap_drop_sample(place);
    struct tap_row *row = tap_has_tables ? row_of_thread() : NULL;
    if (value == tap_no_block)
        atomic_fetch_add(&tap_unknown_frees, 1);
    else if (row != NULL)
        tap_add(&row->frees, 1);
    else
        atomic_fetch_add(&tap_shared_row.frees, 1);
    return tap_admit(moved, size, caller);
}

#endif
