/* The operator table, filled in. */
#include "import/operators.h"

#include <string.h>

const struct operator_row onnx_operators[] = {
#define ONNX(name, since, inputs_min, inputs_max, outputs_max, fold, convert, op)                  \
    {#name, since, inputs_min, inputs_max, outputs_max, fold_##fold, convert_##convert, OP_##op},
#include "import/operators.def"
#undef ONNX
    {.name = NULL},
};

const struct operator_row *find_operator_row(const char *name) {
    for (const struct operator_row *row = onnx_operators; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

bool fold_never(struct step *step) {
    (void)step;
    return false;
}

void list_onnx_operators(FILE *stream, bool markdown) {
    if (markdown)
        fprintf(stream,
                "# Operators of ONNX that are imported\n\n"
                "`cnnc --list-operators=markdown` writes this file. [onnx.md](onnx.md) tells "
                "in which forms.\n\n| operator | from operator set | of constants only |\n"
                "| --- | --- | --- |\n");
    for (const struct operator_row *row = onnx_operators; row->name; row++) {
        bool folds = row->convert == convert_unfolded;
        if (markdown)
            fprintf(stream, "| %s | %d | %s |\n", row->name, row->since, folds ? "yes" : "");
        else
            fprintf(stream, "%-24s from operator set %d%s\n", row->name, row->since,
                    folds ? ", of constants only" : "");
    }
}
