// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#ifndef RECENT_STACK_H
#define RECENT_STACK_H

#include <stdint.h>

#include "CAllocationTap.h"
#include "tap_build.h"
#include "thread_rows.h"

/// A frame, and where the stack pointer and the frame pointer are when control comes back to it.
struct tap_frame {
    uint64_t address, stack_pointer, frame_pointer;
};

struct tap_frames {
    uint32_t depth;
    struct tap_frame frames[alloctap_max_frames];
};

/// A thread's stack at its last sample, and room for the next one. Only its thread uses it, and only while row->busy.
struct tap_recent_stack {
    struct tap_frames last, next;
};

/// Returns 0 when the kernel refuses. Called once, while the process has one thread.
tap_hidden int tap_make_recent_stacks(void);

tap_hidden struct tap_recent_stack *tap_recent_stack_of(const struct tap_row *row);

/// Whether the return addresses of all frames from the `first` on are still where they were. One system call for 16 frames; no
/// fault, wherever they were.
tap_hidden int tap_is_still_there(const struct tap_frames *frames, uint32_t first);

#endif
