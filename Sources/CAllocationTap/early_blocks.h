// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Blocks from before there is a next allocator.
#ifndef EARLY_BLOCKS_H
#define EARLY_BLOCKS_H

#include <stddef.h>

#include "tap_build.h"

/// A block of zeros out of a small buffer, never used again; NULL with ENOMEM when that is full. While the process has one thread.
tap_hidden void *tap_early_malloc(size_t size);

tap_hidden int tap_is_early_block(const void *block);
tap_hidden size_t tap_early_size(const void *block);

#endif
