// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "allocation_stack.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>

#if TAP_BUILT

#if defined(__x86_64__)
static const int frame_pointer_register = 6;
#else
static const int frame_pointer_register = 29;
#endif

// The count is written after the ranges and read before them; ranges stay valid for ever, and a longer list only ever replaces
// a shorter one. So whoever has a count has ranges that are at least as many.
static const struct alloctap_range *_Atomic async_ranges;
static _Atomic size_t async_count;

static int is_async_code(uint64_t address)
{
    size_t count = atomic_load(&async_count), low = 0, high = count;
    const struct alloctap_range *ranges = atomic_load(&async_ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].start <= address;
}

// Reads two words without a fault, wherever `address` points.
static int read_pair(uint64_t address, uint64_t words[2])
{
    struct iovec here = {words, 16};
    struct iovec there = {(void *)(uintptr_t)address, 16};
    return syscall(SYS_process_vm_readv, (long)getpid(), &here, 1L, &there, 1L, 0L) == 16;
}

// An async context begins with the caller's context and where the caller goes on; an async function keeps its own context in the
// word below its frame pointer.
static void follow_async(struct tap_stack *out, uint64_t frame_pointer)
{
    uint64_t words[2];
    uint64_t context = read_pair(frame_pointer - 8, words) ? words[0] : 0;
    while (context != 0 && out->async_depth < alloctap_max_async_frames && read_pair(context, words) && words[1] != 0) {
        out->async_frames[out->async_depth++] = words[1];
        context = words[0];
    }
}

struct walk {
    struct tap_stack *out;
    uintptr_t caller;
    int found;
};

static _Unwind_Reason_Code visit(struct _Unwind_Context *frame, void *argument)
{
    struct walk *walk = argument;
    struct tap_stack *out = walk->out;
    uint64_t address = _Unwind_GetIP(frame);
    if (!walk->found) {  // the tap's own frames
        if (address != walk->caller)
            return _URC_NO_REASON;
        walk->found = 1;
    }
    if (address == 0)
        return _URC_END_OF_STACK;
    if (out->depth == alloctap_max_frames) {
        out->truncated = 1;
        return _URC_END_OF_STACK;
    }
    if (out->async_index < 0 && is_async_code(address - 1)) {
        out->async_index = (int32_t)out->depth;
        follow_async(out, _Unwind_GetGR(frame, frame_pointer_register));
    }
    out->frames[out->depth++] = address;
    return _URC_NO_REASON;
}

void tap_take_stack(uintptr_t caller, struct tap_stack *out)
{
    out->depth = 0;
    out->truncated = 0;
    out->async_index = -1;
    out->async_depth = 0;
    struct walk walk = {out, caller, 0};
    _Unwind_Backtrace(visit, &walk);
    if (out->depth == 0)
        out->frames[out->depth++] = caller;
}

void alloctap_set_async_code(const struct alloctap_range *ranges, size_t count)
{
    if (count < atomic_load(&async_count))
        return;
    atomic_store(&async_ranges, ranges);
    atomic_store(&async_count, count);
}

#else

void alloctap_set_async_code(const struct alloctap_range *ranges, size_t count)
{
    (void)ranges, (void)count;
}

#endif
