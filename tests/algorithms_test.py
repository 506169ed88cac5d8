#!/usr/bin/env python3
"""Which convolutions are computed by Winograd's algorithm: those where it is much faster, and none whose sums must be
those of the definition."""

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


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        source = f"{folder}/net.cnn"
        for name, (behind, more, channels, size, options, tiles) in CASES.items():
            with open(source, "w") as file:
                file.write(NETWORK.format(behind=behind, more=more, channels=channels, size=size))
            done = tools.cnnc(source, "-w", "--dump=plan", "--weights", "random:1", *options)
            counter.check(done.returncode == 0 and (" by winograd " in done.stdout) == tiles, name, done.stdout + done.stderr)
    counter.finish()


main()
