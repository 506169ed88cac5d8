/* Turns a misspelt word into the nearest known one. */
#include <string.h>

#include "lexer/diagnostics.h"

enum { LONGEST = 64 };

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and
 * swaps of neighbours that turn a into b; letter case does not count. Both at most LONGEST long. */
static int distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    int rows[3][LONGEST + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++) {
        last[j] = (int)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int changed = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + changed);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        int *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_length];
}

const char *nearest_name(const char *word, const char *const *candidates, size_t count) {
    size_t length = strlen(word);
    if (length > LONGEST) {
        return NULL;
    }
    const char *nearest = NULL;
    int nearest_distance = 0;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > LONGEST || candidate_length == 0) {
            continue;
        }
        int changes = distance(word, length, candidates[i], candidate_length);
        int allowed = length < 3 ? 1 : (int)(length + 2) / 3;
        bool all_differ =
            (size_t)changes >= (length > candidate_length ? length : candidate_length);
        if (changes <= allowed && !all_differ && (!nearest || changes < nearest_distance)) {
            nearest = candidates[i];
            nearest_distance = changes;
        }
    }
    return nearest;
}
