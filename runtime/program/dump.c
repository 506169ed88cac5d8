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

/* What one pass made of the tensor, which may lie among others, to its place in an array of its
 * own.
 */
static void gather(const struct session *session, const struct cnn_step *step, int64_t pass,
                   float *values) {
    const float *start =
        (const float *)memory_of(session, step) + step->offset + pass * step->pass_stride;
    const int64_t *shape = step->shape, *strides = step->strides;
    int64_t images = shape[0] / step->passes;
    values += pass * images * shape[1] * shape[2] * shape[3];
    for (int64_t n = 0; n < images; n++)
        for (int64_t h = 0; h < shape[1]; h++)
            for (int64_t w = 0; w < shape[2]; w++)
                for (int64_t c = 0; c < shape[3]; c++)
                    *values++ =
                        start[n * strides[0] + h * strides[1] + w * strides[2] + c * strides[3]];
}

static int64_t tensor_bytes(const struct cnn_step *step) {
    const int64_t *shape = step->shape;
    return shape[0] * shape[1] * shape[2] * shape[3] * (int64_t)sizeof(float);
}

static bool write_tensor(struct messages *messages, const struct cnn_step *step, const char *path,
                         const float *values) {
    char header[NPY_MAX_WRITTEN_HEADER];
    int64_t length = npy_header(header, step->shape, 4);
    struct output_file file;
    bool good =
        output_begin(messages, &file, path) && output_write(messages, &file, header, length) &&
        output_write(messages, &file, values, tensor_bytes(step)) && output_commit(messages, &file);
    output_discard(&file);
    return good;
}

struct dump {
    struct session *session;
    float **values; /* by step: of the passes so far; NULL before the first and after the last */
    bool good;
};

static bool keep_pass(struct dump *dump, int64_t step, int64_t pass) {
    const struct session *session = dump->session;
    const struct cnn_step *s = &session->program->steps[step];
    float **values = &dump->values[step];
    if (!*values)
        *values = malloc((size_t)tensor_bytes(s) + 1);
    if (!*values)
        return fail_memory(session->messages, SHOWN(s->last));
    gather(session, s, pass, *values);
    if (pass + 1 < s->passes)
        return true;
    char *path = file_of(session->messages, session->options->dump, s->last, step);
    bool good = path && write_tensor(session->messages, s, path, *values);
    free(path);
    free(*values);
    *values = NULL;
    return good;
}

/* cnn_observe. After a failure the run goes on to its end, since it cannot be left. */
static void note_step(void *observer, int64_t step, int64_t pass) {
    struct dump *dump = observer;
    if (dump->good && dump->session->program->steps[step].is_layer)
        dump->good = keep_pass(dump, step, pass);
}

bool dump_run(struct session *session) {
    const struct cnn_program *program = session->program;
    struct dump dump = {.session = session,
                        .values = calloc((size_t)program->step_count + 1, sizeof *dump.values)};
    dump.good = dump.values ? make_folder(session->messages, session->options->dump)
                            : fail_memory(session->messages, "the layers' values");
    if (dump.good)
        program->run_steps((const void *const *)session->inputs, session->outputs,
                           session->workspace, note_step, &dump);
    for (int64_t i = 0; dump.values && i < program->step_count; i++)
        free(dump.values[i]);
    free(dump.values);
    return dump.good;
}
