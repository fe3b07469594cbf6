// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#include "sampled_blocks.h"

#include <stdatomic.h>

#include "CAllocationTap.h"
#include "own_mappings.h"
#include "sample_sites.h"

#if TAP_BUILT

// The sampled blocks that live: 168 000 places, some 80 GiB of live heap at 512 KiB each. There are three tables, so that few
// samples touch little memory. In each a block may be in one of the `window` places from where its address hashes to, and
// nowhere else, so that places are free again at once, without a lock or tombstones.
enum { table_count = 3, window = 16, place_count = (1 << 12) + (1 << 15) + (1 << 17) + table_count * window };
static const int table_bits[table_count] = {12, 15, 17};
static const uint32_t table_start[table_count] = {0, (1 << 12) + window, (1 << 12) + (1 << 15) + 2 * window};
// A place that another thread was filling at the moment of a fork stays busy in the child: a few are lost, and nobody waits.
enum { place_free = 0, place_busy = 1 };
// The complement of a block's address: nobody who looks for pointers shall find one here.
static _Atomic uint64_t *addresses;
static struct tap_sample_record *records;

int tap_make_sampled_blocks(void)
{
    records = tap_map_table(place_count * sizeof *records);
    addresses = records ? tap_map_table(place_count * sizeof *addresses) : NULL;
    return addresses != NULL;
}

static uint32_t home_of(uintptr_t address, int table)
{
    return table_start[table] + (uint32_t)((address >> 4) * 0x9E3779B97F4A7C15 >> (64 - table_bits[table]));
}

int tap_add_sample(uintptr_t address, const struct tap_sample_record *record)
{
    for (int table = 0; table < table_count; table++) {
        uint32_t home = home_of(address, table);
        for (uint32_t place = home; place < home + window; place++) {
            uint64_t expected = place_free;
            if (atomic_load_explicit(&addresses[place], memory_order_relaxed) == place_free
                && atomic_compare_exchange_strong(&addresses[place], &expected, place_busy)) {
                records[place] = *record;
                atomic_store(&addresses[place], ~(uint64_t)address);
                return 1;
            }
        }
    }
    return 0;
}

int tap_hold_sample(uintptr_t address)
{
    for (int table = 0; table < table_count; table++) {
        uint32_t home = home_of(address, table);
        for (uint32_t place = home; place < home + window; place++)
            if (atomic_load(&addresses[place]) == ~(uint64_t)address) {
                // Nobody else looks for this address: the caller is the one that frees the block.
                atomic_store(&addresses[place], place_busy);
                return (int)place;
            }
    }
    return -1;
}

void tap_keep_sample(int place, uintptr_t address)
{
    atomic_store(&addresses[place], ~(uint64_t)address);
}

void tap_drop_sample(int place)
{
    struct tap_sample_record *record = &records[place];
    tap_site_freed(record->site, record->size, record->weight);
    atomic_store(&addresses[place], place_free);
}

void tap_forget_sample(uintptr_t address)
{
    int place = tap_hold_sample(address);
    if (place >= 0)
        tap_drop_sample(place);
}

int alloctap_read_sample(uint32_t index, struct alloctap_sample *out)
{
    uint64_t before = index < alloctap_sample_limit() ? atomic_load(&addresses[index]) : place_free;
    if (before <= place_busy)
        return 0;
    struct tap_sample_record record = records[index];
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load(&addresses[index]) != before)
        return 0;
    *out = (struct alloctap_sample){~before, record.size, record.weight, record.time_ns, record.site, record.thread};
    return 1;
}

uint32_t alloctap_sample_limit(void)
{
    return addresses ? place_count : 0;
}

#else

int alloctap_read_sample(uint32_t index, struct alloctap_sample *out)
{
    (void)index, (void)out;
    return 0;
}

uint32_t alloctap_sample_limit(void)
{
    return 0;
}

#endif
