/* What the runs of a repeat differ in: parameters of its block. Values that always are equal are
 * one parameter, and one that always is the same multiple of another is written as that. */
#include <stdlib.h>
#include <string.h>

#include "export/cnn/repeats.h"

enum { FACTOR_MOST = 16 };

static int value_at(const struct outline *outline, const struct repeat *repeat, size_t call,
                    size_t place) {
    return outline->values[(size_t)repeat->begins[call] * SLOTS + place];
}

static bool differs(const struct outline *outline, const struct repeat *repeat, size_t place) {
    for (size_t i = 1; i < repeat->count; i++)
        if (value_at(outline, repeat, i, place) != value_at(outline, repeat, 0, place))
            return true;
    return false;
}

/* The whole number that a value is; 0 where it is none, or has more than nine digits. */
static long whole(const struct outline *outline, int value) {
    const char *text = outline->texts[value];
    size_t digits = strspn(text, "0123456789");
    return digits && digits < 10 && !text[digits] ? strtol(text, NULL, 10) : 0;
}

/* The f with which the values at `place` are f times those at `base` in all runs; 0: none. */
static int factor_of(const struct outline *outline, const struct repeat *repeat, size_t place,
                     size_t base) {
    long first = whole(outline, value_at(outline, repeat, 0, base));
    long factor = first ? whole(outline, value_at(outline, repeat, 0, place)) / first : 1;
    for (size_t i = 0; i < repeat->count; i++) {
        int a = value_at(outline, repeat, i, place), b = value_at(outline, repeat, i, base);
        bool multiple = whole(outline, b) && whole(outline, a) == factor * whole(outline, b);
        if (a != b && (!multiple || factor < 2 || factor > FACTOR_MOST))
            return 0;
        if (a == b && factor != 1)
            return 0;
    }
    return (int)factor;
}

/* The parameter that stands at the place, made where there is none; false where there are too
 * many. */
static bool name_place(const struct outline *outline, const struct repeat *repeat, size_t place,
                       struct parameters *parameters) {
    size_t i = 0;
    int factor = 0;
    while (i < parameters->count &&
           !(factor = factor_of(outline, repeat, place, parameters->places[i])))
        i++;
    if (i == PARAMETERS_MOST)
        return false;
    if (i == parameters->count)
        parameters->places[parameters->count++] = place;
    if (parameters->stand_ins)
        parameters->stand_ins[place] = (struct stand_in){(int)i + 1, factor ? factor : 1};
    return true;
}

bool find_parameters(const struct outline *outline, const struct repeat *repeat,
                     struct parameters *parameters) {
    parameters->count = 0;
    for (size_t place = 0; place < (size_t)repeat->length * SLOTS; place++)
        if (value_at(outline, repeat, 0, place) && differs(outline, repeat, place) &&
            !name_place(outline, repeat, place, parameters))
            return false;
    return true;
}

/* --- runs that differ too much --- */

/* The value that more than half of the runs have at the place; -1 where there is none. */
int usual_value(const struct outline *outline, const struct repeat *repeat, size_t place) {
    int value = -1;
    size_t lead = 0, count = 0;
    for (size_t i = 0; i < repeat->count; i++) {
        int other = value_at(outline, repeat, i, place);
        value = lead ? value : other;
        lead = other == value ? lead + 1 : lead - 1;
    }
    for (size_t i = 0; i < repeat->count; i++)
        count += value_at(outline, repeat, i, place) == value;
    return 2 * count > repeat->count ? value : -1;
}

void drop_odd_run(const struct outline *outline, struct repeat *repeat, struct arena *scratch) {
    int *oddities = ARENA_ARRAY(scratch, int, repeat->count);
    size_t oddest = 0;
    for (size_t place = 0; place < (size_t)repeat->length * SLOTS; place++) {
        int usual = usual_value(outline, repeat, place);
        for (size_t i = 0; usual >= 0 && i < repeat->count; i++)
            oddities[i] += value_at(outline, repeat, i, place) != usual;
    }
    for (size_t i = 1; i < repeat->count; i++)
        oddest = oddities[i] > oddities[oddest] ? i : oddest;
    repeat->count--;
    memmove(&repeat->begins[oddest], &repeat->begins[oddest + 1],
            (repeat->count - oddest) * sizeof *repeat->begins);
}

static uint64_t key_of_values(const struct outline *outline, int begin, int length) {
    uint64_t key = 0;
    for (size_t i = 0; i < (size_t)length * SLOTS; i++)
        key =
            (key ^ (uint64_t)outline->values[(size_t)begin * SLOTS + i]) * UINT64_C(0x100000001b3);
    return key;
}

bool same_values(const struct outline *outline, int a, int b, int length) {
    return memcmp(&outline->values[(size_t)a * SLOTS], &outline->values[(size_t)b * SLOTS],
                  (size_t)length * SLOTS * sizeof *outline->values) == 0;
}

void keep_equal_runs(const struct outline *outline, struct repeat *repeat, struct arena *scratch) {
    struct candidate *runs = ARENA_ARRAY(scratch, struct candidate, repeat->count);
    size_t best = 0, most = 0, count = 0;
    for (size_t i = 0; i < repeat->count; i++)
        runs[i] = (struct candidate){key_of_values(outline, repeat->begins[i], repeat->length),
                                     {repeat->begins[i], repeat->length}};
    qsort(runs, repeat->count, sizeof *runs, by_key);
    for (size_t i = 0, first = 0; i < repeat->count; i++) {
        first = runs[i].key == runs[first].key ? first : i;
        if (i + 1 - first > most) {
            most = i + 1 - first;
            best = first;
        }
    }
    for (size_t i = best; i < best + most; i++)
        if (same_values(outline, runs[best].run.begin, runs[i].run.begin, repeat->length))
            repeat->begins[count++] = runs[i].run.begin;
    repeat->count = count;
}
