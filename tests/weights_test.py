#!/usr/bin/env python3
"""Weights of every type and format: what a network gets from them, bit by bit, and what it does not take."""

import math
import struct
import sys
from pathlib import Path

import tools
from weight_files import brain_bits, loaded, packed, safetensors

ONE_TENSOR = "network n {{\n    input x: 1x1x1\n    output y = x -> c: conv(1, {count}, bias = false)\n}}\n"


def bits(values):
    return list(struct.unpack(f"<{len(values)}I", values.tobytes()))


def single(value):
    """The bits of a Python number as float32."""
    return struct.unpack("<I", struct.pack("<f", value))[0]


class Folder:
    """A folder with files of the test."""

    def __init__(self, counter, path):
        self.counter, self.path = counter, path

    def write(self, name, content):
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def one_tensor(self, kind, data, count):
        """The bits of the floats that a tensor of this type becomes."""
        network = self.write("net.cnn", ONE_TENSOR.format(count=count))
        weights = self.write("net.safetensors", safetensors({"c.weight": (kind, [count, 1, 1, 1], data)}))
        values, printed = loaded(network, weights)
        if self.counter.check(values and not printed, f"{kind} is read", printed):
            return bits(values)
        return [None] * count


def halves(counter, folder):
    """All 65,536 halves: finite and infinite ones as Python reads them, NaN with sign and payload in their place."""
    numbers = range(1 << 16)
    found = folder.one_tensor("F16", packed("H", numbers), 1 << 16)
    wrong = []
    for half, got in zip(numbers, found):
        value = struct.unpack("<e", struct.pack("<H", half))[0]
        nan = (half >> 15) << 31 | 0xff << 23 | (half & 0x3ff) << 13
        if got != (nan if math.isnan(value) else single(value)):
            wrong.append(f"{half:#06x}: {got:#010x}, Python reads {value}")
    counter.check(not wrong, "F16: every half", "\n".join(wrong[:5]))


def brain_floats(counter, folder):
    """All 65,536 of them are floats of which the lower half is zero."""
    found = folder.one_tensor("BF16", packed("H", range(1 << 16)), 1 << 16)
    counter.check(found == [upper << 16 for upper in range(1 << 16)], "BF16: every brain float")
    counter.check(brain_bits(-2.5) << 16 == single(-2.5), "the test's own brain floats")


def doubles(counter, folder):
    """Rounded to the nearest float, ties to even, as Python packs them."""
    values = [0.0, -0.0, 1.0, 1 / 3, -1e-3, 1 + 2.0 ** -24, 1 + 3 * 2.0 ** -24, 1 + 2.0 ** -24 + 2.0 ** -50,
              2.0 ** -149, 2.0 ** -150, 3 * 2.0 ** -150, 2.0 ** -1074, 2.0 ** -126 - 2.0 ** -150, math.inf, -math.inf,
              3.4028234663852886e38, -3.4028235677973360e38]
    found = folder.one_tensor("F64", packed("d", values), len(values))
    counter.check(found == [single(v) for v in values], "F64: rounded to nearest", f"{found}")
    got = folder.one_tensor("F64", packed("d", [math.nan]), 1)
    counter.check(math.isnan(struct.unpack("<f", struct.pack("<I", got[0]))[0]), "F64: NaN")
    network = folder.write("net.cnn", ONE_TENSOR.format(count=2))
    for large in (3.4028235677973366e38, -1e300):  # half a step above the largest float rounds up
        weights = folder.write("net.safetensors",
                               safetensors({"c.weight": ("F64", [2, 1, 1, 1], packed("d", [1, large]))}))
        found, printed = loaded(network, weights)
        counter.check(found is None and "more than a 32-bit float can" in printed, f"F64: {large}", printed)


def main():
    counter = tools.Counter()
    parts = [halves, brain_floats, doubles]
    for part in parts:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            with tools.temporary_folder() as place:
                part(counter, Folder(counter, Path(place)))
    counter.finish()


main()
