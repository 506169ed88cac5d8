#!/usr/bin/env python3
"""`cnnc --emit=onnx`: models as their bytes say them (onnx_files.py), against the network's report and its weights; cases
of single layers; and models compiled again, whose results are those of the network.
export_onnx_peers.py asks onnx.checker and ONNX Runtime.

usage: tests/export_onnx_test.py [COUNT [FIRST_SEED]]
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
import onnx_files
import tools
from compiled import Compiled
from differential_test import TOLERANCE, Network
from examples_test import SMALL

SEEDS = 24

# Of a network with the input `i`, 8x8x4: its body, and the model's nodes with what matters of their attributes.
CASES = {
    "a convolution": (
        "output y = i -> conv(3x5, 8, stride = 2x1, padding = [1, 2, 0, 2], dilation = 1x2, groups = 2)",
        [("Conv", {"kernel_shape": [3, 5], "strides": [2, 1], "pads": [1, 2, 0, 2], "dilations": [1, 2], "group": 2})]),
    "same": ("output y = i -> conv(2, 8, padding = same)", [("Conv", {"pads": [0, 0, 1, 1], "group": 1})]),
    "mirrored": ("output y = i -> conv(3, 8, padding = 1, padding_mode = reflect)",
                 [("Pad", {"mode": b"reflect"}), ("Conv", {"pads": [0, 0, 0, 0]})]),
    "wrapped": ("output y = i -> conv(3, 8, padding = 1x0, padding_mode = wrap)", [("Gather", {"axis": 2}), ("Conv", {})]),
    "depthwise": ("output y = i -> depthwise(3, multiplier = 2)", [("Conv", {"group": 4, "kernel_shape": [3, 3]})]),
    "transposed": ("output y = i -> deconv(1, 8, stride = 2, padding = same)",
                   [("ConvTranspose", {"strides": [2, 2], "pads": [0, 0, 0, 0], "output_padding": [1, 1], "group": 1})]),
    "rounded up": ("output y = i -> maxpool(3, stride = 2, ceil = true)",
                   [("MaxPool", {"pads": [0, 0, 1, 1], "strides": [2, 2]})]),
    "a wide border": ("output y = i -> maxpool(2, padding = 2, dilation = 3)",
                      [("Pad", {"mode": b"constant"}), ("MaxPool", {"pads": [0, 0, 0, 0], "dilations": [3, 3]})]),
    "means": ("output y = i -> avgpool(3, stride = 1, padding = 1)", [("AveragePool", {"count_include_pad": 0})]),
    "means with padding": ("output y = i -> avgpool(3, stride = 1, padding = 1, count_padding = true)",
                           [("AveragePool", {"count_include_pad": 1})]),
    "dilated means": ("output y = i -> avgpool(3, stride = 1, padding = 1, dilation = 2)",
                      [("Conv", {"group": 4, "dilations": [2, 2]}), ("Mul", {})]),
    "all of it": ("output y = i -> avgpool(global) -> maxpool(global)", [("GlobalAveragePool", {}), ("GlobalMaxPool", {})]),
    "vectors": ("output y = i -> flatten -> dense(10) -> relu -> dense(3) -> softmax",
                [("Flatten", {"axis": 1}), ("Gemm", {"transB": 1}), ("Relu", {}), ("Gemm", {"transB": 1}),
                 ("Softmax", {"axis": 1})]),
    "vectors as pictures": ("output y = i -> flatten(order = hwc) -> upsample(2)",
                            [("Transpose", {"perm": [0, 2, 3, 1]}), ("Flatten", {"axis": 1}), ("Reshape", {}),
                             ("Resize", {"mode": b"nearest", "nearest_mode": b"floor",
                                         "coordinate_transformation_mode": b"asymmetric"})]),
    "pictures as vectors": ("output y = i -> avgpool(global) -> dense(3)", [("GlobalAveragePool", {}), ("Reshape", {}), ("Gemm", {})]),
    "numbers": ("output y = 2 - i * 3", [("Mul", {}), ("Sub", {})]),
    "logic": ("c = greater(i, 0)\n output y = where(c, i, 2)\n output z = not_equal(3, i)\n output u = i -> isnan",
              [("Greater", {}), ("Cast", {"to": 1}), ("Cast", {"to": 9}), ("Where", {}), ("Equal", {}), ("Not", {}), ("Cast", {"to": 1}),
               ("IsNaN", {}), ("Cast", {"to": 1})]),
    "rests": ("output y = fmod(i, 3)\n output z = mod(i, 3)",
              [("Mod", {"fmod": 1}), ("Mod", {"fmod": 1}), ("Sign", {}), ("Mul", {}), ("Less", {}), ("Add", {}), ("Where", {})]),
    "half a clip": ("output y = i -> clip(low = 1) -> shrink(1, 2) -> selu(2, 3)",
                    [("Clip", {}), ("Shrink", {"lambd": 1, "bias": 2}), ("Selu", {"alpha": 2, "gamma": 3})]),
    "axes": ("output y = concat(i, i, height) -> softmax(width) -> slice(channels, 3..0, step = -1) -> mean(height, channels)",
             [("Concat", {"axis": 2}), ("Softmax", {"axis": 3}), ("Slice", {}), ("ReduceMean", {"axes": [2, 1]})]),
    "the largest": ("output y = i -> topk(2, width)\n output z = i -> topk(1, indices)\n output u = i -> argmin(last = true)",
                    [("TopK", {"axis": 3, "largest": 1}), ("TopK", {"axis": 1}), ("Cast", {"to": 1}),
                     ("ArgMin", {"axis": 1, "select_last_index": 1}), ("Cast", {"to": 1})]),
    "places of the largest": ("p = i -> maxpool(2, result = indices)\n output y = unpool(i -> maxpool(2), p, 8x8)\n output z = p",
                              [("MaxPool", {"strides": [2, 2]}), ("Mod", {}), ("Cast", {"to": 1}), ("MaxPool", {}), ("Add", {}), ("Cast", {"to": 7}),
                               ("MaxUnpool", {"kernel_shape": [5, 5], "strides": [1, 1], "pads": [0, 0, 0, 0]})]),
    "put closer": ("output y = unpool(i, i, 6x9)", [("Floor", {}), ("Clip", {}), ("Equal", {}), ("Where", {}), ("Add", {}), ("Cast", {"to": 7}),
                                                    ("MaxUnpool", {"kernel_shape": [2, 2], "pads": [1, 0, 1, 0]}), ("Slice", {})]),
    "places within a border": ("output y = i -> maxpool(2, padding = 2, dilation = 3, result = indices)",
                               [("Pad", {}), ("MaxPool", {"pads": [0, 0, 0, 0]}), ("Mod", {}), ("Div", {}), ("Mul", {}), ("Sub", {}), ("Sub", {}),
                                ("Cast", {"to": 1})]),
    "norms of windows": ("output y = i -> lppool(2, p = 3) -> lppool(2, dilation = 2, p = 1)",
                         [("LpPool", {"p": 3, "strides": [2, 2]}), ("Abs", {}), ("Pow", {}), ("Conv", {"group": 4}), ("Pow", {})]),
    "resizing": ("output y = i -> resize(5x7, mode = bicubic, coefficient = -0.5) -> resize(3x3) -> resize(2x2, mode = bilinear, antialias = true)",
                 [("Resize", {"mode": b"cubic", "cubic_coeff_a": -0.5}), ("Gather", {"axis": 2}), ("Gather", {"axis": 3}),
                  ("MatMul", {}), ("MatMul", {})]),
    "norms": ("output y = i -> layernorm -> layernorm(channels, height, width, bias = false) -> instancenorm(affine = false) -> lrn(3)",
              [("Transpose", {"perm": [0, 2, 3, 1]}), ("LayerNormalization", {"axis": 3}), ("Transpose", {"perm": [0, 3, 1, 2]}),
               ("LayerNormalization", {"axis": 1}), ("InstanceNormalization", {}), ("LRN", {"size": 3})]),
    "an even size": ("output y = i -> lrn(2)", [("Mul", {}), ("Reshape", {}), ("AveragePool", {"pads": [0, 0, 1, 0]}), ("Reshape", {}),
                                               ("Mul", {}), ("Add", {}), ("Pow", {}), ("Div", {})]),
    "groups": ("output y = i -> groupnorm(2)", [("Reshape", {}), ("InstanceNormalization", {}), ("Reshape", {}), ("Mul", {}), ("Add", {})]),
    "norms of vectors": ("output y = i -> flatten -> layernorm -> l2norm",
                         [("Flatten", {}), ("LayerNormalization", {"axis": 1}), ("ReduceL2", {"axes": [1]}), ("Max", {}), ("Div", {})]),
    "sums": ("output y = i -> sum(width)", [("ReduceSum", {})]),
    "turned": ("output y = i -> permute(channels, height, width)", [("Transpose", {"perm": [0, 3, 1, 2]})]),
    "shuffled": ("output y = i -> pixel_shuffle(2) -> pixel_unshuffle(2) -> channel_shuffle(2)",
                 [("DepthToSpace", {"mode": b"CRD", "blocksize": 2}), ("Reshape", {}), ("Transpose", {"perm": [0, 1, 3, 5, 2, 4]}),
                  ("Reshape", {}), ("Reshape", {}), ("Transpose", {"perm": [0, 2, 1, 3, 4]}), ("Reshape", {})]),
    "odd sizes": ("output y = i -> upsample(size = 11x8)", [("Gather", {"axis": 2}), ("Gather", {"axis": 3})]),
    "bytes": ("input p: 8x8x3, type = u8, range = 0..255\n output y = p -> relu", [("Cast", {"to": 1}), ("Div", {}), ("Relu", {})]),
    "means of channels": ("input p: 8x8x3, mean = [1, 2, 3], std = 4\n output y = p -> relu",
                          [("Sub", {}), ("Div", {}), ("Relu", {})]),
    "an input as output": ("output y = i\n output z = i", [("Identity", {}), ("Identity", {})]),
    "functions": ("output y = i -> threshold(1, 0) -> silu -> mish -> gelu -> threshold(1, 2) -> hard_sigmoid",
                  [("ThresholdedRelu", {"alpha": 1}), ("Sigmoid", {}), ("Mul", {}), ("Softplus", {}), ("Tanh", {}), ("Mul", {}), ("Mul", {}), ("Erf", {}), ("Add", {}),
                   ("Mul", {}), ("Mul", {}), ("Greater", {}), ("Where", {}), ("HardSigmoid", {})]),
}


def report_of(source):
    return json.loads(tools.cnnc("--report=json", source).stdout)


def as_planes(values, shape, layout):
    """N x H x W x C values of a caller as N x C x H x W, or back: flat lists."""
    n, h, w, c = shape
    if layout == "chw":
        return list(values)
    return [values[((i * h + y) * w + x) * c + k] for i in range(n) for k in range(c) for y in range(h) for x in range(w)]


# --- the model's bytes ---

def sizes_of(shape):
    """What may stand for a size N, H, W, C."""
    n, h, w, c = shape
    return [[n, c, h, w]] + ([[n, c]] if h == w == 1 else [])


def unsound(graph):
    """What breaks the rules of a model: names that are not made before they are used, or twice."""
    made = {item["name"] for key in ("input", "initializer") for item in graph.get(key, [])}
    problems = [] if len(made) == len(graph.get("input", [])) + len(graph.get("initializer", [])) else ["names twice"]
    for node in graph["node"]:
        problems += [f"{name} is not made before {node['name']}" for name in node["input"] if name and name not in made]
        problems += [f"{name} is made twice" for name in node["output"] if name in made]
        made.update(node["output"])
    return problems + [f"output {port['name']} is not made" for port in graph["output"] if port["name"] not in made]


def check_ports(counter, name, graph, report):
    for key in ("input", "output"):
        ports, wanted = graph[key], report[f"{key}s"]
        counter.check([port["name"] for port in ports] == [port["name"] for port in wanted], f"{name}: {key}s", str(ports))
        for port, of in zip(ports, wanted):
            counter.check(onnx_files.dimensions(port) in sizes_of(of["shape"]), f"{name}: size of {of['name']}", str(port))
            kind = onnx_files.TYPES[port["type"]["tensor_type"]["elem_type"]]
            counter.check(kind == ("UINT8" if of.get("type") == "u8" else "FLOAT"), f"{name}: type of {of['name']}", kind)


def check_layers(counter, name, graph, report):
    """Every layer's value is there under its name, but for what is an output, in its size."""
    infos = {info["name"]: onnx_files.dimensions(info) for info in graph.get("value_info", [])}
    known = {port["name"] for port in graph["input"] + graph["output"]} | {item["name"] for item in graph.get("initializer", [])}
    ends = {port["layer"] for port in report["outputs"]}
    for layer in report["layers"]:
        label = layer["name"]
        if label in ends or label in known or layer["layer"] == "parameter":
            continue
        counter.check(infos.get(label) in sizes_of(layer["output"]), f"{name}: {label}", f"{infos.get(label)} of {layer['output']}")


def check_weights(counter, name, graph, report, weights=None):
    """Initializers under the parameters' keys, with as many values; and those of a file, the same."""
    held = {item["name"]: item for item in graph.get("initializer", [])}
    for layer in report["layers"]:
        for wanted in layer["parameters"]:
            item = held.get(wanted["name"])
            if not counter.check(item, f"{name}: {wanted['name']}", f"no such initializer: {sorted(held)}"):
                continue
            counter.check(prod(item.get("dims", [])) == prod(wanted["shape"]), f"{name}: values of {wanted['name']}", str(item["dims"]))
            if weights:
                values = onnx_files.tensor_values(item)
                counter.check(values == list(weights[wanted["name"]][1]), f"{name}: {wanted['name']}", "other values")


def written(counter, name, source, weights):
    """The model of a file, read, or None."""
    path = source.parent / "net.onnx"
    done = tools.cnnc("--emit=onnx", source, "-o", path, "--weights", weights)
    if not counter.check(done.returncode == 0, f"{name}: written", done.stderr):
        return None
    model = onnx_files.read_model(path)
    counter.check(model["opset_import"] == [{"domain": "", "version": 17}], f"{name}: operator set", str(model["opset_import"]))
    counter.check((model["ir_version"], model["producer_name"]) == (8, "cnnc"), f"{name}: producer", "")
    problems = unsound(model["graph"])
    counter.check(not problems, f"{name}: sound", "\n".join(problems[:9]))
    return model["graph"]


def check_structure(counter, name, source, weights, values=None):
    graph, report = written(counter, name, source, weights), report_of(source)
    if graph:
        check_ports(counter, name, graph, report)
        check_layers(counter, name, graph, report)
        check_weights(counter, name, graph, report, values)
    return graph


# --- compiled again ---

def compiled_again(counter, name, source, weights, values):
    """The model's results, from the model and what it is fed as planes, are the network's."""
    folder, report = source.parent, report_of(source)
    counts = [prod(port["shape"]) for port in report["outputs"]]
    model = folder / "net.onnx"
    if any(port["type"] == "u8" for port in report["inputs"]):
        return
    done = tools.cnnc("--check", model)
    if re.search(r"\[E100[34]\]", done.stderr):
        return  # an operator that is written and cannot be read yet
    if not counter.check(done.returncode == 0, f"{name}: the model, read", done.stderr):
        return
    again = report_of(model)
    (folder / "again").mkdir()
    mine = Compiled(source, folder, weights=weights).run(values, counts)
    fed = [as_planes(given, port["shape"], port["layout"]) for given, port in zip(values, report["inputs"])]
    theirs = Compiled(model, folder / "again").run(fed, counts)
    for port, new, a, b in zip(report["outputs"], again["outputs"], mine, theirs):
        a, b = as_planes(a, port["shape"], port["layout"]), as_planes(b, new["shape"], new["layout"])
        allowed = TOLERANCE * max(1e-3, *map(abs, a))
        wrong = [(at, x, y) for at, (x, y) in enumerate(zip(a, b)) if not (abs(x - y) <= allowed or x == y or x != x and y != y)]
        counter.check(not wrong, f"{name}: {port['name']} of the model", f"{wrong[:3]}\n{source.read_text()}")


def one_seed(seed):
    counter, network = tools.Checks(), Network(seed, False)
    with tools.temporary_folder() as place:
        network.write(Path(place))
        source = Path(place) / "net.cnn"
        order = None if "order = hwio" in network.text or "prefix" in network.text else network.weights.tensors
        if check_structure(counter, f"seed {seed}", source, source.with_suffix(".safetensors"), order):
            compiled_again(counter, f"seed {seed}", source, source.with_suffix(".safetensors"), network.values)
    return counter.checks


def one_text(name, text, again=False):
    counter, rng = tools.Checks(), random.Random(name)
    with tools.temporary_folder() as place:
        source = Path(place) / "net.cnn"
        source.write_text(text)
        if check_structure(counter, name, source, "random:1") and again:
            values = [[rng.uniform(-2, 2) for _ in range(prod(port["shape"]))] for port in report_of(source)["inputs"]]
            compiled_again(counter, name, source, "random:1", values)
    return counter.checks


def every_layer(seed):
    return one_text(f"layers {seed}", layers.network(seed, False)[0])


def example(name):
    return one_text(name, tools.with_defaults((tools.ROOT / "examples" / f"{name}.cnn").read_text(), SMALL[name]))


# --- cases ---

def cases(counter, folder):
    for name, (body, wanted) in CASES.items():
        source = folder / "net.cnn"
        source.write_text(f"network n {{\n input i: 8x8x4\n {body}\n}}\n")
        graph = check_structure(counter, name, source, "random:1")
        found = [(node["op_type"], onnx_files.attributes(node)) for node in graph["node"]] if graph else []
        good = [kind for kind, _ in found] == [kind for kind, _ in wanted]
        for (_, attributes), (_, of) in zip(found, wanted):
            good = good and all(attributes.get(key) == value for key, value in of.items())
        counter.check(good, name, "\n".join(map(str, found)))


def rows(counter):
    """Every layer that can be in a graph has a form."""
    layers_of = re.findall(r'^OP\((\w+), "\w+", .*, (\w+), "[^"]*"\)$', (tools.ROOT / "ir" / "ops.def").read_text(), re.M)
    forms = set(re.findall(r"^FORM\((\w+),", (tools.ROOT / "export" / "onnx" / "operators.def").read_text(), re.M))
    without = {"PARAMETER", "SEPARABLE", "NORMALIZE", "SPLIT"}
    missing = {name for name, lower in layers_of if lower != "later"} - forms - without
    counter.check(len(layers_of) > 50 and not missing, "a form for each layer", f"  none for {sorted(missing)}")


def main(count=SEEDS, first=1):
    counter = tools.Counter()
    rows(counter)
    with tools.temporary_folder() as folder:
        cases(counter, Path(folder))
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(one_seed, seed) for seed in range(first, first + count)]
        jobs += [pool.submit(every_layer, seed) for seed in range(1, 5)] + [pool.submit(example, name) for name in SMALL]
        for job in jobs:
            for check in job.result():
                counter.check(*check)
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
