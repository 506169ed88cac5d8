#!/usr/bin/env python3
"""How near the FMA peak compiled convolutions run: python3 bench/convolutions.py BUILD_DIR

Compiles single layers with cnnc for this processor, and for --cpu=haswell if it has AVX-512, with --exact and, where another algorithm is
chosen, without; links them into one program with bench/convolutions.c, and runs it: layers and peak are timed in turn, in
one process."""

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
]

NETWORK = """network {name} {{
    input x: {h}x{w}x{c}
    output y = x -> conv({kernel}, {k}, padding = {pad}) -> relu
}}
"""

LARGE_VECTORS = "avx512f"


def processors():
    """(processor, vector width) pairs: this one, and with smaller vectors where it has large ones."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split()
    if LARGE_VECTORS in flags:
        return [("native", 16), ("haswell", 8)]
    return [("native", 8)] if "avx2" in flags and "fma" in flags else []


def way_of(cnnc, source, cpu):
    """The algorithm that is chosen for the only convolution."""
    plan = subprocess.run([cnnc, source, "--dump=plan", "--cpu", cpu, "--weights", "random:1"], check=True,
                          capture_output=True, text=True).stdout
    found = re.search(r" by (winograd \w+)", plan)
    return found.group(1) if found else "defined"


def compile_layers(cnnc, folder):
    includes, rows, objects = [], [], []

    def add(layer, cpu, width, way, options):
        name, h, w, c, k, kernel, pad = layer
        symbol = f"conv_{name}_{cpu}{'_exact' if options else ''}"
        target = folder / f"{symbol}.o"
        subprocess.run([cnnc, folder / f"{name}.cnn", "-c", "-o", target, "--cpu", cpu, "--name", symbol,
                        "--weights", "random:1", *options], check=True)
        flops = 2 * h * w * c * k * kernel * kernel
        prefix = symbol.upper()
        includes.append(f'#include "{symbol}.h"\n')
        rows.append(f'{{"{name}", "{cpu}", "{way}", {width}, {flops}.0, {0 if options else 1}, {prefix}_X_FLOATS, '
                    f"{prefix}_Y_FLOATS, {prefix}_WORKSPACE_BYTES, {symbol}_run}},\n")
        objects.append(target)

    for cpu, width in processors():
        for layer in LAYERS:
            name, h, w, c, k, kernel, pad = layer
            source, border = folder / f"{name}.cnn", kernel - 1 - 2 * pad
            source.write_text(NETWORK.format(name="layer", h=h + border, w=w + border, c=c, k=k, kernel=kernel, pad=pad))
            add(layer, cpu, width, "defined", ["--exact"])
            way = way_of(cnnc, source, cpu)
            if way != "defined":
                add(layer, cpu, width, way, [])
    (folder / "networks.h").write_text(
        "".join(includes) + "static const struct layer layers[] = {\n" + "".join(rows) + "};\n")
    return objects


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        objects = compile_layers(build / "cnnc", folder)
        compiler = ["cc", "-O3", "-std=gnu17", "-I", ROOT, "-I", folder]
        for width, machine in ((8, "haswell"), (16, "skylake-avx512")):
            subprocess.run(compiler + [f"-DWIDTH={width}", f"-march={machine}",
                                       "-mprefer-vector-width=512", "-c", ROOT / "bench/peak.c",
                                       "-o", folder / f"peak_{width}.o"], check=True)
        program = folder / "convolutions"
        subprocess.run(compiler + [ROOT / "bench/convolutions.c", folder / "peak_8.o",
                                   folder / "peak_16.o", *objects, "-lm", "-o", program],
                       check=True)
        subprocess.run([program], check=True)


if __name__ == "__main__":
    main()
