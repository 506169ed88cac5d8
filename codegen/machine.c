/* The one table about processors that LLVM does not give: round figures, since only what they say
 * about the better of two algorithms matters. Rates are what one core of several busy ones gets. */
#include "codegen/machine.h"

#include <string.h>

enum { KIB = 1 << 10, MIB = 1 << 20 };

/* Names that begin alike: the longer one first. */
static const struct machine machines[] = {
    {"znver1", 1, 2.8, 32 * KIB, 512 * KIB, 2 * MIB, 32, 16, 10, 5},
    {"znver4", 1, 3.5, 32 * KIB, 1 * MIB, 4 * MIB, 64, 32, 15, 6},
    {"znver5", 2, 3.8, 48 * KIB, 1 * MIB, 4 * MIB, 128, 32, 15, 6},
    {"znver", 2, 3.0, 32 * KIB, 512 * KIB, 4 * MIB, 64, 32, 15, 6},
    {"skylake-avx512", 2, 2.6, 32 * KIB, 1 * MIB, 1408 * KIB, 128, 32, 8, 5},
    {"cascadelake", 2, 2.8, 32 * KIB, 1 * MIB, 1408 * KIB, 128, 32, 8, 5},
    {"cooperlake", 2, 2.8, 32 * KIB, 1 * MIB, 1408 * KIB, 128, 32, 8, 5},
    {"icelake-server", 2, 2.9, 48 * KIB, 1280 * KIB, 1536 * KIB, 128, 32, 8, 5},
    {"sapphirerapids", 2, 2.9, 48 * KIB, 2 * MIB, 1920 * KIB, 128, 32, 8, 5},
    {"emeraldrapids", 2, 2.9, 48 * KIB, 2 * MIB, 4 * MIB, 128, 32, 8, 5},
    {"graniterapids", 2, 3.0, 48 * KIB, 2 * MIB, 4 * MIB, 128, 32, 8, 5},
    {"icelake", 1, 3.2, 48 * KIB, 512 * KIB, 2 * MIB, 128, 32, 10, 6},
    {"tigerlake", 1, 3.8, 48 * KIB, 1280 * KIB, 3 * MIB, 128, 32, 10, 6},
    {"rocketlake", 1, 4.2, 48 * KIB, 512 * KIB, 2 * MIB, 128, 32, 10, 6},
    {"alderlake", 2, 4.5, 48 * KIB, 1280 * KIB, 3 * MIB, 64, 32, 10, 6},
    {"raptorlake", 2, 4.8, 48 * KIB, 2 * MIB, 3 * MIB, 64, 32, 10, 6},
    {"arrowlake", 2, 4.8, 48 * KIB, 3 * MIB, 3 * MIB, 64, 32, 10, 6},
    {"haswell", 2, 3.0, 32 * KIB, 256 * KIB, 2 * MIB, 64, 32, 10, 5},
    {"broadwell", 2, 3.0, 32 * KIB, 256 * KIB, 2 * MIB, 64, 32, 10, 5},
    {"skylake", 2, 3.5, 32 * KIB, 256 * KIB, 2 * MIB, 64, 32, 10, 5},
    {"", 1, 3.0, 32 * KIB, 256 * KIB, 2 * MIB, 32, 16, 10, 5},
};

const struct machine *machine_of(const char *cpu) {
    const struct machine *m = machines;
    while (strncmp(cpu, m->cpu, strlen(m->cpu)) != 0)
        m++;
    return m;
}
