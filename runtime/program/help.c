/* --help, --version and --info. */
#include "runtime/program/help.h"

#include "runtime/program/options.h"
#include "runtime/program/tensor.h"

static void print_port(const struct cnn_port *port) {
    struct size_text size;
    printf("  ");
    print_escaped(stdout, port->name);
    printf("  %s", port_size_text(&size, port));
    if (port->has_range)
        printf("  %g..%g", port->range_low, port->range_high);
    if (port->type == CNN_TYPE_U8)
        printf("  bytes");
    if (port->layout == CNN_LAYOUT_CHW)
        printf("  (as NPY: channels first)");
    printf("\n");
}

void print_help(const struct cnn_program *program, const char *name) {
    printf("usage: %s [OPTION]... INPUT...\nRuns the network ", name);
    print_escaped(stdout, program->network);
    printf(".\n\ninputs, in this order or as NAME=FILE (height x width x channels):\n");
    for (int64_t i = 0; i < program->input_count; i++)
        print_port(&program->inputs[i]);
    printf("outputs:\n");
    for (int64_t i = 0; i < program->output_count; i++)
        print_port(&program->outputs[i]);
    printf("options:\n");
    print_options();
    printf(
        "\nAn INPUT is a PNG, JPEG or PNM picture, its 0..255 mapped to the input's range, or an "
        "NPY\nfile, its numbers used as they are; one more leading axis of it is a batch. - is "
        "standard\ninput, a folder all its pictures. More files are run one after the other%s.\n"
        "An output is written to a picture as 255 times its values where the first input has a\n"
        "range, as its values elsewhere, rounded and clipped to 0..255; see --scale.\n\n"
        "Exit codes: 0 done, 1 a file holds something wrong, or one of several cannot be used,\n"
        "2 usage, 4 a file cannot be read or written, 5 memory, 70 an internal error.\n",
        program->input_count > 1 ? ", in\ngroups of one for each input that NAME= does not name"
                                 : "");
}

void print_version(const struct cnn_program *program) {
    print_escaped(stdout, program->network);
    printf(", compiled by cnnc ");
    print_escaped(stdout, program->compiler);
    printf("\n");
}

void print_info(const struct cnn_program *program) {
    print_version(program);
    if (program->report)
        printf("\n%s", program->report);
    printf("workspace %lld bytes\n", (long long)program->workspace_bytes);
}
