// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Preloaded beside the tap: when the process ends, appends one line to the file that TAP_REPORT names: whether the tap was active,
// and whether the map holds as many blocks as were allocated and not freed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CAllocationTap.h"

enum { tries = 2000, batch = 4096 };

static uint64_t listed(void)
{
    uintptr_t blocks[batch];
    uint64_t count = 0;
    for (size_t region = 0; region < alloctap_region_count(); region++) {
        uintptr_t from = alloctap_region_start(region), end = from + alloctap_region_size;
        for (size_t found; (found = alloctap_blocks(from, end, blocks, batch)) > 0; from = blocks[found - 1] + 1)
            count += found;
    }
    return count;
}

// Other threads may still run: only what was counted while nothing changed is held against each other.
__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("TAP_REPORT");
    struct alloctap_totals before, after;
    uint64_t blocks = 0;
    int is_quiet = 0;
    for (int attempt = 0; attempt < tries && !is_quiet; attempt++) {
        alloctap_read_totals(&before);
        blocks = listed();
        alloctap_read_totals(&after);
        is_quiet = memcmp(&before, &after, sizeof before) == 0;
        if (!is_quiet)
            usleep(1000);
    }
    char line[512];
    int length = snprintf(
        line, sizeof line, "state %d quiet %d live %lu listed %lu mallocs %lu unknown_frees %lu unmapped %lu samples %lu dropped %lu rows %u name %s\n",
        (int)alloctap_state(), is_quiet, (unsigned long)(after.mallocs - after.frees), (unsigned long)blocks,
        (unsigned long)after.mallocs, (unsigned long)after.unknown_frees, (unsigned long)after.unmapped_blocks,
        (unsigned long)after.samples, (unsigned long)after.dropped_samples, after.rows, program_invocation_short_name);
    int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (file >= 0 && length > 0) {
        ssize_t written = write(file, line, (size_t)length);  // one write: lines of several processes do not mix
        (void)written;
        close(file);
    }
}
