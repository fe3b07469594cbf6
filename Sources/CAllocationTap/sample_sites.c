// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#include "sample_sites.h"

#include <stdatomic.h>
#include <string.h>

#include "CAllocationTap.h"
#include "allocation_stack.h"
#include "own_mappings.h"

#if TAP_BUILT

enum {
    site_bits = 16,
    site_count = 1 << site_bits,
    window = 64,                     // entries of the index that may lead to a site, from where it hashes to
    average_frames = 32,             // the frames of all sites share one table of this many words each: 16 MiB
    frame_words = site_count * average_frames,
};
struct site {
    /// 0 until the rest is filled; then for ever the same.
    _Atomic uint64_t hash;
    uint64_t size_class;
    uint32_t own;
    uint16_t depth, async_depth;
    int16_t async_index;
    uint16_t truncated;
    uint32_t first_frame;
    _Atomic uint64_t allocations, allocated_weight, allocated_bytes;
    _Atomic uint64_t frees, freed_weight, freed_bytes;
};
// The sites lie one after the other, so that few touch little memory; the index finds them by hash. An entry is a site's number
// plus 1, 0 when it is free, or `entry_busy` while its site is being filled.
static struct site *sites;
static _Atomic uint32_t sites_used;
static _Atomic uint32_t *site_index;
#define entry_busy UINT32_MAX
static uint64_t *frames;
static _Atomic uint32_t frames_used;

int tap_make_sites(void)
{
    sites = tap_map_table(site_count * sizeof *sites);
    site_index = sites ? tap_map_table((site_count + window) * sizeof *site_index) : NULL;
    frames = site_index ? tap_map_table(frame_words * sizeof *frames) : NULL;
    return frames != NULL;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct tap_stack *stack, uint64_t size_class, uint32_t own)
{
    uint64_t hash = mix(mix(stack->depth, size_class), own);
    for (uint32_t index = 0; index < stack->depth; index++)
        hash = mix(hash, stack->frames[index]);
    for (uint32_t index = 0; index < stack->async_depth; index++)
        hash = mix(hash, stack->async_frames[index]);
    return hash ? hash : 1;
}

static int is_same(const struct site *site, const struct tap_stack *stack, uint64_t size_class, uint32_t own)
{
    const uint64_t *words = frames + site->first_frame;
    return site->size_class == size_class && site->own == own && site->depth == stack->depth
        && site->async_depth == stack->async_depth && site->async_index == stack->async_index
        && memcmp(words, stack->frames, stack->depth * sizeof *words) == 0
        && memcmp(words + stack->depth, stack->async_frames, stack->async_depth * sizeof *words) == 0;
}

// Takes `amount` of a table of `size`; returns where it begins, or `size` when there is not enough left.
static uint32_t reserve(_Atomic uint32_t *used, uint32_t amount, uint32_t size)
{
    uint32_t first = atomic_load(used);
    do {
        if (amount > size - first)
            return size;
    } while (!atomic_compare_exchange_weak(used, &first, first + amount));
    return first;
}

// A new site; its number, or -1 when there is no room. What was reserved then is lost: the tables are full anyway.
static int make_site(uint64_t hash, const struct tap_stack *stack, uint64_t size_class, uint32_t own)
{
    uint32_t first = reserve(&frames_used, stack->depth + stack->async_depth, frame_words);
    uint32_t number = first < frame_words ? reserve(&sites_used, 1, site_count) : site_count;
    if (number == site_count)
        return -1;
    struct site *site = &sites[number];
    memcpy(frames + first, stack->frames, stack->depth * sizeof *frames);
    memcpy(frames + first + stack->depth, stack->async_frames, stack->async_depth * sizeof *frames);
    site->size_class = size_class;
    site->own = own;
    site->depth = (uint16_t)stack->depth;
    site->async_depth = (uint16_t)stack->async_depth;
    site->async_index = (int16_t)stack->async_index;
    site->truncated = (uint16_t)stack->truncated;
    site->first_frame = first;
    atomic_store(&site->hash, hash);
    return (int)number;
}

// Two threads that come with the same new stack at once make two sites of it: whoever waits for the other could wait for
// itself, in a signal handler.
int tap_find_site(uintptr_t caller, uint64_t size_class, const struct tap_row *row)
{
    uint32_t own = row->own;
    struct tap_stack stack;
    tap_take_stack(caller, row, &stack);
    uint64_t hash = hash_of(&stack, size_class, own);
    size_t home = hash >> (64 - site_bits);
    for (size_t place = home; place < home + window; place++) {
        uint32_t entry = atomic_load(&site_index[place]);
        if (entry == 0 && atomic_compare_exchange_strong(&site_index[place], &entry, entry_busy)) {
            int number = make_site(hash, &stack, size_class, own);
            atomic_store(&site_index[place], number < 0 ? 0 : (uint32_t)number + 1);
            return number;
        }
        if (entry != entry_busy && atomic_load(&sites[entry - 1].hash) == hash
            && is_same(&sites[entry - 1], &stack, size_class, own))
            return (int)entry - 1;
    }
    return -1;
}

// Sequentially consistent: a reader that sees a block as freed sees it as allocated too.
void tap_site_allocated(uint32_t index, uint64_t size, uint64_t weight)
{
    struct site *site = &sites[index];
    atomic_fetch_add(&site->allocations, 1);
    atomic_fetch_add(&site->allocated_weight, weight);
    atomic_fetch_add(&site->allocated_bytes, (uint64_t)((__uint128_t)weight * size / 4096));
}

void tap_site_freed(uint32_t index, uint64_t size, uint64_t weight)
{
    struct site *site = &sites[index];
    atomic_fetch_add(&site->frees, 1);
    atomic_fetch_add(&site->freed_weight, weight);
    atomic_fetch_add(&site->freed_bytes, (uint64_t)((__uint128_t)weight * size / 4096));
}

uint32_t alloctap_site_limit(void)
{
    return atomic_load(&sites_used);
}

int alloctap_read_site(uint32_t index, struct alloctap_site *out)
{
    if (index >= alloctap_site_limit() || atomic_load(&sites[index].hash) == 0)
        return 0;
    const struct site *site = &sites[index];
    // What was freed first: what is allocated only grows, so that the difference is never below 0.
    out->sampled_frees = atomic_load(&site->frees);
    out->freed_objects_4096 = atomic_load(&site->freed_weight);
    out->freed_bytes = atomic_load(&site->freed_bytes);
    out->sampled_allocations = atomic_load(&site->allocations);
    out->allocated_objects_4096 = atomic_load(&site->allocated_weight);
    out->allocated_bytes = atomic_load(&site->allocated_bytes);
    out->size_class = site->size_class;
    out->own = site->own;
    out->depth = site->depth;
    out->truncated = site->truncated;
    out->async_index = site->async_index;
    out->async_depth = site->async_depth;
    memcpy(out->frames, frames + site->first_frame, site->depth * sizeof *frames);
    memcpy(out->async_frames, frames + site->first_frame + site->depth, site->async_depth * sizeof *frames);
    return 1;
}

#else

uint32_t alloctap_site_limit(void)
{
    return 0;
}

int alloctap_read_site(uint32_t index, struct alloctap_site *out)
{
    (void)index, (void)out;
    return 0;
}

#endif
