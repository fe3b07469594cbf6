// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#ifndef OWN_MAPPINGS_H
#define OWN_MAPPINGS_H

#include <stddef.h>

#include "tap_build.h"

/// Reserves `size` bytes of zeros that cost memory only where they are written, in small pages, left out of core dumps.
/// Returns NULL when the kernel refuses; errno stays as it was.
tap_hidden void *tap_map(size_t size);

/// The same, and it is listed by alloctap_own_mapping for ever. For the few tables; called while the process has one thread.
tap_hidden void *tap_map_table(size_t size);

#endif
