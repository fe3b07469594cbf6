// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// How a block enters and leaves the counts, the sample and the map, wherever there is no shorter way.
#ifndef ADMISSION_H
#define ADMISSION_H

#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"
#include "thread_rows.h"

/// See alloctap_totals.
extern tap_hidden _Atomic uint64_t tap_unknown_frees, tap_unmapped_blocks;

/// Counts, samples and maps a block that the next allocator has handed out, and returns it; NULL stays NULL.
tap_hidden void *tap_admit(void *block, size_t size, uintptr_t caller);

/// The same for a block that this thread's row has counted already, and that has no map or is NULL.
tap_hidden void *tap_readmit(void *block, size_t size, uintptr_t caller);

/// Takes the block out of the map and the counts; what is left to do is to call the next free.
tap_hidden void tap_dismiss(void *block);

/// Fills what a block has beyond its first `had` bytes with zeros, up to the size that malloc does that to, and returns it.
tap_hidden void *tap_clear_room(void *block, size_t size, size_t had);

/// realloc, with all that happens before and after the next allocator's.
tap_hidden void *tap_reallocate(void *block, size_t size, uintptr_t caller);

#endif
