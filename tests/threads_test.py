#!/usr/bin/env python3
"""Two networks in one program, called from eight threads at once, each with its own workspace: every result has the
bits of a call alone. The emitted code itself runs under ThreadSanitizer: cnnc's LLVM text, its functions marked for
it, compiled by clang."""

import re
from pathlib import Path

import tools

NETWORKS = {
    "small": """network small {
    input x: 9x10x5
    input mask: 9x10
    a = x -> conv(3, 8, padding = 1) -> relu
    b = a -> depthwise(3, stride = 2, padding = 1) -> sigmoid
    output y = concat(b, b * 2) -> conv(1, 7) -> softmax
    output z = a * mask
}
""",
    "large": """network large {
    input x: 9x10x5, type = u8, range = 0..255
    input mask: 9x10, layout = chw
    a = x -> conv(5, 24, padding = 2) -> batchnorm -> relu -> maxpool(2)
    output y = a -> deconv(2, 6, stride = 2) -> pad(1, mode = reflect) -> upsample(2), layout = chw
    output z = a -> flatten -> dense(33) -> gelu
}
""",
}
PROGRAM = r"""
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "large.h"
#include "small.h"
enum { THREADS = 8, ROUNDS = 20, INPUTS = 3 };
static float x[INPUTS][SMALL_X_FLOATS], mask[INPUTS][SMALL_MASK_FLOATS];
static uint8_t bytes[INPUTS][LARGE_X_BYTES];
struct result {
    float small_y[SMALL_Y_FLOATS], small_z[SMALL_Z_FLOATS], large_y[LARGE_Y_FLOATS], large_z[LARGE_Z_FLOATS];
};
static struct result alone[INPUTS];
static struct job {
    struct result result;
    _Alignas(SMALL_ALIGNMENT) char small_workspace[SMALL_WORKSPACE_BYTES];
    _Alignas(LARGE_ALIGNMENT) char large_workspace[LARGE_WORKSPACE_BYTES];
    int number, wrong;
} jobs[THREADS];
static int compute(struct job *job, int i) {
    struct result *r = &job->result;
#ifdef SHARED /* a mistake, which the checks must find */
    return small_run(x[i], mask[i], r->small_y, r->small_z, jobs[0].small_workspace, sizeof job->small_workspace);
#endif
    return small_run(x[i], mask[i], r->small_y, r->small_z, job->small_workspace, sizeof job->small_workspace) +
           large_run(bytes[i], mask[i], r->large_y, r->large_z, job->large_workspace, sizeof job->large_workspace);
}
static void *work(void *argument) {
    struct job *job = argument;
    for (int round = 0; round < ROUNDS; round++) {
        int i = (job->number + round) % INPUTS;
        job->wrong += compute(job, i) != 0 || memcmp(&job->result, &alone[i], sizeof alone[i]) != 0;
    }
    return NULL;
}
int main(void) {
    pthread_t threads[THREADS];
    int wrong = 0, different;
    for (int i = 0; i < INPUTS; i++) {
        for (int k = 0; k < SMALL_X_FLOATS; k++) { x[i][k] = (float)((k * 37 + i) % 19) / 7 - 1; bytes[i][k] = (uint8_t)(k * 31 + i); }
        for (int k = 0; k < SMALL_MASK_FLOATS; k++) mask[i][k] = (float)(k % (i + 2));
        if (compute(&jobs[0], i)) return 2;
        alone[i] = jobs[0].result;
    }
    different = memcmp(&alone[0], &alone[1], sizeof alone[0]) != 0;
    for (int t = 0; t < THREADS; t++) { jobs[t].number = t; pthread_create(&threads[t], NULL, work, &jobs[t]); }
    for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); wrong += jobs[t].wrong; }
    printf("%d wrong, inputs %s\n", wrong, different ? "differ" : "are equal");
    return 0;
}
"""


def clang():
    """The clang of the build, which reads the text of its LLVM."""
    cache = (tools.BUILD / "CMakeCache.txt").read_text()
    return re.search(r"CNNC_CLANG:\w+=(.*)", cache).group(1)


def instrumented(folder, name):
    """An object of the network whose functions all carry ThreadSanitizer's checks."""
    text = (folder / f"{name}.ll").read_text()
    text, marked = re.subn(r"^attributes #\d+ = \{", lambda m: m.group(0) + " sanitize_thread", text, flags=re.M)
    # functions without a group of attributes get one
    text = re.sub(r"^(define [^#\n]*\)[^#\n]*) \{$", r"\1 sanitize_thread {", text, flags=re.M)
    (folder / f"{name}.ll").write_text(text)
    return marked, tools.run([clang(), "-O1", "-fsanitize=thread", "-Wno-override-module", "-c", folder / f"{name}.ll",
                              "-o", folder / f"{name}.tsan.o"])


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        folder = Path(folder)
        (folder / "main.c").write_text(PROGRAM)
        for name, text in NETWORKS.items():
            (folder / f"{name}.cnn").write_text(text)
            for kind in ("-c", "--emit=llvm"):
                done = tools.cnnc(f"{name}.cnn", kind, "--weights", "random:3", "--cpu", "x86-64", cwd=folder)
                counter.check(done.returncode == 0, f"{name} {kind}", done.stderr)
            marked, done = instrumented(folder, name)
            counter.check(marked and done.returncode == 0, f"{name} with checks", done.stderr)
            symbols = tools.run(["nm", "-u", folder / f"{name}.tsan.o"]).stdout
            counter.check(re.search("tsan.*read", symbols) and re.search("tsan.*write", symbols), f"{name} is checked", symbols)
        for label, suffix, options in (("plainly", "o", []), ("under ThreadSanitizer", "tsan.o", ["-fsanitize=thread"])):
            done = tools.run([clang(), "-O1", *options, "main.c", f"large.{suffix}", f"small.{suffix}", "-lm", "-lpthread",
                              "-o", "main"], cwd=folder)
            if not counter.check(done.returncode == 0, f"links {label}", done.stderr):
                continue
            done = tools.run(["./main"], cwd=folder)
            counter.check(done.returncode == 0 and done.stdout == "0 wrong, inputs differ\n" and not done.stderr,
                          f"eight threads {label}", f"exit code {done.returncode}\n{done.stdout}{done.stderr[:3000]}")
        tools.run([clang(), "-O1", "-fsanitize=thread", "-DSHARED", "main.c", "large.tsan.o", "small.tsan.o", "-lm",
                   "-o", "shared"], cwd=folder)
        done = tools.run(["./shared"], cwd=folder)
        counter.check("data race" in done.stderr, "a shared workspace is found", done.stderr[:3000])
    counter.finish()


main()
