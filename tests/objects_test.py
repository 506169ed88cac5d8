#!/usr/bin/env python3
"""Objects and their headers, as C and C++ programs use them.

usage: objects_test.py [PART...]
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time

import tools
from tools import cnnc

NETWORK = """network pair {{
    input left: 6x7x{channels}
    input class: 6x7x{channels}
    output y = left + class -> conv(3, 5, padding = 1) -> relu
    output int = left - class
}}
"""
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-Wshadow"]

# A driver of the run function: moves each buffer, tells what it returned and whether it wrote.
MISUSE = r"""
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "pair.h"

enum { FLOATS = PAIR_LEFT_FLOATS + PAIR_CLASS_FLOATS + PAIR_Y_FLOATS + PAIR_INT_FLOATS,
       BYTES = 4 * FLOATS + PAIR_WORKSPACE_BYTES + 16 * PAIR_ALIGNMENT };
static _Alignas(PAIR_ALIGNMENT) unsigned char memory[BYTES], before[BYTES];

static const size_t sizes[] = {4 * PAIR_LEFT_FLOATS, 4 * PAIR_CLASS_FLOATS, 4 * PAIR_Y_FLOATS,
                               4 * PAIR_INT_FLOATS, PAIR_WORKSPACE_BYTES};

int main(void) {
    unsigned which;
    long where[5], bytes;
    while (scanf("%ld %ld %ld %ld %ld %ld", &where[0], &where[1], &where[2], &where[3], &where[4], &bytes) == 6) {
        void *at[5];
        for (which = 0; which < 5; which++)
            at[which] = where[which] < 0 ? NULL : memory + where[which];
        memset(memory, 0x11, sizeof memory);
        memcpy(before, memory, sizeof memory);
        int result = pair_run((const float *)at[0], (const float *)at[1], (float *)at[2], (float *)at[3],
                              at[4], (size_t)bytes);
        printf("%d %d\n", result, memcmp(before, memory, sizeof memory) != 0);
    }
    printf("%zu %zu %zu %zu %zu\n", sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
    return 0;
}
"""


class Bench:
    """A folder, the counter, and shorthands."""

    def __init__(self, counter, folder):
        self.counter, self.folder = counter, folder

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def compile(self, *words, good=True):
        done = cnnc(*words, cwd=self.folder)
        self.counter.check((done.returncode == 0) == good, f"cnnc {' '.join(words)}", done.stderr)
        return done

    def cc(self, *words, good=True, compiler="cc"):
        done = tools.run([compiler, *words], cwd=self.folder)
        self.counter.check((done.returncode == 0) == good, f"{compiler} {' '.join(words)}", done.stderr)
        return done


def misuse(bench):
    """Every wrong argument has its result, none of them makes the function touch memory, and right ones do."""
    bench.write("pair.cnn", NETWORK.format(channels=3))
    bench.compile("-c", "pair.cnn", "--weights", "random:1")
    bench.write("misuse.c", MISUSE)
    bench.cc("-std=c11", *STRICT, "misuse.c", "pair.o", "-o", "misuse")
    ok, null, misaligned, short, overlap = 0, 1, 2, 3, 4
    left = cls = 4 * 6 * 7 * 3
    y, minus = 4 * 6 * 7 * 5, left
    workspace = int(re.search(r"_WORKSPACE_BYTES = (\d+)", (bench.folder / "pair.h").read_text()).group(1))
    sizes = [left, cls, y, minus, workspace]

    def places(alignment=4):
        """Buffers one behind the other, the workspace first since it has an alignment."""
        at, result = 0, [0] * 5
        for which in (4, 0, 1, 2, 3):
            result[which] = at
            at += -(-sizes[which] // alignment) * alignment
        return result

    cases = [(places(), workspace, ok), (places(alignment=1024), workspace, ok), (places(), workspace + 1, ok),
             (places(), 2 ** 62, ok), (places(), workspace - 1, short), (places(), 0, short)]
    for which in range(5):  # NULL wins over everything else
        wrong = places()
        wrong[which] = -1
        cases += [(wrong, workspace, null), (wrong, 0, null)]
    for which, by in itertools.product(range(5), (1, 2, 3)):
        wrong = places(alignment=1024)
        wrong[which] += by
        cases.append((wrong, workspace, misaligned))
    for by in (4, 8, 16, 32):  # only the workspace asks for more than its type
        wrong = places(alignment=1024)
        wrong[4] += by
        cases.append((wrong, workspace, misaligned))
    for a, b in itertools.combinations(range(5), 2):
        both_read = a < 2 and b < 2
        for one, other in ((a, b), (b, a)):
            wrong = places(alignment=1024)
            wrong[other] = wrong[one]  # the same place
            cases.append((wrong, workspace, ok if both_read else overlap))
            if other == 4:
                continue
            wrong = places(alignment=1024)
            wrong[other] = wrong[one] + sizes[one] - 4  # one float in common
            cases.append((wrong, workspace, ok if both_read else overlap))
    lines = "".join(f"{' '.join(map(str, at))} {size}\n" for at, size, _ in cases)
    done = subprocess.run([bench.folder / "misuse"], input=lines, capture_output=True, text=True, check=True)
    answers = done.stdout.splitlines()
    bench.counter.check(answers[-1].split() == [str(size) for size in sizes], "sizes of the header", answers[-1])
    for (at, size, wanted), answer in zip(cases, answers):
        bench.counter.check(answer == f"{wanted} {int(wanted == ok)}", f"buffers at {at}, workspace of {size}",
                            f"{answer}, not {wanted}")


def headers(bench):
    """Headers are C11 and C++ without a warning, alone and several at once, and name the results."""
    bench.write("pair.cnn", NETWORK.format(channels=3))
    for name in ("pair", "other", "int", "class"):
        bench.compile("-c", "pair.cnn", "--weights", "random:1", "--name", name, "-o", f"{name}.o")
    text = "".join(f'#include "{name}.h"\n' for name in ("pair", "other", "int", "class", "pair"))
    bench.write("all.c", text + "int main(void) { return PAIR_OK + OTHER_OVERLAP - INT_OVERLAP + CLASS_LEFT_CHANNELS - 3; }\n")
    bench.cc("-std=c11", *STRICT, "all.c", "pair.o", "other.o", "int.o", "class.o", "-o", "all")
    bench.counter.check(tools.run([bench.folder / "all"]).returncode == 0, "four networks in one program")
    if shutil.which("c++"):
        shutil.copy(bench.folder / "all.c", bench.folder / "all.cc")
        bench.cc("-std=c++11", *STRICT, "all.cc", "pair.o", "other.o", "int.o", "class.o", "-o", "all",
                 compiler="c++")
    else:
        bench.counter.skip("headers in C++", "no c++ here")


def names(bench):
    """Names that C or its headers have, and networks whose names differ in case, do no harm."""
    ports = ["size_t", "NULL", "I", "errno", "M_PI", "__LINE__", "linux", "int64_t", "workspace_bytes", "volatile", "executor"]
    text = "".join(f"    input {name}: 2x2x1\n" for name in ports)
    for name in ("odd", "Odd", "cnn_info"):
        bench.write(f"{name}.cnn", f"network {name} {{\n{text}    output y = {' + '.join(ports)}\n}}\n")
        bench.compile("-c", f"{name}.cnn")
    bench.write("odd.c", "#include <complex.h>\n#include <errno.h>\n#include <math.h>\n#include <stdio.h>\n"
                '#include "cnn_info.h"\n#include "odd.h"\nint main(void) { return odd_info()->input_count != 11 || '
                "cnn_info_info()->input_count != 11; }\n")
    bench.cc("-std=gnu11", "-Wall", "-Wextra", "-Werror", "odd.c", "odd.o", "cnn_info.o", "-o", "odd")
    bench.counter.check(tools.run([bench.folder / "odd"]).returncode == 0, "odd names")
    bench.write("both.c", '#include "Odd.h"\nint main(void) { return Odd_info()->input_count != 11; }\n')
    bench.cc("-std=c11", *STRICT, "both.c", "Odd.o", "odd.o", "-o", "both")
    bench.counter.check(tools.run([bench.folder / "both"]).returncode == 0, "two networks that differ in case")


def identity(bench):
    """A header of another compilation does not link, one of the same does."""
    main = '#include "pair.h"\nint main(void) { return pair_run(0, 0, 0, 0, 0, 0) - PAIR_NULL_ADDRESS; }\n'
    bench.write("main.c", main)
    bench.write("pair.cnn", NETWORK.format(channels=3))
    base = ["pair.cnn", "--weights", "random:1", "--cpu", "x86-64"]
    bench.compile("-c", *base)
    bench.cc("main.c", "pair.o", "-o", "main")
    bench.counter.check(tools.run([bench.folder / "main"]).returncode == 0, "runs with its own header")
    bench.compile("--emit=header", *base, "-o", "again.h")
    bench.counter.check((bench.folder / "again.h").read_bytes() == (bench.folder / "pair.h").read_bytes(),
                        "--emit=header is the object's header")
    bench.write("other.cnn", NETWORK.format(channels=4))
    others = {"weights": ["pair.cnn", "--weights", "random:2", "--cpu", "x86-64"],
              "processor": ["pair.cnn", "--weights", "random:1", "--cpu", "haswell"],
              "level": [*base, "-O1"], "shapes": ["other.cnn", "--weights", "random:1", "--cpu", "x86-64"]}
    for what, words in others.items():
        bench.compile("--emit=header", *words, "-o", "pair.h")
        done = bench.cc("main.c", "pair.o", "-o", "main", good=False)
        bench.counter.check("undefined reference" in done.stderr, f"a header of other {what} does not link", done.stderr)


def kinds(bench):
    """Every kind of output is what it says, for every system."""
    bench.write("pair.cnn", NETWORK.format(channels=3))
    begins = {"exe": b"\x7fELF", "obj": b"\x7fELF", "shared": b"\x7fELF", "asm": b"\t.", "llvm": b"; ModuleID",
              "bitcode": b"BC\xc0\xde", "header": b"/* Network pair", "graph": b"network pair", "plan": b"network pair"}
    for kind, start in begins.items():
        bench.compile(f"--emit={kind}", "pair.cnn", "--weights", "random:1", "-o", f"pair.{kind}")
        bench.counter.check((bench.folder / f"pair.{kind}").read_bytes().startswith(start), f"--emit={kind}")
        header = bench.folder / f"pair.{kind}.h"
        bench.counter.check(header.exists() == (kind in ("obj", "shared")), f"the header of --emit={kind}")
    for triple, start in (("x86_64-unknown-none-elf", b"\x7fELF"), ("x86_64-pc-windows-gnu", b"\x64\x86"),
                          ("x86_64-apple-macosx", b"\xcf\xfa\xed\xfe")):
        bench.compile("-c", "pair.cnn", "--weights", "random:1", "--target", triple, "-o", "target.o")
        bench.counter.check((bench.folder / "target.o").read_bytes().startswith(start), f"--target {triple}")


# Loads weights from a file beside the object, and runs with them, with others, and with none.
APART = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pair.h"
int main(int count, char **words) {
    static _Alignas(PAIR_ALIGNMENT) char weights[PAIR_WEIGHTS_BYTES + 1], workspace[PAIR_WORKSPACE_BYTES];
    static float left[PAIR_LEFT_FLOATS], other[PAIR_CLASS_FLOATS], y[PAIR_Y_FLOATS], minus[PAIR_INT_FLOATS];
    FILE *file = fopen(words[count - 1], "rb");
    for (int i = 0; i < PAIR_LEFT_FLOATS; i++) { left[i] = (float)(i % 7); other[i] = (float)(i % 5); }
    if (!file || fread(weights, 1, sizeof weights, file) != PAIR_WEIGHTS_BYTES) return 9;
    int result = pair_run(left, other, y, minus, weights, workspace, sizeof workspace);
    fwrite(y, 1, sizeof y, stdout);
    fprintf(stderr, "%d\n", result);
    return 0;
}
"""


def weights_apart(bench):
    """Weights in a file of their own give the same bits as weights in the object; those of another compilation are refused."""
    bench.write("pair.cnn", NETWORK.format(channels=3))
    bench.write("apart.c", APART)
    inside = APART.replace("weights, workspace", "workspace").replace("WEIGHTS_BYTES + 1]", "ALIGNMENT]")
    inside = re.sub(r"    if \(!file.*\n", "    (void)file; (void)weights;\n", inside)
    bench.write("inside.c", inside)
    bench.compile("-c", "pair.cnn", "--weights", "random:1")
    bench.cc("-std=c11", "inside.c", "pair.o", "-o", "inside")
    bench.compile("-c", "pair.cnn", "--weights", "random:1", "--weights-out", "pair.bin")
    bench.cc("-std=c11", *STRICT, "apart.c", "pair.o", "-o", "apart")
    bench.compile("-c", "pair.cnn", "--weights", "random:2", "--weights-out", "other.bin", "-o", "other.o")
    run = lambda *words: subprocess.run([str(w) for w in words], cwd=bench.folder, capture_output=True, check=False)
    mine, theirs, embedded = run("./apart", "pair.bin"), run("./apart", "other.bin"), run("./inside", "x")
    bench.counter.check(mine.stderr == b"0\n" and embedded.stderr == b"0\n" and mine.stdout == embedded.stdout and
                        any(mine.stdout), "the same bits as from inside", mine.stderr)
    bench.counter.check(theirs.stderr == b"5\n" and not any(theirs.stdout), "other weights are refused", theirs.stderr)
    symbols = tools.run(["nm", bench.folder / "pair.o"]).stdout
    bench.counter.check("weights" not in symbols, "no weights in the object", symbols)


# Prints all that a network tells of itself, a line each, with fractions in hexadecimal.
TELLS = r"""
#include <stdio.h>
#include <string.h>
#include "told.h"
static void shape(const int64_t *s) { printf("[%d,%d,%d,%d]", (int)s[0], (int)s[1], (int)s[2], (int)s[3]); }
static void tensor(const struct cnn_info *info, const struct cnn_info_tensor *t, const char *kind) {
    printf("%s %s ", kind, cnn_info_text(info, t->name));
    shape(t->shape);
    printf(" %s %s", t->type == CNN_INFO_BYTE ? "u8" : "f32", t->layout == CNN_INFO_CHW ? "chw" : "hwc");
    if (t->has_range) printf(" %g..%g", t->range[0], t->range[1]);
    for (int i = 0; i < t->label_count; i++) printf(" %s", cnn_info_label(info, t, i));
    printf("\n");
}
int main(void) {
    const struct cnn_info *info = told_info();
    if (memcmp(info->magic, CNN_INFO_MAGIC, 8) || info->workspace_bytes != TOLD_WORKSPACE_BYTES ||
        info->alignment != TOLD_ALIGNMENT || info->weights_bytes != 0 || info->part_bytes != TOLD_PART_BYTES) return 1;
    printf("%s %s\n", cnn_info_text(info, info->network), cnn_info_text(info, info->cpu));
    printf("totals %lld %lld %lld\n", (long long)info->layer_count, (long long)info->parameters, (long long)info->macs);
    for (int i = 0; i < info->input_count; i++) tensor(info, &cnn_info_inputs(info)[i], "input");
    for (int i = 0; i < info->output_count; i++) tensor(info, &cnn_info_outputs(info)[i], "output");
    for (int i = 0; i < info->layer_count; i++) {
        const struct cnn_info_layer *l = &cnn_info_layers(info)[i];
        printf("%s %s ", cnn_info_text(info, l->name), cnn_info_text(info, l->word));
        shape(l->shape);
        printf(" %lld %lld", (long long)l->parameters, (long long)l->macs);
        if (l->input >= 0) printf(" %s", cnn_info_text(info, cnn_info_inputs(info)[l->input].name));
        const double *pairs[] = {l->field, l->stride, l->offset};
        for (int p = 0; p < 3; p++)
            for (int axis = 0; axis < 2; axis++) {
                double figure = pairs[p][axis];
                if (figure == figure) printf(" %.9g", figure); else printf(" ?");
            }
        printf("\n");
    }
    return 0;
}
"""
TOLD = """network told {
    input photo: 24x24x3, range = 0..255
    input mask: 2x12x12x1
    a = photo -> conv(3, 4, stride = 2, padding = 1) -> relu
    output y = a * mask -> "odd name": dilated: conv(3, 4, dilation = 2) -> avgpool(global)
    labels "told.txt"
    output constant = mask -> upsample(3)
}
"""


def info(bench):
    """NAME_info() says what --report=json says, and needs no relocation."""
    bench.write("told.cnn", TOLD.replace('"odd name": dilated:', '"odd.name":'))
    bench.write("tells.c", TELLS)
    (bench.folder / "told.txt").write_bytes(b'\xef\xbb\xbfa "b"\r\nb\t2\nc\nd\x01\n')  # what an editor made of it
    bench.compile("-c", "told.cnn", "--weights", "random:1", "--cpu", "haswell", "-w")
    bench.cc("-std=c11", *STRICT, "tells.c", "told.o", "-o", "tells")
    told = tools.run([bench.folder / "tells"])
    report = json.loads(bench.compile("--report=json", "told.cnn", "-w").stdout)
    totals = report["totals"]
    lines = ["told haswell", f"totals {totals['layers']} {totals['params']} {totals['macs']}"]
    text = lambda numbers: str(numbers).replace(" ", "")
    labels = {"y": ' a "b" b\t2 c d\x01'}
    for port in report["inputs"]:
        span = " {}..{}".format(*port["range"]) if port["range"] else ""
        lines.append(f"input {port['name']} {text(port['shape'])} f32 {port['layout']}{span}")
    for port in report["outputs"]:
        lines.append(f"output {port['name']} {text(port['shape'])} f32 hwc{labels.get(port['name'], '')}")
    for layer in report["layers"]:
        field = layer["receptive_field"]
        figures = [figure for key in ("size", "stride", "offset") for figure in field[key]]
        figures = " ".join("?" if f is None else f"{f:.9g}" for f in figures)
        lines.append(f"{layer['name']} {layer['layer']} {text(layer['output'])} {layer['params']} {layer['macs']} "
                     f"{field['input']} {figures}")
    wanted = "\n".join(lines) + "\n"
    bench.counter.check(told.returncode == 0 and told.stdout == wanted, "what the network tells",
                        f"{told.stdout}\nwanted\n{wanted}")
    relocated = re.findall(r"Relocation section '(.*?)'", tools.run(["readelf", "-r", bench.folder / "told.o"]).stdout)
    bench.counter.check(all(name.startswith(".rela.text") for name in relocated), "constant data is not relocated",
                        str(relocated))
    bench.write("small.c", "int main(void) { return 0; }\n")
    bench.cc("-Wl,--gc-sections", "small.c", "told.o", "-o", "small")
    bench.counter.check("told" not in tools.run(["nm", bench.folder / "small"]).stdout, "what is not used is left out")


def memory(bench):
    """VGG-16, 138 million parameters: at most four times its weights in memory."""
    words = [tools.CNNC, "-c", tools.ROOT / "examples" / "vgg16.cnn", "--weights", "random:1", "-o", bench.folder / "vgg.o"]
    words = [str(word) for word in words]
    start = time.monotonic()
    child = os.posix_spawn(words[0], words, os.environ)
    _, status, usage = os.wait4(child, 0)
    seconds, weights, peak = time.monotonic() - start, 4 * 138_357_544, usage.ru_maxrss * 1024
    bench.counter.check(status == 0 and peak <= 4 * weights, "memory for VGG-16",
                        f"status {status}, {peak} bytes, {peak / weights:.2f} times its weights")
    if len(sys.argv) > 1:
        print(f"VGG-16: {peak / weights:.2f} times its weights, {seconds:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of a processor")


def main():
    counter = tools.Counter()
    for part in (misuse, headers, names, identity, kinds, weights_apart, info, memory):
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            with tools.temporary_folder() as folder:
                part(Bench(counter, tools.Path(folder)))
    counter.finish()


main()
