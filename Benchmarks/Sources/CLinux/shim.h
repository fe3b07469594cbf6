// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What Swift's Glibc module leaves out: mallinfo2 (malloc.h) and the affinity of threads.

#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Binds the calling thread to one processor, 0 to 63. Returns 0, or -1 with errno. syscall is variadic.
static inline int run_on_processor(int processor) {
  unsigned long processors = 1UL << processor;
  return (int)syscall(SYS_sched_setaffinity, 0, sizeof processors, &processors);
}

#endif
