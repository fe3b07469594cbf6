// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The map of live blocks: for each region of 64 MiB of address space a chunk of 4 MiB, a byte for each 16 bytes.
#ifndef BLOCK_MAP_H
#define BLOCK_MAP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"

enum { tap_no_block = 0, tap_block = 1, tap_sampled_block = 2, tap_hidden_block = 3 };

#if defined(__aarch64__)
enum { tap_address_bits = 48 };
#else
enum { tap_address_bits = 47 };
#endif
enum {
    tap_region_bits = 26,
    tap_granule_bits = 4,
    tap_chunk_size = 1 << (tap_region_bits - tap_granule_bits),
    tap_max_regions = 1 << (tap_address_bits - tap_region_bits),
};

typedef _Atomic(uint8_t) tap_byte;
typedef _Atomic(tap_byte *) tap_chunk;

/// By region number; NULL for regions that never held a block. Mapped by tap_make_map before any row is given out.
extern tap_hidden tap_chunk *tap_chunks;

/// Returns 0 when the kernel refuses.
tap_hidden int tap_make_map(void);

/// The byte of a region that has no chunk yet; makes it. NULL when the kernel refuses.
tap_hidden tap_byte *tap_make_byte(uintptr_t address);

/// The chunk of the `index`th region of alloctap_region_start; NULL when there is none.
tap_hidden uint8_t *tap_chunk_of_region(size_t index);

/// The byte of `address`; NULL where no block has ever been, as at NULL. Bits above those of user space are left out: they are
/// tags, where a processor lets them be.
static inline tap_byte *tap_byte_at(uintptr_t address)
{
    uintptr_t region = (address >> tap_region_bits) & (tap_max_regions - 1);
    // Acquire is free on x86_64 and orders the chunk's zeros before our read of them elsewhere.
    tap_byte *chunk = atomic_load_explicit(&tap_chunks[region], memory_order_acquire);
    if (unlikely(chunk == NULL))
        return NULL;
    return &chunk[(address >> tap_granule_bits) & (tap_chunk_size - 1)];
}

// Relaxed is enough: who frees a block has got it from the thread that allocated it, and that brought the byte along; who gets
// the address next has got it through the allocator, which brought the cleared byte along.
static inline uint8_t tap_get(tap_byte *byte)
{
    return atomic_load_explicit(byte, memory_order_relaxed);
}

static inline void tap_set(tap_byte *byte, uint8_t value)
{
    atomic_store_explicit(byte, value, memory_order_relaxed);
}

#endif
