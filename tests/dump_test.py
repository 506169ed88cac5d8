#!/usr/bin/env python3
"""What programs write with --dump, layer by layer, against the naive twins in double
(harness/reference.c): random networks (oracle/generate.py), optimised and not. Equal where all values
are small integers, within the bound that follows from the definition for real ones.

usage: tests/dump_test.py [COUNT [FIRST_SEED]]
"""

import concurrent.futures
import os
import re
import sys
from array import array
from math import isfinite
from pathlib import Path

import tools
from compiled import read_floats
from differential_test import Network
from program.pictures import npy

REFERENCE = tools.BUILD / "tests" / "reference"
SEEDS = 20  # of them, each once with small integers and once with real values

# Layers that leave no tensor of their own even in code that is not optimised.
REPLACED = {"dropout", "identity", "grayscale", "flatten", "mean", "sum", "reduce_max", "reduce_min",
            "reduce_prod"}
# Those whose tensor becomes that of the affine layer behind them.
FOLDING = {"conv", "depthwise", "separable", "deconv", "dense"}
AFFINE = {"batchnorm", "-"}


class Layers:
    """The definition's layers, by the name that a file has."""

    def __init__(self, text, folder):
        self.names, self.words, self.paths, self.inputs, self.outputs = {}, {}, {}, {}, []
        for line in text.splitlines():
            cells = line.split("\t")
            if cells[0] == "output":
                self.outputs.append(int(cells[1]))
                continue
            number, word, path, inputs = int(cells[0]), *cells[1:]
            self.words[number] = word
            self.inputs[number] = [int(i) for i in inputs.split()]
            if self.inputs[number]:
                self.paths[number] = path
                same = list(self.paths.values()).count(path)
                name = path if same == 1 else f"{path}#{same}"
                self.names[name] = number
        self.folder = folder

    def values(self, number):
        return [read_floats(self.folder / f"{number}{suffix}.f64", "d") for suffix in ("", ".bound")]

    def replaced(self, number):
        """One copy of a tensor, in its own size, leaves no tensor either."""
        def size(layer):
            return (self.folder / f"{layer}.f64").stat().st_size
        return self.words[number] in REPLACED or \
            self.words[number] in ("tile", "expand") and size(number) == size(self.inputs[number][0])

    def wanted(self):
        """Those that an output depends on and that nothing replaces."""
        live = set(self.outputs)
        for number in sorted(self.inputs, reverse=True):
            if number in live:
                live.update(self.inputs[number])
        readers = {number: [r for r in live if number in self.inputs[r]] for number in live}
        return {name for name, number in self.names.items()
                if number in live and not self.replaced(number)
                and not (self.words[number] in FOLDING and number not in self.outputs
                         and any(self.words[r] in AFFINE for r in readers[number]))}


def difference(layers, name, path, exact):
    """What is wrong with one file, as text, or None."""
    if name not in layers.names:
        return f"{name}: no layer has this name"
    expected, bounds = layers.values(layers.names[name])
    shape, values = tools.read_npy(path)
    if len(shape) != 4 or len(values) != len(expected):
        return f"{name}: {shape}, not {len(expected)} values"
    for i, (value, wanted, bound) in enumerate(zip(values, expected, bounds)):
        allowed = 0 if exact else bound
        if isfinite(wanted) and isfinite(bound) and not abs(value - wanted) <= allowed:
            return f"{name}[{i}] is {value!r}, not {wanted!r} within {allowed:g}"
    return None


def write_inputs(network, folder):
    """Arrays in the layout of each input, for the program and for the reference."""
    raw, arrays = [], []
    for i, (name, (n, h, w, c)) in enumerate(network.inputs):
        declared = re.search(rf"input {name}: .*", network.text)[0]
        shape = (n, c, h, w) if "layout = chw" in declared else (n, h, w, c)
        raw.append(folder / f"in{i}.f32")
        raw[-1].write_bytes(array("f", network.values[i]).tobytes())
        arrays.append(folder / f"in{i}.npy")
        if "type = u8" in declared:
            arrays[-1].write_bytes(npy("|u1", shape, bytes(map(int, network.values[i]))))
        else:
            tools.write_npy(arrays[-1], shape, network.values[i])
    return raw, arrays


def check_level(network, folder, layers, arrays, level):
    program, dumped = folder / f"net{level}", folder / f"dump{level}"
    options = ["--exact"] if network.exact else []
    made = tools.cnnc(folder / "net.cnn", "-w", level, *options, "--weights", folder / "net.safetensors", "-o", program,
                      timeout=300)
    if made.returncode:
        return [made.stderr]
    done = tools.run([program, *arrays, "--dump", dumped])
    if done.returncode:
        return [f"exit code {done.returncode}: {done.stderr}"]
    names = {path.stem for path in dumped.iterdir()}
    problems = [difference(layers, name, dumped / f"{name}.npy", network.exact) for name in sorted(names)]
    if level == "-O0":
        problems += [f"{name} is missing" for name in sorted(layers.wanted() - names)]
    if not names:
        problems.append("nothing was written")
    return [f"{level}: {problem}" for problem in problems if problem]


def one_seed(seed, exact):
    network = Network(seed, exact)
    with tools.temporary_folder() as place:
        folder = Path(place)
        network.write(folder)
        raw, arrays = write_inputs(network, folder)
        tools.write_plan(folder / "net.plan", folder / "net.cnn", ["--weights", folder / "net.safetensors"])
        done = tools.run([REFERENCE, "--layers", "--plan", folder / "net.plan", folder / "net.cnn", folder / "net.safetensors", folder, *raw])
        if done.returncode:
            return network.text, [done.stderr]
        layers = Layers(done.stdout, folder)
        return network.text, [problem for level in ("-O0", "-O3")
                              for problem in check_level(network, folder, layers, arrays, level)]


NAMES = """network names {
    input x: 1x2x1
    a = x -> "a/b c": mul(2)
    b = a -> "%": add(1) -> ".": mul(3) -> "ä#": add(1)
    c = b -> twice: relu -> twice: mul(-1)
    for i in 1..60 {
        c = c -> "deep{i}": long
    }
    output y = c
}
block long(x) {
    return x -> "LONG": add(1)
}
""".replace("LONG", "l" * 300)


def check_names(counter):
    """Files are called after layers, whatever these are called."""
    with tools.temporary_folder() as place:
        folder = Path(place)
        (folder / "names.cnn").write_text(NAMES)
        tools.write_npy(folder / "x.npy", (1, 2, 1), [1, -1])
        made = tools.cnnc(folder / "names.cnn", "-O0", "-w", "-o", folder / "names")
        counter.check(made.returncode == 0, "names", made.stderr)
        done = tools.run([folder / "names", folder / "x.npy", "--dump", folder / "d", "-o", folder / "y.npy"])
        counter.check(done.returncode == 0 and not done.stdout, "names: run", done.stderr)
        found = {path.stem: list(tools.read_npy(path)[1]) for path in (folder / "d").iterdir()}
        for name, values in {"a%2Fb%20c": [2, -2], "%25": [3, -1], "%2E": [9, -3], "%C3%A4#": [10, -2],
                             "twice": [10, 0], "twice#2": [-10, 0]}.items():
            counter.check(found.pop(name, None) == values, f"names: {name}", found.keys())
        counter.check(len(found) == 60 and all(re.fullmatch(r"deep\d+\.l{190,}~\d+", name) for name in found),
                      "names: long ones", found.keys())
        counter.check(sorted(values[0] for values in found.values()) == list(range(-9, 51)), "names: values of long ones")
        counter.check(list(tools.read_npy(folder / "y.npy")[1]) == [50, 60], "names: the output as well")


def check_refusals(counter):
    with tools.temporary_folder() as place:
        folder = Path(place)
        (folder / "net.cnn").write_text("network net {\n input x: 1x2x1\n output y = x -> mul(2)\n}\n")
        program, x, batch = folder / "net", folder / "x.npy", folder / "batch.npy"
        tools.write_npy(x, (1, 2, 1), [1, -1])
        tools.write_npy(batch, (3, 1, 2, 1), range(6))
        counter.check(tools.cnnc(folder / "net.cnn", "-o", program).returncode == 0, "refusals")
        for words, code, says in (([batch], 2, "--dump wants one image, 3 are given"),
                                  ([x, x], 2, "--dump wants one image, 2 are given"),
                                  ([], 2, "0 files given"),
                                  ([folder / "gone.npy"], 4, "cannot open")):
            done = tools.run([program, *words, "--dump", folder / "d"])
            counter.check(done.returncode == code and says in done.stderr, f"refusals: {says}", done.stderr)
            counter.check(not (folder / "d").exists(), f"refusals: {says}: nothing is made")
        for where, says in ((x, "cannot make the folder"), (folder / "none" / "d", "cannot make the folder"),
                            ("/proc", "cannot write '/proc/mul1.npy'")):
            done = tools.run([program, x, "--dump", where])
            counter.check(done.returncode == 4 and says in done.stderr, f"refusals: {where}", done.stderr)


def main(count=SEEDS, first=1):
    counter = tools.Counter()
    check_names(counter)
    check_refusals(counter)
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = {(seed, exact): pool.submit(one_seed, seed, exact)
                for seed in range(first, first + count) for exact in (True, False)}
        for (seed, exact), job in jobs.items():
            text, problems = job.result()
            counter.check(not problems, f"seed {seed} {'exact' if exact else 'real'}",
                          "\n".join(problems[:20]) + "\n" + text)
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
