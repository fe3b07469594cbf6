// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
//
// What the registers of this process's threads hold, of those that sleep in the kernel too. For ProcessSnapshot alone.
//
// A reference may be in a register and nowhere else, and the kernel shows a sleeping thread's registers to a tracer only. No
// process may trace itself, so for some 100 µs there is a helper: a process that shares this one's memory and files (CLONE_VM:
// nothing is copied), runs nothing but the code in this target, with all signals blocked, on a stack of its own, and ends.
//
// A thread is seized, interrupted, read and let go; it is held for some microseconds once it runs into the stop. It gets no
// signal, and its system call goes on as if nothing had been: the kernel restarts those that it restarts after a stop, with
// what is left of their time; those that it would end with EINTR (epoll_wait, sigtimedwait, a recv with a time limit) are told to
// begin anew, as a signal that is really there still ends them. Those may so last once more as long as their limit.
//
// What can go wrong: seccomp, Yama or a debugger that traces already refuse (negative errno, nothing is touched); a thread
// does not come to the stop in time, as in a vfork or an NFS server's silence (it is let go untouched). Linux before 5.16
// ends every process that shares memory with one that a seccomp filter kills: there the caller must not ask under a filter.
//
// One call at a time. Not in a signal handler.

#ifndef CTHREADREGISTERS_H
#define CTHREADREGISTERS_H

#include <stddef.h>
#include <stdint.h>

enum {
    threadregs_general = 27,
    threadregs_kept = 6,
    threadregs_vector = 512,
    threadregs_stack = 2048,
    /// Values of `outcome` beside negative errnos.
    threadregs_late = 0,
    threadregs_read = 1,
};

/// One thread. Filled where `outcome` is `threadregs_read`.
struct threadregs_thread {
    int32_t id;
    int32_t outcome;
    /// Whether it is in a system call: then no vector register is in use.
    uint32_t in_call;
    uint32_t general_count;
    uint32_t vector_count;
    uint32_t stack_count;
    /// From when it was told to stop to when it was let go: no shorter than it stood still.
    uint64_t held_ns;
    uint64_t stack_pointer;
    uint64_t program_counter;
    /// First the `threadregs_kept` that a function must give back as they were; the rest in no promised order.
    uint64_t general[threadregs_general];
    uint64_t vector[threadregs_vector];
    /// Of a thread that runs: its stack at that instant, from the red zone below the stack pointer up.
    uint64_t stack[threadregs_stack];
};

/// Reads as many threads; each `id` is set, the rest is zeros. Returns 0, or a negative errno when there is no helper.
/// Blocks for some 100 µs and 5 µs a thread, `patience_ns` at most; half a second longer where somebody stops the helper, which is
/// killed then.
int threadregs_take(struct threadregs_thread *_Nonnull threads, size_t count, uint64_t patience_ns);

/// Whether the process may be traced at all (prctl PR_SET_DUMPABLE).
int threadregs_is_dumpable(void);

#endif
