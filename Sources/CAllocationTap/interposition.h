// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#ifndef INTERPOSITION_H
#define INTERPOSITION_H

#include "tap_build.h"

/// Whether this executable or shared object got all of our functions, not only those that another allocator in it left out.
tap_hidden int tap_is_linked(void);

/// Whether a library that calls malloc gets ours: the first definition in the process.
tap_hidden int tap_is_first(void);

#endif
