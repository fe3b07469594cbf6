// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The table of sampled blocks that live.
#ifndef SAMPLED_BLOCKS_H
#define SAMPLED_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"

struct tap_sample_record {
    uint64_t size;
    uint64_t weight;
    uint64_t time_ns;
    uint32_t site;
    int32_t thread;
};

/// Returns 0 when the kernel refuses. Called once, while the process has one thread.
tap_hidden int tap_make_sampled_blocks(void);

/// Returns 0 when there is no room.
tap_hidden int tap_add_sample(uintptr_t address, const struct tap_sample_record *record);

/// Takes a sampled block out of the table before it is freed.
tap_hidden void tap_forget_sample(uintptr_t address);

/// The same in two steps, for a block that may stay: realloc can fail. Returns a place for the other two, -1 if it is not there.
tap_hidden int tap_hold_sample(uintptr_t address);
tap_hidden void tap_keep_sample(int place, uintptr_t address);
tap_hidden void tap_drop_sample(int place);

#endif
