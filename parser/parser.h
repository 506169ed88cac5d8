/* Text in, a syntax tree out. Never fails as a whole: mistakes go to the diagnostics, parsing goes
 * on after them, and what could be read is returned. */
#ifndef CNNC_PARSER_PARSER_H
#define CNNC_PARSER_PARSER_H

#include <stdio.h>

#include "lexer/arena.h"
#include "lexer/diagnostics.h"
#include "lexer/names.h"
#include "parser/tree.h"

struct file *parse_file(struct arena *arena, struct names *names, struct diagnostics *diagnostics,
                        const struct sources *sources, uint32_t source);

/* --dump=tree: one node a line, indented; --dump=tokens: one token a line with its place. */
void dump_tree(FILE *stream, const struct file *file);
void dump_tokens(FILE *stream, struct arena *arena, struct names *names,
                 struct diagnostics *diagnostics, const struct sources *sources, uint32_t source);

#endif
