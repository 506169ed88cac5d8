#!/usr/bin/env python3
"""NAME_run_parallel: the bits of NAME_run by pools of threads and by executors of the caller's, what it returns for mistakes, and
what it takes of the workspace; programs with --threads. compiled.py runs all networks of other tests in parts, too."""

import math
import re
from pathlib import Path

import compiled
import tools

NETWORK = """network net {
    input image: [64, 64, 8]
    a = image -> conv(5, 32) -> relu
    b = a -> conv(3, 64, padding = same) -> maxpool(2)
    c = b -> depthwise(5, padding = same) -> sigmoid
    output wide = b * c
    output scores = wide -> flatten -> dense(100)
}
"""

MAIN = r"""
#include <cnnc/threads.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "net.h"

enum { MOST = 7, BYTES = NET_WORKSPACE_BYTES + (MOST - 1) * NET_PART_BYTES };
static float image[NET_IMAGE_FLOATS], wide[NET_WIDE_FLOATS], scores[NET_SCORES_FLOATS];
static float right_wide[NET_WIDE_FLOATS], right_scores[NET_SCORES_FLOATS];
static int calls, failed;

static void check(int good, const char *what, int parts) {
    failed += !good;
    if (!good)
        printf("FAILED %s, %d parts\n", what, parts);
}

/* Alternately the first part first and the last one. */
static void in_turn(void *context, cnn_task *task, const void *arguments, int64_t parts) {
    calls++;
    check(context == &calls && parts >= 2, "what the executor is told", (int)parts);
    for (int64_t i = 0; i < parts; i++)
        task(arguments, calls % 2 ? i : parts - 1 - i, parts);
}

static int same(void) {
    return memcmp(wide, right_wide, sizeof wide) == 0 && memcmp(scores, right_scores, sizeof scores) == 0;
}

static void is_same(char *workspace, int parts, const struct cnn_executor *executor, const char *what) {
    size_t bytes = NET_WORKSPACE_BYTES + (size_t)(parts - 1) * NET_PART_BYTES;
    memset(wide, 0xFF, sizeof wide);
    memset(scores, 0xFF, sizeof scores);
    check(net_run_parallel(image, wide, scores, workspace, bytes, executor) == NET_OK && same(), what, parts);
    if (parts > 1)
        check(net_run_parallel(image, wide, scores, workspace, bytes - 1, executor) == NET_SHORT_WORKSPACE,
              "a short workspace", parts);
}

static void refused(char *workspace, struct cnn_executor executor) {
    check(net_run_parallel(image, wide, scores, workspace, BYTES, &executor) == NET_BAD_EXECUTOR, "a bad executor",
          (int)executor.parts);
}

int main(void) {
    char *workspace = aligned_alloc(NET_ALIGNMENT, BYTES + sizeof wide);
    for (int i = 0; i < NET_IMAGE_FLOATS; i++)
        image[i] = (float)(i * 7919 % 1000) / 1000;
    if (net_run(image, right_wide, right_scores, workspace, NET_WORKSPACE_BYTES))
        return 1;
    is_same(workspace, 1, NULL, "no executor");
    for (int parts = 1; parts <= MOST; parts++) {
        struct cnn_executor executor = {parts, in_turn, &calls};
        calls = 0;
        is_same(workspace, parts, &executor, "parts in turn");
        check(parts > 1 ? calls > 2 : calls == 0, "how often the executor is asked", parts);
        struct cnn_threads *threads = cnn_threads_open(parts, parts % 2);
        for (int i = 0; threads && i < 30; i++)
            is_same(workspace, parts, cnn_threads_executor(threads), "a pool");
        check(threads != NULL, "a pool begins", parts);
        cnn_threads_close(threads);
    }
    refused(workspace, (struct cnn_executor){0, in_turn, NULL});
    refused(workspace, (struct cnn_executor){-1, in_turn, NULL});
    refused(workspace, (struct cnn_executor){CNN_MAX_PARTS + 1, in_turn, NULL});
    refused(workspace, (struct cnn_executor){2, NULL, NULL});
    /* what the second part works with overlaps no other buffer */
    const struct cnn_executor two = {2, in_turn, &calls};
    size_t bytes = NET_WORKSPACE_BYTES + NET_PART_BYTES;
    float *last = (float *)(workspace + bytes - 4), *behind = (float *)(workspace + bytes);
    check(net_run_parallel(image, last, scores, workspace, bytes, &two) == NET_OVERLAP, "an overlap", 2);
    check(net_run_parallel(image, behind, scores, workspace, bytes, &two) == NET_OK, "no overlap", 2);
    free(workspace);
    return failed != 0;
}
"""


def objects(counter, folder):
    (folder / "net.cnn").write_text(NETWORK)
    (folder / "main.c").write_text(MAIN)
    for cpu in tools.runnable_cpus()[0]:
        done = tools.cnnc("-c", "net.cnn", "--weights", "random:1", "--cpu", cpu, cwd=folder)
        counter.check(done.returncode == 0, f"{cpu}: compiles", done.stderr)
        done = tools.run(["cc", "-Wall", "-Wextra", "-Werror", f"-isystem{tools.BUILD}/include", "main.c", "net.o",
                          tools.BUILD / "runtime" / "libcnnc-runtime.a", "-lm", "-o", "main"], cwd=folder)
        counter.check(done.returncode == 0, f"{cpu}: links", done.stderr)
        done = tools.run([folder / "main"])
        counter.check(done.returncode == 0, f"{cpu}: runs in parts", f"{done.returncode} {done.stdout}")


def check_threads(counter, folder, program, shape, output="scores"):
    """All threads give the file that one gives."""
    image = tools.array("f", [i * 7919 % 1000 / 1000 for i in range(math.prod(shape))])
    tools.write_npy(folder / "image.npy", shape, image)
    written = set()
    for threads in 1, 2, 3, 7:
        done = tools.run([folder / program, "image.npy", "--threads", threads, "-o", f"{output}=scores.npy"], cwd=folder)
        counter.check(done.returncode == 0, f"{program}, {threads} threads", done.stderr)
        written.add((folder / "scores.npy").read_bytes())
    counter.check(len(written) == 1, f"{program}: the same scores")


POINTS = """network points {
    input image: [21, 19, 67]
    output scores = image -> conv(1, 101) -> silu
}
"""


# A layer for each kernel that can be split, of no round sizes.
KERNELS = """network kernels {
    input image: [31, 29, 40]
    a = image -> silu -> conv(1, 24) -> pad(2, mode = reflect) -> pad(1, value = 3) -> lrn(5)
    b = a -> conv(3, 33, padding = same) -> depthwise(3) -> maxpool(3, stride = 2) -> softmax
    c = b -> upsample(2) -> instancenorm -> resize(23x21, mode = bicubic) -> softmax(width)
    d = c -> layernorm -> permute(width, height, channels) -> topk(3, height)
    places = a -> maxpool(2, indices, ceil = true)
    output scores = concat(mean(c, height, width), mean(d, height, width), sum(b, height, width), mean(places, height, width)) -> sigmoid
}
"""


def kernels(counter, folder):
    """Every kernel is shared, and is the same in parts: by a compiler that shares however little there is to do."""
    (folder / "kernels.cnn").write_text(KERNELS)
    words = [compiled.EAGER, "kernels.cnn", "--weights", "random:1"]
    done = tools.run([*words, "--emit=llvm", "-o", "-"], cwd=folder)
    counter.check(done.returncode == 0, "a network of all kernels", done.stderr)
    shared = set(re.findall(r'^define internal void @"(\w+) .*, i64 [^,]*, i64 [^,]*\)', done.stdout, re.M))
    for kernel in re.findall(r"^void cnn_(\w+)_part\(", (tools.ROOT / "runtime/primitives.h").read_text(), re.M):
        counter.check(kernel in shared or kernel == "product", f"{kernel} is shared", sorted(shared))
    for cpu in tools.runnable_cpus()[0]:
        network = compiled.Compiled(folder / "kernels.cnn", folder, cpu, "random:1", eager=True)
        image = [i * 7919 % 1000 / 1000 for i in range(31 * 29 * 40)]
        try:
            network.run([image], network.counts[1:])
            counter.check(True, f"{cpu}: all kernels in parts")
        except compiled.CompileError as error:
            counter.check(False, f"{cpu}: all kernels in parts", error)


def batch(counter, folder):
    """1x1 layers of several images are another kernel, which is shared, too."""
    (folder / "points.cnn").write_text(POINTS)
    words = ["points.cnn", "--weights", "random:1", "--batch", "5"]
    done = tools.cnnc(*words, "--emit=llvm", "-o", "-", cwd=folder)
    counter.check('@"product ' in done.stdout and '@"part of' in done.stdout, "a shared product", done.stderr)
    done = tools.cnnc(*words, "-o", "points", cwd=folder)
    counter.check(done.returncode == 0, "a program of five images", done.stderr)
    check_threads(counter, folder, "points", (5, 21, 19, 67))
    words = [tools.ROOT / "examples/mobilenet_v3_small.cnn", "-D", "size=64", "--weights", "random:1", "--batch", "4"]
    plan = tools.cnnc(*words, "--dump=plan")
    counter.check(" of one pass's images" in plan.stdout, "a network in passes", plan.stderr)
    code = tools.cnnc(*words, "--emit=llvm", "-o", "-")
    counter.check(len(re.findall(r'^define internal void @"passes of \d+"', code.stdout, re.M)) > 0, "shared passes", code.stderr)
    done = tools.cnnc(*words, "-o", "passes", cwd=folder)
    counter.check(done.returncode == 0, "its program", done.stderr)
    check_threads(counter, folder, "passes", (4, 64, 64, 3), "logits")


def programs(counter, folder):
    done = tools.cnnc("net.cnn", "--weights", "random:1", "-o", "net", cwd=folder)
    counter.check(done.returncode == 0, "the program", done.stderr)
    check_threads(counter, folder, "net", (64, 64, 8))


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        objects(counter, Path(folder))
        programs(counter, Path(folder))
        batch(counter, Path(folder))
        kernels(counter, Path(folder))
    counter.finish()


main()
