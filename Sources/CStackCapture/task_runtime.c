// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The names are those that Swift's concurrency runtime gives debuggers, and two of its entry points.
#include "CStackCapture.h"

#define weak_symbol(name) extern const char name[] __attribute__((weak))

weak_symbol(_swift_concurrency_debug_internal_layout_version);
weak_symbol(_swift_concurrency_debug_asyncTaskSize);
weak_symbol(_swift_concurrency_debug_asyncTaskMetadata);
weak_symbol(_swift_concurrency_debug_future_adapter);
weak_symbol(_swift_concurrency_debug_non_future_adapter);
weak_symbol(_swift_concurrency_debug_task_future_wait_resume_adapter);
weak_symbol(_swift_concurrency_debug_task_wait_throwing_resume_adapter);
// Their code is looked at and never run, so their types do not matter.
extern void swift_task_getCurrent(void) __attribute__((weak));
extern void swift_task_getCurrentExecutor(void) __attribute__((weak));
extern void dispatch_get_current_queue(void) __attribute__((weak));

extern void *__libc_stack_end __attribute__((weak));  // glibc's loader

#define address_of(name) ((uint64_t)(uintptr_t)(name))

void stackcap_find_task_runtime(struct stackcap_task_runtime *out)
{
    out->layout_version = address_of(_swift_concurrency_debug_internal_layout_version);
    out->task_size = address_of(_swift_concurrency_debug_asyncTaskSize);
    out->task_metadata = address_of(_swift_concurrency_debug_asyncTaskMetadata);
    out->future_adapter = address_of(_swift_concurrency_debug_future_adapter);
    out->non_future_adapter = address_of(_swift_concurrency_debug_non_future_adapter);
    out->future_wait_adapter = address_of(_swift_concurrency_debug_task_future_wait_resume_adapter);
    out->throwing_wait_adapter = address_of(_swift_concurrency_debug_task_wait_throwing_resume_adapter);
    out->current_task_code = address_of(swift_task_getCurrent);
    out->current_executor_code = address_of(swift_task_getCurrentExecutor);
}

uint64_t stackcap_dispatch_code(void)
{
    return address_of(dispatch_get_current_queue);
}

uint64_t stackcap_main_stack_end(void)
{
    return &__libc_stack_end ? (uint64_t)(uintptr_t)__libc_stack_end : 0;
}
