#!/usr/bin/env python3
"""./dev verify: its figures from paper, and its tables of a file and of random networks."""

import os
import sys
from pathlib import Path

import tools

PYTHON = tools.python_with("numpy")
if PYTHON != os.path.abspath(sys.executable):
    if PYTHON is None:
        print("skipped: NumPy is not here (Debian: apt-get install python3-numpy)")
        sys.exit(77)
    os.execv(PYTHON, [PYTHON, *sys.argv])

import numpy as np

import onnx_files as onnx
from verify import RUNTIME, Error, Right, Subject, tensors_of_export

VERIFY = tools.ROOT / "tests" / "verify.py"
NETWORK = """network two {
    input x: 5x6x3, type = u8, range = 0..255
    input y: 5x6x3, layout = chw
    a = x -> conv1: conv(3, 4, padding = 1) -> relu1: relu
    output z = concat(a, y) -> "to/gether": conv(1, 2)
}
"""


def figures(counter):
    """Of float32, 1 and the next number are 2^-23 apart, 2 and the next 2^-22."""
    def of(values, right, bound):
        error = Error.of(*(np.array(numbers, np.float64) for numbers in (values, right, bound)))
        return error.part, error.ulp, error.share

    unit = 2.0 ** -23
    counter.check(of([1 + unit, 2], [1, 2], [4 * unit, 1]) == (0.25, 1, unit / 2), "one unit at 1")
    counter.check(of([1, 2 + 3 * unit], [1, 2], [1, unit]) == (3, 1.5, 1.5 * unit), "one and a half units at 2, beyond the bound")
    counter.check(of([0, 1], [0, 1], [0, 0]) == (0, 0, 0), "equal values need no bound")
    counter.check(of([1], [0], [0])[0] == np.inf, "nothing is allowed by a bound of 0")
    counter.check(of([np.nan], [1], [1])[0] == np.inf, "what is not a number is infinitely wrong")
    counter.check(of([np.inf], [np.inf], [1]) == (0, 0, 0), "what is not finite in double is left aside")
    counter.check(of([np.inf], [1e39], [1]) == (0, 0, 0), "so is what is beyond floats")
    counter.check([Error(2, 0, share).is_good(way) for share, way in ((1e-5, RUNTIME), (1e-3, RUNTIME), (1e-5, "cnnc"))]
                  == [True, False, False], "only ONNX Runtime may be a little beyond a bound")
    counter.check([Error(0.5, 0, 1).is_good("cnnc", elsewhere) for elsewhere in (None, Error(0.5, 0, 1), Error(0.5, 0, 0), Error(2, 0, 1))]
                  == [False, True, False, True], "far away within a bound only where ONNX Runtime is too")
    counter.check(not Error(2, 0, 1).is_good("cnnc", Error(2, 0, 1)), "never beyond a bound")


def tables(counter):
    with tools.temporary_folder() as folder:
        (Path(folder) / "two.cnn").write_text(NETWORK)
        done = tools.run([PYTHON, VERIFY, Path(folder) / "two.cnn", "--weights", "random:3"])
    counter.check(done.returncode == 0, "a file: all within bounds", done.stderr)
    rows = {row.split()[0]: row for row in done.stdout.splitlines()}
    counter.check(list(rows) == ["layer", "x.normalize", "conv1", "relu1", "concat1", "to/gether"], "a file: layers",
                  done.stdout)
    ways = 0 if "not here" in done.stderr else 1
    counter.check(rows["to/gether"].count("ulp") == 2 + ways and rows["conv1"].count("ulp") == 1 + ways,
                  "a file: optimised and not; the fused layer only where it is not; ONNX Runtime if it is here", done.stdout)
    done = tools.run([PYTHON, VERIFY, "--random", 3, "--seed", 7], timeout=600)
    counter.check(done.returncode == 0 and "conv" in done.stdout, "random networks", done.stdout + done.stderr)
    done = tools.run([PYTHON, VERIFY, "two.cnn", "--random", 3])
    counter.check(done.returncode == 2 and "either" in done.stderr, "usage", done.stderr)


def exported_names(counter):
    """Which value of the exported model is a layer's: outputs, names that are an input's, and names that two layers have."""
    text = """network names {
    input x: 1x2x3, type = u8
    a = x -> x: relu -> twice: abs -> twice: exp
    output y = a -> last: conv(1, 2) -> "last/Mul": mish
    output twice_more = a
}
"""
    with tools.temporary_folder() as folder:
        (Path(folder) / "names.cnn").write_text(text)
        subject = Subject(Path(folder) / "names.cnn", "random:1", Path(folder), 1)
        made = tools.cnnc("--emit=onnx", subject.source, "-w", *subject.options, "-o", Path(folder) / "names.onnx")
        counter.check(made.returncode == 0, "names: written", made.stderr)
        tensors = tensors_of_export(subject.report, Right(subject).named(subject.report))
        nodes = onnx.read_model(Path(folder) / "names.onnx")["graph"]["node"]
    counter.check(tensors == {"x": "x#2", "twice": "twice", "twice#2": "twice_more", "last": "last", "last/Mul": "y"},
                  "names: of layers", tensors)
    kinds = {node["output"][0]: node["op_type"] for node in nodes}
    wanted = {"x": "Relu", "twice": "Abs", "twice#2": "Exp", "last": "Conv", "last/Mul": "Mul"}
    counter.check({layer: kinds.get(tensor) for layer, tensor in tensors.items()} == wanted, "names: of nodes", kinds)


def model(counter):
    """A model in which importing moves dimensions, and ONNX Runtime where it is here."""
    nodes = [onnx.node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
             onnx.node("Transpose", ["a"], ["b"], perm=[0, 2, 3, 1]), onnx.node("Sigmoid", ["b"], ["c"]),
             onnx.node("Reshape", ["c", "sizes"], ["d"]), onnx.node("Softmax", ["d"], ["y"], axis=1)]
    weights = [onnx.tensor("w", [4, 2, 3, 3], [(i * 7 % 11 - 5) / 8 for i in range(72)]),
               onnx.tensor("sizes", [2], [1, -1], "INT64")]
    graph = onnx.graph(nodes, [onnx.value("x", [1, 2, 5, 6])], [onnx.value("y", [1, 120])], weights)
    with tools.temporary_folder() as folder:
        (Path(folder) / "model.onnx").write_bytes(onnx.model(graph))
        done = tools.run([PYTHON, VERIFY, Path(folder) / "model.onnx"])
    counter.check(done.returncode == 0, "a model: all within bounds", done.stdout + done.stderr)
    if "not here" in done.stderr:
        counter.skip("ONNX Runtime", "./dev peers makes an environment with it")
        return
    rows = {row.split()[1]: row for row in done.stdout.splitlines()}
    beside = all(rows[word].count("ulp") > 1 for word in ("conv", "sigmoid", "softmax"))
    counter.check("ONNX Runtime" in rows["word"] and beside, "a model: ONNX Runtime beside its layers", done.stdout)


def main():
    counter = tools.Counter()
    figures(counter)
    tables(counter)
    exported_names(counter)
    model(counter)
    counter.finish()


if __name__ == "__main__":
    main()
