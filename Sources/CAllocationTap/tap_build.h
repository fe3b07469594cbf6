// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Whether this build has a tap at all, and what its files share.
#ifndef TAP_BUILD_H
#define TAP_BUILD_H

#include <features.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer) \
    || __has_feature(hwaddress_sanitizer) || __has_feature(leak_sanitizer)
#define TAP_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TAP_SANITIZED 1
#endif

#if defined(ALLOCATION_TAP) && !defined(TAP_SANITIZED) && defined(__GLIBC__) \
    && (defined(__x86_64__) || defined(__aarch64__))
#define TAP_BUILT 1
#else
#define TAP_BUILT 0
#endif

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
// Reached without a table of addresses, also from a shared object, and not to be called by others.
#define tap_hidden __attribute__((visibility("hidden")))

#endif
