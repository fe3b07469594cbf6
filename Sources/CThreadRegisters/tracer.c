// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Seize, interrupt, read, let go. Source: ptrace(2), signal(7) "Interruption of system calls by stop signals", Linux
// arch/x86/kernel/signal.c: after a stop, the registers decide whether the system call is done once more.
#define _GNU_SOURCE
#if defined(__linux__) && defined(__x86_64__)

#include "tracer.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

enum { batch = 16, restart_from_the_beginning = 514 /* the kernel's ERESTARTNOHAND */, red_zone = 128 };

static uint64_t now(void)
{
    struct timespec time;
    raw_call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&time, 0, 0, 0);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static long trace(long request, long id, long address, void *data)
{
    return raw_call(SYS_ptrace, request, id, address, (long)data, 0);
}

// The stack of a thread that runs would be another in a moment. Read through the kernel: it may be anything.
static void copy_stack(struct threadregs_thread *thread)
{
    struct iovec local = {thread->stack, sizeof thread->stack};
    struct iovec remote = {(void *)((thread->stack_pointer - red_zone) & ~(uint64_t)7), sizeof thread->stack};
    long id = raw_call(SYS_getpid, 0, 0, 0, 0, 0), got = 0;
    register long none __asm__("r9") = 0;
    register long r10 __asm__("r10") = (long)&remote;
    register long r8 __asm__("r8") = 1;
    __asm__ volatile("syscall"
                     : "=a"(got)
                     : "a"((long)SYS_process_vm_readv), "D"(id), "S"(&local), "d"(1L), "r"(r10), "r"(r8), "r"(none)
                     : "rcx", "r11", "memory");
    thread->stack_count = got > 0 ? (uint32_t)(got / 8) : 0;
}

static void read_stopped(struct threadregs_thread *thread)
{
    struct user_regs_struct registers;
    struct iovec general = {&registers, sizeof registers};
    if (trace(PTRACE_GETREGSET, thread->id, NT_PRSTATUS, &general) < 0)
        return;
    const uint64_t *words = (const uint64_t *)&registers;  // r15, r14, r13, r12, rbp and rbx first
    thread->general_count = sizeof registers / sizeof *words;
    for (uint32_t index = 0; index < thread->general_count && index < threadregs_general; index++)
        thread->general[index] = words[index];
    thread->stack_pointer = registers.rsp;
    thread->program_counter = registers.rip;
    thread->in_call = (long)registers.orig_rax >= 0;
    if (!thread->in_call) {
        struct iovec vector = {thread->vector, sizeof thread->vector};
        if (trace(PTRACE_GETREGSET, thread->id, NT_X86_XSTATE, &vector) >= 0)
            thread->vector_count = (uint32_t)(vector.iov_len / 8);
        copy_stack(thread);
    } else if ((long)registers.rax == -EINTR) {
        registers.rax = (unsigned long)-restart_from_the_beginning;
        trace(PTRACE_SETREGSET, thread->id, NT_PRSTATUS, &general);
    }
    thread->outcome = threadregs_read;
}

static struct threadregs_thread *find(struct threadregs_thread *threads, size_t count, long id)
{
    for (size_t index = 0; index < count; index++)
        if (threads[index].id == id)
            return &threads[index];
    return NULL;
}

// Returns how many of them are on their way to the stop.
static size_t interrupt(struct threadregs_thread *threads, size_t count)
{
    size_t waiting = 0;
    for (size_t index = 0; index < count; index++) {
        threads[index].held_ns = now();
        long failed = trace(PTRACE_SEIZE, threads[index].id, 0, NULL);
        if (failed >= 0)
            failed = trace(PTRACE_INTERRUPT, threads[index].id, 0, NULL);
        threads[index].outcome = failed < 0 ? (int32_t)failed : threadregs_late;
        waiting += failed >= 0;
    }
    return waiting;
}

static void read_batch(struct threadregs_thread *threads, size_t count, uint64_t deadline)
{
    size_t waiting = interrupt(threads, count);
    for (unsigned turn = 0; waiting > 0; turn++) {
        int status = 0;
        long id = raw_call(SYS_wait4, -1, (long)&status, WNOHANG | __WALL, 0, 0);
        if (id < 0 && id != -EINTR)
            return;  // nobody is left: they have ended
        if (id == 0) {
            if (now() > deadline)
                return;  // those who come to the stop later find no tracer there, and go on
            if (turn < 200) {
                raw_call(SYS_sched_yield, 0, 0, 0, 0, 0);
            } else {
                const struct timespec pause = {0, 50000};
                raw_call(SYS_nanosleep, (long)&pause, 0, 0, 0, 0);
            }
            continue;
        }
        struct threadregs_thread *thread = find(threads, count, id);
        if (WIFSTOPPED(status)) {
            // A signal that came at the same time is delivered, and ends what it would have ended.
            int is_ours = status >> 16 == PTRACE_EVENT_STOP;
            if (thread)
                read_stopped(thread);
            trace(PTRACE_DETACH, id, 0, (void *)(long)(is_ours ? 0 : WSTOPSIG(status)));
            if (thread)
                thread->held_ns = now() - thread->held_ns;
        } else if (thread) {
            thread->outcome = -ESRCH;
        }
        waiting--;
    }
}

void tracer_run(struct tracer_work *work)
{
    uint64_t deadline = now() + work->patience_ns;
    for (size_t first = 0; first < work->count && now() < deadline; first += batch) {
        size_t left = work->count - first;
        read_batch(work->threads + first, left < batch ? left : batch, deadline);
    }
    atomic_store(&work->is_done, 1);
}

#endif
