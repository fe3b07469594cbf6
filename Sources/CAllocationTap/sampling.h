// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Which allocations are sampled.
#ifndef SAMPLING_H
#define SAMPLING_H

#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"
#include "thread_rows.h"

/// For an allocation of `size` bytes at `address` that has run down the row's countdown, by `caller`, the return address of
/// malloc: takes the sample, if there is to be one. Returns whether the block is now in the table of samples.
tap_hidden int tap_sample(struct tap_row *row, uintptr_t address, size_t size, uintptr_t caller);

tap_hidden void tap_count_samples(uint64_t *samples, uint64_t *dropped);

#endif
