/* LeNet without libc, heap or start-up code: a picture in flash in, the label of its class out.
 * What needs a board is `put` and `stop`; here they are system calls of Linux, so that it runs. */
#include <stddef.h>

#include "lenet.h"

/* In flash: see flash.S. */
extern const unsigned char lenet_weights[LENET_WEIGHTS_BYTES], picture[LENET_IMAGE_FLOATS];

static _Alignas(LENET_ALIGNMENT) char workspace[LENET_WORKSPACE_BYTES];
static float image[LENET_IMAGE_FLOATS], scores[LENET_CLASS_FLOATS];

/* All that an object ever asks for, besides mathematical functions. */
void *memcpy(void *to, const void *from, size_t bytes) {
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}
void *memset(void *to, int value, size_t bytes) {
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

static long system_call(long number, long a, const void *b, size_t c) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}
static void put(const char *text) {
    size_t length = 0;
    while (text[length])
        length++;
    system_call(1, 1, text, length);
}
static _Noreturn void stop(int code) {
    for (;;)
        system_call(60, code, NULL, 0);
}

__attribute__((force_align_arg_pointer)) _Noreturn void start(void) {
    for (int i = 0; i < LENET_IMAGE_FLOATS; i++)
        image[i] = picture[i];
    int result = lenet_run(image, scores, lenet_weights, workspace, sizeof workspace);
    if (result != LENET_OK)
        stop(result);
    int best = 0;
    for (int i = 1; i < LENET_CLASS_FLOATS; i++)
        if (scores[i] > scores[best])
            best = i;
    const struct cnn_info *info = lenet_info();
    put(cnn_info_label(info, &cnn_info_outputs(info)[0], best));
    put("\n");
    stop(0);
}
