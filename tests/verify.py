#!/usr/bin/env python3
"""A network computed in several ways, and how far they are apart, layer by layer: by the naive twins in double precision,
which are right; by cnnc, optimised and at -O0, which fuses nothing; an ONNX model by ONNX Runtime too.

usage: tests/verify.py FILE.cnn [--weights FILE|random:SEED] [--seed N]
       tests/verify.py MODEL.onnx [--seed N]
       tests/verify.py --random N [--seed N]       N random networks of oracle/generate.py, the worst of each word

For each layer: the bound that follows from the definitions for float32 arithmetic in any order, and of each way how much of
that the worst value takes, how many units in the last place it is away, and the largest error as a part of the layer's
largest value. Bounds add up from layer to layer and say little behind twenty; units are many where a sum cancels.
Inputs are random, in the range that the network gives. The exit code is 1 if a value is beyond its bound, or an error
more than that of differential_test.py. ./dev verify runs this with a Python that has NumPy."""

import argparse
import json
import sys
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np

import tools
from differential_test import TOLERANCE, Network
from dump_test import Layers
from program.pictures import npy

REFERENCE = tools.BUILD / "tests" / "reference"
SECONDS = 3600
LEVELS = {"cnnc": "-O3", "cnnc -O0": "-O0"}
RUNTIME = "ONNX Runtime"
WAYS = [*LEVELS, RUNTIME]


def must(done):
    if done.returncode:
        sys.exit(f"{' '.join(map(str, done.args))}\n{done.stderr.rstrip()}")
    return done.stdout


# --- networks and their inputs ---

class Subject:
    """A network file, the option for its weights, and in `folder` its inputs, raw for the reference and as arrays."""

    def __init__(self, source, weights, folder, seed):
        self.source, self.weights, self.folder = source, weights, folder
        options = ["--weights", weights] if weights else []
        self.report = json.loads(must(tools.cnnc("--report=json", "-w", source)))
        self.options, self.raw, self.arrays = options, [], []
        rng = np.random.default_rng(seed)
        for i, given in enumerate(self.report["inputs"]):
            self.add_input(i, given, self.values(rng, given, self.report["layers"]))

    @staticmethod
    def values(rng, given, layers):
        """Raw values: in the range of the input; levels of a picture for bytes and where they are normalised."""
        normalized = any(layer["name"] == f"{given['name']}.normalize" for layer in layers)
        picture = given["type"] == "u8" or normalized
        low, high = given["range"] or ((0, 255) if picture else (-2, 2))
        values = rng.uniform(low, high, given["shape"])
        return np.clip(values.round(), 0, 255) if given["type"] == "u8" else values

    def add_input(self, i, given, values):
        n, h, w, c = given["shape"]
        values = values.astype("<f4").reshape((n, c, h, w) if given["layout"] == "chw" else (n, h, w, c))
        self.raw.append(self.folder / f"in{i}.f32")
        self.raw[-1].write_bytes(values.tobytes())
        self.arrays.append(self.folder / f"in{i}.npy")
        descr = "|u1" if given["type"] == "u8" else "<f4"
        self.arrays[-1].write_bytes(npy(descr, values.shape, values.astype(descr).tobytes()))


# --- the ways to compute it ---

class Right:
    """Of each layer by its name: the word, the shape, values in double, and bounds of their errors."""

    def __init__(self, subject):
        folder = subject.folder / "right"
        folder.mkdir()
        text = must(tools.run([REFERENCE, "--layers", subject.source, subject.weights or "-", folder, *subject.raw],
                              timeout=SECONDS))
        self.layers = Layers(text, folder)

    def __iter__(self):
        return iter(self.layers.names)

    def word(self, name):
        return self.layers.words[self.layers.names[name]]

    def values(self, name):
        return map(np.asarray, self.layers.values(self.layers.names[name]))


def compiled(subject, level):
    """{layer: NPY file} of what a program compiled with this option dumps."""
    program, folder = subject.folder / f"net{level}", subject.folder / f"dump{level}"
    must(tools.cnnc(subject.source, "-w", level, *subject.options, "-o", program, timeout=SECONDS))
    must(tools.run([program, *subject.arrays, "--dump", folder, "--quiet"], timeout=SECONDS))
    return {unquote(path.stem): path for path in folder.iterdir()}


def run_elsewhere(subject):
    """{layer: arrays, one of which is its result} of a model in ONNX Runtime; {} if it is not here."""
    if not is_model(subject.source):
        return {}
    try:
        import onnx_runtime
    except ImportError:
        print(f"{RUNTIME} is not here: ./dev peers makes an environment with it", file=sys.stderr)
        return {}
    made = onnx_runtime.all_tensors(subject.source, [np.fromfile(path, "<f4") for path in subject.raw])
    tensors = onnx_runtime.tensors_of_layers(subject.source, subject.report)
    shapes = {layer["name"]: layer["output"] for layer in subject.report["layers"]}
    return {layer: list(onnx_runtime.on_axes(made[tensor], shapes[layer])) for layer, tensor in tensors.items()}


def is_model(source):
    return Path(source).suffix == ".onnx"


# --- comparing ---

@dataclass
class Error:
    """The worst of some values."""

    part: float = 0   # of its bound
    ulp: float = 0    # units in the last place
    share: float = 0  # of the largest value

    @staticmethod
    def of(values, right, bound):
        known = np.isfinite(right) & np.isfinite(bound)
        values, right, bound = values[known], right[known], bound[known]
        difference = np.nan_to_num(np.abs(values - right), nan=np.inf, posinf=np.inf)
        unit = np.spacing(np.abs(right).astype(np.float32)).astype(np.float64)
        with np.errstate(divide="ignore"):
            parts = np.divide(difference, bound, where=difference > 0, out=np.zeros_like(difference))
        largest = np.abs(right).max(initial=0) or 1
        return Error(parts.max(initial=0), (difference / unit).max(initial=0), difference.max(initial=0) / largest)

    def worst(self, other):
        return Error(*map(max, astuple(self), astuple(other)))

    def is_good(self):
        return self.part <= 1 and self.share <= TOLERANCE

    def __str__(self):
        return f"{self.part:.1%} {self.ulp:,.{0 if self.ulp >= 100 else 1}f} ulp {self.share:.0e}"


def errors(subject, right):
    """{layer: {way: Error}}"""
    found = {name: {} for name in right}
    for way, level in LEVELS.items():
        for name, path in compiled(subject, level).items():
            if name in found:
                found[name][way] = Error.of(np.load(path).astype(np.float64).ravel(), *right.values(name))
    for name, arrays in run_elsewhere(subject).items():
        if name in found and arrays:
            each = [Error.of(array.astype(np.float64), *right.values(name)) for array in arrays]
            found[name][RUNTIME] = min(each, key=lambda error: error.part)
    return found


def print_table(rows):
    """Columns as wide as their widest cell, the last ones to the right; those with a title only are left out."""
    columns = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:])]
    rows = [[row[i] for i in columns] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


def cells(by_way):
    return [str(by_way[way]) if way in by_way else "" for way in WAYS]


def beyond(found):
    return [f"{name}, {way}" for name, by_way in found.items() for way, error in by_way.items() if not error.is_good()]


def verify_file(given, folder):
    subject = Subject(given.file, given.weights, folder, given.seed)
    right = Right(subject)
    found, rows = errors(subject, right), [["layer", "word", "largest", "bound", *WAYS]]
    for name, by_way in found.items():
        values, bound = right.values(name)
        rows.append([name, right.word(name), f"{np.abs(values).max(initial=0):.3g}", f"{bound.max(initial=0):.1e}",
                     *cells(by_way)])
    print_table(rows)
    return beyond(found)


def verify_random(given, folder):
    """The worst of each word over all networks."""
    words, counts, wrong = {}, {}, []
    for seed in range(given.seed, given.seed + given.random):
        place = folder / str(seed)
        network = Network(seed, exact=False)
        network.write(place)
        subject = Subject(place / "net.cnn", place / "net.safetensors", place, seed)
        right = Right(subject)
        found = errors(subject, right)
        wrong += [f"seed {seed}: {which}" for which in beyond(found)]
        for name, by_way in found.items():
            word = right.word(name)
            counts[word] = counts.get(word, 0) + 1
            worst = words.setdefault(word, {})
            for way, error in by_way.items():
                worst[way] = worst.get(way, Error()).worst(error)
    print_table([["word", "layers", *WAYS]] + [[word, str(counts[word]), *cells(words[word])] for word in sorted(words)])
    return wrong


def main():
    parser = argparse.ArgumentParser(description="A network computed in several ways, layer by layer.")
    parser.add_argument("file", nargs="?", metavar="FILE.cnn|MODEL.onnx")
    parser.add_argument("--weights", metavar="FILE|random:SEED", help="in place of the network's own")
    parser.add_argument("--random", type=int, metavar="N", help="N random networks in place of a file")
    parser.add_argument("--seed", type=int, default=1, help="of inputs, and the first of random networks")
    given = parser.parse_args()
    if (given.file is None) == (given.random is None):
        parser.error("either a file or --random N")
    with tools.temporary_folder() as folder:
        wrong = (verify_random if given.random else verify_file)(given, Path(folder))
    for which in wrong:
        print(f"too far away: {which}", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
