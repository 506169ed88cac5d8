#!/usr/bin/env python3
"""What bench/ computes besides times: limits by hand, the suite's networks, tables; and that a run of it ends well. What a run takes
is never judged.

usage: tests/bench_test.py"""

import json
import math
import random
import sys
import tempfile
import time
from array import array
from pathlib import Path

import examples_test
import tools
from zoo_test import read_list

sys.path.insert(0, str(tools.ROOT / "bench"))
import limit
import table
from networks import SUITE
from workers import Contestant, Failed

ZOO = tools.ROOT / "tests" / "zoo"
LENET = 5 * 5 * 6 + 6 + 5 * 5 * 6 * 16 + 16 + 400 * 120 + 120 + 120 * 84 + 84 + 84 * 10 + 10


def layer(word, output, macs, weights=(), kernel=None, stride=(1, 1), groups=1):
    return {"layer": word, "output": list(output), "macs": macs, "kernel": kernel and list(kernel), "stride": list(stride),
            "dilation": [1, 1], "groups": groups, "parameters": [{"shape": list(shape)} for shape in weights]}


def check_multiplications(counter):
    """Winograd's tiles of 4x4 take 36 where 144 are multiplied one by one, those of 6x6 64 where 324 are."""
    three, five = (3, 3), (5, 5)
    cases = [
        ("whole tiles", layer("conv", (1, 56, 56, 64), 56 * 56 * 9 * 64 * 64, kernel=three), 10 * 10 * 64 * 64 * 64),
        ("tiles of 4x4 fit", layer("conv", (1, 20, 20, 64), 20 * 20 * 9 * 64 * 64, kernel=three), 5 * 5 * 36 * 64 * 64),
        ("broken tiles", layer("conv", (1, 7, 7, 512), 7 * 7 * 9 * 512 * 512, kernel=three), 2 * 2 * 36 * 512 * 512),
        ("a batch", layer("conv", (2, 8, 8, 4), 2 * 8 * 8 * 9 * 4 * 4, kernel=three), 2 * 2 * 2 * 36 * 4 * 4),
        ("less than a tile", layer("conv", (1, 1, 1, 8), 9 * 8 * 8, kernel=three), 9 * 8 * 8),
        ("stride 2", layer("conv", (1, 8, 8, 8), 64 * 9 * 8 * 8, kernel=three, stride=(2, 2)), 64 * 9 * 8 * 8),
        ("5x5", layer("conv", (1, 8, 8, 8), 64 * 25 * 8 * 8, kernel=five), 64 * 25 * 8 * 8),
        ("groups", layer("conv", (1, 8, 8, 8), 64 * 9 * 8, kernel=three, groups=8), 64 * 9 * 8),
        ("depthwise", layer("depthwise", (1, 8, 8, 8), 64 * 9 * 8, kernel=three, groups=8), 64 * 9 * 8),
        ("dense", layer("dense", (1, 1, 1, 1000), 4096 * 1000), 4096 * 1000),
    ]
    for name, given, wanted in cases:
        found = limit.multiplications(given)
        counter.check(found == wanted, f"multiplications: {name}", f"{found}, by hand {wanted}")


def check_limit(counter):
    """At 100 GFLOP/s, 50e9 multiply-adds a second, and 10 GB/s."""
    report = {
        "inputs": [{"shape": [1, 10, 10, 25]}], "outputs": [{"shape": [1, 1, 1, 1000]}],  # 10,000 + 4,000 bytes
        "layers": [
            layer("conv", (1, 100, 100, 64), 100 * 100 * 25 * 64, [(64, 25, 1, 1), (64,)], (1, 1)),  # 0.32 ms, 6,656 bytes
            layer("batchnorm", (1, 100, 100, 64), 0, [(64,), (64,), (64,), (64,)]),
            layer("dense", (1, 1, 1, 1000), 4096 * 1000, [(1000, 4096), (1000,)]),  # 0.082 ms, 16,388,000 bytes
            layer("relu", (1, 1, 1, 1000), 0),
        ],
    }
    moved = limit.moved_bytes(report)
    counter.check(moved == 14_000 + 6_656 + 16_388_000, "bytes that must move", f"{moved}")
    wanted = 0.32e-3 + 1.6388e-3 + 1.4e-6
    found = limit.seconds(report, 100, 10)
    counter.check(math.isclose(found, wanted, rel_tol=1e-12), "the limit", f"{found}, by hand {wanted}")


def report(network, batch, folder):
    path = Path(folder) / "net.cnn"
    path.write_text(network.text(batch))
    done = tools.cnnc("--report=json", "-w", path)
    return json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr}


def check_network(counter, network, folder):
    single, several = report(network, 1, folder), report(network, 16, folder)
    if not counter.check("totals" in single and "totals" in several, network.title, f"{single.get('error')}{several.get('error')}"):
        return
    found = single["totals"]["params"]
    if not network.values.get("depth"):  # narrower than the published one
        wanted = LENET if network.name == "lenet" else int(read_list(ZOO / f"{network.name}.tsv")[0]["parameters"])
        counter.check(found == wanted, f"{network.title}: parameters", f"{found}, counted elsewhere {wanted}")
    counter.check(several["totals"]["params"] == found, f"{network.title}: parameters of a batch", "other than of one image")
    counter.check(several["totals"]["macs"] == 16 * single["totals"]["macs"], f"{network.title}: a batch of 16", "other MACs")


def check_suite(counter):
    counter.check(len({network.name for network in SUITE}) == 15, "fifteen networks", f"{len(SUITE)}")
    with tools.temporary_folder() as folder:
        for network in SUITE:
            check_network(counter, network, folder)


RIGHT = """import sys
import numpy as np
sys.path[:0] = sys.argv[1:3]
import right
model, place, *ports = sys.argv[3:]
x = np.fromfile(f"{place}/in.f32", "<f4").reshape([int(n) for n in ports[0].split("x")]).transpose(0, 3, 1, 2)
for name, found in zip(ports[1:], right.outputs(model, [x])):
    wanted = np.fromfile(f"{place}/{name}.f64").reshape(found.shape[0], -1, found.shape[1]).transpose(0, 2, 1).ravel()
    print(abs(found.ravel() - wanted).max() / abs(wanted).max())
"""


def check_right(counter, network, values, python):
    """bench/right.py and the naive twins, both in double: what a model of cnnc's computes."""
    with tools.temporary_folder() as place:
        folder = Path(place)
        source, model = folder / "net.cnn", folder / "net.onnx"
        source.write_text(tools.with_defaults(network.text(1), values))
        given = json.loads(tools.cnnc("--report=json", "-w", source).stdout)
        tools.cnnc("-w", "--emit=onnx", source, "--weights", "random:1", "-o", model)
        shape, rng = given["inputs"][0]["shape"], random.Random(1)
        (folder / "in.f32").write_bytes(array("f", [rng.uniform(0, 2) for _ in range(math.prod(shape))]).tobytes())
        tools.run([tools.BUILD / "tests" / "reference", source, "random:1", folder, folder / "in.f32"])
        done = tools.run([python, "-c", RIGHT, tools.ROOT / "bench", tools.ROOT / "tests", model, folder,
                          "x".join(map(str, shape)), *(port["name"] for port in given["outputs"])])
    off = [float(line) for line in done.stdout.split()]
    counter.check(len(off) == len(given["outputs"]) and max(off) < 1e-6, f"{network.title}: what is right", f"{off} {done.stderr}")


def check_all_right(counter):
    python = tools.python_with("numpy")
    if not python:
        counter.skip("what is right", "there is no Python with numpy")
        return
    for network in SUITE:
        if network.name in examples_test.SMALL or network.tiny:
            check_right(counter, network, examples_test.SMALL.get(network.name, {}), python)


def check_tables(counter):
    mean = table.geometric_mean([2, 8, 4])
    counter.check(math.isclose(mean, 4), "the mean of 2, 4 and 8", f"{mean}")
    for seconds, wanted in ((0.31249, "312"), (0.0125, "12.50"), (15.25e-6, "0.0152")):
        counter.check(table.milliseconds(seconds) == wanted, f"{seconds} s", table.milliseconds(seconds))
    with tools.temporary_folder() as folder:
        path = Path(folder) / "document.md"
        path.write_text("before\n")
        for key, text in (("one", "first\\1"), ("two", "second"), ("one", "third")):
            table.replace_section(path, key, text)
        found = path.read_text()
        counter.check("first" not in found and found.index("before") < found.index("third") < found.index("second"),
                      "a section in its place", found)


def check_run(counter, peers, *modules, networks=("lenet",), threads="1"):
    """A run beside some peers, or none: the exit code says whether outputs are right, and a note which peer cannot do it."""
    python = tools.python_with("numpy", *modules)
    if not python:
        counter.skip(f"a run beside {peers or 'no peer'}", f"there is no Python with {', '.join(('numpy', *modules))}")
        return
    done = tools.run([python, tools.ROOT / "bench/suite.py", "--build", tools.BUILD, "--rounds", "1", "--seconds", "0", "--peers", peers,
                      "--threads", threads, *networks], timeout=600)
    right = done.returncode == 0 and done.stdout.count("\n| LeNet-5 |") == 3 and "does not run" not in done.stdout
    counter.check(right, f"a run beside {peers or 'no peer'}, threads: {threads}", done.stdout + done.stderr)


def runs(process):
    """One that has ended, and was not yet asked how, has no command any more."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def check_patience(counter):
    """A worker that is not ready in time ends, and so does what it has started."""
    with tools.temporary_folder() as folder:
        log, begin = Path(folder) / "log", time.monotonic()
        try:
            Contestant("slow", ["sh", "-c", "sleep 100 & echo $! >&2; wait"], 1, log, patience=2)
            counter.check(False, "a worker that is late", "was waited for")
        except Failed as failed:
            counter.check("not ready after 2 s" in str(failed) and time.monotonic() - begin < 50, "a worker that is late", f"{failed}")
        child = log.read_text().strip()
        while runs(child) and time.monotonic() < begin + 50:
            time.sleep(0.1)
        counter.check(not runs(child), "what a late worker started", "runs on")


def check_tune(counter):
    """Its exit code tells of times."""
    with tempfile.TemporaryDirectory() as folder:
        done = tools.run([sys.executable, tools.ROOT / "bench/tune.py", "--build", tools.BUILD, "--rounds", "1", "--file",
                          Path(folder) / "choices", "lenet"], timeout=600)
    counter.check("| LeNet-5 |" in done.stdout, "choices of the model beside measured ones", done.stdout + done.stderr)


def main():
    counter = tools.Counter()
    check_multiplications(counter)
    check_limit(counter)
    check_suite(counter)
    check_all_right(counter)
    check_tables(counter)
    check_patience(counter)
    both = "lenet", "yolo_fastest"
    check_run(counter, "", networks=both)
    check_run(counter, "", threads="2")
    check_run(counter, "onnxruntime", "onnxruntime", networks=both)
    check_run(counter, "mnn", "MNN", "onnx.numpy_helper", networks=both)
    check_run(counter, "pytorch,pytorch_compiled", "torch", "onnx.numpy_helper")
    check_run(counter, "iree", "iree.runtime", "iree.compiler", "onnx.numpy_helper")
    check_run(counter, "emx_onnx_cgen", "emx_onnx_cgen", "onnx.numpy_helper")
    check_tune(counter)
    counter.finish()


if __name__ == "__main__":
    main()
