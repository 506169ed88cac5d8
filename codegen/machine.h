/* What is known of processors: the facts that predict how long a layer takes. */
#ifndef CNNC_CODEGEN_MACHINE_H
#define CNNC_CODEGEN_MACHINE_H

#include <stdint.h>

struct machine {
    const char *cpu;      /* how LLVM's names of such processors begin */
    double multiply_adds; /* of its widest vectors, a cycle */
    double gigahertz;     /* that a busy core has */
    /* Bytes of the caches next to a core, and of its share of the one that all cores have. */
    int64_t first_cache, second_cache, third_cache;
    double first_rate, second_rate, third_rate, memory_rate; /* bytes a cycle that a core gets */
};

/* The row for a processor, by LLVM's name; one of few assumptions where there is none. */
const struct machine *machine_of(const char *cpu);

#endif
