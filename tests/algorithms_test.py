#!/usr/bin/env python3
"""Which convolutions are computed by Winograd's algorithm: those where it is much faster, and none whose sums must be
those of the definition."""

import re

import tools

NETWORK = """network choice {{
    input x: {size}x{size}x{channels}
    a = x -> conv(3, {channels}, padding = 1, bias = false{more})
    output y = {behind}
}}
"""

# behind the convolution, more attributes, channels, size, options, and whether it is in tiles
CASES = {
    "large": ("a -> relu", "", 64, 28, [], True),
    "with another operand": ("a + x -> relu", "", 64, 28, [], True),
    "few channels": ("a -> relu", "", 4, 28, [], False),
    "one window": ("a -> relu", "", 64, 1, [], False),
    "stride": ("a -> relu", ", stride = 2", 64, 28, [], False),
    "dilation": ("a -> relu", ", dilation = 2", 64, 28, [], False),
    "groups": ("a -> relu", ", groups = 2", 64, 28, [], False),
    "--exact": ("a -> relu", "", 64, 28, ["--exact"], False),
    "-O0": ("a -> relu", "", 64, 28, ["-O0"], False),
    "rounded": ("round(a * 0.5)", "", 64, 28, [], False),
    "rounded after a sum": ("round(concat(a, x, channels) + 1)", "", 64, 28, [], False),
    "compared": ("less(maxpool(a, 2), 0)", "", 64, 28, [], False),
    "rounded behind another convolution": ("round(a -> conv(1, 8, bias = false))", "", 64, 28, [], True),
    "AVX-512": ("a -> relu", "", 64, 56, ["--cpu=skylake-avx512"], True),
    "SSE": ("a -> relu", "", 64, 56, ["--cpu=x86-64"], True),
}


# The tile: larger ones where they are faster
TILES = {(64, 64, 192): 6, (64, 64, 56): 4, (512, 512, 7): 2}


STACK = """network stack {
    input x: 56x56x64
    a = x -> conv(3, 64, padding = 1, bias = false) -> maxpool(2)
    b = a -> conv(3, 128, padding = 1, bias = false) -> maxpool(4)
    output y = b -> conv(3, 256, padding = 1, bias = false)
}
"""


def in_tiles(source, *options):
    """{layer: its tile} of the convolutions in tiles."""
    done = tools.cnnc(source, "-w", "--dump=plan", "--weights", "random:1", "--cpu=haswell", *options)
    return dict(re.findall(r"^%\d+ (\w+) = conv.* by winograd (\d)x", done.stdout, re.M))


def check_tiles(counter, source):
    for (channels, depth, size), wanted in TILES.items():
        with open(source, "w") as file:
            file.write(f"network one {{\n input x: {size}x{size}x{channels}\n output y = x -> a: conv(3, {depth}, padding = 1)\n}}\n")
        counter.check(in_tiles(source) == {"a": str(wanted)}, f"{size}x{size}x{channels} to {depth}", in_tiles(source))


def check_budget(counter, folder):
    source, made = f"{folder}/stack.cnn", f"{folder}/stack.o"
    with open(source, "w") as file:
        file.write(STACK)

    def weights(budget):
        done = tools.cnnc("-c", source, "-w", "--weights", "random:1", "--cpu=haswell", "-o", made, f"--weights-budget={budget}")
        counter.check(done.returncode == 0, f"--weights-budget={budget}", done.stderr)
        return int(re.search(r"^\w+ (\w+) R stack_weights$", tools.run(["nm", "-S", made]).stdout, re.M).group(1), 16)

    every, plain = in_tiles(source), weights(0)
    most = weights(10**9) - plain
    counter.check(len(every) == 3, "without a budget all of them", every)
    counter.check(in_tiles(source, "--weights-budget=0") == {}, "none")
    counter.check(in_tiles(source, "--weights-budget=1G") == every, "1G")
    # tiles of 2x2 have 16 values for nine
    smallest = 4 * 64 * 64 * (16 - 9)
    counter.check(in_tiles(source, f"--weights-budget={smallest - 1}") == {}, "less than the smallest")
    some = [budget for budget in (most // 8, most // 3, most // 2, 3 * most // 4) if weights(budget) - plain > 0]
    counter.check(len(some) >= 3, "a part of them", some)
    for budget in (smallest, most // 8, most // 3, most // 2, 3 * most // 4, most):
        counter.check(weights(budget) - plain <= budget, f"{budget} bytes")
    done = tools.cnnc("-c", source, "--weights-budget=1T")
    counter.check(done.returncode == 2 and "'1T'" in done.stderr, "no size", done.stderr)
    done = tools.cnnc("-c", source, "--weights-budget=1M", "--tune")
    counter.check(done.returncode == 2 and "--weights-budget goes without" in done.stderr, "with --tune", done.stderr)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        source = f"{folder}/net.cnn"
        for name, (behind, more, channels, size, options, tiles) in CASES.items():
            with open(source, "w") as file:
                file.write(NETWORK.format(behind=behind, more=more, channels=channels, size=size))
            done = tools.cnnc(source, "-w", "--dump=plan", "--weights", "random:1", *options)
            counter.check(done.returncode == 0 and (" by winograd " in done.stdout) == tiles, name, done.stdout + done.stderr)
        check_tiles(counter, source)
        check_budget(counter, folder)
    counter.finish()


main()
