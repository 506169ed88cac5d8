/* Files in, the network, files and text out. */
#include "runtime/program/session.h"

#include <stdlib.h>

#include "runtime/program/assign.h"

static bool allocate_buffers(struct messages *messages, const struct cnn_port *ports, int64_t count,
                             void **buffers) {
    for (int64_t i = 0; i < count; i++)
        if (!(buffers[i] = allocate_port(messages, &ports[i])))
            return false;
    return true;
}

static void choose_scale(struct sink_settings *settings, const struct cnn_program *program,
                         const struct options *options) {
    /* an input with a range reaches the network as 0..1, so outputs are taken to lie there too */
    bool unit = program->input_count && program->inputs[0].has_range;
    settings->low = options->scale == SCALE_GIVEN ? options->low : 0;
    settings->high = options->scale == SCALE_GIVEN ? options->high : unit ? 1 : 255;
    settings->extremes = options->scale == SCALE_EXTREMES;
}

static bool check_fill(struct messages *messages, const struct cnn_program *program,
                       const struct picture_rules *rules) {
    for (int64_t i = 0; rules->has_fill && i < program->input_count; i++)
        if (program->inputs[i].type == CNN_TYPE_U8 && !(rules->fill >= 0 && rules->fill <= 255))
            return fail(messages, EXIT_USAGE, "--fill %g: input '%s' is bytes, from 0 to 255",
                        rules->fill, SHOWN(program->inputs[i].name));
    return true;
}

bool session_begin(struct session *session, struct messages *messages,
                   const struct cnn_program *program, const struct options *options) {
    size_t inputs = (size_t)program->input_count, outputs = (size_t)program->output_count;
    *session = (struct session){.messages = messages, .program = program, .options = options};
    session->inputs = calloc(inputs + 1, sizeof *session->inputs);
    session->outputs = calloc(outputs + 1, sizeof *session->outputs);
    session->sources = calloc(inputs + 1, sizeof *session->sources);
    session->sinks = calloc(outputs + 1, sizeof *session->sinks);
    if (!session->inputs || !session->outputs || !session->sources || !session->sinks)
        return fail_memory(messages, "the network's inputs and outputs");
    if (!check_fill(messages, program, &options->rules))
        return false;
    session->settings.top = options->top;
    session->settings.named = outputs > 1;
    choose_scale(&session->settings, program, options);
    session->workspace = allocate_aligned(messages, program->workspace_bytes, program->alignment,
                                          "the network's workspace");
    return session->workspace &&
           allocate_buffers(messages, program->inputs, program->input_count, session->inputs) &&
           allocate_buffers(messages, program->outputs, program->output_count, session->outputs);
}

/* All batches are of one size; an input without batch is the same for all images of the others. */
static bool join_batches(struct session *session) {
    const struct source *first = NULL;
    for (int64_t i = 0; i < session->open_sources; i++) {
        const struct source *source = &session->sources[i];
        if (!source->batch)
            continue;
        if (first && first->batch != source->batch)
            return fail(session->messages, EXIT_INPUT,
                        "input '%s' is a batch of %lld, input '%s' one of %lld",
                        SHOWN(first->port->name), (long long)first->batch,
                        SHOWN(source->port->name), (long long)source->batch);
        first = source;
        session->settings.batch = source->batch;
    }
    return true;
}

static bool load(struct session *session, int64_t index) {
    for (int64_t i = 0; i < session->open_sources; i++)
        if (!source_load(session->messages, &session->sources[i], index, session->inputs[i]))
            return false;
    return true;
}

static bool open_sources(struct session *session, const char *const *paths) {
    for (int64_t i = 0; i < session->program->input_count; i++) {
        if (!source_open(session->messages, &session->sources[i], &session->program->inputs[i],
                         paths[i], &session->options->rules, session->inputs[i]))
            return false;
        session->open_sources++;
    }
    return join_batches(session) && load(session, 0);
}

bool session_open_inputs(struct session *session) {
    const char **paths = calloc((size_t)session->program->input_count + 1, sizeof *paths);
    if (!paths)
        return fail_memory(session->messages, "the names of files");
    bool good = assign_inputs(session->messages, session->program, session->options, paths) &&
                open_sources(session, paths);
    free(paths);
    return good;
}

static bool open_sinks(struct session *session, char *const *paths) {
    for (int64_t i = 0; i < session->program->output_count; i++) {
        session->open_sinks++; /* one that failed to open must be closed too */
        if (!sink_open(session->messages, &session->sinks[i], &session->program->outputs[i],
                       &session->settings, paths[i]))
            return false;
    }
    return true;
}

static bool open_outputs(struct session *session) {
    int64_t count = session->program->output_count;
    char **paths = calloc((size_t)count + 1, sizeof *paths);
    if (!paths)
        return fail_memory(session->messages, "the names of files");
    bool good = assign_outputs(session->messages, session->program, session->options, paths) &&
                open_sinks(session, paths);
    for (int64_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    return good;
}

bool session_run_once(struct session *session) {
    int code = session->program->run((const void *const *)session->inputs, session->outputs,
                                     session->workspace);
    return code == 0 ||
           fail(session->messages, EXIT_INTERNAL, "the network failed with code %d", code);
}

static bool process_image(struct session *session, int64_t index) {
    if (!load(session, index) || !session_run_once(session))
        return false;
    for (int64_t i = 0; i < session->program->output_count; i++)
        if (!sink_take(session->messages, &session->sinks[i], index, session->outputs[i]))
            return false;
    return true;
}

bool session_process(struct session *session) {
    if (!open_outputs(session))
        return false;
    int64_t images = session->settings.batch ? session->settings.batch : 1;
    for (int64_t i = 0; i < images; i++)
        if (!process_image(session, i))
            return false;
    for (int64_t i = 0; i < session->program->output_count; i++)
        if (!sink_finish(session->messages, &session->sinks[i]))
            return false;
    return true;
}

static void free_buffers(void **buffers, int64_t count) {
    for (int64_t i = 0; buffers && i < count; i++)
        free(buffers[i]);
    free(buffers);
}

void session_end(struct session *session) {
    for (int64_t i = 0; i < session->open_sources; i++)
        source_close(&session->sources[i]);
    for (int64_t i = 0; i < session->open_sinks; i++)
        sink_close(&session->sinks[i]);
    free_buffers(session->inputs, session->program->input_count);
    free_buffers(session->outputs, session->program->output_count);
    free(session->sources);
    free(session->sinks);
    free(session->workspace);
}
