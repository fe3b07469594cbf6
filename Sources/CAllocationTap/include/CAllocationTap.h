// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
//
// Every allocation of the process, seen on its way: which blocks live, how many there were, and the stacks of a sample of them.
// For HeapProfile alone.
//
// This target defines malloc, calloc, realloc, reallocarray, free, aligned_alloc, memalign, posix_memalign, valloc, pvalloc,
// malloc_usable_size, free_sized and free_aligned_sized, and passes each on to the next definition in the process: glibc's, or
// that of a preloaded allocator. It never allocates memory of its own from any of them; its tables are mappings that are
// reserved and cost memory only where they are touched. In C because it runs inside malloc: Swift would call it.
//
// The interposed functions: any thread, from the first allocation of the process (before main, inside the loader) to the last of
// a thread that ends, and in signal handlers to the degree the next malloc may be called there. They take no lock, keep errno
// where the next function does, and return NULL and errno as the next function returns them. A fork's child runs on. A sample needs
// some 3 KiB of the thread's stack.
//
// - The map: a byte for each 16 bytes of heap, set after the next malloc has returned, cleared before the next free is called.
//   So a block that the map shows has been handed out and is not yet being freed; a block that is inside malloc, realloc or
//   free at this moment may be missing. Whoever reads it while other threads run reads a moment of each byte, not one instant.
//   It is never given back: at most 1/16 of all address space that ever held blocks, in pages of 64 KiB of heap.
// - The counts: exact. Each thread owns a row that it adds to with plain stores; a row outlives its thread with its counts, and
//   the next thread takes it over. What is allocated while a thread's destructors run, or by more than 16 384 threads at once, is
//   counted in a row for all and not sampled. A successful realloc counts as one malloc and one free.
// - The sample: Poisson by bytes asked for. A block of n bytes is taken with probability 1 - e^(-n/rate), and stands for the
//   inverse of it; sums in `alloctap_site` are already scaled that way, one allocation at a time. No block of 0 bytes is taken.
//   All sums of one stack and size class are kept for ever; when a table is full, samples are dropped and counted.
//
// Over glibc, blocks below 128 KiB are given out as zeros, and what realloc adds to one: what their last owners had there would
// look like references to a leak detector. Larger ones mostly come from the kernel.
//
// With a next allocator that is not glibc's, requests below 16 bytes become 16, so that no two blocks share a byte of the map,
// and C++'s operator new stays that allocator's own, if it defines it: such blocks are not seen.
//
// The functions declared here: any thread, at any time, several at once, but for `alloctap_set_rate`, which is one at a time; not
// in a signal handler. None allocates or takes a lock, and none may be called by code that runs inside malloc.
//
// Without ALLOCATION_TAP (the package trait), under a sanitizer that brings its own malloc, and outside glibc nothing is
// interposed: `alloctap_state` says so, and everything else answers 0.

#ifndef CALLOCATIONTAP_H
#define CALLOCATIONTAP_H

#include <stddef.h>
#include <stdint.h>

enum { alloctap_max_frames = 64, alloctap_max_async_frames = 32 };

/// Whether allocations are seen, and if not, why not.
enum alloctap_state {
    alloctap_active = 0,
    /// Built without ALLOCATION_TAP.
    alloctap_left_out = 1,
    /// Built with a sanitizer, which brings its own malloc.
    alloctap_sanitized = 2,
    /// Built for a C library other than glibc, or another processor than x86_64 and aarch64.
    alloctap_unsupported = 3,
    /// Another definition of malloc comes first: a fully static executable, an allocator linked in, or the tap loaded by dlopen.
    alloctap_shadowed = 4,
    /// The kernel refused the tables (RLIMIT_AS, vm.overcommit_memory=2 without room): allocations pass unseen.
    alloctap_no_tables = 5,
};
enum alloctap_state alloctap_state(void);

/// Since the process began; each exact, together not one instant, but never more frees than mallocs.
struct alloctap_totals {
    uint64_t mallocs;
    uint64_t frees;
    /// Bytes asked for by all `mallocs`, not what the allocator made of it.
    uint64_t bytes;
    /// Freed blocks that the map does not know: allocated before the tap, or past it.
    uint64_t unknown_frees;
    /// Allocated blocks that no map could be had for, and so are in no other figure here.
    uint64_t unmapped_blocks;
    uint64_t samples;
    /// Samples that found no room in a table.
    uint64_t dropped_samples;
    /// Rows in use by threads that live, and rows ever used.
    uint32_t threads;
    uint32_t rows;
};
void alloctap_read_totals(struct alloctap_totals *_Nonnull out);

// The map.

/// The heap is seen in regions of this many bytes, aligned to it.
enum { alloctap_region_size = 1 << 26, alloctap_granule = 16 };

/// How many regions ever held a block. Only grows.
size_t alloctap_region_count(void);

/// Where region `index` begins; 0 when there is no such region. In the order in which they came up.
uintptr_t alloctap_region_start(size_t index);

/// Writes the starts of up to `capacity` blocks that start in `[from, to)` to `out`, in order, and returns how many. A full
/// `out` means there may be more: go on at the last plus 1. Reads nothing but the map. Cost: 1 byte for each 16 of the range that
/// ever held blocks, some 10 GB of map a second where it is empty.
size_t alloctap_blocks(uintptr_t from, uintptr_t to, uintptr_t *_Nonnull out, size_t capacity);

/// The start of the last block that starts in `[lowest, address]`; 0 when there is none. Whether `address` is inside it only the
/// block's size tells.
uintptr_t alloctap_block_before(uintptr_t address, uintptr_t lowest);

/// Whether something of `size` bytes, a block or aligned as one in a block, may begin in `[from, to)`: 0 only where blocks start too
/// close to each other for that all along. Not for less than 144 bytes. Cost: a byte read for each 16.
int alloctap_has_room(uintptr_t from, uintptr_t to, size_t size);

/// Whether a block starts exactly here: 0 no, 1 yes, 2 yes and it is in the sample, 3 yes and it is hidden.
int alloctap_block_at(uintptr_t address);

/// Makes all hidden blocks ordinary ones. Cost: 1 byte for each 16 of the heap.
void alloctap_reveal(void);

/// The block that holds `address`, with its usable size, searched down to `lowest`; returns 0 when there is none.
/// Asks the next allocator for the size, which reads the block's surroundings: only while nobody can free the block (threads
/// stopped, a frozen copy of the process, a block of one's own).
int alloctap_block_containing(
    uintptr_t address, uintptr_t lowest, uintptr_t *_Nonnull start, size_t *_Nonnull size);

/// Whether the next allocator is glibc's, whose blocks have their size in the word before them.
int alloctap_is_glibc(void);

/// The usable size of a glibc block, from the word at its start minus 8, so that a reader that must not fault can read that
/// word its own way. Believe it only if it is at least 24, and no more than the distance to the next block minus 8.
static inline size_t alloctap_glibc_size(uint64_t word_before)
{
    uint64_t chunk = word_before & ~(uint64_t)7;
    uint64_t overhead = word_before & 2 ? 16 : 8;  // a mapped chunk cannot borrow the next one's first word
    return chunk > overhead ? chunk - overhead : 0;
}

// The sample.

/// Takes one sample for each `bytes` allocated on average; 1 takes every block, 0 none. 512 KiB from the first allocation on.
/// Threads follow at their next allocation. At most 4 GiB.
void alloctap_set_rate(uint64_t bytes);
uint64_t alloctap_rate(void);

/// Says whether what this thread allocates is the endpoint's own; kept in `alloctap_site.own`. Returns what it was before.
/// Such a thread's blocks begin with zeros, and are overwritten with zeros when it frees them: it handles addresses of
/// everything, which, left behind, would look like references. Hidden blocks are in no sample, and alloctap_block_at tells them.
enum { alloctap_not_own = 0, alloctap_own = 1, alloctap_own_hidden = 2 };
int alloctap_set_own(int own);

/// A range of async code, for `alloctap_set_async_code`.
struct alloctap_range {
    uint64_t start;
    uint64_t end;
};

/// Where a stack enters async code, its async callers are followed too. The ranges are sorted and stay valid for ever.
void alloctap_set_async_code(const struct alloctap_range *_Nonnull ranges, size_t count);

/// What one stack allocated in one size class. All sums since the process began.
struct alloctap_site {
    /// The smallest size of the class: within 12.5 % below any size in it.
    uint64_t size_class;
    /// Samples taken, and those of them that were freed.
    uint64_t sampled_allocations;
    uint64_t sampled_frees;
    /// What the samples stand for, in 1/4096 of an object, and in bytes asked for.
    uint64_t allocated_objects_4096;
    uint64_t allocated_bytes;
    uint64_t freed_objects_4096;
    uint64_t freed_bytes;
    /// Whether an own thread allocated (`alloctap_set_own`).
    uint32_t own;
    uint32_t depth;
    /// Whether there were more frames than fit.
    uint32_t truncated;
    /// The frame whose async callers follow in `async_frames`; -1 where there is none.
    int32_t async_index;
    uint32_t async_depth;
    /// Leaf first, return addresses: `frames[0]` is where malloc, or its like, was called.
    uint64_t frames[alloctap_max_frames];
    /// Where the async callers will go on, innermost first: entry points, no return addresses.
    uint64_t async_frames[alloctap_max_async_frames];
};

/// Copies site `index`; returns 0 when it is not there (yet). Go through all below `alloctap_site_limit()`. A stack may have more
/// than one site.
int alloctap_read_site(uint32_t index, struct alloctap_site *_Nonnull out);
uint32_t alloctap_site_limit(void);

/// A sampled block that lives.
struct alloctap_sample {
    uint64_t address;
    /// Bytes asked for.
    uint64_t size;
    /// What it stands for, in 1/4096 of an object.
    uint64_t objects_4096;
    /// CLOCK_MONOTONIC when it was allocated.
    uint64_t time_ns;
    uint32_t site;
    /// The thread's id, as gettid says.
    int32_t thread;
};

/// Copies the sample in place `index`; returns 0 when there is none. Go through all below `alloctap_sample_limit()`.
int alloctap_read_sample(uint32_t index, struct alloctap_sample *_Nonnull out);
uint32_t alloctap_sample_limit(void);

/// A mapping of the tap's own. It holds no plain pointer to any block.
struct alloctap_mapping {
    uintptr_t start;
    size_t size;
};

/// Mapping `index` of the tap's own; returns 0 when there is no such mapping.
int alloctap_own_mapping(size_t index, struct alloctap_mapping *_Nonnull out);

#endif
