// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
//
// Stacks of running threads, taken by a signal handler in the thread itself. For ProcessSnapshot alone.
//
// In C because nothing that runs in a signal handler may be Swift: it may allocate, take locks or touch reference counts.
//
// The signal is SIGPROF, the only one that libdispatch's workers let through and that no program needs otherwise. It is never
// sent: it comes from timers over a thread's own CPU time. So it never reaches a thread that sleeps in a system call, and as
// the kernel sends it on the way back to user code, it breaks no system call either (no EINTR, measured on Linux 6.18;
// CONFIG_POSIX_CPU_TIMERS_TASK_WORK, x86-64 from 5.11, arm64 from 6.9).
//
// The handler: runs on the interrupted thread, anywhere, also inside malloc, the loader or the unwinder. It takes no lock,
// allocates nothing, keeps errno, reads foreign memory through process_vm_readv only, and writes to the slot it claimed by
// one atomic exchange. It unwinds with libgcc, which finds unwind tables by _dl_find_object: without a lock from glibc 2.35.
// A SIGPROF that no timer of ours sent goes to the handler that was there before.
//
// All functions but the handler: any thread, one at a time (ProcessSnapshot's `StackCapture` holds a lock).

#ifndef CSTACKCAPTURE_H
#define CSTACKCAPTURE_H

#include <stddef.h>
#include <stdint.h>

enum { stackcap_max_frames = 128, stackcap_max_async_frames = 64 };

/// One stack, as the handler found it. Leaf first: `frames[0]` is the interrupted instruction, the others return addresses.
struct stackcap_stack {
    int32_t thread;
    /// How many timer periods this stands for; 1 or more.
    uint32_t weight;
    uint32_t depth;
    /// Whether there were more frames than fit.
    uint32_t truncated;
    /// The frame, counted from the leaf, whose async callers follow in `async_frames`; -1 where there is none.
    int32_t async_index;
    uint32_t async_depth;
    /// How much of the thread's processor time the walk took.
    uint64_t duration_ns;
    /// The object of the task that ran, and its id; 0 where no task ran or it could not be told.
    uint64_t task;
    uint64_t task_id;
    uint64_t frames[stackcap_max_frames];
    /// Where the async callers will go on, innermost first: entry points, no return addresses.
    uint64_t async_frames[stackcap_max_async_frames];
};

/// A range of code, for `stackcap_configure`.
struct stackcap_range {
    uint64_t start;
    uint64_t end;
};

/// Copies `count` bytes at `address` of this process to `buffer`; returns how many came before the first unmapped page, 0 on
/// any error. Safe anywhere, the handler included. In C because Swift's Glibc module has no process_vm_readv.
size_t stackcap_read(uint64_t address, void *_Nonnull buffer, size_t count);

/// The calling thread's id. In C because Swift's Glibc module has no gettid.
int32_t stackcap_own_thread(void);

/// The calling thread's registers that a called function must keep: where the caller's caller may have what is nowhere else.
void stackcap_kept_registers(uint64_t out[_Nonnull 12]);

/// Fills 4 KiB of the stack below the caller's frame with zeros: what earlier calls have left there.
void stackcap_clear_stack(void);

/// What the handler needs to tell tasks and async callers; the ranges are sorted and stay valid until the next call, which
/// may come only while the handler is not installed. `tls_module` 0 means that tasks cannot be told.
void stackcap_configure(
    const struct stackcap_range *_Nullable async_code, size_t count, uint64_t tls_module, uint64_t tls_offset);

/// Takes the calling thread's own stack, from the caller on; no signal is involved.
void stackcap_own_stack(struct stackcap_stack *_Nonnull out);

/// Installs the handler, keeping the one before. Returns 0 or a negative errno. Does nothing when it is installed.
int stackcap_install(void);

/// Puts the handler before back, unless somebody else has replaced ours meanwhile. The caller has made sure that no signal of
/// ours is pending: SIGPROF's default would end the process.
void stackcap_restore(void);

/// Has thread `id` take its own stack as soon as it next runs. Returns a slot of 0 or more, -EBUSY when all slots are taken,
/// -ESRCH when there is no such thread, -EAGAIN when the system has no timer to give, or another negative errno.
int stackcap_request(int32_t id);

/// Whether the stack of `slot` is there; then copies it to `out`.
int stackcap_poll(int slot, struct stackcap_stack *_Nonnull out);

/// Gives the slot back. A signal that comes after it does nothing.
void stackcap_release(int slot);

/// Begins to keep samples, and forgets those of earlier runs. Returns 0 or a negative errno.
int stackcap_begin_samples(void);

/// Ends it; samples that come after it are dropped.
void stackcap_end_samples(void);

/// Starts a timer over the CPU time of thread `id` that takes a sample every `period_ns`, the first after `first_ns`.
/// Returns a timer of 0 or more or a negative errno: -ESRCH when there is no such thread.
int stackcap_start_timer(int32_t id, uint64_t period_ns, uint64_t first_ns);

void stackcap_stop_timer(int timer);

/// Takes the oldest sample out; returns 0 when there is none. One caller at a time.
int stackcap_next_sample(struct stackcap_stack *_Nonnull out);

/// How many samples found no room since the run began.
uint64_t stackcap_dropped_samples(void);

/// Where Swift's concurrency runtime keeps what describes its tasks; every address is 0 when it is not in this process.
struct stackcap_task_runtime {
    uint64_t layout_version;  // uint32_t
    uint64_t task_size;       // size_t
    uint64_t task_metadata;   // this and the next four: pointers
    uint64_t future_adapter;
    uint64_t non_future_adapter;
    uint64_t future_wait_adapter;
    uint64_t throwing_wait_adapter;
    uint64_t current_task_code;      // the functions swift_task_getCurrent
    uint64_t current_executor_code;  // and swift_task_getCurrentExecutor
};

/// Fills `out`. In C because Swift cannot declare a symbol weak: a program without concurrency links all the same, and one
/// with a static standard library, whose symbols dlsym does not see, finds them too. Never asks the loader.
void stackcap_find_task_runtime(struct stackcap_task_runtime *_Nonnull out);

/// The code of `dispatch_get_current_queue`; 0 in a program without libdispatch. Likewise never asks the loader.
uint64_t stackcap_dispatch_code(void);

/// Copies what is in a pipe, which stays in it, from the beginning of the pipe. Returns how many bytes, 0 when there are none
/// or `pipe` is none that we may read, -EFBIG when there are more than `capacity`, or another negative errno when no pipe to
/// copy to can be made. Never blocks; wakes nobody.
intptr_t stackcap_copy_pipe(int pipe, void *_Nonnull bytes, size_t capacity);

/// Where the main thread's frames end and its arguments and environment begin; 0 where unknown.
uint64_t stackcap_main_stack_end(void);

#endif
