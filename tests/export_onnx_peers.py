#!/usr/bin/env python3
"""`cnnc --emit=onnx` judged by others: onnx.checker, with its shape inference, and ONNX Runtime, whose results are
compared with those of the compiled network: layers at corners of their attributes, random networks, the examples.

usage: PYTHON tests/export_onnx_peers.py [COUNT [FIRST_SEED]]     PYTHON has numpy, onnx and onnxruntime
"""

import concurrent.futures
import os
import random
import sys
from math import prod
from pathlib import Path

import numpy
import onnx
import onnxruntime

import layers
import tools
from compiled import CompileError, Compiled
from differential_test import Network
from examples_test import SMALL
from export_onnx_test import report_of

# As a part of an output's largest value; networks are up to 40 layers deep.
TOLERANCE = 2e-3


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def planes(values, shape, layout):
    """A caller's values, N x H x W x C in `layout`, as N x C x H x W."""
    n, h, w, c = shape
    array = numpy.asarray(values)
    return array.reshape(n, c, h, w) if layout == "chw" else array.reshape(n, h, w, c).transpose(0, 3, 1, 2)


def compare(counter, name, source, folder, weights, values, report, exact=False):
    """Checks a file's model, and its results for `values`, as the caller of the network gives them."""
    path = folder / "net.onnx"
    done = tools.cnnc("--emit=onnx", source, "-o", path, "--weights", weights)
    if not counter.check(done.returncode == 0, f"{name}: written", done.stderr):
        return
    try:
        onnx.checker.check_model(str(path), full_check=True)
        runtime = session(path)
        feeds = {port["name"]: numpy.ascontiguousarray(planes(
            numpy.asarray(given, "uint8" if port["type"] == "u8" else "float32"), port["shape"], port["layout"]))
            for port, given in zip(report["inputs"], values)}
        wanted = runtime.run(None, feeds)
        names = [output.name for output in runtime.get_outputs()]
    except Exception as error:  # whatever the peers say
        counter.check(False, f"{name}: the model", f"{type(error).__name__}: {str(error)[:2000]}\n{source.read_text()}")
        return
    counter.check(names == [port["name"] for port in report["outputs"]], f"{name}: outputs", str(names))
    counts = [prod(port["shape"]) for port in report["outputs"]]
    found = Compiled(source, folder, "native", weights).run(values, counts)
    for port, mine, theirs in zip(report["outputs"], found, wanted):
        mine = planes(mine, port["shape"], port["layout"]).astype("float64").ravel()
        theirs = theirs.astype("float64").ravel()
        largest = max(numpy.abs(mine[numpy.isfinite(mine)]), default=1)
        same = numpy.isclose(mine, theirs, rtol=0, atol=0 if exact else TOLERANCE * max(1e-3, largest), equal_nan=True)
        at = int(numpy.argmin(same))
        counter.check(same.all(), f"{name}: {port['name']}",
                      f"  [{at}] is {theirs[at]} in ONNX Runtime, {mine[at]} here\n{source.read_text()}")


def one_seed(seed):
    counter, network = tools.Checks(), Network(seed, seed % 2 == 0)
    with tools.temporary_folder() as place:
        network.write(Path(place))
        source = Path(place) / "net.cnn"
        compare(counter, f"seed {seed}", source, Path(place), Path(place) / "net.safetensors", network.values,
                report_of(source), network.exact)
    return counter.checks


def one_text(name, text, exact=False):
    counter, rng = tools.Checks(), random.Random(name)
    with tools.temporary_folder() as place:
        source = Path(place) / "net.cnn"
        source.write_text(text)
        report = report_of(source)
        values = [[rng.randint(0, 9) if port["type"] == "u8" else rng.uniform(-2, 2) for _ in range(prod(port["shape"]))]
                  for port in report["inputs"]]
        compare(counter, name, source, Path(place), "random:1", values, report, exact)
    return counter.checks


def every_layer(seed):
    return one_text(f"layers {seed}", layers.network(seed, False)[0])


def example(name):
    return one_text(name, tools.with_defaults((tools.ROOT / "examples" / f"{name}.cnn").read_text(), SMALL[name]))


def main(count=100, first=1):
    counter = tools.Counter()
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(every_layer, seed) for seed in range(first, first + count // 5)]
        jobs += [pool.submit(one_seed, seed) for seed in range(first, first + count)]
        jobs += [pool.submit(example, name) for name in SMALL]
        for job in jobs:
            for check in job.result():
                counter.check(*check)
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
