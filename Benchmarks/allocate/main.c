// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What allocating costs, in lines of `name number`. Built with the tap and without it, and run over other allocators.
//   allocate pairs THREADS SLICES HELD   nanoseconds of processor time for malloc(64) and its free, HELD blocks at a time
//   allocate memory BYTES                what the tap's tables take for a heap of that size in blocks of 64 bytes, and the heap
//   allocate sites RATE                  five places with known amounts
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CAllocationTap.h"

enum { block_size = 64, pairs_in_slice = 100000, max_threads = 64, max_held = 1000 };

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static long slices, held;
static pthread_barrier_t barrier;

// The median of the slices: an interrupt spoils one, not all.
static void *run(void *argument)
{
    double *times = calloc((size_t)slices, sizeof *times), *median = argument;
    void *blocks[max_held];
    pthread_barrier_wait(&barrier);
    for (long slice = 0; slice < slices; slice++) {
        double start = processor_time();
        for (long pair = 0; pair < pairs_in_slice; pair += held) {
            for (long index = 0; index < held; index++) {
                blocks[index] = malloc(block_size);
                __asm__ volatile("" : : "r"(blocks[index]) : "memory");
            }
            for (long index = 0; index < held; index++)
                free(blocks[index]);
        }
        times[slice] = (processor_time() - start) / pairs_in_slice;
    }
    qsort(times, (size_t)slices, sizeof *times, ascending);
    *median = times[slices / 2];
    free(times);
    return NULL;
}

static void pairs(long threads)
{
    pthread_t started[max_threads];
    double medians[max_threads], sum = 0;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (long thread = 0; thread < threads; thread++)
        pthread_create(&started[thread], NULL, run, &medians[thread]);
    for (long thread = 0; thread < threads; thread++) {
        pthread_join(started[thread], NULL);
        sum += medians[thread];
    }
    struct alloctap_totals totals;
    alloctap_read_totals(&totals);
    printf("ns %f\nstate %d\nsamples %lu\n", sum / (double)threads, (int)alloctap_state(), (unsigned long)totals.samples);
}

// Bytes in memory of the whole process, or of the tap's own mappings alone.
static double resident(int own)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    unsigned long start = 0, end, kilobytes;
    double sum = 0;
    int counts = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
            // Neighbours may have become one mapping to the kernel, so what overlaps counts.
            struct alloctap_mapping mapping;
            counts = !own;
            for (size_t index = 0; !counts && alloctap_own_mapping(index, &mapping); index++)
                counts = mapping.start < end && mapping.start + mapping.size > start;
        } else if (counts && sscanf(line, "Rss: %lu kB", &kilobytes) == 1) {
            sum += (double)kilobytes * 1024;
        }
    }
    if (file != NULL)
        fclose(file);
    return sum;
}

static void memory(size_t bytes)
{
    double idle = resident(1), before = resident(0);
    void **last = NULL;
    for (size_t done = 0; done < bytes; done += block_size) {
        void **block = malloc(block_size);
        if (block == NULL)
            break;
        memset(block, 1, block_size);
        *block = last;
        last = block;
    }
    double tables = resident(1), all = resident(0) - before;
    printf("idle %f\ntables %f\nheap %f\nstate %d\n", idle, tables, all - (tables - idle), (int)alloctap_state());
}

static __attribute__((noinline)) void take(size_t amount, size_t size)
{
    for (size_t done = 0; done < amount; done += size) {
        void *block = malloc(size);
        __asm__ volatile("" : : "r"(block) : "memory");
        free(block);
    }
    __asm__ volatile("");  // no tail call: the place is who called
}

// Each place has a size of its own, by which it is found again: in a site's class are sizes within 12.5 %.
static void sites(uint64_t rate)
{
    static const size_t sizes[] = {24, 200, 3000, 20000, 100000};
    size_t amount = rate * 10000 / 12000 * 12000;
    alloctap_set_rate(rate);
    take(amount, sizes[0]);
    take(amount, sizes[1]);
    take(amount, sizes[2]);
    take(amount, sizes[3]);
    take(amount, sizes[4]);
    alloctap_set_rate(0);
    for (int place = 0; place < 5; place++) {
        double found = 0, samples = 0;
        struct alloctap_site site;
        for (uint32_t index = 0; index < alloctap_site_limit(); index++)
            if (alloctap_read_site(index, &site) && site.size_class <= sizes[place] && sizes[place] < site.size_class * 9 / 8 + 2) {
                found += (double)site.allocated_bytes;
                samples += (double)site.sampled_allocations;
            }
        size_t whole = (amount + sizes[place] - 1) / sizes[place] * sizes[place];
        printf("share_%zu %f\nsamples_%zu %f\n", sizes[place], found / (double)whole, sizes[place], samples);
    }
}

int main(int count, char **arguments)
{
    const char *what = count > 2 ? arguments[1] : "";
    if (strcmp(what, "pairs") == 0 && count > 4 && atol(arguments[2]) <= max_threads && atol(arguments[4]) <= max_held) {
        slices = atol(arguments[3]);
        held = atol(arguments[4]);
        pairs(atol(arguments[2]));
    } else if (strcmp(what, "memory") == 0) {
        memory(strtoull(arguments[2], NULL, 10));
    } else if (strcmp(what, "sites") == 0) {
        sites(strtoull(arguments[2], NULL, 10));
    } else {
        fprintf(stderr, "allocate: give pairs THREADS SLICES HELD, memory BYTES or sites RATE\n");
        return 2;
    }
    return 0;
}
