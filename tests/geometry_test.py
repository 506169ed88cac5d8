#!/usr/bin/env python3
"""Sizes, resolved padding and fields of all small geometries of the layers that move along an axis, and of pairs in a row,
against definitions that slide, scatter or index one tap at a time.

A geometry is one axis. A branch of a network checks two at once, one along height and one along width; thousands of
branches share a file.

usage: tests/geometry_test.py [PAIRS [SEED]]
"""

import json
import math
import random
import sys
from itertools import product
from pathlib import Path

import tools

PAIRS = 80_000  # pairs of layers in a row, drawn at random; single layers are all tried
LARGEST = 14    # input size of single windows
BRANCHES = 2500  # in a network
WORDS = ["conv", "conv", "maxpool", "avgpool", "deconv", "deconv", "upsample", "slice", "crop", "pad", "pixel_unshuffle"]
ORIGIN = 4096   # bit of pixel 0 in a set of pixels of any sign


class Axis:
    """One layer along one axis: taps(u) are the units it reads were the input without end."""

    def __init__(self, kind, n, text, out, taps, mode="zeros", padding=None, window=None):
        self.kind, self.n, self.text, self.out, self.taps = kind, n, text, out, taps
        self.mode, self.padding, self.window = mode, padding, window

    def inside(self, tap):
        """The unit that a tap finds: padding is built pixel by pixel."""
        if 0 <= tap < self.n:
            return tap
        if self.mode == "replicate":
            return 0 if tap < 0 else self.n - 1
        if self.mode == "wrap":
            return (list(range(self.n)) * (abs(tap) + 2))[tap]
        if self.mode == "reflect":
            mirrored = list(range(self.n)) + list(range(self.n - 2, -1, -1))
            return mirrored[tap] if tap > 0 else mirrored[-tap]
        return None


# --- definitions ---

def slide(n, k, s, d, before, after, ceil=False):
    """Where windows begin, one after the other."""
    starts, at, end = [], -before, n - 1 + after
    while at + (k - 1) * d <= end:
        starts.append(at)
        at += s
    if ceil and starts and starts[-1] + (k - 1) * d < end and at < n:
        starts.append(at)
    return starts


def same_padding(n, k, s, d):
    """The least that gives as many windows as there are strides in the input."""
    total = 0
    while len(slide(n, k, s, d, 0, total)) * s < n:
        total += 1
    return total


def window(kind, n, k, s, d, before, after, mode="zeros", ceil=False, word=None):
    starts = slide(n, k, s, d, before, after, ceil)
    if not starts or mode == "reflect" and max(before, after) >= n:
        return None
    if kind != "conv" and (max(before, after) >= k or d > n and (before or after) or any(all(not 0 <= start + i * d < n for i in range(k)) for start in starts)):
        return None
    group = (kind, mode, ceil, word)
    return Axis(group, n, (k, s, d, before, after), len(starts), lambda u: [u * s - before + i * d for i in range(k)], mode,
                (before, after), (k, s, d))


def same(kind, n, k, s, d, word):
    total = same_padding(n, k, s, d)
    small, large = total // 2, total - total // 2
    return window(kind, n, k, s, d, *((small, large) if word == "same" else (large, small)), word=word)


def scatter(n, k, s, d, before, after, extra):
    """Transposed: each unit of the input writes k units of the output."""
    def taps(u):
        near = range((u + before - k * d) // s - 1, (u + before) // s + 2)
        return [i for i in near for t in range(k) if i * s + t * d - before == u]
    full = max(i * s + t * d for i in range(n) for t in range(k)) + 1
    out = full - before - after + extra
    if out < 1:
        return None
    return Axis(("deconv",), n, (k, s, d, before, after, extra), out, taps, "zeros", (before, after),
                (k, s, d))


def scatter_same(n, k, s, d):
    total = max((k - 1) * d + 1 - s, 0)
    axis = scatter(n, k, s, d, total // 2, total - total // 2, 0)
    axis.kind, axis.out = ("deconv", "same"), n * s
    return axis


def resize(n, out, mode):
    if mode == "nearest":
        return Axis(("upsample", mode), n, (out,), out, lambda u: [u * n // out])

    def taps(u):
        top, bottom = (u * (n - 1), out - 1) if mode == "corners" else ((2 * u + 1) * n - out, 2 * out)
        return [top // bottom] + ([top // bottom + 1] if top % bottom else [])
    if mode == "corners" and out == 1:
        return Axis(("upsample", mode), n, (out,), out, lambda u: [u * n], "replicate")
    return Axis(("upsample", mode), n, (out,), out, taps, "replicate")


def picked(n, first, last, step):
    units = list(range(n))[first:last + 1:step]
    return Axis(("slice",), n, (first, last, step), len(units), lambda u: [first + u * step])


def cropped(n, before, after):
    return Axis(("crop",), n, (before, after), n - before - after, lambda u: [u + before])


def padded(n, before, after, mode):
    return Axis(("pad", mode), n, (before, after), n + before + after, lambda u: [u - before], mode, (before, after))


def unshuffled(n, factor):
    """Every factor units become channels of one."""
    blocks = [list(range(n))[at:at + factor] for at in range(0, n, factor)]
    return Axis(("pixel_unshuffle",), n, (factor,), len(blocks), lambda u: range(u * factor, u * factor + factor)) \
        if len(blocks[-1]) == factor else None


# --- all of them ---

def windows(n, most):
    """Every window over n units; `most` limits padding."""
    for k, s, d in product(range(1, 6), range(1, 5), range(1, 4)):
        yield same("conv", n, k, s, d, "same")
        yield same("conv", n, k, s, d, "same_lower")
        for before, after in product(range(most + 1), repeat=2):
            for mode in ("zeros", "reflect", "replicate"):
                yield window("conv", n, k, s, d, before, after, mode)
            for ceil in (False, True):
                yield window("maxpool", n, k, s, d, before, after, ceil=ceil)
                yield window("avgpool", n, k, s, d, before, after, ceil=ceil)


def others(n):
    for k, s, d in product(range(1, 6), range(1, 5), range(1, 4)):
        yield scatter_same(n, k, s, d)
        for before, after, extra in product(range(4), range(4), range(s)):
            yield scatter(n, k, s, d, before, after, extra)
    for first in range(n):
        for last, step in product(range(first, n), range(1, 5)):
            yield picked(n, first, last, step)
    for before, after in product(range(n), repeat=2):
        if before + after < n:
            yield cropped(n, before, after)
    for before, after in product(range(5), repeat=2):
        for mode in ("zeros", "reflect", "replicate", "wrap"):
            if mode != "reflect" or max(before, after) < n:
                yield padded(n, before, after, mode)
    for factor in range(1, n + 1):
        yield unshuffled(n, factor)


def resized(n):
    return (resize(n, out, mode) for out in range(1, 41) for mode in ("nearest", "half_pixel", "corners"))


# --- text ---

def sides(a, b):
    return f"[{a[0]}, {b[0]}, {a[1]}, {b[1]}]"


def call(a, b):
    """A layer that is geometry a along height and b along width."""
    word, x, y = a.kind[0], a.text, b.text
    if word in ("conv", "maxpool", "avgpool"):
        _, mode, ceil, padding = a.kind
        padding = padding or sides(x[3:], y[3:])
        rest = f"stride = {x[1]}x{y[1]}, dilation = {x[2]}x{y[2]}, padding = {padding}"
        if word == "conv":
            return f"conv({x[0]}x{y[0]}, 1, bias = false, padding_mode = {mode}, {rest})"
        return f"{word}({x[0]}x{y[0]}, {rest}, ceil = {str(ceil).lower()})"
    if word == "deconv":
        rest = "padding = same" if len(a.kind) > 1 else \
            f"padding = {sides(x[3:5], y[3:5])}, output_padding = {x[5]}x{y[5]}"
        return f"deconv({x[0]}x{y[0]}, 1, bias = false, stride = {x[1]}x{y[1]}, dilation = {x[2]}x{y[2]}, {rest})"
    if word == "upsample":
        mode = {"nearest": "", "half_pixel": ", mode = bilinear", "corners": ", mode = bilinear, align = corners"}[a.kind[1]]
        return f"upsample(size = {x[0]}x{y[0]}{mode})"
    if word == "pixel_unshuffle":
        return f"pixel_unshuffle({x[0]}x{y[0]})"
    if word == "slice":
        return f"slice(height, {x[0]}..{x[1]}, step = {x[2]}) -> slice(width, {y[0]}..{y[1]}, step = {y[2]})"
    return f"crop({sides(x, y)})" if word == "crop" else f"pad({sides(x, y)}, mode = {a.kind[1]})"


# --- what a chain of layers sees along an axis ---

def law(at, reach):
    """The least q, and p, so that unit u + q sees what u sees, p pixels further on; looked for, not computed. p is None if
    only what padding repeats is ever seen."""
    sets = [at(u) for u in range(-reach, 2 * reach)]
    for q in range(1, reach):
        pairs = [(a, b) for a, b in zip(sets, sets[q:]) if a or b]
        if not all(a and b for a, b in pairs):
            continue
        if not pairs:
            return 1, None
        p = pairs[0][1].bit_length() - pairs[0][0].bit_length()
        if p >= 0 and all(a << p == b for a, b in pairs):
            return q, p
    raise AssertionError("no law found")


def first_last(pixels):
    return (pixels & -pixels).bit_length() - 1 - ORIGIN, pixels.bit_length() - 1 - ORIGIN


def expected(chain):
    """The report's figures of the last layer of a chain."""
    n, known = chain[0].n, {}

    def at(u, depth):
        if depth < 0:
            return 1 << ORIGIN + u
        if (u, depth) not in known:
            pixels = 0
            for tap in chain[depth].taps(u):
                pixels |= at(tap, depth - 1)
            known[u, depth] = pixels
        return known[u, depth]

    weights = [{i: 1.0} for i in range(n)]
    for layer in chain:
        below, weights = weights, []
        for u in range(layer.out):
            weight, taps = {}, layer.taps(u)
            for tap in taps:
                found = layer.inside(tap)
                for pixel, share in below[found].items() if found is not None else ():
                    weight[pixel] = weight.get(pixel, 0) + share / len(taps)
            weights.append(weight)
    if not any(weights):
        return None
    top = len(chain) - 1
    reach = 3 + math.prod(period(layer) for layer in chain)
    q, p = law(lambda u: at(u, top), reach)
    fields = [first_last(at(u, top)) if at(u, top) else None for u in range(q)]
    whole = [first_last(at(u, top)) if at(u, top) else None for u in range(len(weights))]
    units = [[min(weight), max(weight)] if weight else None for weight in weights]
    stride = p / q if p else n
    middles = [(f[0] + f[1]) / 2 - u * (p or 0) / q for u, f in enumerate(fields) if f]
    cut = [(not u or u[0] > f[0], not u or u[1] < f[1]) for u, f in zip(units, whole) if f]
    middle = weights[len(weights) // 2]
    result = {"units": units, "size": max((f[1] - f[0] + 1 for f in fields if f), default=0), "stride": stride,
            "offset": fields[0][0] if fields[0] else None, "center": sum(middles) / len(middles) if middles else None,
            "border": [sum(a for a, _ in cut), sum(b for _, b in cut)],
            "seen": len(middle) / (max(middle) - min(middle) + 1) if middle else None, "effective": deviation(middle)}
    if p is None:
        del result["stride"]
    return result


def period(layer):
    """After how many units the reading of a layer surely repeats."""
    return layer.window[1] if layer.kind[0] == "deconv" else layer.out if layer.kind[0] == "upsample" else 1


def deviation(weight):
    if not weight:
        return None
    mass = sum(weight.values())
    mean = sum(pixel * share for pixel, share in weight.items()) / mass
    return math.sqrt(sum((pixel - mean)**2 * share for pixel, share in weight.items()) / mass)


def near(a, b):
    return a == b or None not in (a, b) and abs(a - b) <= 1e-5 * max(1, abs(b))


def wrong_axis(layer, axis, chain, wanted):
    """What the report says wrongly of a chain's last layer along an axis, or None."""
    last = chain[-1]
    if layer["output"][1 + axis] != last.out:
        return f"output {layer['output'][1 + axis]}, not {last.out}"
    if last.padding and layer["padding"][axis::2] != list(last.padding):
        return f"padding {layer['padding'][axis::2]}, not {list(last.padding)}"
    if last.window and tuple(layer[key][axis] for key in ("kernel", "stride", "dilation")) != last.window:
        return f"window {layer}, not {last.window}"
    if not layer["receptive_fields"] or wanted is None:
        return None if wanted is None and not layer["receptive_fields"] else "what is blind"
    field = layer["receptive_fields"][0]
    said = {key: field[key][axis] for key in wanted if key != "border"}
    said["border"] = field["border"][axis::2]
    for key, value in wanted.items():
        if not (said[key] == value if key in ("units", "border") else near(said[key], value)):
            return f"{key} {said[key]}, not {value}"
    return None


class Checker:
    def __init__(self, folder, counter):
        self.folder, self.counter, self.compared, self.files = folder, counter, 0, 0
        self.memory = {}

    def wanted(self, chain):
        key = tuple((layer.kind, layer.n, layer.text) for layer in chain)
        if key not in self.memory:
            self.memory[key] = expected(chain)
        return self.memory[key]

    def check(self, branches):
        """branches: (chain along height, chain along width), of one input size."""
        self.files += 1
        path = self.folder / f"{self.files}.cnn"
        lines = [f"    output b{i} = image -> " + " -> ".join(call(a, b) for a, b in zip(*branch))
                 for i, branch in enumerate(branches)]
        n = branches[0][0][0].n
        path.write_text(f"network geometries {{\n    input image: {n}x{n}x1\n" + "\n".join(lines) + "\n}\n")
        result = tools.cnnc("--report=json", "--units", path)
        wrong = []
        if not self.counter.check(result.returncode == 0, path.name, result.stderr[-2000:]):
            return
        report = json.loads(result.stdout)
        layers = {layer["name"]: layer for layer in report["layers"]}
        for branch, line, output in zip(branches, lines, report["outputs"]):
            layer = layers[output["layer"]]
            wants = [self.wanted(chain) for chain in branch]
            for axis in (0, 1):
                wanted = None if None in wants else wants[axis]
                problem = wrong_axis(layer, axis, branch[axis], wanted)
                self.compared += 1
                if problem:
                    wrong.append(f"{n}x{n}{line}\n    {('height', 'width')[axis]}: {problem}")
        self.counter.check(not wrong, f"{path.name}: {len(wrong)} wrong", "\n".join(wrong[:6]))


def single_branches(rng):
    """All geometries, those of one kind and input size paired at random."""
    for n in range(1, 41):
        groups = {}
        geometries = resized(n)
        if n <= LARGEST:
            geometries = [*geometries, *windows(n, 4), *others(n)]
        for geometry in filter(None, geometries):
            groups.setdefault(geometry.kind, []).append(geometry)
        branches = []
        for group in groups.values():
            partners = group[:]
            rng.shuffle(partners)
            if len(group) % 2:
                partners.append(partners[0])
            branches += [([a], [b]) for a, b in zip(partners[::2], partners[1::2])]
        yield branches


def random_layer(rng, n, kind=None):
    """A geometry over n units, of the kind given."""
    for _ in range(400):
        k, s, d = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 2)
        before, after, extra = rng.randint(0, 2), rng.randint(0, 2), rng.randint(0, s - 1)
        word = kind[0] if kind else rng.choice(WORDS)
        if word in ("conv", "maxpool", "avgpool"):
            mode = rng.choice(["zeros", "zeros", "reflect", "replicate", "wrap"]) if word == "conv" else "zeros"
            _, mode, ceil, padding = kind or rng.choice([(word, mode, word != "conv" and rng.random() < 0.5, None),
                                                         (word, "zeros", False, rng.choice(["same", "same_lower"]))])
            made = same(word, n, k, s, d, padding) if padding else window(word, n, k, s, d, before, after, mode, ceil)
        elif word == "deconv":
            same_size = len(kind) > 1 if kind else rng.random() < 0.3
            made = scatter_same(n, k, s, d) if same_size else scatter(n, k, s, d, before, after, extra)
        elif word == "upsample":
            mode = kind[1] if kind else rng.choice(["nearest", "half_pixel", "corners"])
            out = rng.randint(1, 10)
            made = None if mode == "corners" and 1 in (n, out) else resize(n, out, mode)
        elif word == "slice":
            first = rng.randrange(n)
            made = picked(n, first, rng.randrange(first, n), rng.randint(1, 3))
        elif word == "pixel_unshuffle":
            made = unshuffled(n, rng.randint(1, 3))
        elif word == "crop":
            made = cropped(n, before, after) if before + after < n else None
        else:
            mode = kind[1] if kind else rng.choice(["zeros", "reflect", "replicate", "wrap"])
            made = padded(n, before, after, mode) if mode != "reflect" or max(before, after) < n else None
        if made and made.out <= 40:
            return made
    return None


def pair_branches(rng, count):
    """Chains of two layers, drawn at random."""
    for n in range(1, 11):
        branches = []
        while len(branches) < count // 20:
            first = random_layer(rng, n)
            other = first and random_layer(rng, n, first.kind)
            second = other and random_layer(rng, first.out)
            last = second and random_layer(rng, other.out, second.kind)
            if last:
                branches.append(([first, second], [other, last]))
        yield branches


def main(pairs=PAIRS, seed=1):
    counter, rng = tools.Counter(), random.Random(seed)
    with tools.temporary_folder() as folder:
        checker = Checker(Path(folder), counter)
        for name, source in (("single layers", single_branches(rng)), ("pairs of layers", pair_branches(rng, pairs))):
            before = checker.compared
            for branches in source:
                for i in range(0, len(branches), BRANCHES):
                    checker.check(branches[i:i + BRANCHES])
                checker.memory.clear()
            print(f"{checker.compared - before} geometries of {name} compared", flush=True)
        counter.check(pairs < PAIRS or checker.compared >= 200_000, f"only {checker.compared} geometries")
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
