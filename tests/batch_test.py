#!/usr/bin/env python3
"""Networks with --batch N: each of its images is what the network makes of it alone, to the last bit, for examples, random networks
(oracle/generate.py), models (importing/forms.py) and layers along the batch that a network has of its own; reports and ONNX
models tell of the batch.

usage: tests/batch_test.py [--all]     with --all, more random networks and every form"""

import json
import math
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import onnx_files as onnx
import tools
from compiled import CompileError, Compiled
from importing import forms
from oracle.generate import Generator

EXAMPLES = tools.ROOT / "examples"
TIMES = 4  # from here on layers of one window and 1x1 convolutions are cnn_product's
MIXES = "E0417"
# By their files; sizes at which they are done soon.
NETWORKS = {
    "edges": {"height": 19, "width": 23}, "lenet/lenet": {}, "resnet8": {}, "keyword_spotting": {},
    "mobilenet_v3_small": {"size": 64}, "squeezenet": {"size": 67}, "unet": {"size": 32, "depth": 8},
    "super_resolution": {"size": 24, "depth": 24}, "resnet18": {"size": 64}, "densenet121": {"size": 64},
    "yolo_fastest": {"size": 64}, "vgg16": {"size": 32, "classes": 10},
}


def head(inputs):
    return "network n {\n" + "".join(f"    input {name}: {size}\n" for name, size in inputs.items())


# Layers along a network's own batch: inputs, body.
OWN_BATCH = {
    "a mean": ({"x": "2x1x4x5"}, "output y = x -> mean(batch)"),
    "a mean over more": ({"x": "2x1x4x5"}, "output y = x -> mean(batch, channels)"),
    "a sum over all of one image": ({"x": "6x4x5"}, "output y = x -> sum(batch, height, width, channels)"),
    "a sum over one image": ({"x": "1x4x5"}, "output y = x -> sum(batch)"),
    "a maximum with three large axes": ({"x": "2x5x1x4"}, "output y = x -> reduce_max(batch)"),
    "a sum over two axes": ({"x": "2x5x1x4"}, "output y = x -> sum(batch, channels)"),
    "a slice": ({"x": "3x4x5x1"}, "output y = x -> slice(batch, 2..0, step = -2)"),
    "a tile": ({"x": "2x4x1x3"}, "output y = x -> tile(batch, 3)"),
    "a concat": ({"x": "2x4x5x1", "z": "4x5x1"}, "output y = concat(x, z, x, batch)"),
    "an expansion": ({"x": "4x1x5"}, "output y = x -> expand(3x4x1x5)"),
    "a transposition": ({"x": "4x3x5"}, "output y = x -> permute(width, channels, batch, height)"),
    "heads": ({"x": "1x6x8"}, "output y = x -> reshape(1x6x4x2) -> permute(width, batch, height, channels) -> sigmoid"
                              " -> permute(height, batch, width, channels)"),
    "an image more often": ({"x": "4x1x5", "z": "2x4x1x5"}, "output y = x + z"),
    "a reshape of the batch": ({"x": "4x6x5"}, "output y = x -> reshape(2x2x6x5) -> relu -> reshape(1x4x6x5)"),
    "parameters": ({"x": "2x4x3x5"}, "p = parameter(2x4x3x5)\n output y = x * p - parameter(1x1x5)"),
    "a parameter beside": ({"x": "4x3x5"}, "output y = concat(x, parameter(4x3x2), channels)"),
    "a parameter for several": ({"x": "4x1x5"}, "output y = x * parameter(2x4x3x5)"),
    "an output of parameters": ({"x": "4x3x5"}, "p = parameter(2x3x5) -> relu\n output y = x\n output z = p\n output a = p"),
    "planes": ({"x": "4x3x5, layout = chw"}, "output y = x -> flatten(order = chw) -> dense(7)\n output z = x, layout = chw"),
}


def made_up(kind, count, rng):
    return [rng.randint(0, 255) for _ in range(count)] if kind == "B" else [rng.uniform(-2, 2) for _ in range(count)]


def difference(source, folder, *options, weights="random:1"):
    """Where a network with --batch differs from the network alone, as text, or None."""
    singly, at_once = folder / "1", folder / "n"
    singly.mkdir()
    at_once.mkdir()
    one = Compiled(source, singly, weights=weights, options=["-w", *options])
    all_ = Compiled(source, at_once, weights=weights, options=["-w", *options, "--batch", TIMES])
    if all_.counts != [TIMES * count for count in one.counts] or all_.kinds != one.kinds:
        return f"buffers of {all_.counts} {all_.kinds}, alone {one.counts} {one.kinds}"
    rng, ports = random.Random(1), list(zip(one.kinds, one.counts))
    taken = len(ports) - len(json.loads(tools.cnnc("-w", "--report=json", source, *options).stdout)["outputs"])
    runs = [[made_up(kind, count, rng) for kind, count in ports[:taken]] for _ in range(TIMES)]
    outputs = all_.run([sum(parts, []) for parts in zip(*runs)], all_.counts[taken:])
    for i, values in enumerate(runs):
        for k, (wanted, found) in enumerate(zip(one.run(values, one.counts[taken:]), outputs)):
            if wanted.tobytes() != found[i * len(wanted):(i + 1) * len(wanted)].tobytes():
                return f"image {i} of output {k} is not what it is alone"
    return None


def check_equal(counter, name, source, *options, may_mix=False, **more):
    """True where the network can be run several times at once, and then is what it is alone."""
    with tools.temporary_folder() as place:
        folder = Path(place)
        if isinstance(source, (str, bytes)):
            path = folder / ("n.cnn" if isinstance(source, str) else "n.onnx")
            path.write_bytes(source.encode() if isinstance(source, str) else source)
            source = path
        try:
            wrong = difference(source, folder, *options, **more)
        except CompileError as error:
            if may_mix and MIXES in str(error):
                return False
            wrong = str(error)
    counter.check(not wrong, name, f"  {wrong}")
    return True


def check_examples(counter):
    for name, values in NETWORKS.items():
        defines = [word for key, value in values.items() for word in ("-D", f"{key}={value}")]
        check_equal(counter, name, EXAMPLES / f"{name}.cnn", "--exact", *defines, weights=None if name == "edges" else "random:1")


def check_random(counter, count):
    def text(seed):
        for attempt in range(100):
            made = Generator(f"batch {seed} {attempt}", False, random.Random(seed).choice([1, 2, 3, 5, 8, 12]), seed).text()
            with tools.temporary_folder() as place:
                Path(place, "n.cnn").write_text(made)
                if tools.cnnc("-w", "--check", Path(place, "n.cnn")).returncode == 0:
                    return made
        raise RuntimeError(f"seed {seed}: no usable network in 100")

    def try_one(seed):
        return check_equal(counter, f"random network {seed}", text(seed), "--exact", may_mix=True)

    with ThreadPoolExecutor() as pool:
        tried = list(pool.map(try_one, range(count)))
    counter.check(sum(tried) >= 0.8 * count, "random networks", f"only {sum(tried)} of {count} can be run several times at once")


def check_forms(counter, share):
    chosen = [form for form in forms.forms() if random.Random(form.name).random() < share and not form.files and not form.known]

    def try_one(form):
        return check_equal(counter, f"model {form.name}", form.data, "--exact", *form.options, may_mix=True, weights=None)

    with ThreadPoolExecutor() as pool:
        tried = list(pool.map(try_one, chosen))
    counter.check(sum(tried) >= 0.8 * len(chosen), "models", f"only {sum(tried)} of {len(chosen)} can be run several times at once")


def check_own_batch(counter):
    for name, (inputs, body) in OWN_BATCH.items():
        check_equal(counter, name, head(inputs) + f"    {body}\n}}\n", weights="random:1" if "parameter" in body or "dense" in body else None)


def check_layers(counter, folder):
    """What programs write of each layer: in a batch, image by image, the same as of one image."""
    for name, values in {"mobilenet_v3_small": {"size": 64}, "yolo_fastest": {"size": 64}, "squeezenet": {"size": 67}}.items():
        defines = [word for key, value in values.items() for word in ("-D", f"{key}={value}")]
        words = ["-w", "--exact", "--weights", "random:1", EXAMPLES / f"{name}.cnn", *defines]
        place = folder / Path(name).name
        place.mkdir()
        for program, options in (("one", []), ("all", ["--batch", TIMES])):
            made = tools.cnnc(*words, *options, "-o", place / program)
            counter.check(made.returncode == 0, f"{name}: {program}", made.stderr)
        plan = tools.cnnc(*words, "--batch", TIMES, "--dump=plan").stdout
        counter.check(" passes" in plan and " of one pass's images" in plan, f"{name}: some layers are done in passes")
        shape = json.loads(tools.cnnc(*words, "--report=json").stdout)["inputs"][0]["shape"][1:]
        rng, size = random.Random(2), math.prod(shape)
        pixels = [rng.uniform(-1, 1) for _ in range(TIMES * size)]
        tools.write_npy(place / "all.npy", (TIMES, *shape), pixels)
        counter.check(tools.run([place / "all", place / "all.npy", "--dump", place / "of all"]).returncode == 0,
                      f"{name}: the batch")
        for i in range(TIMES):
            tools.write_npy(place / "one.npy", shape, pixels[i * size:(i + 1) * size])
            tools.run([place / "one", place / "one.npy", "--dump", place / f"of {i}"])
            for path in (place / f"of {i}").iterdir():
                alone, together = tools.read_npy(path)[1], tools.read_npy(place / "of all" / path.name)[1]
                part = together[i * len(alone):(i + 1) * len(alone)]
                counter.check(len(together) == TIMES * len(alone) and list(part) == list(alone), f"{name}: {path.stem} of image {i}")


def check_reports(counter, folder):
    """Sizes and costs with a batch, and its ONNX model compiled again."""
    lenet = EXAMPLES / "lenet/lenet.cnn"
    one, all_ = (json.loads(tools.cnnc("--report=json", *words, lenet).stdout) for words in ([], ["--batch", TIMES]))
    for port in ("inputs", "outputs"):
        counter.check(all_[port][0]["shape"] == [TIMES, *one[port][0]["shape"][1:]], f"report: {port}", all_[port])
    for total, times in (("macs", TIMES), ("params", 1), ("layers", 1)):
        counter.check(all_["totals"][total] == times * one["totals"][total], f"report: {total}", all_["totals"])
    for a, b in zip(one["layers"], all_["layers"]):
        counter.check(b["macs"] == TIMES * a["macs"] and b["receptive_fields"] == a["receptive_fields"], f"report: {a['name']}", f"{a}\n{b}")
    done = tools.cnnc("explain", "--batch", TIMES, lenet, "conv2")
    counter.check(done.returncode == 0 and f"{TIMES}x10x10x16" in done.stdout, "explain", done.stdout + done.stderr)
    done = tools.cnnc("--emit=onnx", "--batch", TIMES, lenet, "-o", folder / "lenet.onnx")
    model = onnx.read_model(folder / "lenet.onnx")
    counter.check(onnx.dimensions(model["graph"]["input"][0])[0] == TIMES, "--emit=onnx", done.stderr)
    objects = []
    for made, compiled in ((["--batch", TIMES], []), ([], ["--batch", TIMES])):
        tools.cnnc("--emit=onnx", *made, lenet, "-o", folder / "lenet.onnx")
        done = tools.cnnc("-c", "-w", "-o", folder / "n.o", *compiled, folder / "lenet.onnx")
        objects.append(done.returncode == 0 and (folder / "n.o").read_bytes())
    counter.check(objects[0] and objects[0] == objects[1], "the model of a batch is the batch of a model")


def check_open_models(counter, folder):
    """A first dimension that is open is one image with --batch; a Reshape that names one image is one of each."""
    graph = onnx.graph([onnx.node("Reshape", ["x", "size"], ["flat"]), onnx.node("MatMul", ["flat", "w"], ["y"])],
                       [onnx.value("x", ["N", 2, 3])], [onnx.value("y", ["N", 4])],
                       [onnx.tensor("size", [2], [1, 6], "INT64"), onnx.tensor("w", [6, 4], [k % 5 - 2 for k in range(24)])])
    path = folder / "open.onnx"
    path.write_bytes(onnx.model(graph, opset=17))
    counter.check("E1006" in tools.cnnc("--check", path).stderr, "an open dimension without --batch")
    done = tools.cnnc("--report=json", "--batch", TIMES, path)
    counter.check(done.returncode == 0 and json.loads(done.stdout)["outputs"][0]["shape"] == [TIMES, 1, 1, 4], "an open dimension", done.stderr)


def check_words(counter, folder):
    path = folder / "n.cnn"
    path.write_text(head({"x": "2x3"}) + "    output y = x\n}\n")
    for word in ("0", "65537", "-1", "2x", ""):
        done = tools.cnnc("--check", f"--batch={word}", path)
        counter.check(done.returncode == 2 and "from 1 to 65536" in done.stderr, f"--batch={word}", done.stderr)


def check_run(counter, folder):
    """cnnc run with several images."""
    path = folder / "n.cnn"
    path.write_text(head({"x": "2x3"}) + "    output y = x * 2\n}\n")
    tools.write_npy(folder / "x.npy", (2, 2, 3, 1), range(12))
    done = tools.cnnc("run", "--batch", 2, path, folder / "x.npy", "-o", folder / "y.npy")
    good = counter.check(done.returncode == 0, "run", done.stderr)
    counter.check(good and tools.read_npy(folder / "y.npy")[1].tolist() == [2 * k for k in range(12)], "run: its values")


def main():
    counter = tools.Counter()
    every = "--all" in sys.argv
    with tools.temporary_folder() as place:
        folder = Path(place)
        check_own_batch(counter)
        check_layers(counter, folder)
        check_reports(counter, folder)
        check_open_models(counter, folder)
        check_words(counter, folder)
        check_run(counter, folder)
    check_examples(counter)
    check_random(counter, 400 if every else 40)
    check_forms(counter, 1 if every else 0.04)
    counter.finish()


main()
