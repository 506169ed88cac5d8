#!/usr/bin/env python3
"""Receptive fields against pixels perturbed in compiled networks. A batch holds one picture many times, each time with another
row or column changed; which rows and columns of the outputs differ is compared with the report's units.

Always: what differs lies in the unit's interval. In networks whose weights are positive and whose layers let everything through,
the first and the last of every interval do make a difference.

usage: tests/perturbation_test.py [COUNT [FIRST_SEED]]
"""

import json
import random
import sys
from math import prod
from pathlib import Path

import tools
from compiled import CompileError, Compiled
from oracle.branches import Branches
from oracle.report import report

COUNT = 80     # networks; every second one lets everything through
LARGE = 1e12   # so large a change that no maximum hides the smallest share of it
BATCH = 33     # pictures: one as it is, and one for each row and column of up to 16


def usable_text(seed, tight):
    for attempt in range(1000):
        text = Branches(f"{seed} {attempt}", tight, BATCH).text()
        try:
            report(text)
            return text
        except (AssertionError, ArithmeticError, ValueError):
            continue
    raise RuntimeError(f"seed {seed}: no usable network in 1000")


def positive_weights(layers, rng):
    """Kernels whose sums are about 1, so that values stay near those of the picture."""
    tensors = {}
    for layer in layers:
        for tensor in layer["parameters"]:
            shape = tensor["shape"]
            share = prod(shape) / layer["output"][3] if tensor["name"].endswith("weight") else 10
            tensors[tensor["name"]] = (shape, [rng.uniform(0.5, 1.5) / share for _ in range(prod(shape))])
    return tensors


def batch_of(picture, shape, change):
    """The picture, then with each row changed, then each column; the rest of the batch is the picture again."""
    _, height, width, channels = shape
    result = list(picture)
    for i in range(BATCH - 1):
        for at, value in enumerate(picture):
            row, column = at // (width * channels), at // channels % width
            result.append(change(value) if row == i or column == i - height else value)
    return result


def differing(output, shape, axis, image):
    """The rows (columns) in which an image of an output's batch is not its first."""
    _, height, width, channels = shape
    size, rows = height * width * channels, width * channels
    first, other = output[:size], output[image * size:(image + 1) * size]
    return {at // rows if axis == 0 else at // channels % width for at in range(size) if first[at] != other[at]}


class Network:
    def __init__(self, seed, folder):
        self.tight, self.rng = seed % 2 == 0, random.Random(seed)
        self.text = usable_text(seed, self.tight)
        self.source = folder / "net.cnn"
        self.source.write_text(self.text)
        result = tools.cnnc("--report=json", "--units", self.source)
        if result.returncode:
            raise CompileError(result.stderr)
        self.report = json.loads(result.stdout)
        weights = f"random:{seed}"
        if self.tight:
            weights = folder / "net.safetensors"
            tools.write_safetensors(weights, positive_weights(self.report["layers"], self.rng))
        self.compiled = Compiled(self.source, folder, "native", weights)
        self.layers = {layer["name"]: layer for layer in self.report["layers"]}

    def changes(self):
        """Ways to change a value."""
        if self.tight:
            return [lambda v: v + LARGE]
        return [lambda v: v + 3, lambda v: -v - 1]

    def problems(self):
        shapes = [entry["shape"] for entry in self.report["inputs"]]
        for which, entry in enumerate(self.report["inputs"]):
            for change in self.changes():
                low = 0.5 if self.tight else -1.5
                pictures = [[self.rng.uniform(low, 1.5) for _ in range(prod(shape[1:]))] for shape in shapes]
                values = [batch_of(picture, shape, change if i == which else lambda v: v)
                          for i, (picture, shape) in enumerate(zip(pictures, shapes))]
                outputs = self.compiled.run(values, [prod(output["shape"]) for output in self.report["outputs"]])
                for output, numbers in zip(self.report["outputs"], outputs):
                    yield from self.compare(entry, output, numbers)

    def compare(self, entry, output, numbers):
        """Texts of what one output says otherwise than the report."""
        fields = self.layers[output["layer"]]["receptive_fields"] if output["layer"] in self.layers else []
        field = next((field for field in fields if field["input"] == entry["name"]), None)
        for axis in (0, 1):
            size, start = entry["shape"][1 + axis], 1 + axis * entry["shape"][1]
            units = field["units"][axis] if field else [None] * output["shape"][1 + axis]
            for pixel in range(size):
                changed = differing(numbers, output["shape"], axis, start + pixel)
                allowed = {u for u, seen in enumerate(units) if seen and seen[0] <= pixel <= seen[1]}
                ends = {u for u, seen in enumerate(units) if seen and pixel in seen}
                where = f"{output['name']}, {('row', 'column')[axis]} {pixel} of {entry['name']}"
                if changed - allowed:
                    yield f"{where}: changes {sorted(changed - allowed)}, which do not see it"
                if self.tight and ends - changed:
                    yield f"{where}: does not change {sorted(ends - changed)}, which see it"


def main(count=COUNT, first=1):
    counter, tight = tools.Counter(), 0
    for seed in range(first, first + count):
        with tools.temporary_folder() as folder:
            try:
                network = Network(seed, Path(folder))
                problems = list(network.problems())
                tight += network.tight
                counter.check(not problems, f"seed {seed}", "\n".join(problems[:8]) + "\n" + network.text)
            except CompileError as error:
                counter.check(False, f"seed {seed}", str(error)[-2000:])
    print(f"{count} networks perturbed, {tight} of them to the ends of their intervals")
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
