/* Bytes of a file in, float32 out: halves and brain floats exactly, doubles rounded to nearest. */
#include <math.h>
#include <string.h>

#include "ir/weights/stored.h"

int64_t stored_size(enum stored_kind kind) {
    static const int64_t sizes[] = {[STORED_F16] = 2,
                                    [STORED_BF16] = 2,
                                    [STORED_F32] = 4,
                                    [STORED_F64] = 8,
                                    [STORED_NOT_READ] = 0};
    return sizes[kind];
}

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* binary16: 1 bit sign, 5 exponent of bias 15, 10 fraction. Every half is a float. */
static float from_half(uint32_t half) {
    uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3ff;
    if (exponent == 31) /* infinity, NaN */
        return from_bits(sign | UINT32_C(0x7f800000) | fraction << 13);
    if (exponent)
        return from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13);
    float magnitude = (float)fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
}

static double from_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t read_bits(const unsigned char *at, int64_t size, bool big_endian) {
    uint64_t bits = 0;
    for (int64_t i = 0; i < size; i++)
        bits = bits << 8 | at[big_endian ? i : size - 1 - i];
    return bits;
}

/* False where a finite value becomes infinite. */
static bool convert(enum stored_kind kind, uint64_t bits, float *to) {
    switch (kind) {
    case STORED_F16:
        *to = from_half((uint32_t)bits);
        return true;
    case STORED_BF16: /* the upper half of a float */
        *to = from_bits((uint32_t)bits << 16);
        return true;
    case STORED_F32:
        *to = from_bits((uint32_t)bits);
        return true;
    case STORED_F64:
        *to = (float)from_double(bits);
        return !isinf(*to) || isinf(from_double(bits));
    case STORED_NOT_READ:
        break;
    }
    return false;
}

double stored_real(enum stored_kind kind, const unsigned char *at) {
    float value = 0;
    uint64_t bits = read_bits(at, stored_size(kind), false);
    if (kind == STORED_F64)
        return from_double(bits);
    convert(kind, bits, &value);
    return (double)value;
}

static float *convert_all(struct arena *arena, const struct stored_tensor *stored, double *large) {
    int64_t size = stored_size(stored->kind), count = (stored->end - stored->begin) / size;
    float *values = ARENA_ARRAY(arena, float, count);
    for (int64_t i = 0; i < count; i++) {
        uint64_t bits = read_bits(stored->data + i * size, size, stored->big_endian);
        if (!convert(stored->kind, bits, &values[i])) {
            *large = from_double(bits);
            return NULL;
        }
    }
    return values;
}

/* From the first axis running fastest to the last one. */
static float *to_c_order(struct arena *arena, const struct stored_tensor *stored,
                         const float *from) {
    int64_t index[LIMIT_STORED_RANK] = {0}, stride[LIMIT_STORED_RANK], count = 1, at = 0;
    for (int axis = 0; axis < stored->rank; axis++) {
        stride[axis] = count;
        count *= stored->dimensions[axis];
    }
    float *values = ARENA_ARRAY(arena, float, count);
    for (int64_t i = 0; i < count; i++) {
        values[i] = from[at];
        for (int axis = stored->rank; axis-- > 0;) { /* the next index */
            at += stride[axis];
            if (++index[axis] < stored->dimensions[axis])
                break;
            at -= stride[axis] * index[axis];
            index[axis] = 0;
        }
    }
    return values;
}

const float *stored_floats(struct arena *arena, const struct stored_tensor *stored, double *large) {
    bool ready = stored->kind == STORED_F32 && !stored->big_endian &&
                 (uintptr_t)stored->data % sizeof(float) == 0;
    const float *values =
        ready ? (const float *)(const void *)stored->data : convert_all(arena, stored, large);
    return values && stored->fortran_order ? to_c_order(arena, stored, values) : values;
}
