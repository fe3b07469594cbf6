// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What glibc declares in headers that Swift's Glibc module leaves out. Declarations only, no code of ours.
//
// mallinfo2 (malloc.h): totals of the allocator. Takes the lock of each arena in turn and walks its free lists; safe from
// any thread, never from a signal handler or a forked child.
//
// cglibc_getdents64 is glibc's getdents64 (dirent.h, since 2.30): the entries of an open directory, as getdents(2) has them.
// readdir would allocate 32 KiB for each directory. Returns the bytes written to `buffer`, 0 at the end, -1 with errno set.

#ifndef CGLIBC_SHIM_H
#define CGLIBC_SHIM_H

#include <malloc.h>
#include <sys/types.h>

ssize_t cglibc_getdents64(int descriptor, void *_Nonnull buffer, size_t size) __asm__("getdents64");

#endif
