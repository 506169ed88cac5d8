/* Runs a compiled network between guard pages, alone and in parts.
 *
 *     guarded LIBRARY SYMBOL WORKSPACE_BYTES PART_BYTES ALIGNMENT BUFFER...
 *         in:FILE           an input: raw float32
 *         out:FLOATS:FILE   an output: written as raw float32
 *         bytes:BYTES:FILE  the same, of bytes
 *
 * Every buffer lies directly behind one inaccessible page or directly before another, inputs cannot
 * be written, and workspace and outputs begin as a poison. All four combinations of place and
 * poison must give the same bits, and so must runs of SYMBOL_parallel in 1, 2, 3 and 7 parts, the
 * last part of each layer first. Exit code 0, or 1 and a message; a touched guard page is a
 * SIGSEGV. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/executor.h"

enum { MAX_BUFFERS = 128 };

struct buffer {
    bool is_input;
    const char *file;
    size_t bytes;
    void *content; /* of an input; of an output: the first run's */
};

struct guarded {
    char *pages;
    size_t mapped;
    void *start;
};

static void die(const char *what, const char *detail) {
    fprintf(stderr, "guarded: %s: %s\n", what, detail);
    exit(1);
}

static size_t round_up(size_t size, size_t unit) {
    return (size + unit - 1) / unit * unit;
}

/* `at_end`: the last byte is directly before the guard page, as near as `alignment` allows. */
static struct guarded guard(size_t bytes, size_t alignment, bool at_end) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), inside = round_up(bytes ? bytes : 1, page);
    struct guarded g = {.mapped = inside + 2 * page};
    g.pages = mmap(NULL, g.mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.pages == MAP_FAILED || mprotect(g.pages + page, inside, PROT_READ | PROT_WRITE))
        die("mmap", strerror(errno));
    g.start = g.pages + page + (at_end ? inside - round_up(bytes, alignment) : 0);
    return g;
}

static void release(struct guarded *g) {
    munmap(g->pages, g->mapped);
}

static void make_read_only(struct guarded *g) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (mprotect(g->pages + page, g->mapped - 2 * page, PROT_READ))
        die("mprotect", strerror(errno));
}

static void read_input(struct buffer *buffer) {
    FILE *file = fopen(buffer->file, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        die(buffer->file, "cannot be read");
    buffer->bytes = (size_t)ftell(file);
    buffer->content = malloc(buffer->bytes + 1);
    rewind(file);
    if (!buffer->content || fread(buffer->content, 1, buffer->bytes, file) != buffer->bytes)
        die(buffer->file, "cannot be read");
    fclose(file);
}

static struct buffer parse_buffer(char *word) {
    struct buffer buffer = {0};
    if (!strncmp(word, "in:", 3)) {
        buffer.is_input = true;
        buffer.file = word + 3;
        read_input(&buffer);
        return buffer;
    }
    char *size = strchr(word, ':'), *colon = size ? strchr(size + 1, ':') : NULL;
    bool bytes = !strncmp(word, "bytes:", 6);
    if ((!bytes && strncmp(word, "out:", 4)) || !colon)
        die(word, "not in:FILE, out:FLOATS:FILE or bytes:BYTES:FILE");
    buffer.bytes = strtoull(size + 1, NULL, 10) * (bytes ? 1 : sizeof(float));
    buffer.file = colon + 1;
    return buffer;
}

/* Every parameter of a run function is a pointer, but for the size at the end which is as wide; and
 * the calling convention of x86-64 lets a caller pass more of them than the function takes. */
#define P1(i)  p[i]
#define P4(i)  P1(i), P1(i + 1), P1(i + 2), P1(i + 3)
#define P16(i) P4(i), P4(i + 4), P4(i + 8), P4(i + 12)
#define P64(i) P16(i), P16(i + 16), P16(i + 32), P16(i + 48)
#define T4     void *, void *, void *, void *
#define T16    T4, T4, T4, T4
#define T64    T16, T16, T16, T16
typedef int run_function(T64, T64);

static int call(run_function *run, void **p) {
    return run(P64(0), P64(64));
}

/* What is run: the same each time but for the number of parts, 0 for the function without. */
struct network {
    run_function *run, *run_parallel;
    size_t workspace_bytes, part_bytes, alignment;
};

static void last_part_first(void *context, cnn_task *task, const void *arguments, int64_t parts) {
    (void)context;
    for (int64_t part = parts; part-- > 0;)
        task(arguments, part, parts);
}

/* One run; outputs are kept the first time and compared later. */
static void run_once(const struct network *network, struct buffer *buffers, int count, bool at_end,
                     int poison, int64_t parts) {
    struct guarded pages[MAX_BUFFERS];
    void *pointers[MAX_BUFFERS] = {0};
    for (int i = 0; i < count; i++) {
        pages[i] = guard(buffers[i].bytes, sizeof(float), at_end);
        pointers[i] = pages[i].start;
        if (buffers[i].is_input) {
            memcpy(pages[i].start, buffers[i].content, buffers[i].bytes);
            make_read_only(&pages[i]);
        } else {
            memset(pages[i].start, poison, buffers[i].bytes);
        }
    }
    struct cnn_executor executor = {parts, last_part_first, NULL};
    size_t bytes =
        network->workspace_bytes + (parts > 1 ? (size_t)(parts - 1) * network->part_bytes : 0);
    struct guarded workspace = guard(bytes, network->alignment, at_end);
    memset(workspace.start, poison, bytes);
    pointers[count] = workspace.start;
    pointers[count + 1] = (void *)bytes;
    pointers[count + 2] = &executor;
    if (call(parts ? network->run_parallel : network->run, pointers))
        die("run", "returned an error");
    for (int i = 0; i < count; i++) {
        if (!buffers[i].is_input && !buffers[i].content) {
            buffers[i].content = malloc(buffers[i].bytes + 1);
            memcpy(buffers[i].content, pages[i].start, buffers[i].bytes);
        } else if (!buffers[i].is_input &&
                   memcmp(buffers[i].content, pages[i].start, buffers[i].bytes)) {
            die(buffers[i].file, parts ? "depends on the parts"
                                       : "depends on where buffers lie or what they held before");
        }
        release(&pages[i]);
    }
    release(&workspace);
}

static void write_output(const struct buffer *buffer) {
    FILE *file = fopen(buffer->file, "wb");
    if (!file || fwrite(buffer->content, 1, buffer->bytes, file) != buffer->bytes || fclose(file))
        die(buffer->file, "cannot be written");
}

static run_function *function(void *library, const char *name, const char *suffix) {
    char symbol[256];
    snprintf(symbol, sizeof symbol, "%s%s", name, suffix);
    run_function *found = (run_function *)(uintptr_t)dlsym(library, symbol);
    if (!found)
        die(symbol, "no such function");
    return found;
}

int main(int count, char **words) {
    enum { FIRST = 6 };
    static const int64_t parts[] = {1, 2, 3, 7};
    struct buffer buffers[MAX_BUFFERS] = {0};
    if (count < FIRST + 1 || count - FIRST > MAX_BUFFERS - 3)
        die("usage", "guarded LIBRARY SYMBOL WORKSPACE_BYTES PART_BYTES ALIGNMENT BUFFER...");
    void *library = dlopen(words[1], RTLD_NOW);
    if (!library)
        die("dlopen", dlerror());
    struct network network = {
        .run = function(library, words[2], ""),
        .run_parallel = function(library, words[2], "_parallel"),
        .workspace_bytes = strtoull(words[3], NULL, 10),
        .part_bytes = strtoull(words[4], NULL, 10),
        .alignment = strtoull(words[5], NULL, 10),
    };
    for (int i = FIRST; i < count; i++)
        buffers[i - FIRST] = parse_buffer(words[i]);
    for (int at_end = 0; at_end < 2; at_end++) {
        run_once(&network, buffers, count - FIRST, at_end, 0xFF, 0); /* a NaN */
        run_once(&network, buffers, count - FIRST, at_end, 0x5A, 0); /* a large number */
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        run_once(&network, buffers, count - FIRST, i % 2, 0xFF, parts[i]);
    for (int i = 0; i < count - FIRST; i++)
        if (!buffers[i].is_input)
            write_output(&buffers[i]);
    return 0;
}
