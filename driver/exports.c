/* The graph in, a file of another language out that describes the same network. */
#include <string.h>

#include "driver/compilation.h"
#include "export/cnn.h"
#include "lexer/limits.h"

void write_cnn(struct compilation *c) {
    const char *text = export_cnn(&c->arena, c->graph);
    if (strlen(text) <= LIMIT_SOURCE_BYTES)
        write_text(c, text);
    else
        fail(c, EXIT_LIMIT, "the network as text is larger than %d bytes, more than cnnc reads",
             LIMIT_SOURCE_BYTES);
}
