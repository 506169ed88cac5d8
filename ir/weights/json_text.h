/* JSON that anybody may have written. */
#ifndef CNNC_IR_WEIGHTS_JSON_TEXT_H
#define CNNC_IR_WEIGHTS_JSON_TEXT_H

#include <jansson.h>

#include "lexer/arena.h"

/* The document, for json_decref; no key is twice in an object. NULL where the text is none, or
 * would take far more memory than it has bytes: *error then says where, counting from `offset`. */
json_t *read_json(struct arena *arena, const char *text, size_t length, size_t offset,
                  const char **error);

#endif
