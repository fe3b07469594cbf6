// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "stack_walk.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

// Written by stackcap_configure only while no handler is installed.
static struct {
    const struct stackcap_range *async_code;
    size_t count;
    uint64_t tls_module;
    uint64_t tls_offset;
} configuration;

size_t stackcap_read(uint64_t address, void *buffer, size_t count)
{
    struct iovec here = {buffer, count};
    struct iovec there = {(void *)(uintptr_t)address, count};
    ssize_t got = syscall(SYS_process_vm_readv, (long)getpid(), &here, 1L, &there, 1L, 0L);
    return got < 0 ? 0 : (size_t)got;
}

int32_t stackcap_own_thread(void)
{
    return (int32_t)syscall(SYS_gettid);
}

void stackcap_configure(const struct stackcap_range *async_code, size_t count, uint64_t tls_module, uint64_t tls_offset)
{
    configuration.async_code = async_code;
    configuration.count = async_code ? count : 0;
    configuration.tls_module = tls_module;
    configuration.tls_offset = tls_offset;
}

static int is_async_code(uint64_t address)
{
    size_t low = 0, high = configuration.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (configuration.async_code[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < configuration.count && configuration.async_code[low].start <= address;
}

static uint64_t load(uint64_t address)
{
    uint64_t word = 0;
    return stackcap_read(address, &word, sizeof word) == sizeof word ? word : 0;
}

#if defined(__x86_64__)
static const int frame_pointer_register = 6;

static uint64_t thread_pointer(void)
{
    uint64_t pointer;
    __asm__("movq %%fs:0, %0" : "=r"(pointer));
    return pointer;
}

static uint64_t interrupted_address(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}
#elif defined(__aarch64__)
static const int frame_pointer_register = 29;

static uint64_t thread_pointer(void)
{
    uint64_t pointer;
    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
    return pointer;
}

static uint64_t interrupted_address(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.pc;
}
#else
#error "CStackCapture knows x86_64 and aarch64"
#endif

// The word that libswift_Concurrency keeps in thread-local storage: the DTV's entry of its module, plus an offset. Read by
// hand because __tls_get_addr may allocate.
static void find_task(struct stackcap_stack *out)
{
    out->task = 0;
    out->task_id = 0;
    if (configuration.tls_module == 0)
        return;
#if defined(__x86_64__)
    uint64_t dtv = load(thread_pointer() + 8);
#else
    uint64_t dtv = load(thread_pointer());
#endif
    // The entry before the first says how many there are: the module may be younger than the thread's table.
    uint64_t block = dtv && load(dtv - 16) >= configuration.tls_module ? load(dtv + configuration.tls_module * 16) : 0;
    if (block == 0 || block == ~(uint64_t)0)
        return;
    uint64_t task = load(block + configuration.tls_offset);
    uint32_t words[29];  // to the end of the high half of the id, at byte 144
    if (task && stackcap_read(task + 32, words, sizeof words) == sizeof words) {
        out->task = task;
        out->task_id = (uint64_t)words[28] << 32 | words[1];
    }
}

struct walk {
    struct stackcap_stack *out;
    uint64_t begin;
    int found;
};

static _Unwind_Reason_Code visit(struct _Unwind_Context *frame, void *argument)
{
    struct walk *walk = argument;
    struct stackcap_stack *out = walk->out;
    uint64_t address = _Unwind_GetIP(frame);
    if (!walk->found) {  // the handler's own frames and the signal trampoline
        if (address != walk->begin)
            return _URC_NO_REASON;
        walk->found = 1;
    }
    if (address == 0)
        return _URC_END_OF_STACK;
    if (out->depth == stackcap_max_frames) {
        out->truncated = 1;
        return _URC_END_OF_STACK;
    }
    if (out->async_index < 0 && is_async_code(out->depth == 0 ? address : address - 1)) {
        out->async_index = (int32_t)out->depth;
        uint64_t context = load(_Unwind_GetGR(frame, frame_pointer_register) - 8);
        while (context != 0 && out->async_depth < stackcap_max_async_frames) {
            uint64_t words[2];  // the caller's context, and where the caller goes on
            if (stackcap_read(context, words, sizeof words) != sizeof words || words[1] == 0)
                break;
            out->async_frames[out->async_depth++] = words[1];
            context = words[0];
        }
    }
    out->frames[out->depth++] = address;
    return _URC_NO_REASON;
}

// This thread's own processor time: a thread that loses its processor meanwhile is not held by us. Async-signal-safe.
static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// From the frame whose address is `begin`; 0 means from here on.
static void walk_from(struct stackcap_stack *out, uint64_t begin)
{
    uint64_t start = now();
    out->thread = stackcap_own_thread();
    out->depth = 0;
    out->truncated = 0;
    out->async_index = -1;
    out->async_depth = 0;
    find_task(out);
    struct walk walk = {out, begin, begin == 0};
    _Unwind_Backtrace(visit, &walk);
    if (!walk.found)
        out->frames[out->depth++] = begin;
    out->duration_ns = now() - start;
}

void stackcap_walk(struct stackcap_stack *out, const void *context)
{
    walk_from(out, interrupted_address(context));
}

void stackcap_own_stack(struct stackcap_stack *out)
{
    out->weight = 1;
    walk_from(out, 0);
}

static _Unwind_Reason_Code ignore(struct _Unwind_Context *frame, void *argument)
{
    (void)frame;
    (void)argument;
    return _URC_NO_REASON;
}

void stackcap_warm_up(void)
{
    _Unwind_Backtrace(ignore, NULL);
}

__attribute__((noinline)) void stackcap_clear_stack(void)
{
    char below[4096];
    memset(below, 0, sizeof below);
    __asm__ volatile("" : : "r"(below) : "memory");  // or it would be left out
}

__attribute__((noinline)) void stackcap_kept_registers(uint64_t out[12])
{
    for (int index = 0; index < 12; index++)
        out[index] = 0;
#if defined(__x86_64__)
    __asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"
                     "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)" : : "r"(out) : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("stp x19, x20, [%0]\n\tstp x21, x22, [%0, #16]\n\tstp x23, x24, [%0, #32]\n\t"
                     "stp x25, x26, [%0, #48]\n\tstp x27, x28, [%0, #64]" : : "r"(out) : "memory");
#endif
}
