// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What the handler of stack_capture.c does to take one stack. Async-signal-safe; see the contract in CStackCapture.h.
#ifndef STACKCAP_STACK_WALK_H
#define STACKCAP_STACK_WALK_H

#include "CStackCapture.h"

/// Fills all of `out` but its weight: the stack of the code that `context`, a ucontext_t, was taken from.
void stackcap_walk(struct stackcap_stack *_Nonnull out, const void *_Nonnull context);

/// Runs the unwinder once, so that what it prepares on first use is ready before the handler needs it.
void stackcap_warm_up(void);

#endif
