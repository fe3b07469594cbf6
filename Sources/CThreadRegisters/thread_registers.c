// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The helper process and its life. See the contract in CThreadRegisters.h.
#define _GNU_SOURCE
#include "CThreadRegisters.h"

#include <errno.h>

#if defined(__linux__) && defined(__x86_64__)

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracer.h"

enum { stack_size = 64 << 10, guard_size = 4096, slack_ns = 500000000 };

static int run(void *argument)
{
    struct tracer_work *work = argument;
    // Whatever happens to the process, nobody is left behind.
    raw_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    // The end of each stop sends a SIGCHLD.
    const uint64_t all = ~UINT64_C(0);
    raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof all, 0);
    // Not before the process has allowed it.
    while (!atomic_load(&work->is_allowed)) {
        const struct timespec limit = {0, 100000000};
        long slept = raw_call(SYS_futex, (long)&work->is_allowed, FUTEX_WAIT, 0, (long)&limit, 0);
        if (slept == -ETIMEDOUT)
            raw_call(SYS_exit_group, 1, 0, 0, 0, 0);
    }
    tracer_run(work);
    raw_call(SYS_exit_group, 0, 0, 0, 0, 0);
    return 0;
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// The kernel clears `alive` when the helper has left our memory, but not always when it was killed. The host may have reaped it.
static void await_end(_Atomic int *alive, int helper, uint64_t deadline)
{
    int has_ended = 0;
    for (int id = atomic_load(alive); id != 0 && !has_ended; id = atomic_load(alive)) {
        const struct timespec limit = {0, 50000000};
        syscall(SYS_futex, alive, FUTEX_WAIT, id, &limit, NULL, 0);
        int reaped = waitpid(helper, NULL, __WCLONE | WNOHANG);
        has_ended = reaped > 0 || (reaped < 0 && errno == ECHILD);
        // It ends by itself long before, unless somebody has stopped it. The number is still its own: it is not reaped.
        if (!has_ended && now() > deadline)
            kill(helper, SIGKILL);
    }
    while (!has_ended && waitpid(helper, NULL, __WCLONE) < 0 && errno == EINTR) {
    }
}

int threadregs_take(struct threadregs_thread *threads, size_t count, uint64_t patience_ns)
{
    int error = errno, result = 0;
    char *memory = mmap(NULL, guard_size + stack_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + guard_size, stack_size, PROT_READ | PROT_WRITE) != 0) {
        result = -errno;
    } else {
        struct tracer_work work = {.threads = threads, .count = count, .patience_ns = patience_ns};
        _Atomic int alive = -1;
        sigset_t all, before;
        // The helper inherits this: no handler of the host ever runs in it. But for SIGCHLD, which nobody sends it before it blocks
        // that too: while the first thread blocks a signal that the host ignores, the kernel wakes another thread for it.
        sigfillset(&all);
        sigdelset(&all, SIGCHLD);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        // No signal at its end: a host that waits for its children does not see it.
        int helper = clone(
            run, memory + guard_size + stack_size,
            CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, &work,
            &alive, NULL, &alive);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (helper < 0) {
            result = -errno;
        } else {
            // Yama forgets it when the helper ends; without Yama there is no such call, and none is needed.
            prctl(PR_SET_PTRACER, helper, 0, 0, 0);
            atomic_store(&work.is_allowed, 1);
            syscall(SYS_futex, &work.is_allowed, FUTEX_WAKE, 1, NULL, NULL, 0);
            await_end(&alive, helper, now() + patience_ns + slack_ns);
            result = atomic_load(&work.is_done) ? 0 : -ECHILD;
        }
        // The registers of others went through it.
        memset(memory + guard_size, 0, stack_size);
    }
    if (memory != MAP_FAILED)
        munmap(memory, guard_size + stack_size);
    errno = error;
    return result;
}

int threadregs_is_dumpable(void)
{
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
}

#else

int threadregs_is_dumpable(void)
{
    return 0;
}

int threadregs_take(struct threadregs_thread *threads, size_t count, uint64_t patience_ns)
{
    (void)threads, (void)count, (void)patience_ns;
    return -ENOSYS;
}

#endif
