/* The same with weights beside the object: a file that is mapped, and shared by all processes.
 *
 *   cnnc -c ../../lenet/lenet.cnn --weights-out lenet.bin
 *   cc mapped.c lenet.o -lm -o mapped
 *   ./mapped lenet.bin ../boot.pgm */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lenet.h"

static _Alignas(LENET_ALIGNMENT) char workspace[LENET_WORKSPACE_BYTES];

/* The file's bytes, or NULL. Pages are aligned to more than LENET_ALIGNMENT. */
static const void *map_weights(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0)
        return NULL;
    void *weights = MAP_FAILED;
    if (fstat(file, &status) == 0 && status.st_size == LENET_WEIGHTS_BYTES)
        weights = mmap(NULL, LENET_WEIGHTS_BYTES, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    return weights == MAP_FAILED ? NULL : weights;
}

/* The last pixels of a PGM file. */
static int read_picture(const char *path, float image[LENET_IMAGE_FLOATS]) {
    unsigned char pixels[LENET_IMAGE_FLOATS];
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    int good = fseek(file, -(long)sizeof pixels, SEEK_END) == 0 &&
               fread(pixels, sizeof pixels, 1, file) == 1;
    fclose(file);
    for (int i = 0; good && i < LENET_IMAGE_FLOATS; i++)
        image[i] = pixels[i];
    return good;
}

int main(int count, char **words) {
    float image[LENET_IMAGE_FLOATS], scores[LENET_CLASS_FLOATS];
    const void *weights = count == 3 ? map_weights(words[1]) : NULL;
    if (!weights || !read_picture(words[2], image)) {
        fprintf(stderr, "usage: mapped WEIGHTS PICTURE.pgm\n");
        return 2;
    }
    if (lenet_run(image, scores, weights, workspace, sizeof workspace) == LENET_WRONG_WEIGHTS) {
        fprintf(stderr, "mapped: '%s' is not of this compilation\n", words[1]);
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
