/* Preloaded into a program: the allocation that the environment's FAIL_AT counts, from 1, fails,
 * and with FAIL_AFTER all later ones too. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static int fails(void) {
    static long seen;
    const char *at = getenv("FAIL_AT");
    if (!at)
        return 0;
    seen++;
    int now = getenv("FAIL_AFTER") ? seen >= atol(at) : seen == atol(at);
    if (now)
        errno = ENOMEM;
    return now;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}
