/* A seed and a name in, a stream of numbers out. */
#include "ir/weights/random.h"

/* SplitMix64 (Steele, Lea, Flood 2014): a counter, scrambled. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The stream of one tensor: FNV-1a of its name, mixed with the seed. */
static uint64_t stream_of(const char *name, uint64_t seed) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    hash ^= next_random(&seed);
    return next_random(&hash);
}

/* An odd multiple of 2^-24 between -1 and 1: even, without either end, and exact. */
static double next_unit(uint64_t *state) {
    int64_t number = (int64_t)(next_random(state) >> 40);
    return (double)(2 * number - (1 << 24) + 1) * 0x1p-24;
}

void fill_random(struct tensor *tensor, uint64_t seed, double middle, double half) {
    uint64_t state = stream_of(tensor->name, seed);
    int64_t count = tensor_count(tensor);
    for (int64_t i = 0; i < count; i++)
        tensor->data[i] = (float)(middle + half * next_unit(&state));
}
