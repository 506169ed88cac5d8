/* `cnnc run`: the object that a program would be linked from is loaded into this process, and the
 * main of compiled programs runs it. No file, no linker. */
#include "codegen/load.h"
#include "driver/compilation.h"
#include "runtime/program.h"

void load_program(struct compilation *c) {
    struct generated generated = generate_code(c);
    void *program;
    const char *error = NULL;
    if (c->code != EXIT_DONE)
        return;
    if (code_load(&c->arena, &generated.code, "cnn_program", &c->loaded, &program, &error))
        c->program = program;
    else
        fail(c, EXIT_INTERNAL, "%s", error);
}

enum exit_code run_loaded(struct compilation *c) {
    const struct options *o = c->options;
    char **words = ARENA_ARRAY(&c->arena, char *, o->word_count + 2);
    words[0] = (char *)stem(c); /* programs do not write to their words */
    for (int i = 0; i < o->word_count; i++)
        words[1 + i] = o->words[i];
    int code = cnn_program_main(c->program, 1 + o->word_count, words);
    code_unload(c->loaded);
    return (enum exit_code)code;
}
