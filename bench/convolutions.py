#!/usr/bin/env python3
"""How near the multiply-add peak compiled convolutions run, and dense layers the rate at which memory is read.

usage: bench/convolutions.py [--build DIR] [--cpu NAME]... [--batch N] [LAYER...]

Compiles single layers with cnnc for this processor, and for --cpu=haswell if it has AVX-512, or for those that are named; with --exact and,
where another algorithm is chosen, without; links them into one program with bench/convolutions.c, and runs it: layers, peak and
reading are timed in turn, in one process."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# name, output height, width, input channels, output channels, kernel, padding. Within a network the layer
# before writes its result into the middle of a tensor that has the border: there a 3x3 layer is what the
# rows without padding show. With padding the input is the caller's buffer and is copied first.
LAYERS = [
    ("56x56x64_3x3", 56, 56, 64, 64, 3, 0),
    ("56x56x64_3x3_padded", 56, 56, 64, 64, 3, 1),
    ("28x28x128_3x3", 28, 28, 128, 128, 3, 0),
    ("28x28x128_3x3_padded", 28, 28, 128, 128, 3, 1),
    ("112x112x128_3x3", 112, 112, 128, 128, 3, 0),
    ("14x14x256_3x3", 14, 14, 256, 256, 3, 0),
    ("7x7x512_3x3", 7, 7, 512, 512, 3, 0),
    ("56x56x64_1x1", 56, 56, 64, 64, 1, 0),
    ("56x56x64_1x1_to_256", 56, 56, 64, 256, 1, 0),
    ("28x28x128_1x1", 28, 28, 128, 128, 1, 0),
    ("28x28x128_1x1_to_512", 28, 28, 128, 512, 1, 0),
    ("14x14x1024_1x1_to_256", 14, 14, 1024, 256, 1, 0),
    ("7x7x512_1x1_to_2048", 7, 7, 512, 2048, 1, 0),
    ("7x7x2048_1x1_to_512", 7, 7, 2048, 512, 1, 0),
    ("25088_to_4096", 1, 1, 25088, 4096, 1, 0),
    ("4096_to_4096", 1, 1, 4096, 4096, 1, 0),
    ("2048_to_1000", 1, 1, 2048, 1000, 1, 0),
]

NETWORK = """network {name} {{
    input x: {h}x{w}x{c}
    output y = x -> conv({kernel}, {k}, padding = {pad}) -> relu
}}
"""

LARGE_VECTORS = "avx512f"


# Processors by their vectors, in floats, and what `cc -march` calls one of the kind.
KINDS = {4: "x86-64", 8: "haswell", 16: "skylake-avx512"}
WIDTHS = {"x86-64": 4, "x86-64-v2": 4, "haswell": 8, "x86-64-v3": 8, "skylake-avx512": 16, "x86-64-v4": 16}


def width_of(cpu):
    """Floats in a vector; "native" is this processor."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split()
    own = 16 if LARGE_VECTORS in flags else 8 if "avx2" in flags and "fma" in flags else 4
    return own if cpu == "native" else WIDTHS[cpu]


def way_of(cnnc, source, cpu, options):
    """The algorithm that is chosen for the only convolution."""
    plan = subprocess.run([cnnc, source, "--dump=plan", "--cpu", cpu, *options, "--weights", "random:1"], check=True,
                          capture_output=True, text=True).stdout
    found = re.search(r" by (winograd \w+)", plan)
    return found.group(1) if found else "defined"


def compile_layers(cnnc, folder, given):
    """Writes networks.h; the object files of all layers."""
    includes, rows, objects = [], [], []
    batch = ["--batch", str(given.batch)]

    def add(layer, cpu, way, options):
        name, h, w, c, k, kernel, _ = layer
        symbol = f"conv_{name}_{cpu.replace('-', '_')}{'_exact' if options else ''}"
        target = folder / f"{symbol}.o"
        subprocess.run([cnnc, folder / f"{name}.cnn", "-c", "-o", target, "--cpu", cpu, "--name", symbol,
                        "--weights", "random:1", *batch, *options], check=True)
        weights = c * k * kernel * kernel
        prefix = symbol.upper()
        includes.append(f'#include "{symbol}.h"\n')
        rows.append(f'{{"{name}", "{cpu}", "{way}", {width_of(cpu)}, {2 * given.batch * h * w * weights}.0, {4 * weights}, '
                    f"{0 if options else 1}, {prefix}_X_FLOATS, {prefix}_Y_FLOATS, {prefix}_WORKSPACE_BYTES, {symbol}_run}},\n")
        objects.append(target)

    for cpu in given.cpu:
        for layer in given.layers:
            name, h, w, c, k, kernel, pad = layer
            source, border = folder / f"{name}.cnn", kernel - 1 - 2 * pad
            source.write_text(NETWORK.format(name="layer", h=h + border, w=w + border, c=c, k=k, kernel=kernel, pad=pad))
            add(layer, cpu, "defined", ["--exact"])
            way = way_of(cnnc, source, cpu, batch)
            if way != "defined":
                add(layer, cpu, way, [])
    (folder / "networks.h").write_text(
        "".join(includes) + "static const struct layer layers[] = {\n" + "".join(rows) + "};\n")
    return objects


def parse():
    parser = argparse.ArgumentParser(description="Single layers beside the multiply-add peak and the rate of reading.")
    parser.add_argument("layers", nargs="*", metavar="LAYER", help=", ".join(layer[0] for layer in LAYERS))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--cpu", action="append", choices=["native", *WIDTHS], help="the processor to compile for; several may be named")
    parser.add_argument("--batch", type=int, default=1, help="images at once")
    given = parser.parse_args()
    unknown = set(given.layers) - {layer[0] for layer in LAYERS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    given.layers = [layer for layer in LAYERS if not given.layers or layer[0] in given.layers]
    given.cpu = given.cpu or ["native"] + ["haswell"] * (width_of("native") == 16)
    return given


def main():
    given = parse()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        objects = compile_layers(given.build.resolve() / "cnnc", folder, given)
        compiler = ["cc", "-O3", "-std=gnu17", "-I", ROOT, "-I", folder]
        for width, machine in KINDS.items():
            subprocess.run(compiler + [f"-DWIDTH={width}", f"-march={machine}", "-mprefer-vector-width=512", "-c",
                                       ROOT / "bench/peak.c", "-o", folder / f"peak_{width}.o"], check=True)
        program = folder / "convolutions"
        subprocess.run(compiler + [f"-march={KINDS[width_of('native')]}", ROOT / "bench/convolutions.c", ROOT / "bench/bandwidth.c",
                                   *(folder / f"peak_{width}.o" for width in KINDS), *objects, "-lm", "-o", program], check=True)
        subprocess.run([program], check=True)


if __name__ == "__main__":
    main()
