// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
//
// Makes the surroundings of a test's process hostile: system calls that are refused, rights that are gone, a debugger. For LeakHost
// alone. To be called first thing in a process, by its only thread, as most of it holds for that thread and those it starts.
// All return 0, or a negative errno when the kernel does not let us. In C, as all of it is variadic calls and kernel structures.
// Linux on x86_64; elsewhere -ENOSYS.

#ifndef CSURROUNDINGS_H
#define CSURROUNDINGS_H

#include <stddef.h>

/// Has these system calls answer with `error` from now on, by a seccomp filter.
int surroundings_deny(const long *_Nonnull numbers, size_t count, int error);

/// Stands in for a read-only file system: opening for writing answers EROFS.
int surroundings_deny_writing(void);

/// The seccomp filter and the capabilities that Docker gives a container by default.
int surroundings_docker(void);

/// Stands in for Yama: a process of ours answers ptrace(PTRACE_SEIZE and PTRACE_ATTACH) and prctl(PR_SET_PTRACER) as Yama does with
/// this value of kernel.yama.ptrace_scope and no CAP_SYS_PTRACE: 1 lets a declared process, 2 and 3 nobody. It ends with us.
int surroundings_yama(int scope);

/// Mounts a /proc/sys/kernel that says this of Yama, for us alone.
int surroundings_show_yama(int scope);

int surroundings_drop_capability(int number);
int surroundings_set_dumpable(int value);

/// Makes every file system read-only, for us alone.
int surroundings_read_only(void);

/// Becomes the child of a debugger, which has seized us and every thread to come. The debugger's exit status will be ours.
int surroundings_begin_debugging(void);
/// The debugger lets go of every thread; returns once it has.
int surroundings_end_debugging(void);

/// The calling thread's name, of which the kernel keeps 15 bytes. At any time.
int surroundings_name_thread(const char *_Nonnull name);

/// Orphans below us become our children.
int surroundings_adopt_orphans(void);

#endif
