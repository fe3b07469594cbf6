// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "block_map.h"

#include <string.h>
#include <sys/mman.h>

#include "CAllocationTap.h"
#include "own_mappings.h"

#if TAP_BUILT

_Static_assert(1 << tap_region_bits == alloctap_region_size, "the header says how large a region is");
_Static_assert(1 << tap_granule_bits == alloctap_granule, "the header says how large a granule is");

tap_chunk *tap_chunks;
// The regions with a chunk, in the order in which they came up, each number plus 1; 0 is a place not yet filled.
static _Atomic uint32_t *regions;
static _Atomic size_t region_count;

int tap_make_map(void)
{
    regions = tap_map_table(tap_max_regions * sizeof *regions);
    tap_chunks = regions ? tap_map_table(tap_max_regions * sizeof *tap_chunks) : NULL;
    return tap_chunks != NULL;
}

tap_byte *tap_make_byte(uintptr_t address)
{
    uintptr_t region = (address >> tap_region_bits) & (tap_max_regions - 1);
    if (atomic_load(&tap_chunks[region]) == NULL) {
        tap_byte *chunk = tap_map(tap_chunk_size);
        if (chunk == NULL)
            return NULL;
        tap_byte *none = NULL;
        if (atomic_compare_exchange_strong(&tap_chunks[region], &none, chunk))
            atomic_store(&regions[atomic_fetch_add(&region_count, 1)], (uint32_t)region + 1);
        else
            munmap(chunk, tap_chunk_size);  // another thread was faster; nobody has seen ours
    }
    return tap_byte_at(address);
}

uint8_t *tap_chunk_of_region(size_t index)
{
    uint32_t number = index < atomic_load(&region_count) ? atomic_load(&regions[index]) : 0;
    return number ? (uint8_t *)atomic_load(&tap_chunks[number - 1]) : NULL;
}

size_t alloctap_region_count(void)
{
    size_t count = 0, most = atomic_load(&region_count);
    while (count < most && atomic_load(&regions[count]) != 0)
        count++;
    return count;
}

uintptr_t alloctap_region_start(size_t index)
{
    uint32_t number = index < atomic_load(&region_count) ? atomic_load(&regions[index]) : 0;
    return number ? (uintptr_t)(number - 1) << tap_region_bits : 0;
}

// Eight bytes of the map at once, so that empty stretches pass quickly. `index` is a multiple of 8.
static uint64_t word_at(const tap_byte *chunk, size_t index)
{
    return atomic_load_explicit((const _Atomic uint64_t *)(const void *)(chunk + index), memory_order_relaxed);
}

size_t alloctap_blocks(uintptr_t from, uintptr_t to, uintptr_t *out, size_t capacity)
{
    size_t found = 0;
    uintptr_t end = (uintptr_t)tap_max_regions << tap_region_bits;
    if (to > end)
        to = end;
    uintptr_t granule = (from >> tap_granule_bits) + (from % alloctap_granule != 0);
    uintptr_t last = (to >> tap_granule_bits) + (to % alloctap_granule != 0);
    while (tap_chunks != NULL && from < to && granule < last && found < capacity) {
        uintptr_t next = (granule / tap_chunk_size + 1) * tap_chunk_size;
        const tap_byte *chunk = atomic_load(&tap_chunks[granule / tap_chunk_size]);
        if (next > last)
            next = last;
        while (chunk != NULL && granule < next && found < capacity) {
            size_t index = granule % tap_chunk_size;
            if (index % 8 == 0 && word_at(chunk, index) == 0) {
                granule += 8;
                continue;
            }
            if (atomic_load_explicit(&chunk[index], memory_order_relaxed) != tap_no_block)
                out[found++] = granule << tap_granule_bits;
            granule++;
        }
        if (granule < next && chunk != NULL)
            break;
        granule = next;
    }
    return found;
}

uintptr_t alloctap_block_before(uintptr_t address, uintptr_t lowest)
{
    uintptr_t end = (uintptr_t)tap_max_regions << tap_region_bits;
    if (tap_chunks == NULL || address >= end || lowest > address)
        return 0;
    uintptr_t granule = (address >> tap_granule_bits) + 1;  // the one after the next to look at
    uintptr_t first = (lowest >> tap_granule_bits) + (lowest % alloctap_granule != 0);
    while (granule > first) {
        uintptr_t bottom = (granule - 1) / tap_chunk_size * tap_chunk_size;
        const tap_byte *chunk = atomic_load(&tap_chunks[bottom / tap_chunk_size]);
        if (bottom < first)
            bottom = first;
        while (chunk != NULL && granule > bottom) {
            size_t after = (granule - 1) % tap_chunk_size + 1;
            if (after % 8 == 0 && word_at(chunk, after - 8) == 0) {
                granule -= 8;
                continue;
            }
            granule--;
            if (atomic_load_explicit(&chunk[after - 1], memory_order_relaxed) != tap_no_block)
                return granule >= first ? granule << tap_granule_bits : 0;
        }
        granule = bottom;
    }
    return 0;
}

int alloctap_has_room(uintptr_t from, uintptr_t to, size_t size)
{
    // It has the granules behind that in which it begins to itself.
    size_t needed = size > 0 ? (size - 1) >> tap_granule_bits : 0, free_before = 0;
    size_t first = (from >> tap_granule_bits) % tap_chunk_size & ~(size_t)7;
    uintptr_t last = to + size;
    if (tap_chunks == NULL || needed < 8 || to <= from || last < to || (last - 1) >> tap_address_bits != 0)
        return 1;
    const tap_byte *chunk = atomic_load(&tap_chunks[from >> tap_region_bits]);
    if (chunk == NULL || from >> tap_region_bits != (last - 1) >> tap_region_bits)
        return 1;
    size_t end = ((last - 1) >> tap_granule_bits) % tap_chunk_size;
    for (size_t index = first; index <= end; index += 8) {
        uint64_t word = word_at(chunk, index);
        // Bytes in order of address are those of a word from its low end on.
        free_before += word ? (size_t)__builtin_ctzll(word) / 8 : 8;
        if (free_before >= needed)
            return 1;
        if (word)
            free_before = (size_t)__builtin_clzll(word) / 8;
    }
    return 0;
}

void alloctap_reveal(void)
{
    for (size_t index = 0; index < alloctap_region_count(); index++) {
        uint8_t *chunk = tap_chunk_of_region(index), *end = chunk + tap_chunk_size;
        for (uint8_t *next = chunk; next && (next = memchr(next, tap_hidden_block, (size_t)(end - next))); next++) {
            uint8_t hidden = tap_hidden_block;
            atomic_compare_exchange_strong((tap_byte *)next, &hidden, tap_block);  // its free may be faster
        }
    }
}

int alloctap_block_at(uintptr_t address)
{
    int can_be = tap_chunks != NULL && address % alloctap_granule == 0 && address >> tap_address_bits == 0;
    tap_byte *byte = can_be ? tap_byte_at(address) : NULL;
    return byte ? tap_get(byte) : tap_no_block;
}

#else

size_t alloctap_region_count(void)
{
    return 0;
}

uintptr_t alloctap_region_start(size_t index)
{
    (void)index;
    return 0;
}

size_t alloctap_blocks(uintptr_t from, uintptr_t to, uintptr_t *out, size_t capacity)
{
    (void)from, (void)to, (void)out, (void)capacity;
    return 0;
}

uintptr_t alloctap_block_before(uintptr_t address, uintptr_t lowest)
{
    (void)address, (void)lowest;
    return 0;
}

int alloctap_has_room(uintptr_t from, uintptr_t to, size_t size)
{
    (void)from, (void)to, (void)size;
    return 1;
}

int alloctap_block_at(uintptr_t address)
{
    (void)address;
    return 0;
}

void alloctap_reveal(void)
{
}

#endif
