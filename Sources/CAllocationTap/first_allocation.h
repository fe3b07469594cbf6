// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#ifndef FIRST_ALLOCATION_H
#define FIRST_ALLOCATION_H

#include "next_allocator.h"
#include "tap_build.h"

/// Whoever could write to these could run any code, so they have a page of their own, read-only once they are found (where pages
/// have this size).
union tap_locked_page {
    struct tap_allocator allocator;
    char page[4096];
} __attribute__((aligned(4096)));
extern tap_hidden union tap_locked_page tap_locked;

/// Callable from the first instruction on: until the next allocator is found, each finds it first.
#define tap_next (tap_locked.allocator)
extern tap_hidden int tap_next_is_glibc;

/// Blocks that were asked for with fewer bytes are given out as zeros: 0 over an allocator that is not glibc's, whose blocks may end
/// earlier.
extern tap_hidden size_t tap_clears_below;

/// Whether another malloc than ours is what the process calls.
extern tap_hidden int tap_is_shadowed;

/// Whether all tables are there. Before that, and without them, no thread has a row.
extern tap_hidden int tap_has_tables;

/// Finds the next allocator and makes the tables, unless that is done or under way.
tap_hidden void tap_start(void);

#endif
