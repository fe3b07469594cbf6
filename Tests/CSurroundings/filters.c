// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Seccomp filters, and a process that answers in the place of Yama. Source: seccomp(2), seccomp_unotify(2), and Yama's documentation
// (Documentation/admin-guide/LSM/Yama.rst).
#define _GNU_SOURCE
#include "CSurroundings.h"

#include <errno.h>

#if defined(__linux__) && defined(__x86_64__)

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include "docker.h"

enum { most = 1024, number_at = offsetof(struct seccomp_data, nr) };
#define ARGUMENT_AT(index) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (index)))
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, count)
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | ((uint32_t)(error) & SECCOMP_RET_DATA))

/// Returns a descriptor with `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
static int install(const struct sock_filter *filter, size_t count, unsigned flags)
{
    struct sock_fprog program = {(unsigned short)count, (struct sock_filter *)(uintptr_t)filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -errno;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return result < 0 ? -errno : (int)result;
}

int surroundings_deny(const long *numbers, size_t count, int error)
{
    struct sock_filter filter[most] = {LOAD(number_at)};
    size_t length = 1;
    if (count > (most - 2) / 2)
        return -E2BIG;
    for (size_t index = 0; index < count; index++) {
        filter[length++] = (struct sock_filter)SKIP_UNLESS(numbers[index], 1);
        filter[length++] = (struct sock_filter)REFUSE(error);
    }
    filter[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    return install(filter, length, 0);
}

int surroundings_deny_writing(void)
{
    const uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
    const struct sock_filter filter[] = {
        LOAD(number_at),
        SKIP_UNLESS(SYS_openat, 3), LOAD(ARGUMENT_AT(2)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, writing, 7, 0),
        RETURN(SECCOMP_RET_ALLOW),
        SKIP_UNLESS(SYS_open, 3), LOAD(ARGUMENT_AT(1)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, writing, 3, 0),
        RETURN(SECCOMP_RET_ALLOW),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 1, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unlink, 0, 1),
        REFUSE(EROFS), RETURN(SECCOMP_RET_ALLOW),
    };
    return install(filter, sizeof filter / sizeof *filter, 0);
}

/// The effective and permitted capabilities become these, as far as they were there.
static int keep_capabilities(const int *numbers, size_t count)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct now[2], data[2];
    if (syscall(SYS_capget, &header, now) != 0)
        return -errno;
    memset(data, 0, sizeof data);
    for (size_t index = 0; index < count; index++)
        data[numbers[index] / 32].permitted |= UINT32_C(1) << numbers[index] % 32;
    for (size_t index = 0; index < 2; index++) {
        // Nobody may have more than before.
        data[index].permitted &= now[index].permitted;
        data[index].effective = data[index].permitted;
    }
    return syscall(SYS_capset, &header, data) != 0 ? -errno : 0;
}

int surroundings_drop_capability(int number)
{
    int kept[64], count = 0;
    for (int other = 0; other < 64; other++)
        if (other != number)
            kept[count++] = other;
    return keep_capabilities(kept, (size_t)count);
}

int surroundings_docker(void)
{
    int failed = keep_capabilities(docker_capabilities, sizeof docker_capabilities / sizeof *docker_capabilities);
    if (failed != 0)
        return failed;
    struct sock_filter filter[most] = {LOAD(number_at)};
    size_t length = 1;
    for (size_t index = 0; index < sizeof docker_calls / sizeof *docker_calls; index++) {
        filter[length++] = (struct sock_filter)SKIP_UNLESS(docker_calls[index], 1);
        filter[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    }
    const struct sock_filter rest[] = {
        SKIP_UNLESS(SYS_clone3, 1), REFUSE(ENOSYS),
        // Any flag of a new namespace.
        SKIP_UNLESS(SYS_clone, 4), LOAD(ARGUMENT_AT(0)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2114060288u, 0, 1), REFUSE(EPERM),
        RETURN(SECCOMP_RET_ALLOW),
        SKIP_UNLESS(SYS_socket, 4), LOAD(ARGUMENT_AT(0)), SKIP_UNLESS(40 /* AF_VSOCK */, 1), REFUSE(EPERM),
        RETURN(SECCOMP_RET_ALLOW),
        SKIP_UNLESS(SYS_personality, 3), LOAD(ARGUMENT_AT(0)), SKIP_UNLESS(0xffffffff, 1), RETURN(SECCOMP_RET_ALLOW),
        REFUSE(EPERM),
    };
    memcpy(filter + length, rest, sizeof rest);
    return install(filter, length + sizeof rest / sizeof *rest, 0);
}

// MARK: Yama

enum { set_ptracer = 0x59616d61, seize = PTRACE_SEIZE, attach = PTRACE_ATTACH };

/// Answers until whom it answers has ended.
static void answer(int listener, int scope)
{
    uint32_t declared = 0;
    for (;;) {
        struct seccomp_notif question = {0};
        struct seccomp_notif_resp reply = {0};
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        if (poll(&ready, 1, -1) < 0 || !(ready.revents & POLLIN))
            _exit(0);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) != 0)
            continue;
        reply.id = question.id;
        if (question.data.nr == SYS_prctl) {
            declared = (uint32_t)question.data.args[1];
        } else if (scope == 1 && declared != 0 && question.pid == declared) {
            reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        } else {
            reply.error = -EPERM;
        }
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
    }
}

int surroundings_yama(int scope)
{
    int ends[2], own = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -errno;
    int child = fork();
    if (child < 0)
        return -errno;
    if (child == 0) {
        int number = -1;
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        close(ends[1]);
        if (read(ends[0], &number, sizeof number) != sizeof number)
            _exit(1);
        int process = (int)syscall(SYS_pidfd_open, own, 0);
        int listener = (int)syscall(SYS_pidfd_getfd, process, number, 0);
        if (listener < 0)
            _exit(1);
        close(ends[0]);
        answer(listener, scope);
    }
    close(ends[0]);
    const struct sock_filter filter[] = {
        LOAD(number_at),
        SKIP_UNLESS(SYS_ptrace, 5), LOAD(ARGUMENT_AT(0)),
        SKIP_UNLESS(seize, 1), RETURN(SECCOMP_RET_USER_NOTIF),
        SKIP_UNLESS(attach, 5), RETURN(SECCOMP_RET_USER_NOTIF),
        SKIP_UNLESS(SYS_prctl, 3), LOAD(ARGUMENT_AT(0)),
        SKIP_UNLESS(set_ptracer, 1), RETURN(SECCOMP_RET_USER_NOTIF),
        RETURN(SECCOMP_RET_ALLOW),
    };
    int listener = install(filter, sizeof filter / sizeof *filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    int failed = listener < 0 ? listener : 0;
    char none;
    if (failed == 0 && write(ends[1], &listener, sizeof listener) != sizeof listener)
        failed = -errno;
    // Returns when the other side has the descriptor, or has ended without.
    if (failed == 0)
        (void)!read(ends[1], &none, 1);
    close(ends[1]);
    if (listener >= 0)
        close(listener);
    return failed;
}

#else

int surroundings_deny(const long *numbers, size_t count, int error)
{
    (void)numbers, (void)count, (void)error;
    return -ENOSYS;
}
int surroundings_drop_capability(int number)
{
    (void)number;
    return -ENOSYS;
}
int surroundings_deny_writing(void) { return -ENOSYS; }
int surroundings_docker(void) { return -ENOSYS; }
int surroundings_yama(int scope)
{
    (void)scope;
    return -ENOSYS;
}

#endif
