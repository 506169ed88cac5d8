#!/usr/bin/env python3
"""Random networks (oracle/generate.py), compiled for each processor and run between guard pages,
against an interpreter in Python (oracle/interpreter.py): the same bits where all values are small
integers, nearly the same numbers where they are real.

usage: tests/differential_test.py [COUNT [FIRST_SEED [FOLDER]]]
FOLDER keeps the networks that differ.
"""

import concurrent.futures
import os
import random
import sys
from array import array
from math import isfinite, prod
from pathlib import Path

import tools
from compiled import CompileError, Compiled
from operator_table import check_all_tried
from oracle import interpreter
from oracle.generate import Generator
from oracle.operators import Inexact

# How far real values may be apart, as a part of an output's largest value: networks are up to 40
# layers deep, and a layer may cancel what came before. tests/layers_test.py has the tight bounds.
TOLERANCE = 2e-3

SEEDS = 100  # of them, each once with small integers and once with real values


class Weights:
    """Parameters made up when the interpreter asks for them."""

    def __init__(self, rng, exact):
        self.rng, self.exact, self.tensors = rng, exact, {}

    def __call__(self, key, shape, kind, order):
        if key not in self.tensors:
            self.tensors[key] = (self.file_shape(shape, kind, order), self.fill(key, prod(shape)))
        return self.tensors[key][1]

    def fill(self, key, count):
        if self.exact:
            return [float(self.rng.randint(-2, 2)) for _ in range(count)]
        low, high = (0.5, 2) if key.endswith("running_var") else (-0.5, 0.5)
        return list(array("f", (self.rng.uniform(low, high) for _ in range(count))))

    @staticmethod
    def file_shape(shape, kind, order):
        if order == "oihw" or kind is None:
            return shape
        if kind == "dense":
            return shape[::-1]
        a, b, r, s = shape
        if kind.startswith("depthwise"):
            multiplier = int(kind.split()[1])
            return (r, s, a // multiplier, multiplier)
        return (r, s, b, a)


class Network:
    """One random network with its values and what the interpreter makes of it."""

    def __init__(self, seed, exact):
        self.exact = exact
        layers = random.Random(seed).choice([1, 2, 3, 4, 6, 8, 12, 16, 25, 40])
        for attempt in range(200):
            rng = random.Random(f"{seed} {exact} {attempt}")
            generator = Generator(rng.random(), exact, layers, seed)
            self.text, self.inputs = generator.text(), generator.inputs
            self.weights = Weights(rng, exact)
            self.values = [self.fill_bytes(rng, prod(shape)) if name in generator.bytes else
                           self.fill(rng, prod(shape)) for name, shape in self.inputs]
            named = {name: values for (name, _), values in zip(self.inputs, self.values)}
            try:
                outputs = interpreter.evaluate(self.text, named, self.weights, exact)
            except (Inexact, OverflowError, ValueError):
                continue
            self.expected = [outputs[name].data for name in generator.outputs]
            if all(isfinite(v) and abs(v) < 1e30 for values in self.expected for v in values):
                return
        raise RuntimeError(f"seed {seed}: no usable network in 200")

    def fill(self, rng, count):
        if self.exact:
            return [float(rng.randint(-3, 3)) for _ in range(count)]
        return list(array("f", (rng.uniform(-2, 2) for _ in range(count))))

    @staticmethod
    def fill_bytes(rng, count):
        return [float(rng.randint(0, 5)) for _ in range(count)]

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "net.cnn").write_text(self.text)
        tools.write_safetensors(folder / "net.safetensors", self.weights.tensors)

    def difference(self, outputs):
        """The first value that is wrong, as text, or None."""
        for i, (out, expected) in enumerate(zip(outputs, self.expected)):
            allowed = 0 if self.exact else TOLERANCE * max(1e-3, *map(abs, expected))
            for at, (value, wanted) in enumerate(zip(out, expected)):
                if not abs(value - wanted) <= allowed:
                    return f"out{i}[{at}] is {value!r}, not {wanted!r}"
        return None


def one_seed(seed, exact, cpus, keep):
    """What went wrong, as a list of texts, one a processor."""
    network, problems = Network(seed, exact), []
    with tools.temporary_folder() as place:
        folder = Path(place)
        network.write(folder)
        counts = [len(values) for values in network.expected]
        for cpu in cpus:
            options = [f"-O{seed % 4}"] if seed % 5 == 0 else []
            options += ["--exact"] if exact else []
            try:
                compiled = Compiled(folder / "net.cnn", folder, cpu, folder / "net.safetensors", options, eager=seed % 2 == 1)
                wrong = network.difference(compiled.run(network.values, counts))
            except CompileError as error:
                wrong = str(error)
            problems.append((f"seed {seed} {'exact' if exact else 'real'} {cpu}", wrong))
    if keep and any(wrong for _, wrong in problems):
        network.write(Path(keep) / f"{seed}-{'exact' if exact else 'real'}")
    return network.text, problems


def main(count=SEEDS, first=1, keep=None):
    counter = tools.Counter()
    cpus, missing = tools.runnable_cpus()
    for cpu in missing:
        counter.skip(cpu, "this machine cannot run its code")
    texts = []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(one_seed, seed, exact, cpus, keep)
                for seed in range(first, first + count) for exact in (True, False)]
        for job in jobs:
            text, problems = job.result()
            texts.append(text)
            for name, wrong in problems:
                counter.check(not wrong, name, f"  {wrong}\n{text}")
    if count >= SEEDS:
        check_all_tried(counter, "".join(texts))
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
