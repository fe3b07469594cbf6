// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#ifndef ALLOCATION_STACK_H
#define ALLOCATION_STACK_H

#include <stdint.h>

#include "CAllocationTap.h"
#include "tap_build.h"
#include "thread_rows.h"

struct tap_stack {
    uint32_t depth;
    uint32_t truncated;
    int32_t async_index;
    uint32_t async_depth;
    uint64_t frames[alloctap_max_frames];
    uint64_t async_frames[alloctap_max_async_frames];
};

/// Takes the calling thread's stack from `caller`, a return address on it, on. With libgcc, which finds unwind tables by
/// _dl_find_object: no lock from glibc 2.35, no allocation. At least `caller` is in it.
///
/// `row` is the calling thread's, and busy: what it kept of the last stack is not unwound again.
tap_hidden void tap_take_stack(uintptr_t caller, const struct tap_row *row, struct tap_stack *out);

#endif
