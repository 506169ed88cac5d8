/* The processor that code is made for: what LLVM calls it, and the facts that tiles are chosen by.
 */
#ifndef CNNC_CODEGEN_TARGET_H
#define CNNC_CODEGEN_TARGET_H

#include <stdbool.h>
#include <llvm-c/TargetMachine.h>

#include "codegen/machine.h"
#include "lexer/arena.h"

struct target {
    LLVMTargetMachineRef machine;
    const char *triple, *cpu, *features;
    int vector_width;     /* floats in one vector: 4, 8 or 16 */
    int vector_registers; /* that a kernel may keep values in */
    const struct machine *facts;
    bool elf; /* what its object files are */
};

/* `triple` names a system, NULL this one; `cpu` a processor, "native" this one. */
bool target_open(struct target *target, const char *triple, const char *cpu, int optimisation,
                 struct arena *arena, const char **error);
void target_close(struct target *target);

#endif
