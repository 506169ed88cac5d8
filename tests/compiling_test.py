#!/usr/bin/env python3
"""What compiling takes, as far as it does not depend on the machine's speed: equal layers share their code, and memory stays
within a limit that the system keeps."""

import resource
import sys

import tools

sys.path.insert(0, str(tools.ROOT / "bench"))
from compile import CHAIN

GIGABYTE = 10**9


def functions(path):
    """Names of the functions in an object that are its own: kernels, and what calls them."""
    symbols = tools.run(["nm", "--print-size", path]).stdout.splitlines()
    return sorted(line.split(" ", 3)[3] for line in symbols if len(line.split(" ", 3)) == 4 and line.split(" ", 3)[2] == "t")


def within(size):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        made = f"{folder}/net.o"
        kernels = {}
        for layers in (3, 100):
            source = f"{folder}/chain.cnn"
            with open(source, "w") as file:
                file.write(CHAIN.format(layers=layers))
            done = tools.cnnc(source, "-w", "-c", "--weights", "random:1", "-o", made, "--name=net")
            counter.check(done.returncode == 0, f"{layers} layers compile", done.stderr)
            kernels[layers] = functions(made)
        convolutions = [name for name in kernels[100] if name.startswith(("conv", "winograd"))]
        counter.check(len(convolutions) in (1, 2, 3), "a chain's first, inner and last convolution have a kernel each", kernels[100])
        counter.check(kernels[3] == kernels[100], "100 equal layers have the kernels of 3", kernels)
        source = tools.ROOT / "examples/resnet50.cnn"
        done = tools.cnnc(source, "-w", "-c", "--weights", "random:1", "-o", made, preexec_fn=within(GIGABYTE))
        counter.check(done.returncode == 0, "ResNet-50 compiles within 1 GB of addresses", done.stderr)
        left = [name for name in functions(made) if name.startswith("cnn_")]
        counter.check(left == ["cnn_share"], "of the runtime, nothing is called but what shares work; all else is inlined", left)
    counter.finish()


main()
