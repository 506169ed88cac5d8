#!/usr/bin/env python3
"""Blocks in the text of `--emit=cnn` and `cnnc import`: what is repeated is written once. The expected texts are those
that a person would write."""

from pathlib import Path

import onnx_files as onnx
import tools
from compiled import Compiled
from export_cnn_test import first_difference, flat, round_trip
from importing import models
from models_test import MODELS

UNIT = "block unit(x) { return (x + (x -> c1: conv(3, 4, padding = 1) -> relu -> c2: conv(3, 4, padding = 1))) -> relu }\n"
PAIR = "block pair(x) { return x -> a: conv(3, 4, padding = 1) -> b: conv(1, 4) -> c: conv(1, 4) }\n"
# A file, and the text that its graph becomes: without comments, on one line.
CASES = {
    "a block again": (UNIT + """network n { input i: 8x8x4
        output y = i -> "s.0": unit -> "s.1": unit -> "s.2": unit -> "s.3": unit }""",
        "block s(x) { c2 = x -> c1: conv(3, 4, padding = 1) -> relu -> c2: conv(3, 4, padding = 1) return (x + c2) -> relu } "
        'network n { input i: 8x8x4 output y = i -> "s.0": s -> "s.1": s -> "s.2": s -> "s.3": s }'),
    "ports of the block's names": (UNIT + """network s { input x: 8x8x4
        output block1 = x -> "s.0": unit -> "s.1": unit -> "s.2": unit -> "s.3": unit }""",
        "block block2(x) { c2 = x -> c1: conv(3, 4, padding = 1) -> relu -> c2: conv(3, 4, padding = 1) "
        "return (x + c2) -> relu } network s { input x: 8x8x4 output block1 = x "
        '-> "s.0": block2 -> "s.1": block2 -> "s.2": block2 -> "s.3": block2 }'),
    "too short to be worth it": (UNIT + """network n { input i: 8x8x4 output y = i -> "s.0": unit -> "s.1": unit }""",
        'network n { input i: 8x8x4 s_0_c2 = i -> "s.0.c1": conv(3, 4, padding = 1) -> relu -> "s.0.c2": conv(3, 4, padding = 1) '
        "s_0 = (i + s_0_c2) -> relu "
        's_1_c2 = s_0 -> "s.1.c1": conv(3, 4, padding = 1) -> relu -> "s.1.c2": conv(3, 4, padding = 1) '
        "output y = (s_0 + s_1_c2) -> relu }"),
    "apart from each other, under running numbers": (PAIR + """network n { input i: 8x8x4
        x = i -> p1: pair -> maxpool(3, stride = 1) -> p2: pair -> upsample(2) -> p3: pair
        output z = x
        output y = x -> softmax -> p4: pair }""",
        "block p(x) { return x -> a: conv(3, 4, padding = 1) -> b: conv(1, 4) -> c: conv(1, 4) } "
        "network n { input i: 8x8x4 output z = i -> p -> maxpool(3, stride = 1) -> p -> upsample(2) -> p "
        "output y = z -> softmax -> p }"),
    "depths and their multiples": (
        """block unit(x, d) { return x -> a: conv(3, d, padding = 1) -> b: conv(1, 4 * d) -> relu -> c: conv(1, d) }
        network n { input i: 8x8x4 output y = i -> "s.0": unit(4) -> "s.1": unit(8) -> "s.2": unit(8) -> "s.3": unit(2) }""",
        "block s(x, depth) { return x -> a: conv(3, depth, padding = 1) -> b: conv(1, 4 * depth) -> relu -> c: conv(1, depth) } "
        'network n { input i: 8x8x4 output y = i -> "s.0": s(4) -> "s.1": s(8) -> "s.2": s(8) -> "s.3": s(2) }'),
    "usual strides and paddings are not said": (
        """block unit(x, k, p, s = 1) { return x -> a: conv(k, 4, stride = s, padding = p) -> b: conv(1, 4) -> c: conv(1, 4) }
        network n { input i: 8x8x4 output y = i -> u0: unit(3, 1) -> u1: unit(3, 1, s = 2) -> u2: unit(3x5, 1x2)
        -> u3: unit(3, 1) -> u4: unit(3, 1) }""",
        "block u(x, kernel = 3, stride = 1, padding = 1) { return x -> a: conv(kernel, 4, stride = stride, padding = padding) "
        "-> b: conv(1, 4) -> c: conv(1, 4) } "
        "network n { input i: 8x8x4 output y = i -> u0: u -> u(stride = 2) -> u(kernel = 3x5, padding = 1x2) -> u -> u }"),
    "numbers": (
        """block unit(x, f, e) { return (x -> a: conv(1, 4) -> b: conv(1, 4) -> n: batchnorm(epsilon = e)) * f + f }
        network n { input i: 8x8x4 output y = i -> "s.0": unit(0.5, 1e-5) -> "s.1": unit(-2, 0.01) -> "s.2": unit(0.1, 0.01)
        -> "s.3": unit(1e-9, 1e-3) }""",
        "block s(x, epsilon, factor) { return x -> a: conv(1, 4) -> b: conv(1, 4) -> n: batchnorm(epsilon = epsilon) "
        "-> mul(factor) -> add(factor) } "
        'network n { input i: 8x8x4 output y = i -> "s.0": s(1e-05, 0.5) -> "s.1": s(0.01, -2) -> "s.2": s(0.01, 0.1) '
        '-> "s.3": s(0.001, 1e-09) }'),
    "ranges and borders": (
        """block unit(x, r, b) { return x -> a: conv(1, 4) -> c: conv(1, 4) -> slice(height, r) -> pad(0, channels = b) -> d: conv(1, 4) }
        network n { input i: 8x8x4 output y = i -> "s.0": unit(0..6, [1, 1]) -> "s.1": unit(1..5, [1, 1]) -> "s.2": unit(0..3, [0, 2])
        -> "s.3": unit(1..1, [1, 2]) }""",
        "block s(x, range, channels_2) { return x -> a: conv(1, 4) -> c: conv(1, 4) -> slice(height, range) "
        "-> pad(0, channels = channels_2) -> d: conv(1, 4) } "
        'network n { input i: 8x8x4 output y = i -> "s.0": s(0..6, [1, 1]) -> "s.1": s(1..5, [1, 1]) -> "s.2": s(0..3, [0, 2]) '
        '-> "s.3": s(1..1, [1, 2]) }'),
    "one that is too different stays out": (
        """block unit(x, d, e, f, g, h) { return x -> a: conv(1, d) -> b: conv(1, e) -> c: conv(1, f) -> d: conv(1, g) -> e: conv(1, h) }
        network n { input i: 8x8x4 output y = i -> "s.0": unit(7, 11, 13, 17, 19) -> "s.1": unit(4, 4, 4, 4, 4)
        -> "s.2": unit(5, 4, 4, 4, 4) -> "s.3": unit(6, 4, 4, 4, 4) -> "s.4": unit(9, 4, 4, 4, 4) }""",
        "block s(x, depth) { return x -> a: conv(1, depth) -> b: conv(1, 4) -> c: conv(1, 4) -> d: conv(1, 4) -> e: conv(1, 4) } "
        'network n { input i: 8x8x4 output y = i -> "s.0.a": conv(1, 7) -> "s.0.b": conv(1, 11) -> "s.0.c": conv(1, 13) '
        '-> "s.0.d": conv(1, 17) -> "s.0.e": conv(1, 19) -> "s.1": s(4) -> "s.2": s(5) -> "s.3": s(6) -> "s.4": s(9) }'),
    "read within, so no block": (PAIR + """network n { input i: 8x8x4
        a = i -> p1: pair
        b = a -> "p2.a": conv(3, 4, padding = 1) -> "p2.b": conv(1, 4)
        c = b -> "p2.c": conv(1, 4)
        output y = b + c }""",
        'network n { input i: 8x8x4 p2_b = i -> "p1.a": conv(3, 4, padding = 1) -> "p1.b": conv(1, 4) -> "p1.c": conv(1, 4) '
        '-> "p2.a": conv(3, 4, padding = 1) -> "p2.b": conv(1, 4) output y = p2_b + (p2_b -> "p2.c": conv(1, 4)) }'),
}


def texts(counter, folder):
    for name, (source, wanted) in CASES.items():
        path = folder / "net.cnn"
        path.write_text(source)
        text = flat(round_trip(counter, name, path, folder))
        counter.check(text == wanted, f"{name}: the text", f"  {text}\n  {wanted}")


def chain(names):
    """A model of 1x1 convolutions under names, each with a Relu."""
    nodes, constants, value = [], {}, "x"
    for k, name in enumerate(names):
        key = f"{name}.weight"
        constants[key] = models.Constant([4, 4, 1, 1], [(i * 7 + k * 3) % 11 - 5 for i in range(16)])
        nodes += [onnx.node("Conv", [value, key], [f"c{k}"]), onnx.node("Relu", [f"c{k}"], [f"r{k}"])]
        value = f"r{k}"
    return models.model(nodes, {"x": [1, 4, 6, 6]}, [value], constants)


TEXT = ("block {0}(x) {{ return x -> {1}conv(1, 4, bias = false) -> relu }} "
        "network net {{ input x: 6x6x4, layout = chw output {2} = x {3}, layout = chw weights \"net.safetensors\" }}")
NAMES = range(12)
IMPORTED = {
    "names that fit": ([f"s.{k}.conv" for k in NAMES],
                       TEXT.format("s", "conv: ", "r11", " ".join(f'-> "s.{k}": s' for k in NAMES))),
    "names that are made to": ([f"conv{k}" for k in NAMES],
                               TEXT.format("block1", "", "r11", " ".join(f"-> conv{k}: block1" for k in NAMES))),
    "names with a system stay": ([f"features.{k}" for k in NAMES],
                                 'network net { input x: 6x6x4, layout = chw output r11 = x '
                                 + " ".join(f'-> "features.{k}": conv(1, 4, bias = false) -> relu' for k in NAMES)
                                 + ', layout = chw weights "net.safetensors" }'),
    "names that others go on from": (["a.conv1", *(f"conv{k}" for k in NAMES), "conv3.conv1"], None),
}


def objects(sources, folder):
    """What each is compiled to."""
    made = []
    for source in sources:
        Compiled.must(tools.cnnc("-c", source, "-w", "-o", folder / "net.o", "--cpu=x86-64", "-O1", timeout=1200))
        made.append((folder / "net.o").read_bytes())
        (folder / "net.o").unlink()
    return made


def import_model(counter, name, path, folder):
    """The text of a model, whose graph, names and object must be the model's."""
    text = folder / path.with_suffix(".cnn").name  # the network is called as its file
    done = tools.cnnc("import", path, "-w", "-o", text)
    if not counter.check(done.returncode == 0, f"{name}: imported", done.stderr):
        return ""
    graphs = [tools.cnnc("--dump=graph", "-w", source).stdout.splitlines() for source in (path, text)]
    counter.check(graphs[0] == graphs[1], f"{name}: graph", first_difference(*graphs))
    first, second = objects([path, text], folder)
    counter.check(first == second, f"{name}: object")
    return text.read_text()


def imported(counter, folder):
    for name, (names, wanted) in IMPORTED.items():
        (folder / "net.onnx").write_bytes(chain(names))
        text = flat(import_model(counter, name, folder / "net.onnx", folder))
        counter.check(wanted is None or text == wanted, f"{name}: the text", f"  {text}\n  {wanted}")


# Of trained models: how many lines they take with every layer by itself, and how many at most with blocks.
LINES = {"resnet20_cifar10": (60, 40), "resnet56_cifar10": (150, 50), "mobilenet_v2_1.0_224": (68, 40),
         "yolo_fastest_1.1_xl": (190, 60)}


def trained(counter, folder):
    for name, (_, most) in LINES.items():
        path = MODELS / name / "model.onnx"
        if not path.exists():
            counter.skip(name, f"none in {MODELS}")
            continue
        text = import_model(counter, name, path, folder)
        counter.check(text.count("\n") <= most, f"{name}: {text.count(chr(10))} lines", text)


def many_layers(counter, folder):
    """Layers that are all alike make the most runs there can be."""
    for name, body in (("relus", "x -> relu"),
                       ("units", 'x + (x -> "u.{k}.c": conv(1, 4) -> "u.{k}.b": batchnorm -> relu)')):
        source = folder / "net.cnn"
        source.write_text("network n { input x: 4x4x4\n for k in 1..4000 { x = %s }\n output y = x }" % body)
        done = tools.cnnc("--emit=cnn", source, "-o", folder / "again.cnn", timeout=300)
        counter.check(done.returncode == 0, f"16,000 layers, {name}", done.stderr)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        texts(counter, Path(folder))
        imported(counter, Path(folder))
        trained(counter, Path(folder))
        many_layers(counter, Path(folder))
    counter.finish()


if __name__ == "__main__":
    main()
