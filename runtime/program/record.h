/* Results for programs, on stdout: JSON or CSV. docs/programs.md describes every field. */
#ifndef CNN_PROGRAM_RECORD_H
#define CNN_PROGRAM_RECORD_H

#include "runtime/program/settings.h"
#include "runtime/program/summary.h"

/* One run of the network and what came out of it. */
struct record {
    const struct cnn_program *program;
    const struct settings *settings;
    const char *const *inputs; /* the file of each input */
    char *const *written;      /* the file of each output; NULL: none */
    const void *const *values; /* the buffer of each output */
    int64_t run;               /* in the batch */
};

/* A JSON document, one line, for each image of the run. */
bool record_json(struct messages *messages, const struct record *record);

/* The names of the columns. */
void record_csv_header(void);

/* Rows for each image of the run and each of its outputs: one for each of the best classes of a
 * vector, one for a map. */
bool record_csv(struct messages *messages, const struct record *record);

/* --- what both are made from --- */

/* One output of one image. */
struct result {
    const struct cnn_port *port;
    const float *values; /* of this image alone */
    int64_t count;
    const char *written; /* NULL: to no file */
};

/* Images of a run: of the output with most. Those with fewer have no result for the later ones. */
int64_t record_images(const struct record *record);

/* False where the output has no such image. */
bool record_result(const struct record *record, int64_t image, int64_t output,
                   struct result *result);

/* The number of an image of the run among all of the round; -1 where the round has one only. */
int64_t record_number(const struct record *record, int64_t image);

int64_t record_top(const struct record *record);

#endif
