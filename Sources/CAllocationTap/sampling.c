// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "sampling.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "CAllocationTap.h"
#include "first_allocation.h"
#include "sample_sites.h"
#include "sampled_blocks.h"
#include "sampling_chance.h"

#if TAP_BUILT

enum { default_rate = 512 * 1024 };
static _Atomic uint64_t rate = default_rate;
static _Atomic uint32_t rate_epoch = 1;  // a new row's is 0
static _Atomic uint64_t sample_count, dropped_count;

static int64_t draw(struct tap_row *row, uint64_t for_rate)
{
    if (for_rate == 0)
        return 1 << 24;  // look again, in case alloctap_set_rate missed this thread
    if (for_rate == 1)
        return 0;
    row->random ^= row->random << 13;
    row->random ^= row->random >> 7;
    row->random ^= row->random << 17;
    uint64_t bits = (row->random * 0x9E3779B97F4A7C15) >> 11;
    return (int64_t)(tap_minus_ln(bits | 1) * (double)for_rate);
}

// Rounded down to eight classes for each power of two.
static uint64_t size_class(uint64_t size)
{
    if (size < 16)
        return size;
    int drop = 64 - 4 - __builtin_clzll(size);
    return size >> drop << drop;
}

static int take_sample(struct tap_row *row, uintptr_t address, size_t size, uint64_t for_rate, uintptr_t caller)
{
    struct tap_sample_record record = {.size = size, .weight = tap_weight_of(size, for_rate), .thread = row->thread};
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    record.time_ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    int site = tap_find_site(caller, size_class(size), row);
    record.site = (uint32_t)site;
    if (site < 0 || !tap_add_sample(address, &record)) {
        atomic_fetch_add(&dropped_count, 1);
        return 0;
    }
    tap_site_allocated(record.site, size, record.weight);
    atomic_fetch_add(&sample_count, 1);
    return 1;
}

int tap_sample(struct tap_row *row, uintptr_t address, size_t size, uintptr_t caller)
{
    uint32_t epoch = atomic_load(&rate_epoch);
    uint64_t now_rate = atomic_load(&rate);
    int told = atomic_load(&row->countdown) < tap_row_told / 2;
    if (told || atomic_load(&row->epoch) != epoch) {
        // The countdown was drawn for another rate. What is left of an exponential wait does not matter, so draw anew, and let
        // this allocation count against it.
        int64_t left = draw(row, now_rate) - (int64_t)size;
        atomic_store(&row->epoch, epoch);
        atomic_store(&row->countdown, left);
        if (left >= 0)
            return 0;
    }
    atomic_store(&row->countdown, draw(row, now_rate));
    if (row->busy || now_rate == 0 || size == 0)
        return 0;
    int saved = errno;
    row->busy = 1;
    int taken = take_sample(row, address, size, now_rate, caller);
    row->busy = 0;
    errno = saved;
    return taken;
}

void tap_count_samples(uint64_t *samples, uint64_t *dropped)
{
    *samples = atomic_load(&sample_count);
    *dropped = atomic_load(&dropped_count);
}

uint64_t alloctap_rate(void)
{
    return tap_has_tables ? atomic_load(&rate) : 0;
}

void alloctap_set_rate(uint64_t bytes)
{
    if (!tap_has_tables)
        return;
    atomic_store(&rate, bytes < (uint64_t)1 << 32 ? bytes : (uint64_t)1 << 32);
    uint32_t epoch = atomic_fetch_add(&rate_epoch, 1) + 1;
    // An owner that subtracts from its countdown just now may overwrite ours: look again until each has followed or has ours.
    for (int pass = 0, missing = 1; missing && pass < 1000; pass++) {
        missing = 0;
        for (uint32_t index = 0; index < tap_rows_used(); index++) {
            struct tap_row *row = &tap_rows[index];
            if (atomic_load(&row->epoch) == epoch || atomic_load(&row->countdown) < tap_row_told / 2)
                continue;
            atomic_store(&row->countdown, tap_row_told);
            missing = 1;
        }
    }
}

int alloctap_set_own(int own)
{
    struct tap_row *row = tap_own_row ? tap_own_row : tap_take_row();
    if (row == NULL)
        return 0;
    int before = (int)row->own;
    row->own = (uint32_t)own;
    return before;
}

#else

uint64_t alloctap_rate(void)
{
    return 0;
}

void alloctap_set_rate(uint64_t bytes)
{
    (void)bytes;
}

int alloctap_set_own(int own)
{
    (void)own;
    return 0;
}

#endif
