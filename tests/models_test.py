#!/usr/bin/env python3
"""Trained networks in ONNX files, with inputs and what they must make of them: compiled straight from the file, and by
way of the .cnn file and weights that `cnnc import` writes, which give the same bits.

usage: tests/models_test.py [NAME...]

Looks for folders with model.onnx and test_data_set_0 in shared/models beside the project, or where $CNNC_MODELS says. A
value y may be 1e-4 |y| + 1e-5 max|y| away."""

import os
import sys
from math import inf, isnan, prod
from pathlib import Path

import onnx_files as onnx
import tools
from compiled import CompileError, Compiled

# What a model needs that is not imported yet.
MISSING = {"ppocr_v4_det": "Resize", "yolo_fastest_1.1_xl": "Resize"}

MODELS = Path(os.environ.get("CNNC_MODELS", tools.ROOT.parent / "shared" / "models"))
SECONDS = 600


class Model:
    def __init__(self, folder):
        self.name, self.path = folder.name, folder / "model.onnx"
        graph = onnx.read_model(self.path)["graph"]
        known = {tensor["name"] for tensor in graph.get("initializer", [])}
        self.ports = [value for value in graph["input"] if value["name"] not in known]
        data = folder / "test_data_set_0"
        self.inputs = [onnx.read_tensor(data / f"input_{i}.pb") for i in range(len(self.ports))]
        self.outputs = [onnx.read_tensor(data / f"output_{i}.pb") for i in range(len(graph["output"]))]

    def shapes(self):
        """Options that say how large inputs are whose sizes have names."""
        for port, tensor in zip(self.ports, self.inputs):
            if onnx.is_open(port):
                yield f"--shape={port['name']}={'x'.join(map(str, tensor['dims']))}"

    def results(self, source, folder, options=()):
        """An array for each output, of the network compiled from `source`."""
        network = Compiled(source, folder, options=["-w", *options], seconds=SECONDS)
        wanted = [prod(tensor["dims"]) for tensor in [*self.inputs, *self.outputs]]
        if network.counts != wanted:
            raise CompileError(f"inputs and outputs of {network.counts} elements, not {wanted}")
        return network.run(map(onnx.tensor_values, self.inputs), network.counts[len(self.inputs):])

    def imported(self, folder):
        Compiled.must(tools.cnnc("import", self.path, "-o", folder / "model.cnn", *self.shapes(), timeout=SECONDS))
        return self.results(folder / "model.cnn", folder)


def allowed_part(got, tensor):
    """How much of what is allowed the worst value takes."""
    wanted = onnx.tensor_values(tensor)
    largest = max(map(abs, wanted))
    parts = [abs(a - b) / (1e-4 * abs(b) + 1e-5 * largest or 1) for a, b in zip(got, wanted)]
    return inf if any(map(isnan, parts)) else max(parts)


def check_model(counter, folder):
    model = Model(folder)
    try:
        with tools.temporary_folder() as place:
            results = model.results(model.path, place, model.shapes())
            parts = [allowed_part(*pair) for pair in zip(results, model.outputs)]
            for i, part in enumerate(parts):
                counter.check(part <= 1, f"{model.name}: output {i}", f"{part:.1f} times what is allowed")
            print(f"{model.name}: the worst value takes {max(parts):.1%} of what is allowed", flush=True)
            same = [a.tobytes() for a in model.imported(Path(place))] == [a.tobytes() for a in results]
            counter.check(same, f"{model.name}: the same bits by way of .cnn")
    except CompileError as error:
        wanting = MISSING.get(model.name)
        if error.code == 1 and wanting and f"error: {wanting}" in str(error):
            counter.skip(model.name, f"{wanting} is not imported yet")
        else:
            counter.check(False, model.name, error)


def main(names):
    counter = tools.Counter()
    folders = sorted(path.parent for path in MODELS.glob("*/model.onnx") if not names or path.parent.name in names)
    if not folders:
        counter.skip("trained networks", f"none in {MODELS}")
    for folder in folders:
        check_model(counter, folder)
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
