// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The signal handler, the slots and ring that it writes to, and the timers that call it. See the contract in CStackCapture.h.
#define _GNU_SOURCE
#include "CStackCapture.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "stack_walk.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

// One request for one stack. free -> armed (request) -> filling (handler) -> done -> free (release).
enum { slot_free, slot_armed, slot_filling, slot_done };
struct slot {
    _Atomic int state;
    int32_t thread;
    int timer;
    struct stackcap_stack stack;
};
enum { slot_count = 64 };
static struct slot slots[slot_count];

// The samples: a bounded queue of many writers and one reader. A cell's turn says who may use it: `round` the writer that
// drew a position of this round (position minus the cell's index), `round + 1` the reader, `round + cell_count` the writer of
// the next round. So a queue of zeros is one that nobody has used, and its memory need not be touched to begin with.
struct cell {
    _Atomic uint64_t turn;
    struct stackcap_stack stack;
};
enum { cell_count = 1 << 12 };  // 64 processors x 1000 Hz x 60 ms between two readings; 1.6 KiB each, mapped when used
static struct {
    struct cell *_Atomic cells;  // mapped once, never unmapped: a late handler may still look
    _Atomic int open;
    _Atomic int writers;
    _Atomic uint64_t next_write;
    uint64_t next_read;
    _Atomic uint64_t dropped;
} ring;

static struct sigaction previous;
static _Atomic int installed;

static void take_slot(struct slot *slot, const void *context)
{
    int expected = slot_armed;
    if (slot->thread != stackcap_own_thread()
        || !atomic_compare_exchange_strong(&slot->state, &expected, slot_filling))
        return;
    slot->stack.weight = 1;
    stackcap_walk(&slot->stack, context);
    atomic_store(&slot->state, slot_done);
}

static void take_sample(uint32_t weight, const void *context)
{
    atomic_fetch_add(&ring.writers, 1);
    if (atomic_load(&ring.open)) {
        struct cell *cells = atomic_load(&ring.cells);
        uint64_t position = atomic_load(&ring.next_write);
        for (;;) {
            struct cell *cell = &cells[position % cell_count];
            uint64_t round = position - position % cell_count;
            uint64_t turn = atomic_load(&cell->turn);
            if (turn < round) {
                atomic_fetch_add(&ring.dropped, weight);
                break;
            }
            if (turn > round) {
                position = atomic_load(&ring.next_write);
            } else if (atomic_compare_exchange_weak(&ring.next_write, &position, position + 1)) {
                cell->stack.weight = weight;
                stackcap_walk(&cell->stack, context);
                atomic_store(&cell->turn, round + 1);
                break;
            }
        }
    }
    atomic_fetch_sub(&ring.writers, 1);
}

static void forward(int signal, siginfo_t *information, void *context)
{
    if (previous.sa_flags & SA_SIGINFO)
        previous.sa_sigaction(signal, information, context);
    else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
        previous.sa_handler(signal);
    // SIG_DFL would end the process. Who sends SIGPROF without a handler means that, but cannot be told from a timer that
    // somebody has forgotten, so the process lives.
}

static void handle(int signal, siginfo_t *information, void *context)
{
    int error = errno;
    const char *value = information->si_value.sival_ptr;
    if (information->si_code == SI_TIMER && value == (const char *)&ring)
        take_sample(1 + (uint32_t)information->si_overrun, context);
    else if (information->si_code == SI_TIMER && value >= (const char *)slots && value < (const char *)(slots + slot_count))
        take_slot((struct slot *)information->si_value.sival_ptr, context);
    else
        forward(signal, information, context);
    errno = error;
}

int stackcap_install(void)
{
    if (atomic_load(&installed))
        return 0;
    stackcap_warm_up();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&action.sa_mask);
    // First what was there, so that the handler never forwards to nothing.
    if (sigaction(SIGPROF, NULL, &previous) != 0 || sigaction(SIGPROF, &action, NULL) != 0)
        return -errno;
    atomic_store(&installed, 1);
    return 0;
}

void stackcap_restore(void)
{
    struct sigaction current;
    if (!atomic_load(&installed) || sigaction(SIGPROF, NULL, &current) != 0)
        return;
    if ((current.sa_flags & SA_SIGINFO) && current.sa_sigaction == handle) {
        sigaction(SIGPROF, &previous, NULL);
        atomic_store(&installed, 0);
    }
    // Otherwise somebody has put a handler over ours and may call it: it stays usable.
}

// A raw system call: glibc's timer_create takes the id for a pointer to its own record.
static int create_timer(int32_t id, void *value, uint64_t first_ns, uint64_t period_ns)
{
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGPROF;
    event.sigev_value.sival_ptr = value;
    event.sigev_notify_thread_id = id;
    // The CPU clock of a thread, as the kernel spells it: the complement of its id, "per thread" (4), "scheduler's time" (2).
    clockid_t clock = (clockid_t)((~(unsigned)id << 3) | 4 | 2);
    int timer;
    if (syscall(SYS_timer_create, clock, &event, &timer) != 0)
        return errno == EINVAL ? -ESRCH : -errno;  // EINVAL: no thread of this process has that clock
    struct itimerspec spec = {
        {(time_t)(period_ns / 1000000000), (long)(period_ns % 1000000000)},
        {(time_t)(first_ns / 1000000000), (long)(first_ns % 1000000000)},
    };
    if (syscall(SYS_timer_settime, timer, 0, &spec, NULL) != 0) {
        int error = errno;
        syscall(SYS_timer_delete, timer);
        return error == ESRCH ? -ESRCH : -error;
    }
    return timer;
}

int stackcap_request(int32_t id)
{
    for (int index = 0; index < slot_count; index++) {
        struct slot *slot = &slots[index];
        if (atomic_load(&slot->state) != slot_free)
            continue;
        slot->thread = id;
        atomic_store(&slot->state, slot_armed);
        int timer = create_timer(id, slot, 1, 0);
        if (timer < 0) {
            atomic_store(&slot->state, slot_free);
            return timer;
        }
        slot->timer = timer;
        return index;
    }
    return -EBUSY;
}

int stackcap_poll(int slot, struct stackcap_stack *out)
{
    if (atomic_load(&slots[slot].state) != slot_done)
        return 0;
    *out = slots[slot].stack;
    return 1;
}

void stackcap_release(int index)
{
    struct slot *slot = &slots[index];
    syscall(SYS_timer_delete, slot->timer);
    int expected = slot_armed;
    if (!atomic_compare_exchange_strong(&slot->state, &expected, slot_free)) {
        while (atomic_load(&slot->state) == slot_filling)  // the handler is writing; it ends in microseconds once it runs
            sched_yield();
        // The task's address, left here, would look like a reference to it.
        memset(&slot->stack, 0, sizeof slot->stack);
        atomic_store(&slot->state, slot_free);
    }
}

int stackcap_begin_samples(void)
{
    struct cell *cells = atomic_load(&ring.cells);
    size_t size = sizeof(struct cell) * cell_count;
    if (!cells) {
        cells = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (cells == MAP_FAILED)
            return -errno;
        atomic_store(&ring.cells, cells);
    }
    ring.next_read = 0;
    atomic_store(&ring.next_write, 0);
    atomic_store(&ring.dropped, 0);
    atomic_store(&ring.open, 1);
    return 0;
}

void stackcap_end_samples(void)
{
    atomic_store(&ring.open, 0);
    while (atomic_load(&ring.writers) != 0)
        sched_yield();
    struct cell *cells = atomic_load(&ring.cells);
    // Gives the memory back, which leaves zeros; the mapping stays for handlers that come late. Memory that is locked stays.
    if (cells && madvise(cells, sizeof(struct cell) * cell_count, MADV_DONTNEED) != 0)
        for (uint64_t index = 0; index < cell_count; index++)
            atomic_store(&cells[index].turn, 0);
}

int stackcap_start_timer(int32_t id, uint64_t period_ns, uint64_t first_ns)
{
    return create_timer(id, &ring, first_ns, period_ns);
}

void stackcap_stop_timer(int timer)
{
    syscall(SYS_timer_delete, timer);
}

int stackcap_next_sample(struct stackcap_stack *out)
{
    struct cell *cells = atomic_load(&ring.cells);
    if (!cells)
        return 0;
    struct cell *cell = &cells[ring.next_read % cell_count];
    uint64_t round = ring.next_read - ring.next_read % cell_count;
    if (atomic_load(&cell->turn) != round + 1)
        return 0;
    *out = cell->stack;
    atomic_store(&cell->turn, round + cell_count);
    ring.next_read++;
    return 1;
}

uint64_t stackcap_dropped_samples(void)
{
    return atomic_load(&ring.dropped);
}
