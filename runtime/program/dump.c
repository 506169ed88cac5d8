/* The steps of one run to a file each. */
#include "runtime/program/dump.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/npy.h"

static bool is_plain(char byte, bool first) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '#' ||
           (byte == '.' && !first);
}

/* FOLDER/NAME.npy for the layer of a step; from malloc, NULL after a failure. */
static char *file_of(struct messages *messages, const char *folder, const char *layer,
                     int64_t step) {
    enum { LONGEST = 240, KEPT = 200 }; /* bytes; most file systems take 255 */
    size_t room = 3 * strlen(layer) + 32;
    char *name = malloc(room), *at = name;
    if (!name) {
        fail_memory(messages, "the name of a file");
        return NULL;
    }
    for (const char *from = layer; *from; from++)
        if (is_plain(*from, from == layer))
            *at++ = *from;
        else
            at += sprintf(at, "%%%02X", (unsigned char)*from);
    if (at - name > LONGEST)
        at = name + KEPT + sprintf(name + KEPT, "~%lld", (long long)step);
    strcpy(at, ".npy");
    char *file = join_path(messages, folder, name);
    free(name);
    return file;
}

static const void *memory_of(const struct session *session, const struct cnn_step *step) {
    switch (step->memory) {
    case CNN_MEMORY_INPUT:
        return session->inputs[step->buffer];
    case CNN_MEMORY_OUTPUT:
        return session->outputs[step->buffer];
    default:
        return session->workspace;
    }
}

/* The tensor, which may lie among others, to an array of its own. */
static void gather(const struct session *session, const struct cnn_step *step, float *values) {
    const float *start = (const float *)memory_of(session, step) + step->offset;
    const int64_t *shape = step->shape, *strides = step->strides;
    for (int64_t n = 0; n < shape[0]; n++)
        for (int64_t h = 0; h < shape[1]; h++)
            for (int64_t w = 0; w < shape[2]; w++)
                for (int64_t c = 0; c < shape[3]; c++)
                    *values++ =
                        start[n * strides[0] + h * strides[1] + w * strides[2] + c * strides[3]];
}

static bool write_tensor(struct session *session, const struct cnn_step *step, const char *path) {
    struct messages *messages = session->messages;
    const int64_t *shape = step->shape;
    int64_t bytes = shape[0] * shape[1] * shape[2] * shape[3] * (int64_t)sizeof(float);
    char header[NPY_MAX_WRITTEN_HEADER];
    int64_t length = npy_header(header, shape, 4);
    float *values = malloc((size_t)bytes + 1);
    if (!values)
        return fail_memory(messages, SHOWN(path));
    gather(session, step, values);
    struct output_file file;
    bool good = output_begin(messages, &file, path) &&
                output_write(messages, &file, header, length) &&
                output_write(messages, &file, values, bytes) && output_commit(messages, &file);
    output_discard(&file);
    free(values);
    return good;
}

static bool run_and_write(struct session *session, int64_t step) {
    const struct cnn_program *program = session->program;
    const struct cnn_step *s = &program->steps[step];
    if (s->runs)
        program->run_step(step, (const void *const *)session->inputs, session->outputs,
                          session->workspace);
    if (!s->is_layer)
        return true;
    char *path = file_of(session->messages, session->options->dump, s->last, step);
    bool good = path && write_tensor(session, s, path);
    free(path);
    return good;
}

bool dump_run(struct session *session) {
    bool good = make_folder(session->messages, session->options->dump);
    for (int64_t i = 0; good && i < session->program->step_count; i++)
        good = run_and_write(session, i);
    return good;
}
