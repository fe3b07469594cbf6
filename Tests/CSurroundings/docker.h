// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a container may call and do by default. Source: moby, profiles/seccomp/default.json (defaultAction ERRNO, EPERM) and
// oci/caps/defaults.go, as of 2022 and later on Linux 4.8 and later: ptrace and process_vm_readv are allowed.
#ifndef SURROUNDINGS_DOCKER_H
#define SURROUNDINGS_DOCKER_H

#include <linux/capability.h>
#include <sys/syscall.h>

static const int docker_capabilities[] = {
    CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FSETID,           CAP_FOWNER,     CAP_MKNOD, CAP_NET_RAW,    CAP_SETGID,
    CAP_SETUID, CAP_SETFCAP,      CAP_SETPCAP,          CAP_NET_BIND_SERVICE,      CAP_SYS_CHROOT, CAP_KILL,
    CAP_AUDIT_WRITE,
};

// clone, clone3, personality and socket are told apart by their arguments.
static const long docker_calls[] = {
#define C(name) SYS_##name,
    C(accept) C(accept4) C(access) C(adjtimex) C(alarm) C(bind) C(brk) C(capget) C(capset) C(chdir) C(chmod) C(chown)
    C(clock_adjtime) C(clock_getres) C(clock_gettime) C(clock_nanosleep) C(close) C(close_range) C(connect)
    C(copy_file_range) C(creat) C(dup) C(dup2) C(dup3) C(epoll_create) C(epoll_create1) C(epoll_ctl) C(epoll_ctl_old)
    C(epoll_pwait) C(epoll_pwait2) C(epoll_wait) C(epoll_wait_old) C(eventfd) C(eventfd2) C(execve) C(execveat) C(exit)
    C(exit_group) C(faccessat) C(faccessat2) C(fadvise64) C(fallocate) C(fanotify_mark) C(fchdir) C(fchmod) C(fchmodat)
    C(fchown) C(fchownat) C(fcntl) C(fdatasync) C(fgetxattr) C(flistxattr) C(flock) C(fork) C(fremovexattr) C(fsetxattr)
    C(fstat) C(fstatfs) C(fsync) C(ftruncate) C(futex) C(futimesat) C(getcpu) C(getcwd) C(getdents) C(getdents64) C(getegid)
    C(geteuid) C(getgid) C(getgroups) C(getitimer) C(getpeername) C(getpgid) C(getpgrp) C(getpid) C(getppid) C(getpriority)
    C(getrandom) C(getresgid) C(getresuid) C(getrlimit) C(get_robust_list) C(getrusage) C(getsid) C(getsockname)
    C(getsockopt) C(get_thread_area) C(gettid) C(gettimeofday) C(getuid) C(getxattr) C(inotify_add_watch) C(inotify_init)
    C(inotify_init1) C(inotify_rm_watch) C(io_cancel) C(ioctl) C(io_destroy) C(io_getevents) C(io_pgetevents) C(ioprio_get)
    C(ioprio_set) C(io_setup) C(io_submit) C(io_uring_enter) C(io_uring_register) C(io_uring_setup) C(kill)
    C(landlock_add_rule) C(landlock_create_ruleset) C(landlock_restrict_self) C(lchown) C(lgetxattr) C(link) C(linkat)
    C(listen) C(listxattr) C(llistxattr) C(lremovexattr) C(lseek) C(lsetxattr) C(lstat) C(madvise) C(membarrier)
    C(memfd_create) C(mincore) C(mkdir) C(mkdirat) C(mknod) C(mknodat) C(mlock) C(mlock2) C(mlockall) C(mmap) C(mprotect)
    C(mq_getsetattr) C(mq_notify) C(mq_open) C(mq_timedreceive) C(mq_timedsend) C(mq_unlink) C(mremap) C(msgctl) C(msgget)
    C(msgrcv) C(msgsnd) C(msync) C(munlock) C(munlockall) C(munmap) C(name_to_handle_at) C(nanosleep) C(newfstatat) C(open)
    C(openat) C(openat2) C(pause) C(pidfd_open) C(pidfd_send_signal) C(pipe) C(pipe2) C(pkey_alloc) C(pkey_free)
    C(pkey_mprotect) C(poll) C(ppoll) C(prctl) C(pread64) C(preadv) C(preadv2) C(prlimit64) C(pselect6) C(pwrite64)
    C(pwritev) C(pwritev2) C(read) C(readahead) C(readlink) C(readlinkat) C(readv) C(recvfrom) C(recvmmsg) C(recvmsg)
    C(remap_file_pages) C(removexattr) C(rename) C(renameat) C(renameat2) C(restart_syscall) C(rmdir) C(rseq) C(rt_sigaction)
    C(rt_sigpending) C(rt_sigprocmask) C(rt_sigqueueinfo) C(rt_sigreturn) C(rt_sigsuspend) C(rt_sigtimedwait)
    C(rt_tgsigqueueinfo) C(sched_getaffinity) C(sched_getattr) C(sched_getparam) C(sched_get_priority_max)
    C(sched_get_priority_min) C(sched_getscheduler) C(sched_rr_get_interval) C(sched_setaffinity) C(sched_setattr)
    C(sched_setparam) C(sched_setscheduler) C(sched_yield) C(seccomp) C(select) C(semctl) C(semget) C(semop) C(semtimedop)
    C(sendfile) C(sendmmsg) C(sendmsg) C(sendto) C(setfsgid) C(setfsuid) C(setgid) C(setgroups) C(setitimer) C(setpgid)
    C(setpriority) C(setregid) C(setresgid) C(setresuid) C(setreuid) C(setrlimit) C(set_robust_list) C(setsid) C(setsockopt)
    C(set_thread_area) C(set_tid_address) C(setuid) C(setxattr) C(shmat) C(shmctl) C(shmdt) C(shmget) C(shutdown)
    C(sigaltstack) C(signalfd) C(signalfd4) C(socketpair) C(splice) C(stat) C(statfs) C(statx) C(symlink) C(symlinkat)
    C(sync) C(sync_file_range) C(syncfs) C(sysinfo) C(tee) C(tgkill) C(time) C(timer_create) C(timer_delete)
    C(timer_getoverrun) C(timer_gettime) C(timer_settime) C(timerfd_create) C(timerfd_gettime) C(timerfd_settime) C(times)
    C(tkill) C(truncate) C(umask) C(uname) C(unlink) C(unlinkat) C(utime) C(utimensat) C(utimes) C(vfork) C(vmsplice)
    C(wait4) C(waitid) C(write) C(writev) C(process_vm_readv) C(process_vm_writev) C(ptrace) C(arch_prctl) C(modify_ldt)
#ifdef SYS_memfd_secret
    C(memfd_secret)
#endif
#ifdef SYS_process_mrelease
    C(process_mrelease)
#endif
#ifdef SYS_futex_waitv
    C(futex_waitv)
#endif
#undef C
};

#endif
