/* The weights that a network gets, bit by bit, for tests/weights_test.py.
 *
 *     weights FILE.cnn WEIGHTS OUT.f32
 *
 * WEIGHTS is a file, "random:SEED", or "-" for the network's own. Writes the values of all its
 * tensors, one behind the other in the network's order, each in PyTorch's. */
#include <stdio.h>

#include "tests/harness/load.h"

int main(int count, char **words) {
    struct arena arena = {0};
    if (count != 4)
        return 2;
    const struct graph *graph = load_network(&arena, words[1], words[2]);
    FILE *file = fopen(words[3], "wb");
    if (!file)
        return 2;
    for (size_t i = 0; i < graph->tensor_count; i++) {
        const struct tensor *tensor = graph->tensors[i];
        fwrite(tensor->data, sizeof *tensor->data, (size_t)tensor_count(tensor), file);
    }
    int failed = fclose(file);
    arena_free(&arena);
    return failed ? 2 : 0;
}
