// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Where sampled blocks were allocated: a stack and a size class, and the sums of both.
#ifndef SAMPLE_SITES_H
#define SAMPLE_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"
#include "thread_rows.h"

/// Returns 0 when the kernel refuses. Called once, while the process has one thread.
tap_hidden int tap_make_sites(void);

/// Takes the calling thread's stack from `caller` on, and finds or makes its site. `row` is that thread's, and busy. Returns its
/// number, -1 when the table is full.
tap_hidden int tap_find_site(uintptr_t caller, uint64_t size_class, const struct tap_row *row);

tap_hidden void tap_site_allocated(uint32_t site, uint64_t size, uint64_t weight);
tap_hidden void tap_site_freed(uint32_t site, uint64_t size, uint64_t weight);

#endif
