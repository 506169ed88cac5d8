#!/usr/bin/env python3
"""A network computed in several ways, and how far they are apart, layer by layer: by the naive twins in double precision,
which are right; by cnnc, optimised and at -O0, which fuses nothing; by ONNX Runtime, for which --emit=onnx writes a network.

usage: tests/verify.py FILE.cnn [--weights FILE|random:SEED] [--seed N]
       tests/verify.py MODEL.onnx [--seed N]
       tests/verify.py --random N [--seed N]       N random networks of oracle/generate.py, the worst of each word
       tests/verify.py --examples [--seed N]       those of examples/, large ones at a small size, the worst of each

For each layer: the bound that follows for float32 arithmetic from the definitions, in any order, or from Winograd's algorithm
where the plan has it, and of each way how much of that the worst value takes, how many units in the last place it is away, and the largest error as a part of the layer's
largest value. Bounds add up from layer to layer and say little behind twenty; units are many where a sum cancels, and without
end where the right value is too small for a float. Inputs are random, in the range that the network gives. The exit code is 1
if a value is beyond its bound, an error more than that of differential_test.py where that of ONNX Runtime is not, or if ONNX
Runtime refuses what is exported; for its values see ELSEWHERE. ./dev verify runs this with a Python that has NumPy."""

import argparse
import concurrent.futures
import json
import os
import sys
from dataclasses import astuple, dataclass
from itertools import count
from pathlib import Path
from urllib.parse import unquote

import numpy as np

import tools
from differential_test import TOLERANCE, Network
from dump_test import Layers
from examples_test import EXAMPLES, SMALL
from program.pictures import npy

try:
    import onnx_runtime
except ImportError:
    onnx_runtime = None

REFERENCE = tools.BUILD / "tests" / "reference"
SECONDS = 3600
LEVELS = {"cnnc": "-O2", "cnnc -O0": "-O0"}
RUNTIME = "ONNX Runtime"
WAYS = [*LEVELS, RUNTIME]
# What ONNX Runtime may be beyond a bound, as a part of the layer's largest value: it computes some layers by formulas that
# lose digits, the exponential less 1 in Selu where it cancels, places between pixels in single precision.
ELSEWHERE = 1e-4


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
        self.options, self.raw, self.arrays, self.planes = options, [], [], []
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
        self.planes.append((values if given["layout"] == "chw" else values.transpose(0, 3, 1, 2)).astype(descr))


# --- the ways to compute it ---

class Right:
    """Of each layer by its name: the word, the shape, values in double, and bounds of their errors."""

    def __init__(self, subject):
        folder = subject.folder / "right"
        folder.mkdir()
        tools.write_plan(folder / "plan", subject.source, subject.options)
        text = must(tools.run([REFERENCE, "--layers", "--plan", folder / "plan", subject.source, subject.weights or "-", folder,
                               *subject.raw], timeout=SECONDS))
        self.layers = Layers(text, folder)

    def __iter__(self):
        return iter(self.layers.names)

    def named(self, report):
        """Each layer, its path, and the names of the outputs that it is."""
        for name, number in self.layers.names.items():
            outputs = [port["name"] for port, node in zip(report["outputs"], self.layers.outputs) if node == number]
            yield name, self.layers.paths[number], outputs

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


class Refused(Exception):
    """A network that cnnc does not write as a model, or a model that ONNX Runtime does not run."""


def all_tensors(model, arrays):
    try:
        return onnx_runtime.all_tensors(model, arrays)
    except Exception as error:  # its exceptions have no base in common
        raise Refused(f"{type(error).__name__}: {error}") from error


def run_model(subject):
    """{layer: arrays, one of which is its result} of a model in ONNX Runtime."""
    made = all_tensors(subject.source, [np.fromfile(path, "<f4") for path in subject.raw])
    tensors = onnx_runtime.tensors_of_layers(subject.source, subject.report)
    shapes = {layer["name"]: layer["output"] for layer in subject.report["layers"]}
    return {layer: list(onnx_runtime.on_axes(made[tensor], shapes[layer])) for layer, tensor in tensors.items()}


def tensors_of_export(report, layers):
    """{layer: tensor} of a model that cnnc wrote. layers: each with its path and the outputs that it is, in the network's
    order. A tensor has the name of the output that it is, or the layer's path, with a number behind one that is taken."""
    taken = {port["name"] for port in report["inputs"] + report["outputs"]}
    taken.update(parameter["name"] for layer in report["layers"] for parameter in layer["parameters"])
    found = {}
    for layer, path, outputs in layers:
        numbered = (path if i == 1 else f"{path}#{i}" for i in count(1))
        found[layer] = outputs[0] if outputs else next(name for name in numbered if name not in taken)
        taken.add(found[layer])
    return found


def run_exported(subject, right):
    """The same of the model that cnnc writes of a network."""
    model = subject.folder / "exported.onnx"
    done = tools.cnnc("--emit=onnx", subject.source, "-w", *subject.options, "-o", model, timeout=SECONDS)
    if done.returncode:
        raise Refused(f"--emit=onnx: {done.stderr.strip()}")
    made = all_tensors(model, subject.planes)
    tensors = tensors_of_export(subject.report, right.named(subject.report))
    return {layer: [onnx_runtime.pixels(made[tensor])] for layer, tensor in tensors.items()}


def run_elsewhere(subject, right):
    if not onnx_runtime:
        return {}
    return run_model(subject) if is_model(subject.source) else run_exported(subject, right)


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
        known = (np.abs(right) <= np.finfo(np.float32).max) & np.isfinite(bound)
        values, right, bound = values[known], right[known], bound[known]
        difference = np.nan_to_num(np.abs(values - right), nan=np.inf, posinf=np.inf)
        unit = np.spacing(np.abs(right).astype(np.float32)).astype(np.float64)
        with np.errstate(divide="ignore"):
            parts = np.divide(difference, bound, where=difference > 0, out=np.zeros_like(difference))
        largest = np.abs(right).max(initial=0) or 1
        return Error(parts.max(initial=0), (difference / unit).max(initial=0), difference.max(initial=0) / largest)

    def worst(self, other):
        return Error(*map(max, astuple(self), astuple(other)))

    def is_good(self, way, elsewhere=None):
        """elsewhere: the Error of ONNX Runtime. Where that is far away too, rounding alone makes the layer's values differ."""
        if way == RUNTIME:
            return self.part <= 1 or self.share <= ELSEWHERE
        return self.part <= 1 and (self.share <= TOLERANCE or elsewhere is not None and elsewhere.share > TOLERANCE)

    def __str__(self):
        ulp = f"{self.ulp:.0e}" if self.ulp >= 1e6 else f"{self.ulp:,.{0 if self.ulp >= 100 else 1}f}"
        part = f"{self.part:.0e}" if self.part >= 100 else f"{self.part:.1%}"
        return f"{part} {ulp} ulp {self.share:.0e}"


def add_errors(found, right, way, layers):
    """layers: {layer: arrays, one of which is its result}"""
    for name, arrays in layers.items():
        if name in found and arrays:
            each = [Error.of(np.asarray(array, np.float64).ravel(), *right.values(name)) for array in arrays]
            found[name][way] = min(each, key=lambda error: error.part)


def errors(subject, right):
    """{layer: {way: Error}}, and what is wrong with them, as texts"""
    found = {name: {} for name in right}
    for way, level in LEVELS.items():
        add_errors(found, right, way, {name: [np.load(path)] for name, path in compiled(subject, level).items()})
    try:
        add_errors(found, right, RUNTIME, run_elsewhere(subject, right))
        refused = []
    except Refused as error:
        refused = [f"{RUNTIME}: {error}"]
    return found, refused + [f"too far away: {name}, {way}" for name, by_way in found.items()
                             for way, error in by_way.items() if not error.is_good(way, by_way.get(RUNTIME))]


def worst_of(by_ways):
    """{way: Error} over several layers."""
    worst = {}
    for by_way in by_ways:
        for way, error in by_way.items():
            worst[way] = worst.get(way, Error()).worst(error)
    return worst


def print_table(rows):
    """Columns as wide as their widest cell, the last ones to the right; those with a title only are left out."""
    columns = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:])]
    rows = [[row[i] for i in columns] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


def print_beyond(by_ways):
    """Of each way, at how many layers it is beyond a bound."""
    for way in WAYS:
        all_errors = [by_way[way] for by_way in by_ways if way in by_way]
        beyond = [error.share for error in all_errors if error.part > 1]
        if all_errors:
            far = f", by at most {max(beyond):.0e} of the layer's largest value" if beyond else ""
            print(f"{way}: beyond its bound at {len(beyond)} of {len(all_errors)} layers{far}")


def cells(by_way):
    return [str(by_way[way]) if way in by_way else "" for way in WAYS]


def verify_file(given, folder):
    subject = Subject(given.file, given.weights, folder, given.seed)
    right = Right(subject)
    found, wrong = errors(subject, right)
    rows = [["layer", "word", "largest", "bound", *WAYS]]
    for name, by_way in found.items():
        values, bound = right.values(name)
        rows.append([name, right.word(name), f"{np.abs(values).max(initial=0):.3g}", f"{bound.max(initial=0):.1e}",
                     *cells(by_way)])
    print_table(rows)
    return wrong


def random_network(seed):
    """[(word, {way: Error})] of its layers, and what is wrong."""
    with tools.temporary_folder() as place:
        network = Network(seed, exact=False)
        network.write(Path(place))
        subject = Subject(Path(place) / "net.cnn", Path(place) / "net.safetensors", Path(place), seed)
        right = Right(subject)
        found, wrong = errors(subject, right)
        return [(right.word(name), by_way) for name, by_way in found.items()], [f"seed {seed}: {what}" for what in wrong]


def verify_random(given, folder):
    """The worst of each word over all networks."""
    words, wrong = {}, []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for layers, mistakes in pool.map(random_network, range(given.seed, given.seed + given.random)):
            wrong += mistakes
            for word, by_way in layers:
                words.setdefault(word, []).append(by_way)
    print_table([["word", "layers", *WAYS]] +
                [[word, str(len(words[word])), *cells(worst_of(words[word]))] for word in sorted(words)])
    print_beyond([by_way for by_ways in words.values() for by_way in by_ways])
    return wrong


def verify_examples(given, folder):
    """The worst of all layers of each example; random weights where it has none of its own."""
    rows, wrong, all_layers = [["example", "layers", *WAYS]], [], []
    for source in sorted(path for path in EXAMPLES.glob("**/*.cnn") if "\nnetwork " in path.read_text()):
        place = folder / source.stem
        place.mkdir()
        weights = None if source.with_suffix(".safetensors").exists() else "random:1"
        if source.stem in SMALL:
            small = tools.with_defaults(source.read_text(), SMALL[source.stem])
            source = place / source.name
            source.write_text(small)
        subject = Subject(source, weights, place, given.seed)
        found, mistakes = errors(subject, Right(subject))
        rows.append([source.stem, str(len(found)), *cells(worst_of(found.values()))])
        wrong += [f"{source.stem}: {what}" for what in mistakes]
        all_layers += found.values()
    print_table(rows)
    print_beyond(all_layers)
    return wrong


def main():
    parser = argparse.ArgumentParser(description="A network computed in several ways, layer by layer.")
    parser.add_argument("file", nargs="?", metavar="FILE.cnn|MODEL.onnx")
    parser.add_argument("--weights", metavar="FILE|random:SEED", help="in place of the network's own")
    parser.add_argument("--random", type=int, metavar="N", help="N random networks in place of a file")
    parser.add_argument("--seed", type=int, default=1, help="of inputs, and the first of random networks")
    parser.add_argument("--examples", action="store_true", help="those of examples/ in place of a file")
    given = parser.parse_args()
    if [given.file is not None, given.random is not None, given.examples].count(True) != 1:
        parser.error("either a file, --random N or --examples")
    if not onnx_runtime:
        print(f"{RUNTIME} is not here: ./dev peers makes an environment with it", file=sys.stderr)
    verify = verify_file if given.file else verify_random if given.random else verify_examples
    with tools.temporary_folder() as folder:
        wrong = verify(given, Path(folder))
    for what in wrong:
        print(what, file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
