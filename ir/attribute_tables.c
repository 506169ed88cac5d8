/* The attribute tables of all layers. Adding an attribute is adding a row. */
#include "ir/attributes.h"

#include <float.h>
#include <math.h>

#include "lexer/limits.h"

#define AT(field)  offsetof(struct attributes, field)
#define END        {.name = NULL}
#define COUNTS     .low = 1, .high = (double)LIMIT_DIMENSION
#define FROM_ZERO  .low = 0, .high = (double)LIMIT_DIMENSION
#define ANY_NUMBER .low = -(double)FLT_MAX, .high = (double)FLT_MAX
#define POSITIVE   .low = (double)FLT_MIN, .high = (double)FLT_MAX

static const struct word padding_words[] = {{"same", PADDING_SAME},
                                            {"same_lower", PADDING_SAME_LOWER},
                                            {"valid", PADDING_VALID},
                                            {NULL, 0}};
static const struct word border_words[] = {{"zeros", BORDER_ZEROS},
                                           {"reflect", BORDER_REFLECT},
                                           {"replicate", BORDER_REPLICATE},
                                           {"wrap", BORDER_WRAP},
                                           {NULL, 0}};
static const struct word element_words[] = {{"f32", ELEMENT_F32}, {"u8", ELEMENT_U8}, {NULL, 0}};
static const struct word layout_words[] = {{"hwc", LAYOUT_HWC}, {"chw", LAYOUT_CHW}, {NULL, 0}};
static const struct word axis_words[] = {
    {"height", AXIS_HEIGHT}, {"width", AXIS_WIDTH}, {"channels", AXIS_CHANNELS}, {NULL, 0}};
static const struct word all_axis_words[] = {{"batch", AXIS_BATCH},
                                             {"height", AXIS_HEIGHT},
                                             {"width", AXIS_WIDTH},
                                             {"channels", AXIS_CHANNELS},
                                             {NULL, 0}};
static const struct word resize_words[] = {{"nearest", RESIZE_NEAREST},
                                           {"bilinear", RESIZE_BILINEAR},
                                           {"bicubic", RESIZE_BICUBIC},
                                           {NULL, 0}};
static const struct word align_words[] = {
    {"half_pixel", ALIGN_HALF_PIXEL}, {"corners", ALIGN_CORNERS}, {NULL, 0}};
static const struct word all_align_words[] = {{"half_pixel", ALIGN_HALF_PIXEL},
                                              {"corners", ALIGN_CORNERS},
                                              {"asymmetric", ALIGN_ASYMMETRIC},
                                              {"pytorch_half_pixel", ALIGN_PYTORCH_HALF_PIXEL},
                                              {"half_pixel_symmetric", ALIGN_HALF_PIXEL_SYMMETRIC},
                                              {"tf_half_pixel", ALIGN_TF_HALF_PIXEL},
                                              {"crop", ALIGN_CROP},
                                              {NULL, 0}};
static const struct word rounding_words[] = {{"prefer_floor", ROUNDING_PREFER_FLOOR},
                                             {"prefer_ceil", ROUNDING_PREFER_CEIL},
                                             {"floor", ROUNDING_FLOOR},
                                             {"ceil", ROUNDING_CEIL},
                                             {NULL, 0}};
static const struct word result_words[] = {{"values", 0}, {"indices", 1}, {NULL, 0}};
static const struct word approximate_words[] = {{"none", 0}, {"tanh", 1}, {NULL, 0}};

/* Rows that several layers share; P is the position among positional arguments. */
#define KERNEL(P, KIND)                                                                            \
    {"kernel", KIND, AT(kernel), P, .required = true, COUNTS, .summary = "window size"}
#define DEPTH(P, NEEDED)                                                                           \
    {"depth", ATTRIBUTE_INTEGER,           AT(depth), P, .required = NEEDED,                       \
     COUNTS,  .summary = "output channels"}
#define STRIDE(P)                                                                                  \
    {"stride",                                                                                     \
     ATTRIBUTE_PAIR,                                                                               \
     AT(stride),                                                                                   \
     P,                                                                                            \
     COUNTS,                                                                                       \
     .initial = 1,                                                                                 \
     .summary = "pixels between windows"}
#define POOL_STRIDE(P)                                                                             \
    {"stride",                                                                                     \
     ATTRIBUTE_PAIR,                                                                               \
     AT(stride),                                                                                   \
     P,                                                                                            \
     COUNTS,                                                                                       \
     .initial = 0,                                                                                 \
     .summary = "pixels between windows (= kernel)"}
#define PADDING(P)                                                                                 \
    {"padding",                                                                                    \
     ATTRIBUTE_PADDING,                                                                            \
     AT(padding),                                                                                  \
     P,                                                                                            \
     FROM_ZERO,                                                                                    \
     .words = padding_words,                                                                       \
     .summary = "pixels put around, per side"}
#define DILATION(P)                                                                                \
    {"dilation",                                                                                   \
     ATTRIBUTE_PAIR,                                                                               \
     AT(dilation),                                                                                 \
     P,                                                                                            \
     COUNTS,                                                                                       \
     .initial = 1,                                                                                 \
     .summary = "pixels between the taps of a window"}
#define GROUPS(P)                                                                                  \
    {"groups",                                                                                     \
     ATTRIBUTE_INTEGER,                                                                            \
     AT(groups),                                                                                   \
     P,                                                                                            \
     COUNTS,                                                                                       \
     .initial = 1,                                                                                 \
     .summary = "parts the channels are cut into, each convolved by itself"}
#define BIAS(P)                                                                                    \
    {"bias", ATTRIBUTE_BOOLEAN, AT(bias),                                                          \
     P,      .initial = 1,      .summary = "a constant a channel is added"}
#define MULTIPLIER(P)                                                                              \
    {"multiplier",                                                                                 \
     ATTRIBUTE_INTEGER,                                                                            \
     AT(multiplier),                                                                               \
     P,                                                                                            \
     COUNTS,                                                                                       \
     .initial = 1,                                                                                 \
     .summary = "output channels an input channel"}
#define PADDING_MODE                                                                               \
    {"padding_mode", ATTRIBUTE_WORD, AT(padding_mode), .words = border_words,                      \
     .summary = "what the padding holds"}
#define SHARED                                                                                     \
    {"shared", ATTRIBUTE_BOOLEAN, AT(shared),                                                      \
     .summary = "weights are those of the other layer of this path"}
#define EPSILON(P)                                                                                 \
    {"epsilon", ATTRIBUTE_NUMBER,        AT(epsilon),     P,                                       \
     .low = 0,  .high = (double)FLT_MAX, .initial = 1e-5, .summary = "added to the variance"}
#define AFFINE                                                                                     \
    {"affine", ATTRIBUTE_BOOLEAN, AT(affine), .initial = 1,                                        \
     .summary = "the result is multiplied by a learned weight"},                                   \
        {"bias", ATTRIBUTE_BOOLEAN, AT(bias), .initial = 1,                                        \
         .summary = "and a learned bias is added"}
#define CEIL(P) {"ceil", ATTRIBUTE_BOOLEAN, AT(ceil), P, .summary = "output sizes are rounded up"}
#define GLOBAL  {"global", ATTRIBUTE_FLAG, AT(global), .summary = "one window: the whole input"}
#define AXIS(P, NEEDED, WORDS, SUMMARY)                                                            \
    {"axis",         ATTRIBUTE_AXIS,    AT(axes), P, .required = NEEDED, .initial = AXIS_CHANNELS, \
     .words = WORDS, .summary = SUMMARY}
#define ORDER(P)                                                                                   \
    {"order",                                                                                      \
     ATTRIBUTE_WORD,                                                                               \
     AT(order),                                                                                    \
     P,                                                                                            \
     .words = layout_words,                                                                        \
     .initial = LAYOUT_CHW,                                                                        \
     .summary = "the linear order of the values: that of the weights where not given"}
#define FACTOR(P, NEEDED, SUMMARY)                                                                 \
    {"factor", ATTRIBUTE_PAIR, AT(factor), P, .required = NEEDED, COUNTS, .summary = SUMMARY}
#define NUMBER(NAME, FIELD, P, NEEDED, DEFAULT, SUMMARY)                                           \
    {NAME,       ATTRIBUTE_NUMBER,   AT(FIELD),         P, .required = NEEDED,                     \
     ANY_NUMBER, .initial = DEFAULT, .summary = SUMMARY}
#define SIDES(FIELD)                                                                               \
    {"sides",                                                                                      \
     ATTRIBUTE_SIDES,                                                                              \
     AT(FIELD),                                                                                    \
     1,                                                                                            \
     .required = true,                                                                             \
     FROM_ZERO,                                                                                    \
     .summary = "pixels per side: a number, HxW or [top, left, bottom, right]"}
#define MEAN_AND_STD(P, Q)                                                                         \
    {"mean", ATTRIBUTE_NUMBERS, NUMBERS_MEAN,                                                      \
     P,      ANY_NUMBER,        .summary = "taken off: a number, or one a channel"},               \
        {"std", ATTRIBUTE_NUMBERS, NUMBERS_STD,                                                    \
         Q,     POSITIVE,          .summary = "divided by: a number, or one a channel"}

const struct attribute attributes_none[] = {END};
const struct attribute attributes_input[] = {
    {"range", ATTRIBUTE_RANGE, .summary = "what raw values lie in, mapped to 0..1"},
    MEAN_AND_STD(0, 0),
    {"layout", ATTRIBUTE_WORD, AT(order), .words = layout_words, .initial = LAYOUT_HWC,
     .summary = "how the caller's values lie"},
    {"type", ATTRIBUTE_WORD, AT(element), .words = element_words, .initial = ELEMENT_F32,
     .summary = "of the caller's values: floats, or bytes as a camera's"},
    END};
const struct attribute attributes_parameter[] = {
    {"size", ATTRIBUTE_SIZE, AT(size), 1, .required = true, COUNTS, .summary = "its size"},
    SHARED,
    END};
const struct attribute attributes_conv[] = {KERNEL(1, ATTRIBUTE_KERNEL),
                                            DEPTH(2, false),
                                            STRIDE(3),
                                            PADDING(4),
                                            DILATION(5),
                                            GROUPS(6),
                                            BIAS(7),
                                            SHARED,
                                            PADDING_MODE,
                                            END};
const struct attribute attributes_depthwise[] = {KERNEL(1, ATTRIBUTE_KERNEL),
                                                 MULTIPLIER(2),
                                                 STRIDE(3),
                                                 PADDING(4),
                                                 DILATION(5),
                                                 BIAS(6),
                                                 SHARED,
                                                 PADDING_MODE,
                                                 END};
const struct attribute attributes_separable[] = {KERNEL(1, ATTRIBUTE_PAIR),
                                                 DEPTH(2, true),
                                                 STRIDE(3),
                                                 PADDING(4),
                                                 DILATION(5),
                                                 BIAS(6),
                                                 SHARED,
                                                 PADDING_MODE,
                                                 END};
const struct attribute attributes_deconv[] = {KERNEL(1, ATTRIBUTE_PAIR),
                                              DEPTH(2, true),
                                              STRIDE(3),
                                              PADDING(4),
                                              {"output_padding", ATTRIBUTE_PAIR, AT(output_padding),
                                               5, FROM_ZERO,
                                               .summary = "rows and columns more at the end"},
                                              DILATION(6),
                                              GROUPS(7),
                                              BIAS(8),
                                              SHARED,
                                              END};
const struct attribute attributes_maxpool[] = {
    KERNEL(1, ATTRIBUTE_PAIR),
    POOL_STRIDE(2),
    PADDING(3),
    DILATION(4),
    CEIL(5),
    {"result", ATTRIBUTE_SWITCH, AT(indices), .words = result_words,
     .summary = "the values, or where they are in the picture: row * width + column"},
    GLOBAL,
    END};
const struct attribute attributes_unpool[] = {{"size", ATTRIBUTE_SIZE, AT(size), 1,
                                               .required = true, COUNTS,
                                               .summary = "height and width of the result"},
                                              END};
const struct attribute attributes_avgpool[] = {
    KERNEL(1, ATTRIBUTE_PAIR),
    POOL_STRIDE(2),
    PADDING(3),
    DILATION(4),
    CEIL(5),
    {"count_padding", ATTRIBUTE_BOOLEAN, AT(count_padding), 6,
     .summary = "the mean counts the zeros of the padding"},
    GLOBAL,
    END};
const struct attribute attributes_lppool[] = {KERNEL(1, ATTRIBUTE_PAIR),
                                              POOL_STRIDE(2),
                                              PADDING(3),
                                              DILATION(4),
                                              CEIL(5),
                                              {"p", ATTRIBUTE_NUMBER, AT(a), .low = 1,
                                               .high = (double)FLT_MAX, .initial = 2,
                                               .summary = "(sum of |x|^p)^(1/p)"},
                                              GLOBAL,
                                              END};
const struct attribute attributes_dense[] = {DEPTH(1, true), BIAS(2), SHARED, END};
const struct attribute attributes_flatten[] = {ORDER(1), END};
const struct attribute attributes_reshape[] = {
    {"size", ATTRIBUTE_SIZE, AT(size), 1, .required = true, COUNTS, .summary = "the wanted size"},
    ORDER(2),
    END};
const struct attribute attributes_permute[] = {
    {"axes", ATTRIBUTE_PERMUTATION, AT(permutation), 1, .required = true, .words = all_axis_words,
     .summary = "those of the input, in the order of the result's"},
    END};
const struct attribute attributes_expand[] = {
    {"size", ATTRIBUTE_SIZE, AT(size), 1, .required = true, COUNTS, .summary = "the wanted size"},
    END};
const struct attribute attributes_batchnorm[] = {EPSILON(1), SHARED, END};
const struct attribute attributes_instancenorm[] = {EPSILON(1), AFFINE, SHARED, END};
const struct attribute attributes_layernorm[] = {
    {"axes", ATTRIBUTE_AXES, AT(axes), 1, .words = axis_words, .summary = "over which (channels)"},
    EPSILON(0),
    AFFINE,
    SHARED,
    END};
const struct attribute attributes_groupnorm[] = {
    {"groups", ATTRIBUTE_INTEGER, AT(groups), 1, .required = true, COUNTS,
     .summary = "parts the channels are cut into, each normalised by itself"},
    EPSILON(2),
    AFFINE,
    SHARED,
    END};
const struct attribute attributes_lrn[] = {
    {"size", ATTRIBUTE_INTEGER, AT(near), 1, .required = true, COUNTS,
     .summary = "channels whose squares are summed"},
    NUMBER("alpha", a, 2, false, 1e-4, "the sum is multiplied by alpha / size"),
    NUMBER("beta", b, 3, false, 0.75, "the power"),
    NUMBER("bias", value, 4, false, 1, "added before the power"),
    END};
const struct attribute attributes_l2norm[] = {
    {"axes", ATTRIBUTE_AXES, AT(axes), 1, .words = axis_words, .summary = "over which (channels)"},
    {"p", ATTRIBUTE_INTEGER, AT(p), .low = 1, .high = 2, .initial = 2,
     .summary = "2, or 1: over the sum of sizes"},
    {"epsilon", ATTRIBUTE_NUMBER, AT(epsilon), POSITIVE, .initial = 1e-12,
     .summary = "the least that is divided by"},
    END};
const struct attribute attributes_leaky_relu[] = {NUMBER("slope", a, 1, false, 0.01, "below 0"),
                                                  END};
const struct attribute attributes_prelu[] = {{"per_channel", ATTRIBUTE_BOOLEAN, AT(per_channel), 1,
                                              .summary = "a slope a channel, not one for all"},
                                             SHARED,
                                             END};
const struct attribute attributes_elu[] = {NUMBER("alpha", a, 1, false, 1, "limit below 0"), END};
const struct attribute attributes_selu[] = {
    NUMBER("alpha", a, 1, false, 1.6732632423543772, "limit below 0, before it is scaled"),
    NUMBER("gamma", b, 2, false, 1.0507009873554805, "scales the result"), END};
const struct attribute attributes_hard_sigmoid[] = {NUMBER("alpha", a, 1, false, 1.0 / 6, "slope"),
                                                    NUMBER("beta", b, 2, false, 0.5, "at 0"), END};
const struct attribute attributes_shrink[] = {
    NUMBER("lambda", a, 1, false, 0.5, "x above it, or below its negative, passes"),
    NUMBER("bias", b, 2, false, 0, "by which it comes nearer to 0"), END};
const struct attribute attributes_celu[] = {
    {"alpha", ATTRIBUTE_NUMBER, AT(a), 1, POSITIVE, .initial = 1, .summary = "limit below 0"}, END};
const struct attribute attributes_gelu[] = {{"approximate", ATTRIBUTE_SWITCH, AT(approximate), 1,
                                             .words = approximate_words,
                                             .summary = "the tanh formula or the exact one"},
                                            END};
const struct attribute attributes_clip[] = {NUMBER("low", a, 1, false, -INFINITY, "lowest result"),
                                            NUMBER("high", b, 2, false, INFINITY, "highest result"),
                                            END};
const struct attribute attributes_threshold[] = {
    NUMBER("threshold", a, 1, true, 0, "x above it passes"),
    NUMBER("value", b, 2, true, 0, "the result elsewhere"), END};
const struct attribute attributes_softmax[] = {
    AXIS(1, false, axis_words, "over which it sums to 1"), END};
const struct attribute attributes_argmax[] = {
    AXIS(1, false, axis_words, "along which it is looked for"),
    {"last", ATTRIBUTE_BOOLEAN, AT(last), .summary = "of equal values the last, not the first"},
    END};
const struct attribute attributes_topk[] = {
    {"k", ATTRIBUTE_INTEGER, AT(k), 1, .required = true, COUNTS, .summary = "how many"},
    AXIS(2, false, axis_words, "along which they are looked for"),
    {"result", ATTRIBUTE_SWITCH, AT(indices), 3, .words = result_words,
     .summary = "the values, or their places along the axis, counted from 0"},
    {"largest", ATTRIBUTE_BOOLEAN, AT(largest), .initial = 1,
     .summary = "the largest from the largest on, or the smallest from the smallest on"},
    END};
const struct attribute attributes_concat[] = {
    AXIS(1, false, all_axis_words, "along which they are joined"), END};
const struct attribute attributes_split[] = {
    AXIS(1, true, all_axis_words, "along which it is cut"),
    {"parts", ATTRIBUTE_PARTS, .position = 2, .required = true, COUNTS,
     .summary = "how many equal parts, or a list of their sizes"},
    END};
const struct attribute attributes_slice[] = {
    AXIS(1, true, all_axis_words, "along which a part is taken"),
    {"range", ATTRIBUTE_RANGE, .position = 2, .required = true,
     .summary = "first and last, both included"},
    {"step", ATTRIBUTE_INTEGER, AT(step), 3, .low = -(double)LIMIT_DIMENSION,
     .high = (double)LIMIT_DIMENSION, .initial = 1,
     .summary = "every n-th of them; below 0 from the first down to the last"},
    END};
const struct attribute attributes_crop[] = {SIDES(sides), END};
const struct attribute attributes_pad[] = {
    SIDES(padding),
    {"mode", ATTRIBUTE_WORD, AT(padding_mode), 2, .words = border_words,
     .summary = "what the new pixels hold"},
    NUMBER("value", value, 3, false, 0, "held with zeros"),
    {"channels", ATTRIBUTE_ENDS, AT(channel_padding), FROM_ZERO,
     .summary = "channels before and after"},
    {"batch", ATTRIBUTE_ENDS, AT(batch_padding), FROM_ZERO, .summary = "images before and after"},
    END};
const struct attribute attributes_tile[] = {
    AXIS(1, true, all_axis_words, "along which it is repeated"),
    {"times", ATTRIBUTE_INTEGER, AT(times), 2, .required = true, COUNTS,
     .summary = "how often it is there"},
    END};
const struct attribute attributes_upsample[] = {
    FACTOR(1, false, "how many times larger"),
    {"size", ATTRIBUTE_SIZE, AT(size), COUNTS, .summary = "the wanted size, in place of factor"},
    {"mode", ATTRIBUTE_WORD, AT(mode), 2, .words = resize_words, .summary = "how pixels are made"},
    {"align", ATTRIBUTE_WORD, AT(align), .words = align_words, .summary = "the coordinate rule"},
    END};
const struct attribute attributes_resize[] = {
    {"size", ATTRIBUTE_SIZE, AT(size), 1, COUNTS,
     .summary = "the wanted size; without it, sizes times factor rounded down"},
    {"factor", ATTRIBUTE_FACTORS, AT(scale), POSITIVE,
     .summary = "how many times larger; without it, the quotients of the sizes"},
    {"mode", ATTRIBUTE_WORD, AT(mode), 2, .words = resize_words, .summary = "how pixels are made"},
    {"align", ATTRIBUTE_WORD, AT(align), .words = all_align_words,
     .summary = "the coordinate rule"},
    {"rounding", ATTRIBUTE_WORD, AT(rounding), .words = rounding_words,
     .summary = "which pixel is the nearest"},
    NUMBER("coefficient", coefficient, 0, false, -0.75, "of bicubic's filter"),
    {"exclude_outside", ATTRIBUTE_BOOLEAN, AT(exclude_outside),
     .summary = "only pixels inside count; else those of the edge stand for all beyond"},
    {"antialias", ATTRIBUTE_BOOLEAN, AT(antialias),
     .summary = "the filter widens where the picture shrinks"},
    {"region", ATTRIBUTE_REGION, AT(region), ANY_NUMBER,
     .summary = "of align = crop: [top, left, bottom, right] as parts of the picture"},
    NUMBER("value", value, 0, false, 0, "of align = crop: what lies outside of the picture"),
    END};
const struct attribute attributes_pixel_shuffle[] = {FACTOR(1, true, "how many times larger"), END};
const struct attribute attributes_pixel_unshuffle[] = {FACTOR(1, true, "how many times smaller"),
                                                       END};
const struct attribute attributes_channel_shuffle[] = {
    {"groups", ATTRIBUTE_INTEGER, AT(groups), 1, .required = true, COUNTS,
     .summary = "parts the channels are cut into, then taken from in turn"},
    END};
const struct attribute attributes_reduce[] = {{"axes", ATTRIBUTE_AXES, AT(axes), 1,
                                               .words = all_axis_words,
                                               .summary = "over which (height and width)"},
                                              END};
const struct attribute attributes_normalize[] = {MEAN_AND_STD(1, 2), END};
const struct attribute attributes_dropout[] = {{"rate", ATTRIBUTE_NUMBER, AT(a), 1, .low = 0,
                                                .high = 1, .initial = 0.5,
                                                .summary = "in training"},
                                               END};
