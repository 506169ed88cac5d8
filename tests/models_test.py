#!/usr/bin/env python3
"""Trained networks in ONNX files, with inputs and what they must make of them: compiled straight from the file, and by
way of the .cnn file and weights that `cnnc import` writes, which give the same bits; those with open dimensions at more
sizes than that of their data. Prints a table of errors, as docs/onnx.md has it.

usage: tests/models_test.py [NAME...]

Looks for folders with model.onnx and test_data_set_0 in shared/models beside the project, or where $CNNC_MODELS says. A
value y may be 1e-4 |y| + 1e-5 max|y| away."""

import json
import os
import sys
from array import array
from math import inf, isnan, prod
from pathlib import Path

import onnx_files as onnx
import tools
from compiled import CompileError, Compiled, read_floats

# Models whose stored outputs, of single precision themselves, are farther from the right values than is allowed: the
# naive twins in double take their place. Of the 409,600 values here 4 are, by up to 7e-5 of the largest.
IN_DOUBLE = {"ppocr_v4_det"}
# Sizes beside that of the data, for models that leave some open.
MORE_SIZES = {"ppocr_v4_det": ([1, 3, 224, 320], [1, 3, 320, 224]), "prisma_seg": ([2, 3, 256, 256], [3, 3, 256, 256])}

MODELS = Path(os.environ.get("CNNC_MODELS", tools.ROOT.parent / "shared" / "models"))
REFERENCE = tools.BUILD / "tests" / "reference"
SECONDS = 1200
STORED, DOUBLE, RUNTIME = "stored", "double", "ONNX Runtime"


class Model:
    def __init__(self, folder):
        self.name, self.path = folder.name, folder / "model.onnx"
        graph = onnx.read_model(self.path)["graph"]
        known = {tensor["name"] for tensor in graph.get("initializer", [])}
        self.ports = [value for value in graph["input"] if value["name"] not in known]
        data = folder / "test_data_set_0"
        self.inputs = [onnx.read_tensor(data / f"input_{i}.pb") for i in range(len(self.ports))]
        self.outputs = [onnx.read_tensor(data / f"output_{i}.pb") for i in range(len(graph["output"]))]

    def is_open(self):
        return any(map(onnx.is_open, self.ports))


class Sized:
    """A model at one size, with inputs: (dimensions, values) for each."""

    def __init__(self, model, inputs, folder):
        self.model, self.inputs, self.folder = model, inputs, Path(folder)
        self.options = [f"--shape={port['name']}={'x'.join(map(str, dims))}"
                        for port, (dims, _) in zip(model.ports, inputs) if onnx.is_open(port)]

    def results(self, source, options=()):
        """An array for each output, of the network compiled from `source`."""
        network = Compiled(source, self.folder, options=["-w", *options], seconds=SECONDS)
        counts = [prod(dims) for dims, _ in self.inputs]
        if network.counts[:len(counts)] != counts:
            raise CompileError(f"inputs and outputs of {network.counts} elements, not {counts} and others")
        return network.run([values for _, values in self.inputs], network.counts[len(counts):])

    def compiled(self):
        return self.results(self.model.path, self.options)

    def imported(self):
        """The same by way of the written network, which is in the folder then."""
        words = ["import", self.model.path, "-o", self.folder / "model.cnn", *self.options]
        Compiled.must(tools.cnnc(*words, timeout=SECONDS))
        return self.results(self.folder / "model.cnn")

    def in_double(self):
        """What the naive twins make of the written network."""
        source, paths = self.folder / "model.cnn", []
        for i, (_, values) in enumerate(self.inputs):
            paths.append(self.folder / f"in{i}.f32")
            paths[-1].write_bytes(array("f", values).tobytes())
        Compiled.must(tools.run([REFERENCE, source, self.folder / "model.safetensors", self.folder, *paths], timeout=SECONDS))
        ports = json.loads(tools.cnnc("--report=json", "-w", source).stdout)["outputs"]
        return [in_layout(read_floats(self.folder / f"{port['name']}.f64", "d"), port) for port in ports]

    def elsewhere(self, python):
        """What ONNX Runtime makes of the model."""
        paths = [self.folder / f"in{i}.npy" for i in range(len(self.inputs))]
        for path, (dims, values) in zip(paths, self.inputs):
            tools.write_npy(path, dims, values)
        Compiled.must(tools.run([python, tools.ROOT / "tests" / "onnx_runtime.py", self.model.path, self.folder, *paths],
                                timeout=SECONDS))
        return [tools.read_npy(self.folder / f"output{i}.npy")[1] for i in range(len(self.model.outputs))]


def cut_out(dims, values, wanted):
    """A picture of other sizes, N, C, H, W, out of the middle of one; each image 16 columns further, around its edge."""
    _, channels, height, width = dims
    top, left = (height - wanted[2]) // 2, (width - wanted[3]) // 2
    return array("f", (values[(c * height + (top + y) % height) * width + (left + x + 16 * image) % width]
                       for image in range(wanted[0]) for c in range(channels)
                       for y in range(wanted[2]) for x in range(wanted[3])))


def in_layout(values, port):
    """Values N, H, W, C in the layout of their port."""
    n, h, w, c = port["shape"]
    if port["layout"] != "chw":
        return values
    pixels = h * w
    return [values[(image * pixels + at) * c + channel] for image in range(n) for channel in range(c) for at in range(pixels)]


def differences(got, wanted):
    """The largest error as a part of the largest value, and how much of what is allowed the worst value takes."""
    if len(got) != len(wanted):
        raise CompileError(f"an output of {len(got)} elements, not {len(wanted)}")
    largest = max(map(abs, wanted))
    errors = [abs(a - b) for a, b in zip(got, wanted)]
    if any(map(isnan, errors)):
        return inf, inf
    return max(errors) / (largest or 1), max(e / (1e-4 * abs(b) + 1e-5 * largest or 1) for e, b in zip(errors, wanted))


def compare(counter, sized, way, python=None):
    """A row of the table: one model at one size."""
    size = "x".join(map(str, sized.inputs[0][0]))
    name = f"{sized.model.name} at {size}"
    results = sized.compiled()
    same = [a.tobytes() for a in sized.imported()] == [a.tobytes() for a in results]
    counter.check(same, f"{name}: the same bits by way of .cnn")
    wanted = (sized.in_double() if way == DOUBLE else sized.elsewhere(python) if way == RUNTIME else
              list(map(onnx.tensor_values, sized.model.outputs)))
    counter.check(len(results) == len(wanted), f"{name}: {len(results)} outputs, not {len(wanted)}")
    errors, parts = zip(*map(differences, results, wanted))
    print(f"| {sized.model.name} | {size} | {way} | {max(errors):.1e} | {max(parts):.1%} |", flush=True)
    for i, part in enumerate(parts):
        counter.check(part <= 1, f"{name}: output {i}, {way}", f"{part:.1f} times what is allowed")


def check_model(counter, folder, python):
    model = Model(folder)
    stored = [(tensor["dims"], onnx.tensor_values(tensor)) for tensor in model.inputs]
    cases = [(stored, DOUBLE if model.name in IN_DOUBLE else STORED)]
    for dims in MORE_SIZES.get(model.name, ()):
        cases.append(([(dims, cut_out(*stored[0], dims))], RUNTIME if python else DOUBLE))
    counter.check(model.is_open() == (model.name in MORE_SIZES), f"{model.name}: more sizes where some are open")
    for inputs, way in cases:
        try:
            with tools.temporary_folder() as place:
                compare(counter, Sized(model, inputs, place), way, python)
        except CompileError as error:
            counter.check(False, f"{model.name}, {way}", error)


def main(names):
    counter = tools.Counter()
    folders = sorted(path.parent for path in MODELS.glob("*/model.onnx") if not names or path.parent.name in names)
    if not folders:
        counter.skip("trained networks", f"none in {MODELS}")
        counter.finish()
    python = tools.python_with("numpy", "onnxruntime")
    if not python:
        counter.skip(RUNTIME, "./dev peers makes an environment with it; the naive twins take its place")
    print("| model | input | against | error | of the allowed |\n| --- | --- | --- | --- | --- |", flush=True)
    for folder in folders:
        check_model(counter, folder, python)
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
