// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Says whether the tap of this build sees an allocation; with an argument, whether that of a shared object does that is loaded now.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CAllocationTap.h"

int main(int count, char **arguments)
{
#if defined(LOADS_TAP)
    void *library = count > 1 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL) {
        fprintf(stderr, "state: %s\n", count > 1 ? dlerror() : "name a shared object");
        return 1;
    }
    enum alloctap_state (*state)(void);
    void *found = dlsym(library, "alloctap_state");
    memcpy(&state, &found, sizeof state);
    printf("state %d\n", (int)state());
#else
    (void)count, (void)arguments;
    void *volatile block = malloc(100);
    struct alloctap_totals totals;
    alloctap_read_totals(&totals);
    printf("state %d, in the map %d, counts %d, ", (int)alloctap_state(), alloctap_block_at((uintptr_t)block), totals.mallocs > 0);
    free(block);
    printf("after free %d\n", alloctap_block_at((uintptr_t)block));
#endif
    return 0;
}
