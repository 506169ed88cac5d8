#!/usr/bin/env python3
"""Quantised operators of ONNX, compiled, against integers of Python: convolutions and products of bytes whose sums are far
below 2^24, about there, and far beyond, where floats no longer count; every result equal.

The definitions are those of the ONNX operators: sums of (x - x_zero) * (w - w_zero) as integers, plus the bias; as a
float, times x_scale * w_scale / y_scale in float arithmetic; rounded, half to even; plus y_zero; saturated."""

import random
import struct
from math import prod
from pathlib import Path

import onnx_files as onnx
import tools
from compiled import Compiled
from importing.models import Constant, model

LIMITS = {"UINT8": (0, 255), "INT8": (-128, 127)}


def f32(value):
    """The nearest float."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def requantised(total, factor, zero, kind):
    low, high = LIMITS[kind]
    return max(low, min(high, round(f32(f32(total) * factor)) + zero))


class Case:
    """Random bytes of some shapes. Extreme: mostly the largest ones, so that sums are as large as they can be."""

    def __init__(self, seed, channels, outputs, kernel, extreme, x_kind, w_kind, by_channel, pads=0, groups=1):
        self.rng = random.Random(seed)
        self.channels, self.outputs, self.kernel, self.pads, self.size = channels, outputs, kernel, pads, kernel + 1
        self.groups, self.summed = groups, channels // groups
        self.extreme, self.x_kind, self.w_kind, self.by_channel = extreme, x_kind, w_kind, by_channel
        self.x = self.bytes_of(x_kind, channels * self.size * self.size)
        self.w = self.bytes_of(w_kind, outputs * self.summed * kernel * kernel)
        self.x_zero = self.rng.randint(*LIMITS[x_kind]) if not extreme else LIMITS[x_kind][0] + 1
        self.w_zero = [self.rng.randint(-3, 3) + (128 if w_kind == "UINT8" else 0)
                       for _ in range(outputs if by_channel else 1)]
        self.bias = [self.rng.randint(-1 << 28, 1 << 28) if extreme else self.rng.randint(-5000, 5000)
                     for _ in range(outputs)]

    def bytes_of(self, kind, count):
        low, high = LIMITS[kind]
        pick = (lambda: self.rng.choice((high, high, high - 1, low))) if self.extreme else (lambda: self.rng.randint(low, high))
        return [pick() for _ in range(count)]

    def sums(self):
        """Of the convolution, outputs first, then rows and columns."""
        n, k, pads = self.size, self.kernel, self.pads
        out = n + 2 * pads - k + 1
        zero = lambda o: self.w_zero[o % len(self.w_zero)]
        totals = []
        for o in range(self.outputs):
            kernel = [v - zero(o) for v in self.w[o * self.summed * k * k:(o + 1) * self.summed * k * k]]
            first = o // (self.outputs // self.groups) * self.summed
            for p in range(out):
                for q in range(out):
                    total = 0
                    for c in range(self.summed):
                        for r in range(k):
                            row = p + r - pads
                            if not 0 <= row < n:
                                continue
                            for s in range(k):
                                column = q + s - pads
                                if 0 <= column < n:
                                    total += (self.x[((first + c) * n + row) * n + column] - self.x_zero) * kernel[(c * k + r) * k + s]
                    totals.append(total)
        return totals


def run(counter, name, data, x, wanted, *more):
    with tools.temporary_folder() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(data)
        network = Compiled(path, folder, options=["-w"])
        got = list(network.run([x, *more], [len(wanted)])[0])
    wrong = [(i, a, b) for i, (a, b) in enumerate(zip(got, wanted)) if a != b]
    counter.check(not wrong and len(got) == len(wanted), name, f"  {len(wrong)} differ, first {wrong[:3]}")


def check_conv(counter, name, case):
    c, o, k = case.channels, case.outputs, case.kernel
    zeros = {"x_zero": Constant([], [case.x_zero], case.x_kind), "y_zero": Constant([], [3], "INT8"),
             "w_zero": Constant([o] if case.by_channel else [], case.w_zero, case.w_kind)}
    weights = Constant([o, case.summed, k, k], case.w, case.w_kind)
    port = onnx.value("x", [1, c, case.size, case.size], case.x_kind)
    sums = case.sums()
    places = len(sums) // o
    totals = [total + case.bias[i // places] for i, total in enumerate(sums)]
    scales = {"x_scale": 0.03125, "w_scale": 0.0078}
    scales["y_scale"] = scales["x_scale"] * scales["w_scale"] * max(map(abs, totals)) / 140 # some saturate
    integer = onnx.node("ConvInteger", ["x", "w", "x_zero", "w_zero"], ["y"], pads=[case.pads] * 4, group=case.groups)
    run(counter, f"ConvInteger, {name}", model([integer], {"x": port}, ["y"], {"w": weights, **{n: zeros[n] for n in ("x_zero", "w_zero")}}),
        case.x, [f32(total) for total in sums])
    linear = onnx.node("QLinearConv", ["x", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero", "b"], ["y"],
                       pads=[case.pads] * 4, group=case.groups)
    constants = {**{n: Constant([], [v]) for n, v in scales.items()}, **zeros, "w": weights, "b": Constant([o], case.bias, "INT32")}
    factor = f32(f32(f32(scales["x_scale"]) * f32(scales["w_scale"])) / f32(scales["y_scale"]))
    wanted = [requantised(total, factor, 3, "INT8") for total in totals]
    counter.check(len(set(wanted)) > 1, f"{name}: results differ", str(set(wanted)))
    run(counter, f"QLinearConv, {name}", model([linear], {"x": port}, ["y"], constants), case.x, wanted)


def check_product(counter, seed, rows, inner, columns, extreme):
    rng = random.Random(seed)
    pick = (lambda: rng.choice((255, 254, 0))) if extreme else (lambda: rng.randint(0, 255))
    a, b = [pick() for _ in range(rows * inner)], [pick() for _ in range(inner * columns)]
    a_zero, b_zero = 2, 1
    sums = [sum((a[r * inner + i] - a_zero) * (b[i * columns + c] - b_zero) for i in range(inner))
            for r in range(rows) for c in range(columns)]
    node = onnx.node("MatMulInteger", ["a", "b", "az", "bz"], ["y"])
    data = model([node], {"a": onnx.value("a", [rows, inner], "UINT8")}, ["y"],
                 {"b": Constant([inner, columns], b, "UINT8"), "az": Constant([], [a_zero], "UINT8"), "bz": Constant([], [b_zero], "UINT8")})
    run(counter, f"MatMulInteger {rows}x{inner}x{columns}", data, a, [f32(total) for total in sums])
    return max(map(abs, sums))


def check_tensors(counter, seed, batch, rows, inner, columns, extreme, known=False):
    """Products of two stacks of matrices, the second an input too or, where it is known, a constant."""
    rng = random.Random(seed)
    pick = (lambda: rng.choice((255, 254, 0))) if extreme else (lambda: rng.randint(0, 255))
    a, b = [pick() for _ in range(batch * rows * inner)], [pick() for _ in range(batch * inner * columns)]
    a_zero, b_zero = 2, [c % 3 for c in range(columns)]
    sums = [sum((a[(n * rows + r) * inner + i] - a_zero) * (b[(n * inner + i) * columns + c] - b_zero[c]) for i in range(inner))
            for n in range(batch) for r in range(rows) for c in range(columns)]
    zeros = {"az": Constant([], [a_zero], "UINT8"), "bz": Constant([columns], b_zero, "UINT8")}
    port = onnx.value("a", [batch, rows, inner], "UINT8")
    ports = {"a": port} if known else {"a": port, "b": onnx.value("b", [batch, inner, columns], "UINT8")}
    weights, more = ({"b": Constant([batch, inner, columns], b, "UINT8")}, []) if known else ({}, [b])
    name = f"{batch}x{rows}x{inner}x{columns} of tensors{', one known' * known}"
    integer = onnx.node("MatMulInteger", ["a", "b", "az", "bz"], ["y"])
    run(counter, f"MatMulInteger {name}", model([integer], ports, ["y"], {**zeros, **weights}), a, [f32(total) for total in sums], *more)
    scales = {"as": 0.03125, "bs": 0.0078, "ys": 0.03125 * 0.0078 * max(map(abs, sums)) / 140}
    linear = onnx.node("QLinearMatMul", ["a", "as", "az", "b", "bs", "bz", "ys", "yz"], ["y"])
    constants = {**zeros, **weights, **{n: Constant([], [v]) for n, v in scales.items()}, "yz": Constant([], [3], "INT8")}
    factor = f32(f32(f32(scales["as"]) * f32(scales["bs"])) / f32(scales["ys"]))
    run(counter, f"QLinearMatMul {name}", model([linear], ports, ["y"], constants), a, [requantised(total, factor, 3, "INT8") for total in sums], *more)
    return max(map(abs, sums))


def check_rounding(counter):
    """Halves go to the even side, before the zero is added; what is outside saturates."""
    x = [-300.0, -1.75, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75, 300.0, 62.75, 63.25]
    node = onnx.node("QuantizeLinear", ["x", "s", "z"], ["y"])
    data = model([node], {"x": [len(x)]}, ["y"], {"s": Constant([], [0.5]), "z": Constant([], [1], "INT8")})
    run(counter, "QuantizeLinear of halves", data, x, [max(-128, min(127, round(v / 0.5) + 1)) for v in x])


def main():
    counter = tools.Counter()
    cases = {
        "small": Case(1, 3, 2, 3, False, "UINT8", "INT8", False),
        "signed, padded, a zero a channel": Case(2, 4, 3, 3, False, "INT8", "INT8", True, pads=1),
        "groups": Case(9, 6, 4, 3, False, "UINT8", "INT8", True, groups=2),
        "each channel by itself": Case(10, 4, 8, 3, False, "INT8", "UINT8", False, pads=1, groups=4),
        "unsigned weights": Case(3, 5, 2, 2, False, "UINT8", "UINT8", False),
        "about 2^24": Case(4, 64, 2, 3, True, "UINT8", "INT8", False),
        "beyond 2^24": Case(5, 300, 2, 3, True, "UINT8", "INT8", True),
        "far beyond": Case(6, 700, 2, 3, True, "UINT8", "UINT8", False, pads=1),
    }
    for name, case in cases.items():
        check_conv(counter, name, case)
    beyond = max(map(abs, cases["far beyond"].sums()))
    counter.check(beyond > 1 << 25, "sums that floats do not count", str(beyond))
    check_product(counter, 7, 3, 40, 5, False)
    counter.check(check_product(counter, 8, 3, 2000, 4, True) > 1 << 25, "products that floats do not count")
    check_tensors(counter, 11, 2, 3, 40, 5, False)
    check_tensors(counter, 12, 2, 3, 40, 5, False, known=True)
    counter.check(check_tensors(counter, 13, 2, 2, 900, 3, True) > 1 << 24, "products of tensors that floats do not count")
    check_rounding(counter)
    counter.finish()


if __name__ == "__main__":
    main()
