// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// In C because Swift's Glibc module is without GNU extensions: tee(2) and pipes closed on exec from their first moment.
#define _GNU_SOURCE
#include "CStackCapture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

intptr_t stackcap_copy_pipe(int from, void *bytes, size_t capacity)
{
    int size = fcntl(from, F_GETPIPE_SZ);
    if (size < 0 || (fcntl(from, F_GETFL) & O_ACCMODE) == O_WRONLY)
        return 0;
    int copy[2];
    if (pipe2(copy, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    fcntl(copy[1], F_SETPIPE_SZ, size);
    ssize_t count = tee(from, copy[1], capacity, SPLICE_F_NONBLOCK);
    int is_whole = (size_t)size <= capacity && fcntl(copy[1], F_GETPIPE_SZ) >= size;
    if (count > 0)
        count = is_whole ? read(copy[0], bytes, capacity) : -EFBIG;
    close(copy[0]);
    close(copy[1]);
    return count < 0 && is_whole ? 0 : count;
}
