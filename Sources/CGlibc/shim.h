// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What glibc declares in headers that Swift's Glibc module leaves out. Declarations only, no code of ours.
//
// mallinfo2 (malloc.h): totals of the allocator. Takes the lock of each arena in turn and walks its free lists; safe from
// any thread, never from a signal handler or a forked child.

#ifndef CGLIBC_SHIM_H
#define CGLIBC_SHIM_H

#include <malloc.h>

#endif
