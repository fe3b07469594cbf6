// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a thread counts, in a row that no other thread writes to.
#ifndef THREAD_ROWS_H
#define THREAD_ROWS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"

enum { tap_max_rows = 1 << 14 };

// Two lines of 64 bytes: processors fetch them in pairs.
struct tap_row {
    _Atomic uint64_t mallocs;
    _Atomic uint64_t frees;
    _Atomic uint64_t bytes;
    /// Bytes until the next sample; below 0 means now, tap_row_told that the rate has changed.
    _Atomic int64_t countdown;
    /// The state of this row's random numbers; never 0.
    uint64_t random;
    /// Which setting of the rate `countdown` was drawn for.
    _Atomic uint32_t epoch;
    /// Nonzero while this thread samples: an allocation meanwhile, by a signal handler or the unwinder, is no sample.
    uint32_t busy;
    _Atomic uint32_t owned;
    /// The next free row's number plus 1.
    _Atomic uint32_t next_free;
    int32_t thread;
    uint32_t own;
} __attribute__((aligned(128)));

/// Written by whoever changes the rate; so low that no allocation gets a countdown there.
#define tap_row_told (INT64_MIN / 2)

/// The calling thread's; NULL until tap_take_row, and again when the thread has ended its thread-specific data.
/// Initial-exec: an offset from the thread pointer, with no call that could allocate.
extern tap_hidden __thread struct tap_row *tap_own_row __attribute__((tls_model("initial-exec")));

extern tap_hidden struct tap_row *tap_rows;
/// For threads without a row: added to atomically.
extern tap_hidden struct tap_row tap_shared_row;

/// Returns 0 when the kernel refuses. Called once, while the process has one thread.
tap_hidden int tap_make_rows(void);

/// Gives the calling thread a row. NULL when the tap has no tables, all rows are taken, or the thread is past its end.
tap_hidden struct tap_row *tap_take_row(void);

tap_hidden uint32_t tap_rows_used(void);

// The owner alone writes, so no other thread can come between load and store; on x86_64 they are one instruction, so that no
// signal handler of the thread can either. Release: who sees a free counted sees the malloc counted that came before it.
static inline void tap_add(_Atomic uint64_t *count, uint64_t amount)
{
#if defined(__x86_64__)
    __asm__ volatile("addq %1, %0" : "+m"(*count) : "er"(amount) : "cc");
#else
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + amount, memory_order_release);
#endif
}

#endif
