// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A thread's stack at its last sample. At the next one most callers further out are the same, and unwinding them again would cost
// more than all the rest of a sample.
#define _GNU_SOURCE
#include "recent_stack.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "own_mappings.h"

#if TAP_BUILT

static struct tap_recent_stack *recent_stacks;

int tap_make_recent_stacks(void)
{
    recent_stacks = tap_map_table(tap_max_rows * sizeof *recent_stacks);
    return recent_stacks != NULL;
}

struct tap_recent_stack *tap_recent_stack_of(const struct tap_row *row)
{
    return &recent_stacks[row - tap_rows];
}

// On x86_64 a frame's return address is in the word below the stack pointer that it returns to. When the innermost of these
// frames is one of the stack that is being walked, its return address is where the platform says, so the next one's code is
// known and with it the size of its frame, and so on: all are what they were.
int tap_is_still_there(const struct tap_frames *frames, uint32_t first)
{
    enum { batch = 16 };
    uint64_t words[batch];
    struct iovec there[batch];
    while (first < frames->depth) {
        uint32_t count = frames->depth - first < batch ? frames->depth - first : batch;
        for (uint32_t index = 0; index < count; index++)
            there[index] = (struct iovec){(void *)(uintptr_t)(frames->frames[first + index].stack_pointer - 8), 8};
        struct iovec here = {words, count * 8};
        if (syscall(SYS_process_vm_readv, (long)getpid(), &here, 1L, there, (long)count, 0L) != (long)here.iov_len)
            return 0;
        for (uint32_t index = 0; index < count; index++)
            if (words[index] != frames->frames[first + index].address)
                return 0;
        first += count;
    }
    return 1;
}

#endif
