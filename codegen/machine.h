/* What is known of processors: the facts that predict how long a layer takes. */
#ifndef CNNC_CODEGEN_MACHINE_H
#define CNNC_CODEGEN_MACHINE_H

#include <stdint.h>

struct machine {
    const char *cpu;      /* how LLVM's names of such processors begin */
    double multiply_adds; /* of its widest vectors, a cycle */
    /* Bytes of the caches next to a core, and of its share of the one that all cores have. */
    int64_t second_cache, third_cache;
    double third_rate, memory_rate; /* bytes a cycle that one core gets from there */
};

/* The row for a processor, by LLVM's name; one of few assumptions where there is none. */
const struct machine *machine_of(const char *cpu);

#endif
