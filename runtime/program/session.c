/* Files in, the network, files and text out. */
#include "runtime/program/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/program/checked.h"
#include "runtime/program/dump.h"
#include "runtime/program/record.h"

static bool allocate_buffers(struct messages *messages, const struct cnn_port *ports, int64_t count,
                             void **buffers) {
    for (int64_t i = 0; i < count; i++)
        if (!(buffers[i] = allocate_port(messages, &ports[i])))
            return false;
    return true;
}

/* The threads that were asked for, and the size of a workspace: for all their parts, where they
 * share a run. */
static bool open_threads(struct session *session) {
    const struct cnn_program *program = session->program;
    const struct options *o = session->options;
    int64_t count = o->at_once > 1 ? o->at_once : o->threads, more;
    session->workspace_bytes = program->workspace_bytes;
    if (count < 2)
        return true;
    if (!checked_mul(o->at_once > 1 ? 0 : count - 1, program->part_bytes, &more) ||
        !checked_add(session->workspace_bytes, more, &session->workspace_bytes))
        return fail_memory(session->messages, "the threads' workspace");
    session->threads = cnn_threads_open(count, false);
    return session->threads || fail(session->messages, EXIT_MEMORY, "cannot start %lld threads: %s",
                                    (long long)count, strerror(errno));
}

static bool allocate_lane(struct session *session, struct lane *lane) {
    const struct cnn_program *program = session->program;
    struct messages *messages = session->messages;
    lane->inputs = calloc((size_t)program->input_count + 1, sizeof *lane->inputs);
    lane->outputs = calloc((size_t)program->output_count + 1, sizeof *lane->outputs);
    if (!lane->inputs || !lane->outputs)
        return fail_memory(messages, "the network's inputs and outputs");
    lane->workspace = allocate_aligned(messages, session->workspace_bytes, program->alignment,
                                       "the network's workspace");
    return lane->workspace &&
           allocate_buffers(messages, program->inputs, program->input_count, lane->inputs) &&
           allocate_buffers(messages, program->outputs, program->output_count, lane->outputs);
}

static bool allocate_lanes(struct session *session) {
    int64_t count = session->options->at_once ? session->options->at_once : 1;
    session->lanes = calloc((size_t)count, sizeof *session->lanes);
    if (!session->lanes)
        return fail_memory(session->messages, "the network's inputs and outputs");
    session->lane_count = count;
    for (int64_t i = 0; i < count; i++)
        if (!allocate_lane(session, &session->lanes[i]))
            return false;
    session->inputs = session->lanes[0].inputs;
    session->outputs = session->lanes[0].outputs;
    session->workspace = session->lanes[0].workspace;
    return true;
}

static bool allocate(struct session *session) {
    const struct cnn_program *program = session->program;
    size_t inputs = (size_t)program->input_count, outputs = (size_t)program->output_count;
    session->sources = calloc(inputs + 1, sizeof *session->sources);
    session->sinks = calloc(outputs + 1, sizeof *session->sinks);
    session->written = calloc(outputs + 1, sizeof *session->written);
    if (!session->sources || !session->sinks || !session->written)
        return fail_memory(session->messages, "the network's inputs and outputs");
    return open_threads(session) && allocate_lanes(session);
}

static void choose_settings(struct session *session) {
    const struct cnn_program *program = session->program;
    const struct options *options = session->options;
    /* an input with a range reaches the network as 0..1, so outputs are taken to lie there too */
    bool unit = program->input_count && program->inputs[0].has_range;
    bool given = options->scale == SCALE_GIVEN;
    session->settings = (struct settings){
        .printing = options->printing,
        .several = session->rounds.count > 1,
        .top = options->top,
        .named = program->output_count > 1,
        .extremes = options->scale == SCALE_EXTREMES,
        .low = given ? options->low : 0,
        .high = given  ? options->high
                : unit ? 1
                       : 255,
    };
}

static bool check_fill(struct messages *messages, const struct cnn_program *program,
                       const struct picture_rules *rules) {
    for (int64_t i = 0; rules->has_fill && i < program->input_count; i++)
        if (program->inputs[i].type == CNN_TYPE_U8 && !(rules->fill >= 0 && rules->fill <= 255))
            return fail(messages, EXIT_USAGE, "--fill %g: input '%s' is bytes, from 0 to 255",
                        rules->fill, SHOWN(program->inputs[i].name));
    return true;
}

static bool wants_one(struct session *session, const char *option, int64_t given) {
    return fail(session->messages, EXIT_USAGE, "%s wants one image, %lld are given", option,
                (long long)given);
}

bool session_begin(struct session *session, struct messages *messages,
                   const struct cnn_program *program, const struct options *options) {
    *session = (struct session){.messages = messages, .program = program, .options = options};
    bool on_zeros = (options->bench || options->profile) && !options->input_count;
    if (!check_fill(messages, program, &options->rules) ||
        (!on_zeros && (!rounds_plan(messages, &session->rounds, program, options) ||
                       !targets_plan(messages, &session->targets, &session->rounds, options))))
        return false;
    if (options->dump && session->rounds.count > 1)
        return wants_one(session, "--dump", session->rounds.count);
    choose_settings(session);
    return allocate(session);
}

/* All batches are of one size; an input without batch is the same for all images of the others. */
static bool join_batches(struct session *session) {
    const struct source *first = NULL;
    session->settings.batch = 0;
    for (int64_t i = 0; i < session->program->input_count; i++) {
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

/* Inputs that fail are the fault of their files, unless memory ends. */
static bool input_failed(struct session *session) {
    session->bad_input = session->messages->code != EXIT_MEMORY;
    return false;
}

static bool load(struct session *session, int64_t index, const struct lane *lane) {
    for (int64_t i = 0; i < session->program->input_count; i++)
        if (!source_load(session->messages, &session->sources[i], index, lane->inputs[i]))
            return input_failed(session);
    return true;
}

bool session_open_inputs(struct session *session, int64_t round) {
    const struct rounds *rounds = &session->rounds;
    for (int64_t i = 0; i < session->program->input_count; i++) {
        const char *path = round_file(rounds, round, i);
        struct source *source = &session->sources[i];
        if (source->path == path) /* it is the same in every round, and open since the first */
            continue;
        source_close(source);
        if (!source_open(session->messages, source, &session->program->inputs[i], path,
                         &session->options->rules, session->inputs[i]))
            return input_failed(session);
    }
    session->settings.file = round_name(rounds, round);
    return join_batches(session) ? load(session, 0, session->lanes) : input_failed(session);
}

bool session_open_single(struct session *session, const char *option) {
    if (!session->options->input_count)
        return true;
    if (session->rounds.count > 1)
        return wants_one(session, option, session->rounds.count);
    return session_open_inputs(session, 0);
}

static bool open_outputs(struct session *session, int64_t round) {
    struct messages *messages = session->messages;
    if (!targets_make_folders(messages, &session->targets))
        return false;
    for (int64_t i = 0; i < session->program->output_count; i++)
        if (!target_path(messages, &session->targets, round, i, &session->written[i]) ||
            !sink_open(messages, &session->sinks[i], &session->program->outputs[i],
                       &session->settings, session->written[i]))
            return false;
    return true;
}

static void close_outputs(struct session *session) {
    for (int64_t i = 0; i < session->program->output_count; i++) {
        sink_close(&session->sinks[i]);
        free(session->written[i]);
        session->written[i] = NULL;
    }
}

static bool check_code(struct session *session, int code) {
    return code == 0 ||
           fail(session->messages, EXIT_INTERNAL, "the network failed with code %d", code);
}

bool session_run_once(struct session *session) {
    bool shared = session->threads && session->lane_count == 1;
    int code = session->program->run((const void *const *)session->inputs, session->outputs,
                                     session->workspace, session->workspace_bytes,
                                     shared ? cnn_threads_executor(session->threads) : NULL);
    return check_code(session, code);
}

/* A task for each lane. */
static void run_lane(const void *arguments, int64_t part, int64_t parts) {
    const struct session *session = arguments;
    struct lane *lane = &session->lanes[part];
    (void)parts;
    lane->code = session->program->run((const void *const *)lane->inputs, lane->outputs,
                                       lane->workspace, session->workspace_bytes, NULL);
}

/* The first `count` lanes at once. */
static bool run_lanes(struct session *session, int64_t count) {
    if (count == 1)
        return session_run_once(session);
    const struct cnn_executor *executor = cnn_threads_executor(session->threads);
    executor->run(executor->context, run_lane, session, count);
    for (int64_t i = 0; i < count; i++)
        if (!check_code(session, session->lanes[i].code))
            return false;
    return true;
}

static bool print_record(struct session *session, const struct lane *lane, int64_t round,
                         int64_t run) {
    struct record record = {
        .program = session->program,
        .settings = &session->settings,
        .inputs = session->rounds.files + round * session->program->input_count,
        .written = session->written,
        .values = (const void *const *)lane->outputs,
        .run = run,
    };
    switch (session->settings.printing) {
    case PRINT_TEXT:
        return true;
    case PRINT_JSON:
        return record_json(session->messages, &record);
    case PRINT_CSV:
        return record_csv(session->messages, &record);
    }
    return true;
}

/* Gives the outputs of an image to their places. */
static bool take_outputs(struct session *session, const struct lane *lane, int64_t round,
                         int64_t index) {
    if (isatty(STDOUT_FILENO)) /* maybe the terminal that shows how far it is */
        progress_hide(&session->messages->progress);
    for (int64_t i = 0; i < session->program->output_count; i++)
        if (!sink_take(session->messages, &session->sinks[i], index, lane->outputs[i]))
            return false;
    return print_record(session, lane, round, index);
}

/* Images first..first+count-1 of a round's batch, at once. */
static bool process_images(struct session *session, int64_t round, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!load(session, first + i, &session->lanes[i]))
            return false;
    if (!(session->options->dump ? dump_run(session) : run_lanes(session, count)))
        return false;
    for (int64_t i = 0; i < count; i++)
        if (!take_outputs(session, &session->lanes[i], round, first + i))
            return false;
    return true;
}

static void show_progress(struct session *session, int64_t round, int64_t image, int64_t images) {
    double files = (double)session->rounds.count, part = (double)(image + 1) / (double)images;
    struct progress *progress = &session->messages->progress;
    if (session->settings.several)
        progress_update(progress, (double)round + part, files, "files");
    else
        progress_update(progress, (double)(image + 1), (double)images, "images");
}

static bool run_round(struct session *session, int64_t round) {
    int64_t images = session->settings.batch ? session->settings.batch : 1;
    if (session->options->dump && images > 1)
        return wants_one(session, "--dump", images);
    if (!open_outputs(session, round))
        return false;
    for (int64_t i = 0, next; i < images; i = next) {
        next = i + session->lane_count < images ? i + session->lane_count : images;
        if (!process_images(session, round, i, next - i))
            return false;
        show_progress(session, round, next - 1, images);
    }
    progress_hide(&session->messages->progress);
    for (int64_t i = 0; i < session->program->output_count; i++)
        if (!sink_finish(session->messages, &session->sinks[i]))
            return false;
    return flush_text(session->messages);
}

static bool process_round(struct session *session, int64_t round) {
    session->messages->code = EXIT_DONE;
    session->bad_input = false;
    bool good = session_open_inputs(session, round) && run_round(session, round);
    close_outputs(session);
    return good;
}

bool session_process(struct session *session) {
    int64_t rounds = session->rounds.count, failed = 0;
    if (session->settings.printing == PRINT_CSV)
        record_csv_header();
    for (int64_t round = 0; round < rounds; round++) {
        if (process_round(session, round))
            continue;
        if (rounds == 1 || !session->bad_input)
            return false;
        failed++;
    }
    progress_hide(&session->messages->progress);
    return !failed || fail(session->messages, EXIT_INPUT, "%lld of %lld %s could not be used",
                           (long long)failed, (long long)rounds,
                           session->program->input_count > 1 ? "groups of files" : "files");
}

static void free_buffers(void **buffers, int64_t count) {
    for (int64_t i = 0; buffers && i < count; i++)
        free(buffers[i]);
    free(buffers);
}

static void free_lanes(struct session *session) {
    for (int64_t i = 0; i < session->lane_count; i++) {
        free_buffers(session->lanes[i].inputs, session->program->input_count);
        free_buffers(session->lanes[i].outputs, session->program->output_count);
        free(session->lanes[i].workspace);
    }
    free(session->lanes);
}

void session_end(struct session *session) {
    for (int64_t i = 0; session->sources && i < session->program->input_count; i++)
        source_close(&session->sources[i]);
    free_lanes(session);
    free(session->sources);
    free(session->sinks);
    free(session->written);
    cnn_threads_close(session->threads);
    targets_free(&session->targets);
    rounds_free(&session->rounds);
}
