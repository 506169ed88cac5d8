#!/usr/bin/env python3
"""`cnnc --emit=cnn`: a file, the text that its graph becomes, and that text's graph again. Both files give equal
graphs, equal reports and, with equal weights, equal bits.

usage: tests/export_cnn_test.py [COUNT [FIRST_SEED]]
"""

import concurrent.futures
import json
import os
import random
import re
import sys
from math import prod
from pathlib import Path

import layers
import tools
from compiled import Compiled
from oracle.generate import Generator

SEEDS = 40
LAYERS = 6
CPUS = tools.runnable_cpus()[0]
RUN = {"lenet", "squeezenet", "mobilenet_v3_small", "kernels", "gallery"}  # of the examples: the rest takes long

def is_numbered(path, layer):
    """Whether a path may be a running number, which changes where layers leave their blocks: "layer1.0.relu2"."""
    if layer == "depthwise" and re.fullmatch(r"(.*\.)?conv[0-9]+", path):
        return True  # one filter for each channel
    return re.fullmatch(rf"(.*\.)?({layer}|split[0-9]+\.)[0-9]+", path) is not None


def graph(source, whole, options=()):
    """--dump=graph, without paths that are running numbers and in no parameter's key; `whole` is the report."""
    done = tools.cnnc("--dump=graph", source, *options)
    nodes = iter(whole["layers"])
    lines = []
    for line in done.stdout.splitlines():
        found = re.match(r"(%\d+) (\S.*?) = (\w+)(.*)$", line)
        keyed = found and found[3] != "input" and next(nodes)["parameters"]
        if found and is_numbered(found[2], found[3]) and not keyed:
            line = f"{found[1]} = {found[3]}{found[4]}"
        lines.append(line)
    return lines


def report(source, options=()):
    """--report=json without what names and places are told in."""
    done = tools.cnnc("--report=json", source, *options)
    whole = json.loads(done.stdout)
    names = {}
    for i, layer in enumerate(whole["layers"]):
        names[layer.pop("name")] = i
        layer.pop("line", None)
        layer["inputs"] = [names.get(name, name) for name in layer["inputs"]]
    for output in whole["outputs"]:
        output["layer"] = names.get(output["layer"], output["layer"])
    return whole


def made_up(whole):
    """Values for each input of a report, and how many each output has."""
    rng = random.Random(1)
    inputs = [[rng.randint(0, 9) for _ in range(prod(port["shape"]))] for port in whole["inputs"]]
    return inputs, [prod(port["shape"]) for port in whole["outputs"]]


def run(source, folder, inputs, outputs, options=()):
    """What the code computes with made-up weights."""
    folder.mkdir(exist_ok=True)
    compiled = Compiled(source, folder, "haswell" if "haswell" in CPUS else "x86-64", "random:3", ["-O1", *options])
    return [values.tobytes() for values in compiled.run(inputs, outputs)]


def flat(text):
    """The text on one line, without comments."""
    return " ".join(re.sub(r" +# [0-9x]+$", "", text, flags=re.M).split())


def first_difference(a, b):
    for left, right in zip(a, b):
        if left != right:
            return f"  {left}\n  {right}"
    return f"  {len(a)} and {len(b)} lines"


def round_trip(counter, name, source, folder, options=(), runs=True):
    """Checks that the text of the file's graph stands for the same graph; returns it."""
    again = folder / "again.cnn"
    done = tools.cnnc("--emit=cnn", source, "-o", again, *options)
    if not counter.check(done.returncode == 0, f"{name}: written", done.stderr):
        return ""
    text = again.read_text()
    done = tools.cnnc("--check", again)
    if not counter.check(done.returncode == 0, f"{name}: read again", done.stderr + text):
        return text
    whole = report(source, options)
    first, second = graph(source, whole, options), graph(again, whole)
    counter.check(first == second, f"{name}: graph", first_difference(first, second) + "\n" + text)
    counter.check(whole == report(again), f"{name}: report", text)
    if runs:
        shape = made_up(whole)
        same = run(source, folder / "a", *shape, options) == run(again, folder / "b", *shape)
        counter.check(same, f"{name}: what it computes", text)
    return text


def examples(counter, folder):
    for source in sorted((tools.ROOT / "examples").rglob("*.cnn")):
        if re.search(r"^network", source.read_text(), re.M):
            small = re.search(r"^network \w+\(size", source.read_text(), re.M)
            name = source.relative_to(tools.ROOT)
            round_trip(counter, str(name), source, folder, ["-D", "size=96"] if small else (), source.stem in RUN)


def random_network(seed):
    count = random.Random(seed).choice([1, 2, 3, 4, 6, 8, 12, 16, 25, 40])
    for attempt in range(200):
        text = Generator(f"cnn {seed} {attempt}", seed % 2, count).text()
        with tools.temporary_folder() as folder:
            source = Path(folder) / "net.cnn"
            source.write_text(text)
            if tools.cnnc("--check", source).returncode == 0:
                return text
    raise RuntimeError(f"seed {seed}: no usable network in 200")


def one_text(name, text, runs):
    counter = tools.Checks()
    with tools.temporary_folder() as folder:
        source = Path(folder) / "net.cnn"
        source.write_text(text)
        round_trip(counter, name, source, Path(folder), runs=runs)
    return counter.checks


def one_seed(seed):
    return one_text(f"seed {seed}", random_network(seed), seed % 4 < 2)


def every_layer(seed):
    """Each layer at corners of its attributes."""
    return one_text(f"layers {seed}", layers.network(seed, seed % 2)[0], seed < 3)


def random_networks(counter, count, first):
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for checks in [*pool.map(every_layer, range(1, 1 + LAYERS)), *pool.map(one_seed, range(first, first + count))]:
            for check in checks:
                counter.check(*check)


# A network's body, and what stands in the text that it becomes.
CASES = {
    "a chain is a chain": ("x = i -> relu -> maxpool(2)\n output y = x -> abs", ["output y = i -> relu -> maxpool(2) -> abs"]),
    "sums are sums": ("output y = 2 - (i + i * i) / 3", ["output y = 2 - (i + i * i) / 3"]),
    "differences nest to the right": ("output y = i - (i - 1 - i)", ["output y = i - (i - 1 - i)"]),
    "powers": ("output y = -i ^ 2 + (-i) ^ -1.5", ["output y = -i ^ 2 + (-i) ^ -1.5"]),
    "a chain goes on behind a sum": ("output y = (i + 1) -> relu -> add(i)", ["(i + 1) -> relu -> add(i)"]),
    "numbers keep their bits": ("output y = i * 0.1 + 1e-45 * i -> clip(-1e30, 16777217)",
                                ["0.1", "1e-45", "clip(-1e+30, high = 16777217)"]),
    "zero below zero": ("output y = max(-0.0, i)", ["max(-0.0, i)"]),
    "a label that is no name": ('output y = i -> "a \\"b\\" \\{c": conv(1, 2)', ['"a \\"b\\" \\{c": conv(1, 2)']),
    "a label that is a keyword": ('output y = i -> "filter": conv(1, 2)', ['"filter": conv(1, 2)']),
    "a running number that stays": ("unused = i -> conv(1, 2)\n output y = i -> conv(1, 3)", ["conv2: conv(1, 3)"]),
    "a running number again": ("output y = i -> conv(1, 2) -> conv(1, 3)", ["i -> conv(1, 2) -> conv(1, 3)"]),
    "shared weights": ("a = i -> p: conv(1, 4, shared = true)\n output y = a -> p: conv(1, 4, shared = true)",
                       ["p: conv(1, 4, shared = true) -> p: conv(1, 4, shared = true)"]),
    "an input called as a word": ("input same: 8x8x4\n output y = concat(same, i, same)", ["same_2 = same"]),
    "an output called as a word": ("output channels = i -> relu\n output y = i -> softmax", ["output channels = "]),
    "an input called as a layer": ("input relu: 8x8x4\n output y = relu -> relu -> add(i)", ["relu -> relu -> add(i)"]),
    "two outputs of one value": ("x = i -> relu\n output b = x\n output a = x, layout = chw",
                                 ["output b = i -> relu", "output a = b, layout = chw"]),
    "outputs out of order": ("x = i -> relu\n z = x -> abs\n output b = z\n output a = x", ["output a = relu1"]),
    "an input as output": ("output y = i", ["output y = i"]),
    "a raw and a seen range": ("input p: 8x8x3, range = -1..1, mean = [1, 2, 0.1], std = 3\n output y = p -> relu\n output z = i",
                               ["range = -1..1, mean = [1, 2, 0.1], std = 3"]),
    "an input that nobody reads": ("input p: 8x8x3, range = 0..255, type = u8\n output y = i", ["range = 0..255, type = u8"]),
    "filters with a scale": ("output y = i -> conv([f, g], padding = 1)", ["= 1/9 * [ 1 1 1 ; 1 1 1 ; 1 1 1 ]"]),
    "planes": ("output y = i -> conv([h, h])", ["[ 1 2 | 3 4 | 5 6 | -7 0.1 ]"]),
    "global": ("output y = i -> avgpool(global, count_padding = true)", ["avgpool(global, count_padding = true)"]),
    "same": ("output y = i -> conv(3x5, 2, padding = same_lower, stride = 2x1)",
             ["conv(3x5, 2, stride = 2x1, padding = same_lower)"]),
    "four sides": ("output y = i -> pad([1, 2, 3, 0], mode = replicate)", ["pad([1, 2, 3, 0], mode = replicate)"]),
    "slices": ("output y = i -> slice(width, 1..6, step = 2)", ["slice(width, 1..5, step = 2)"]),
    "slices backwards": ("output y = i -> slice(height, 6..1, step = -2)", ["slice(height, 6..2, step = -2)"]),
    "slices of the batch": ("input p: 5x8x8x4\n output y = p -> slice(batch, 1..2)", ["slice(batch, 1..2)"]),
    "permutations": ("output y = i -> permute(width, channels, height) -> permute(height, batch, channels, width)",
                     ["permute(width, channels, height) -> permute(height, batch, channels, width)"]),
    "reshaping batches": ("output y = i -> reshape(4x2x8x4)", ["reshape(4x2x8x4)"]),
    "parameters of their own": ("output y = i * (1x1x4 -> s: parameter) + parameter(8x8x4)",
                                ["i * (1x1x4 -> s: parameter) + parameter(8x8x4)"]),
    "parts": ("output y = concat(i -> s: split(channels, [1, 3]))",
              ['i -> "s.0": slice(channels, 0..0)', 'i -> "s.1": slice(channels, 1..3)']),
    "borders of channels": ("output y = i -> pad(0, channels = [0, 2], batch = 1, mode = wrap)",
                            ["pad(0, mode = wrap, channels = [0, 2], batch = [1, 1])"]),
    "the order of the weights": ('output y = i -> flatten -> dense(2)\n output z = i -> flatten(order = chw)\n'
                                 'weights "w.npz", order = hwio, prefix = "p."',
                                 ["flatten(order = hwc) -> dense(2)", 'weights "w.npz", prefix = "p.", order = hwio']),
    "labels": ('output y = i -> relu, layout = chw\n labels ["a", "b \\\\", "c", "d\\n"]', ['labels ["a", "b \\\\", "c", "d\\n"]']),
    "separable": ("output y = i -> s: separable(3, 5, padding = 1)", ['"s.depthwise": depthwise(3, padding = 1)']),
    "sizes": ("output y = i -> reshape(4x16x4) -> upsample(size = 9x9, mode = bilinear) -> upsample(2x1)",
              ["reshape(4x16x4) -> upsample(size = 9x9, mode = bilinear) -> upsample(2x1)"]),
    "every kind of argument": ("output y = i -> leaky_relu(slope = 2) -> prelu(per_channel = true) -> gelu(tanh) -> mean(channels)",
                               ["leaky_relu(slope = 2) -> prelu(per_channel = true) -> gelu(approximate = tanh) -> mean(channels)"]),
}


def cases(counter, folder):
    for name, (body, wanted) in CASES.items():
        source = folder / "net.cnn"
        source.write_text(
            "filter f = 1/9 * [ 1 1 1 ; 1 1 1 ; 1 1 1 ]\nfilter g = [ 0 0 0 ; 1 0.1 0 ; 0 0 1 ]\n"
            f"filter h = [ 1 2 | 3 4 | 5 6 | -7 0.1 ]\nnetwork n {{\n input i: 8x8x4\n {body}\n}}\n")
        text = flat(round_trip(counter, name, source, folder))
        for part in wanted:
            counter.check(part in text, f"{name}: {part}", text)


def main(count=SEEDS, first=1):
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        cases(counter, Path(folder))
        examples(counter, Path(folder))
    random_networks(counter, count, first)
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
