// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What the helper process does. It shares the thread-local storage of the thread that started it, so that it calls nothing of
// the C library, which would write to errno.
#ifndef THREADREGS_TRACER_H
#define THREADREGS_TRACER_H

#include <stdatomic.h>

#include "CThreadRegisters.h"

struct tracer_work {
    struct threadregs_thread *threads;
    size_t count;
    uint64_t patience_ns;
    _Atomic int is_allowed;
    _Atomic int is_done;
};

void tracer_run(struct tracer_work *work);

#if defined(__x86_64__)
/// Returns a negative errno as the kernel does.
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#endif

#endif
