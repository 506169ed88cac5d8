#!/usr/bin/env python3
"""Workspaces beside the fewest floats that a network's order needs, which are added up by hand: tensors are made and read
by 1x1 convolutions, so that nothing has a border."""

import re

import tools

# what stands between input x, 8x8x4, and output y: floats in 64 pixels of so many channels
CASES = {
    "input and output of a layer": ("output y = x -> conv(1, 16) -> conv(1, 8) -> conv(1, 4)", 16 + 8),
    "one that is read again later": ("a = x -> conv(1, 12)\nb = a -> conv(1, 8) -> conv(1, 16)\noutput y = concat(a, b) -> conv(1, 4)", 12 + 8 + 16),
    "a sum in place of its operand": ("a = x -> conv(1, 16)\nb = a -> conv(1, 4)\nc = b -> conv(1, 16)\noutput y = a + c -> conv(1, 4)", 16 + 4),
    "no sum in place of what its convolution reads": ("a = x -> conv(1, 16)\nb = a -> conv(1, 16)\noutput y = a + b -> conv(1, 4)", 16 + 16),
    "a part for which the whole need not stay": (
        "a = x -> conv(1, 16)\nb = a -> slice(channels, 0..1)\nc = x -> conv(1, 8)\nd = c -> conv(1, 10)\n"
        "output y = concat(b, d) -> conv(1, 4)", 2 + 8 + 10),
    "nothing but caller's memory": ("output y = x -> conv(1, 4)", 0),
}
SUITE = {"resnet8": 1.1, "resnet18": 1.1, "mobilenet_v2": 1.1, "squeezenet": 1.1, "lenet/lenet": 1.1, "densenet121": 1.1}


def planned(source, *options):
    done = tools.cnnc(source, "-w", "--dump=plan", "--weights", "random:1", "--cpu=haswell", *options)
    found = re.search(r"^workspace (\d+) floats, at least (\d+)$", done.stdout, re.M)
    return map(int, found.groups()) if found else (-1, done.stderr)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        source = f"{folder}/net.cnn"
        for name, (body, channels) in CASES.items():
            with open(source, "w") as file:
                file.write(f"network net {{\ninput x: 8x8x4\n{body}\n}}\n")
            floats, least = planned(source)
            counter.check(least == 64 * channels, name, f"at least {least}, by hand {64 * channels}")
            counter.check(floats >= 64 * channels, f"{name}: room for that", floats)
    for name, most in SUITE.items():
        floats, least = planned(tools.ROOT / "examples" / f"{name}.cnn")
        counter.check(floats <= most * least, f"{name}: at most {most} of the least", f"{floats} of {least}")
    counter.finish()


main()
