// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "thread_rows.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "own_mappings.h"

#if TAP_BUILT

__thread struct tap_row *tap_own_row __attribute__((tls_model("initial-exec")));
// Whether this thread can be given no row: it is past its end, or is being given one while a signal handler allocates.
static __thread int refused __attribute__((tls_model("initial-exec")));

struct tap_row *tap_rows;
struct tap_row tap_shared_row;
static _Atomic uint32_t rows_used;
// A stack of the free rows: the number of the top one plus 1 below, above it a count of changes, so that a row that was taken
// and given back meanwhile is not mistaken for one that never left.
static _Atomic uint64_t free_rows;
static pthread_key_t key;
static int has_key;

static void give_back(struct tap_row *row)
{
    uint64_t top = atomic_load(&free_rows), new_top;
    atomic_store(&row->owned, 0);
    do {
        atomic_store(&row->next_free, (uint32_t)top);
        new_top = ((top >> 32) + 1) << 32 | (uint64_t)(row - tap_rows + 1);
    } while (!atomic_compare_exchange_weak(&free_rows, &top, new_top));
}

// In the first round of destructors that finds the row; what the others still allocate and free goes to the shared row. Keeping
// it to the last round is not possible: a thread whose first allocation is in a destructor does not see all of them.
static void end_thread(void *argument)
{
    refused = 1;
    tap_own_row = NULL;
    give_back(argument);
}

// The child has one thread; the rows of the others would never be given back.
static void continue_in_child(void)
{
    atomic_store(&free_rows, 0);
    for (uint32_t index = 0; index < atomic_load(&rows_used); index++)
        if (&tap_rows[index] != tap_own_row)
            give_back(&tap_rows[index]);
    if (tap_own_row != NULL)
        tap_own_row->thread = (int32_t)syscall(SYS_gettid);
}

int tap_make_rows(void)
{
    tap_rows = tap_map_table(tap_max_rows * sizeof *tap_rows);
    // The first key of the process, so that setting it never allocates; glibc keeps the first 48 fork handlers in place.
    has_key = tap_rows != NULL && pthread_key_create(&key, end_thread) == 0;
    return has_key && pthread_atfork(NULL, NULL, continue_in_child) == 0;
}

static struct tap_row *free_row(void)
{
    uint64_t top = atomic_load(&free_rows);
    while ((uint32_t)top != 0) {
        struct tap_row *row = &tap_rows[(uint32_t)top - 1];
        uint64_t new_top = ((top >> 32) + 1) << 32 | atomic_load(&row->next_free);
        if (atomic_compare_exchange_weak(&free_rows, &top, new_top))
            return row;
    }
    uint32_t used = atomic_load(&rows_used);
    while (used < tap_max_rows)
        if (atomic_compare_exchange_weak(&rows_used, &used, used + 1))
            return &tap_rows[used];
    return NULL;
}

struct tap_row *tap_take_row(void)
{
    if (!has_key || refused)
        return NULL;
    refused = 1;
    struct tap_row *row = free_row();
    if (row == NULL)
        return NULL;  // nor is there any later: asking at each allocation would cost
    row->thread = (int32_t)syscall(SYS_gettid);
    row->own = 0;
    row->busy = 0;
    if (row->random == 0) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        row->random = ((uint64_t)time.tv_nsec << 32 ^ (uint64_t)time.tv_sec ^ (uint64_t)(row - tap_rows) * 0x9E3779B97F4A7C15) | 1;
        atomic_store(&row->countdown, tap_row_told);
    }
    atomic_store(&row->owned, 1);
    tap_own_row = row;
    if (pthread_setspecific(key, row) != 0) {
        end_thread(row);
        return NULL;
    }
    refused = 0;
    return row;
}

uint32_t tap_rows_used(void)
{
    return atomic_load(&rows_used);
}

#endif
