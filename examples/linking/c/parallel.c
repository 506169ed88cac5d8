/* As classify.c, but two threads share the work: those of the runtime's library.
 *
 *   cnnc -c ../../lenet/lenet.cnn
 *   cc parallel.c lenet.o -lcnnc-runtime -lm -o parallel
 *   ./parallel ../boot.pgm */
#include <stdio.h>

#include <cnnc/threads.h>

#include "lenet.h"

enum { THREADS = 2, BYTES = LENET_WORKSPACE_BYTES + (THREADS - 1) * LENET_PART_BYTES };
static _Alignas(LENET_ALIGNMENT) char workspace[BYTES];

static int read_picture(const char *path, float image[LENET_IMAGE_FLOATS]) {
    unsigned char pixels[LENET_IMAGE_FLOATS];
    int width, height, white;
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    int good = fscanf(file, "P5 %d %d %d", &width, &height, &white) == 3 &&
               width == LENET_IMAGE_WIDTH && height == LENET_IMAGE_HEIGHT && white == 255 &&
               getc(file) != EOF && fread(pixels, sizeof pixels, 1, file) == 1;
    fclose(file);
    for (int i = 0; good && i < LENET_IMAGE_FLOATS; i++)
        image[i] = pixels[i];
    return good;
}

int main(int count, char **words) {
    float image[LENET_IMAGE_FLOATS], scores[LENET_CLASS_FLOATS];
    if (count != 2 || !read_picture(words[1], image)) {
        fprintf(stderr, "usage: parallel PICTURE.pgm, of %dx%d pixels\n", LENET_IMAGE_WIDTH,
                LENET_IMAGE_HEIGHT);
        return 2;
    }
    struct cnn_threads *threads = cnn_threads_open(THREADS, 0);
    if (!threads) {
        perror("parallel: threads");
        return 1;
    }
    int result = lenet_run_parallel(image, scores, workspace, sizeof workspace,
                                    cnn_threads_executor(threads));
    cnn_threads_close(threads);
    if (result != LENET_OK) {
        fprintf(stderr, "parallel: the network returned %d\n", result);
        return 1;
    }
    int best = 0;
    for (int i = 1; i < LENET_CLASS_FLOATS; i++)
        if (scores[i] > scores[best])
            best = i;
    const struct cnn_info *info = lenet_info();
    puts(cnn_info_label(info, &cnn_info_outputs(info)[0], best));
    return 0;
}
