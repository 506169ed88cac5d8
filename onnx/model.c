/* Bytes into messages. Everything that protobuf-c would trust - lengths, nesting, how many messages
 * a few bytes ask for - is checked first, by a walk over the wire format that follows the same
 * descriptors. https://protobuf.dev/programming-guides/encoding */
#include "onnx/model.h"

#include <inttypes.h>
#include <stdbool.h>

#include "lexer/limits.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* A message that the walk is in: what it is, and where it ends. */
struct level {
    const ProtobufCMessageDescriptor *message;
    size_t end;
    uint32_t once; /* its messages that are not repeated, of those seen so far; by index */
};

struct walk {
    struct arena *arena;
    const unsigned char *bytes;
    size_t at;
    int64_t messages; /* so far */
    struct level levels[LIMIT_ONNX_NESTING];
    int depth;
    const char *error;
};

static bool broken(struct walk *w, size_t at, const char *what) {
    w->error = arena_printf(w->arena, "byte %zu: %s", at, what);
    return false;
}

static bool read_varint(struct walk *w, size_t end, uint64_t *value) {
    size_t begin = w->at;
    *value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (w->at >= end)
            return broken(w, begin, "a number runs over the end of its message");
        unsigned char byte = w->bytes[w->at++];
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return broken(w, begin, "a number of more than ten bytes");
}

static bool skip(struct walk *w, size_t end, uint64_t count) {
    if (count > end - w->at) {
        w->error = arena_printf(w->arena, "byte %zu: %" PRIu64 " bytes where %zu are left", w->at,
                                count, end - w->at);
        return false;
    }
    w->at += (size_t)count;
    return true;
}

static bool enter(struct walk *w, const ProtobufCMessageDescriptor *message, size_t end) {
    if (w->depth == LIMIT_ONNX_NESTING)
        return broken(w, w->at, "messages nest too deeply");
    if (++w->messages > LIMIT_ONNX_MESSAGES)
        return broken(w, w->at, "more messages than any model has");
    w->levels[w->depth++] = (struct level){message, end, 0};
    return true;
}

/* protobuf would merge a message given twice with the first: as often as a few bytes ask for it,
 * each time with a copy of everything so far. */
static bool enter_field(struct walk *w, const ProtobufCFieldDescriptor *field, size_t begin,
                        size_t end) {
    struct level *level = &w->levels[w->depth - 1];
    uint32_t bit = UINT32_C(1) << (field - level->message->fields);
    if (field->label != PROTOBUF_C_LABEL_REPEATED && level->once & bit)
        return broken(w, begin, "a second one of what its message has once");
    level->once |= bit;
    return enter(w, field->descriptor, end);
}

/* What the bytes of a field hold, as far as its type makes that certain. */
static bool check_bytes(struct walk *w, const ProtobufCFieldDescriptor *field, size_t end) {
    uint64_t length;
    if (!read_varint(w, end, &length))
        return false;
    size_t begin = w->at;
    if (!skip(w, end, length))
        return false;
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE) {
        w->at = begin;
        return enter_field(w, field, begin, begin + (size_t)length);
    }
    for (uint64_t i = 0; field && field->type == PROTOBUF_C_TYPE_STRING && i < length; i++)
        if (!w->bytes[begin + i])
            return broken(w, begin + (size_t)i, "a NUL in a name");
    return true;
}

static bool check_field(struct walk *w, const struct level *level) {
    size_t begin = w->at;
    uint64_t key, value;
    if (!read_varint(w, level->end, &key))
        return false;
    if (key >> 3 == 0 || key >> 32)
        return broken(w, begin, "a field of an impossible number");
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(level->message, (unsigned)(key >> 3));
    switch (key & 7) {
    case WIRE_VARINT:
        return read_varint(w, level->end, &value);
    case WIRE_64:
        return skip(w, level->end, 8);
    case WIRE_BYTES:
        return check_bytes(w, field, level->end);
    case WIRE_32:
        return skip(w, level->end, 4);
    default: /* groups, which no ONNX model ever had, and two types that do not exist */
        return broken(w, begin, "a field of an unknown wire type");
    }
}

static bool check(struct walk *w, size_t length) {
    if (!enter(w, &onnx__model_proto__descriptor, length))
        return false;
    while (w->depth) {
        const struct level *level = &w->levels[w->depth - 1];
        if (w->at == level->end)
            w->depth--;
        else if (!check_field(w, level))
            return false;
    }
    return true;
}

static void *allocate(void *arena, size_t size) {
    return arena_alloc(arena, size ? size : 1, 1);
}

static void keep(void *arena, void *block) {
    (void)arena;
    (void)block;
}

Onnx__ModelProto *onnx_unpack(struct arena *arena, const void *bytes, size_t length,
                              const char **error) {
    struct walk *walk = ARENA_NEW(arena, struct walk);
    walk->arena = arena;
    walk->bytes = bytes;
    if (!check(walk, length)) {
        *error = walk->error;
        return NULL;
    }
    ProtobufCAllocator allocator = {allocate, keep, arena};
    Onnx__ModelProto *model = onnx__model_proto__unpack(&allocator, length, bytes);
    if (!model)
        *error = "a field has another type than ONNX gives it";
    return model;
}

const char *onnx_pack(struct arena *arena, const Onnx__ModelProto *model, size_t *length) {
    size_t size = onnx__model_proto__get_packed_size(model);
    unsigned char *bytes = arena_alloc(arena, size + 1, 1);
    *length = onnx__model_proto__pack(model, bytes);
    return (const char *)bytes;
}
