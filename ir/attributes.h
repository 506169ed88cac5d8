/* Attribute tables: what may stand between a layer's parentheses, as data. From them come checking,
 * conversion, defaults and suggestions. */
#ifndef CNNC_IR_ATTRIBUTES_H
#define CNNC_IR_ATTRIBUTES_H

#include "ir/graph.h"
#include "ir/values.h"

enum attribute_kind {
    ATTRIBUTE_INTEGER,     /* int64_t */
    ATTRIBUTE_PAIR,        /* int64_t[2]: one number or HxW */
    ATTRIBUTE_KERNEL,      /* int64_t[2], or filters (kept in struct layer) */
    ATTRIBUTE_PADDING,     /* int64_t[4]: a number, HxW, [top, left, bottom, right], or a word */
    ATTRIBUTE_SIDES,       /* int64_t[4]: the same without words */
    ATTRIBUTE_ENDS,        /* int64_t[2]: a number, or [before, after] */
    ATTRIBUTE_NUMBER,      /* double */
    ATTRIBUTE_SCALAR,      /* double, the other operand: sets has_scalar */
    ATTRIBUTE_BOOLEAN,     /* bool */
    ATTRIBUTE_FLAG,        /* bool, set by its name standing alone */
    ATTRIBUTE_WORD,        /* an enumeration */
    ATTRIBUTE_SWITCH,      /* bool, by words */
    ATTRIBUTE_AXIS,        /* one of axes[4] */
    ATTRIBUTE_AXES,        /* several of axes[4] */
    ATTRIBUTE_PERMUTATION, /* struct permutation: axes in their order */
    ATTRIBUTE_RANGE,       /* kept in struct layer */
    ATTRIBUTE_PARTS,       /* an integer or a list of them: kept in struct layer */
    ATTRIBUTE_SIZE,        /* struct shape: HxW, HxWxC, NxHxWxC; what is not written is 0 */
    ATTRIBUTE_FACTORS,     /* double[2]: a number, or [height, width] */
    ATTRIBUTE_REGION,      /* double[4]: [top, left, bottom, right] */
    ATTRIBUTE_NUMBERS, /* one number or one a channel: kept in struct layer, offset says which */
};

struct word {
    const char *name;
    unsigned value;
};

struct attribute {
    const char *name; /* NULL ends a table */
    enum attribute_kind kind;
    size_t offset; /* in struct attributes */
    int position;  /* among positional arguments, from 1; 0: by name only */
    bool required;
    double low, high; /* range of its numbers */
    double initial;   /* the default */
    const struct word *words;
    const char *summary;
};

enum { ATTRIBUTES_MAX = 12, NUMBERS_MEAN = 0, NUMBERS_STD = 1 };

#define ATTRIBUTE_TABLES(T)                                                                        \
    T(none)                                                                                        \
    T(input)                                                                                       \
    T(parameter)                                                                                   \
    T(conv)                                                                                        \
    T(depthwise)                                                                                   \
    T(separable)                                                                                   \
    T(deconv)                                                                                      \
    T(maxpool)                                                                                     \
    T(unpool)                                                                                      \
    T(avgpool)                                                                                     \
    T(lppool)                                                                                      \
    T(dense)                                                                                       \
    T(flatten)                                                                                     \
    T(reshape)                                                                                     \
    T(permute)                                                                                     \
    T(expand)                                                                                      \
    T(batchnorm)                                                                                   \
    T(instancenorm)                                                                                \
    T(layernorm)                                                                                   \
    T(groupnorm)                                                                                   \
    T(lrn)                                                                                         \
    T(l2norm)                                                                                      \
    T(leaky_relu)                                                                                  \
    T(prelu)                                                                                       \
    T(elu)                                                                                         \
    T(selu)                                                                                        \
    T(celu)                                                                                        \
    T(hard_sigmoid)                                                                                \
    T(shrink)                                                                                      \
    T(gelu)                                                                                        \
    T(clip)                                                                                        \
    T(threshold)                                                                                   \
    T(softmax)                                                                                     \
    T(argmax)                                                                                      \
    T(topk)                                                                                        \
    T(concat)                                                                                      \
    T(split)                                                                                       \
    T(slice)                                                                                       \
    T(crop)                                                                                        \
    T(pad)                                                                                         \
    T(tile)                                                                                        \
    T(upsample)                                                                                    \
    T(resize)                                                                                      \
    T(pixel_shuffle)                                                                               \
    T(pixel_unshuffle)                                                                             \
    T(channel_shuffle)                                                                             \
    T(reduce)                                                                                      \
    T(normalize)                                                                                   \
    T(dropout)

#define ATTRIBUTE_DECLARE(table) extern const struct attribute attributes_##table[];
ATTRIBUTE_TABLES(ATTRIBUTE_DECLARE)
#undef ATTRIBUTE_DECLARE

struct layer;

/* The index of the attribute called `name`; -1 where there is none. */
int attribute_named(const struct attribute *table, const char *name);
/* The index of the attribute that `word`, standing alone, belongs to; -1 where there is none. */
int attribute_of_word(const struct attribute *table, const char *word);
bool attribute_has_word(const struct attribute *attribute, const char *word);
bool takes_several_words(enum attribute_kind kind);
/* `x` is a list that begins with a word of an attribute that takes several. */
bool is_list_of_words(const struct attribute *table, const struct expression *x);
/* "same, same_lower or valid" */
const char *attribute_words_text(struct arena *arena, const struct attribute *attribute);

/* Fill layer->node->attributes. Both setters take the index and the argument's place; a value of
 * the wrong kind or out of range is reported, and false is returned. */
void attributes_default(struct layer *layer);
bool attribute_set_word(struct layer *layer, int index, const char *word, struct span span);
bool attribute_set(struct layer *layer, int index, struct value value, struct span span);
/* A size of 2 (one channel), 3 or 4 dimensions, each 1 or more; false otherwise. */
bool value_to_shape(struct value value, struct shape *shape);

#endif
