/* Scripts that complete cnnc's command line, from the tables of the command line. */
#ifndef CNNC_DRIVER_COMPLETIONS_H
#define CNNC_DRIVER_COMPLETIONS_H

#include <stdio.h>

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };

void print_completions(FILE *stream, enum shell shell);

#endif
