// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Mounts of our own, and a debugger.
#define _GNU_SOURCE
#include "CSurroundings.h"

#include <errno.h>

#if defined(__linux__) && defined(__x86_64__)

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int surroundings_set_dumpable(int value)
{
    return prctl(PR_SET_DUMPABLE, value, 0, 0, 0) != 0 ? -errno : 0;
}

int surroundings_name_thread(const char *name)
{
    return prctl(PR_SET_NAME, name, 0, 0, 0) != 0 ? -errno : 0;
}

int surroundings_adopt_orphans(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ? -errno : 0;
}

/// Mounts of our own, which nobody else sees. An ordinary user gets them in a user namespace of ours.
static int unshare_mounts(void)
{
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return -errno;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ? -errno : 0;
}

int surroundings_read_only(void)
{
    struct {
        unsigned long long set, clear, propagation, user;
    } attributes = {1 /* MOUNT_ATTR_RDONLY */, 0, 0, 0};
    int failed = unshare_mounts();
    if (failed != 0)
        return failed;
    long result = syscall(442 /* mount_setattr */, -1, "/", 0x8000 /* AT_RECURSIVE */, &attributes, sizeof attributes);
    return result != 0 ? -errno : 0;
}

static int write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        return -errno;
    int failed = dprintf(file, "%s", text) < 0 ? -errno : 0;
    close(file);
    return failed;
}

int surroundings_show_yama(int scope)
{
    char release[256] = "", value[16];
    int file = open("/proc/sys/kernel/osrelease", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, release, sizeof release - 1) <= 0)
        return -errno;
    close(file);
    int failed = unshare_mounts();
    if (failed == 0 && mount("none", "/proc/sys/kernel", "tmpfs", 0, "mode=755") != 0)
        failed = -errno;
    if (failed == 0 && mkdir("/proc/sys/kernel/yama", 0755) != 0)
        failed = -errno;
    snprintf(value, sizeof value, "%d\n", scope);
    if (failed == 0)
        failed = write_file("/proc/sys/kernel/osrelease", release);
    return failed != 0 ? failed : write_file("/proc/sys/kernel/yama/ptrace_scope", value);
}

// MARK: A debugger

static int order = -1, done = -1;

/// Calls `body` for every thread of the process.
static void each_thread(int process, void (*body)(int))
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (atoi(entry->d_name) > 0)
            body(atoi(entry->d_name));
    if (directory)
        closedir(directory);
}

static int traced;

static void interrupt(int thread) { ptrace(PTRACE_INTERRUPT, thread, NULL, NULL); }

static void count(int thread)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    FILE *file = fopen(path, "re");
    int tracer = 0;
    while (file && fgets(line, sizeof line, file) && sscanf(line, "TracerPid: %d", &tracer) != 1) {
    }
    if (file)
        fclose(file);
    traced += tracer != 0;
}

/// Runs along until the process ends, and exits as it did. Lets go of all threads when it is told so.
static void debug(int process, int orders, int answers)
{
    enum { running, leaving, gone } phase = running;
    fcntl(orders, F_SETFL, O_NONBLOCK);
    for (;;) {
        char byte;
        int status, thread = waitpid(-1, &status, __WALL | WNOHANG);
        if (thread < 0)
            _exit(1);
        if (thread == 0) {
            if (phase == running && read(orders, &byte, 1) == 1) {
                phase = leaving;
                each_thread(process, interrupt);
            } else if (phase == leaving) {
                traced = 0;
                each_thread(process, count);
                if (traced == 0 && write(answers, "d", 1) == 1)
                    phase = gone;
            }
            usleep(200);
            continue;
        }
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread == process)
                _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
            continue;
        }
        long signal = status >> 16 != 0 ? 0 : WSTOPSIG(status);
        ptrace(phase == running ? PTRACE_CONT : PTRACE_DETACH, thread, NULL, (void *)signal);
    }
}

int surroundings_begin_debugging(void)
{
    int orders[2], answers[2];
    char byte;
    if (pipe(orders) != 0 || pipe(answers) != 0)
        return -errno;
    int child = fork();
    if (child < 0)
        return -errno;
    if (child > 0) {
        long failed = ptrace(PTRACE_SEIZE, child, NULL, (void *)(PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL));
        if (failed != 0 || write(answers[1], "s", 1) != 1) {
            kill(child, SIGKILL);
            _exit(1);
        }
        debug(child, orders[0], answers[1]);
    }
    order = orders[1];
    done = answers[0];
    return read(done, &byte, 1) == 1 ? 0 : -EIO;
}

int surroundings_end_debugging(void)
{
    char byte;
    if (write(order, "e", 1) != 1)
        return -errno;
    return read(done, &byte, 1) == 1 ? 0 : -EIO;
}

#else

int surroundings_set_dumpable(int value)
{
    (void)value;
    return -ENOSYS;
}
int surroundings_name_thread(const char *name)
{
    (void)name;
    return -ENOSYS;
}
int surroundings_adopt_orphans(void) { return -ENOSYS; }
int surroundings_read_only(void) { return -ENOSYS; }
int surroundings_show_yama(int scope)
{
    (void)scope;
    return -ENOSYS;
}
int surroundings_begin_debugging(void) { return -ENOSYS; }
int surroundings_end_debugging(void) { return -ENOSYS; }

#endif
