// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "allocation_stack.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>

#include "recent_stack.h"

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

// What was copied last, so that one system call serves several contexts: those of a task lie close together in its memory, a
// caller's below its callee's.
struct window {
    uint64_t start, end;
    uint64_t words[128];
};

// Reads two words without a fault, wherever `address` points.
static int read_pair(struct window *window, uint64_t address, uint64_t words[2])
{
    enum { room = sizeof window->words, page = 4096 };
    if (address % 8 != 0 || address > UINT64_MAX - 16)
        return 0;
    uint64_t end = address + 16;
    if (address < window->start || end > window->end) {
        // Nothing below the address's page, which may not be there.
        uint64_t bottom = address / page * page;
        window->start = end - bottom > room ? end - room : bottom;
        window->end = end;
        struct iovec here = {window->words, end - window->start};
        struct iovec there = {(void *)(uintptr_t)window->start, end - window->start};
        if (syscall(SYS_process_vm_readv, (long)getpid(), &here, 1L, &there, 1L, 0L) != (long)here.iov_len) {
            window->start = window->end = 0;
            return 0;
        }
    }
    const uint64_t *found = &window->words[(address - window->start) / 8];
    words[0] = found[0];
    words[1] = found[1];
    return 1;
}

// An async context begins with the caller's context and where the caller goes on; an async function keeps its own context in the
// word below its frame pointer.
static void follow_async(struct tap_stack *out, uint64_t frame_pointer)
{
    struct window window;
    window.start = window.end = 0;
    uint64_t words[2];
    uint64_t context = read_pair(&window, frame_pointer - 8, words) ? words[0] : 0;
    while (context != 0 && out->async_depth < alloctap_max_async_frames && read_pair(&window, context, words) && words[1] != 0) {
        out->async_frames[out->async_depth++] = words[1];
        context = words[0];
    }
}

struct walk {
    struct tap_stack *out;
    struct tap_frames *last, *next;
    uint32_t next_of_last;
    uintptr_t caller;
    int found;
};

static _Unwind_Reason_Code add(struct walk *walk, const struct tap_frame *frame)
{
    struct tap_stack *out = walk->out;
    if (out->depth == alloctap_max_frames) {
        out->truncated = 1;
        return _URC_END_OF_STACK;
    }
    if (out->async_index < 0 && is_async_code(frame->address - 1)) {
        out->async_index = (int32_t)out->depth;
        follow_async(out, frame->frame_pointer);
    }
    walk->next->frames[out->depth] = *frame;
    out->frames[out->depth++] = frame->address;
    return _URC_NO_REASON;
}

// Whether this frame, and so all those further out, were in the last stack too.
static int is_known(struct walk *walk, const struct tap_frame *frame)
{
#if defined(__x86_64__)
    struct tap_frames *last = walk->last;
    uint32_t index = walk->next_of_last;
    while (index < last->depth && last->frames[index].stack_pointer < frame->stack_pointer)
        index++;
    walk->next_of_last = index;
    if (index == last->depth || last->frames[index].stack_pointer != frame->stack_pointer
        || last->frames[index].address != frame->address)
        return 0;
    if (tap_is_still_there(last, index))
        return 1;
    last->depth = 0;
#else
    (void)walk, (void)frame;
#endif
    return 0;
}

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *argument)
{
    struct walk *walk = argument;
    struct tap_frame frame = {_Unwind_GetIP(context), _Unwind_GetCFA(context), _Unwind_GetGR(context, frame_pointer_register)};
    if (!walk->found) {  // the tap's own frames
        if (frame.address != walk->caller)
            return _URC_NO_REASON;
        walk->found = 1;
    }
    if (frame.address == 0)
        return _URC_END_OF_STACK;
    if (!is_known(walk, &frame))
        return add(walk, &frame);
    for (uint32_t index = walk->next_of_last; index < walk->last->depth; index++)
        if (add(walk, &walk->last->frames[index]) != _URC_NO_REASON)
            break;
    return _URC_END_OF_STACK;
}

void tap_take_stack(uintptr_t caller, const struct tap_row *row, struct tap_stack *out)
{
    out->depth = 0;
    out->truncated = 0;
    out->async_index = -1;
    out->async_depth = 0;
    struct tap_recent_stack *recent = tap_recent_stack_of(row);
    struct walk walk = {out, &recent->last, &recent->next, 0, caller, 0};
    _Unwind_Backtrace(visit, &walk);
    // A stack that was cut off says nothing of where another one ends.
    recent->last.depth = out->truncated ? 0 : out->depth;
    memcpy(recent->last.frames, recent->next.frames, recent->last.depth * sizeof recent->next.frames[0]);
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
