/* The main of every compiled program: the network is the constant cnn_program of the object that
 * the compiler made. */
#include "runtime/program.h"

extern const struct cnn_program cnn_program;

int main(int count, char **words) {
    return cnn_program_main(&cnn_program, count, words);
}
