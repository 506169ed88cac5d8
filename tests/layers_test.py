#!/usr/bin/env python3
"""Every layer, at generated corners of its attributes, compiled for each processor and compared
with its naive twin in double (harness/reference.c): equal where all values are small integers,
within the derived bound for real ones, and for Winograd convolutions in tiles larger than 2x2,
whose matrices have thirds.

usage: tests/layers_test.py [COUNT [FIRST_SEED]]
"""

import concurrent.futures
import os
import random
import sys
from math import isinf, prod
from pathlib import Path

import layers
import tools
from compiled import CompileError, Compiled, read_floats
from operator_table import check_all_tried

REFERENCE = tools.BUILD / "tests" / "reference"

SEEDS = 12  # of them, each once with small integers and once with real values


def fill(rng, shape, exact, low=-3, high=3):
    count = prod(shape)
    if exact:
        return [float(rng.randint(low, high)) for _ in range(count)]
    return [rng.uniform(low, high) for _ in range(count)]


def make_weights(rng, parameters, exact):
    tensors = {}
    for name, shape in parameters.items():
        low, high = (0.1, 3) if name.endswith("running_var") else (-1, 1) if not exact else (-3, 3)
        tensors[name] = (shape, fill(rng, shape, exact, low, high))
    return tensors


LARGEST = (2 - 2**-23) * 2.0**127 # of the floats


def too_large(value, wanted, allowed):
    """What no float holds is infinite."""
    return isinf(value) and abs(wanted) + allowed > LARGEST and (value > 0) == (wanted > 0)


def compare(out, expected, bounds, exact):
    """The first value that is wrong, as text, or None."""
    if len(out) != len(expected):
        return f"{len(out)} values, not {len(expected)}"
    for i, (value, wanted, bound) in enumerate(zip(out, expected, bounds)):
        allowed = 0 if exact else bound
        if not abs(value - wanted) <= allowed and not too_large(value, wanted, allowed):
            return f"value {i} is {value!r}, not {wanted!r} within {allowed:g}"
    return None


def one_network(seed, exact, cpus, counter, tried):
    text, inputs, parameters, cases = layers.network(seed, exact)
    rng = random.Random(seed + 1)
    name = f"seed {seed} {'exact' if exact else 'real'}"
    with tools.temporary_folder() as place:
        folder = Path(place)
        source, weights = folder / "net.cnn", folder / "net.safetensors"
        source.write_text(text)
        tools.write_safetensors(weights, make_weights(rng, parameters, exact))
        values = [fill(rng, shape, exact) for _, shape in inputs]
        for i, content in enumerate(values):
            (folder / f"in{i}.f32").write_bytes(layers_bytes(content))
        ways = tools.write_plan(folder / "net.plan", source, ["--weights", weights], cpus)
        done = tools.run([REFERENCE, "--plan", folder / "net.plan", source, weights, folder,
                          *(folder / f"in{i}.f32" for i in range(len(inputs)))])
        tried.update(ways.values())
        if not counter.check(done.returncode == 0, name, done.stderr + text):
            return
        expected = [read_floats(folder / f"o{i}.f64", "d") for i in range(len(cases))]
        bounds = [read_floats(folder / f"o{i}.bound.f64", "d") for i in range(len(cases))]
        for cpu in cpus:
            try:
                outputs = Compiled(source, folder, cpu, weights, eager=seed % 2 == 1).run(values, map(len, expected))
            except CompileError as error:
                counter.check(False, f"{name} {cpu}", f"{error}\n{text}")
                continue
            for i, case in enumerate(cases):
                wrong = compare(outputs[i], expected[i], bounds[i], exact and ways.get(f"l{i}") in (None, "2x2"))
                counter.check(not wrong, f"{name} {cpu} o{i}",
                              f"  {wrong}\n  {layers.expression(case, f'l{i}')}\n  x: {inputs[0][1]}")


def layers_bytes(values):
    from array import array
    return array("f", values).tobytes()


def main(count=SEEDS, first=1):
    counter = tools.Counter()
    cpus, missing = tools.runnable_cpus()
    for cpu in missing:
        counter.skip(cpu, "this machine cannot run its code")
    tried = set()  # tiles of Winograd convolutions
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(one_network, seed, exact, cpus, counter, tried)
                for seed in range(first, first + count) for exact in (True, False)]
        for job in jobs:
            job.result()
    if count >= SEEDS:
        seeds = range(first, first + count)
        counter.check(tried == {"2x2", "4x4", "6x6"}, "Winograd convolutions of each size", f"{tried}")
        check_all_tried(counter, "".join(layers.network(seed, False)[0] for seed in seeds))
    counter.finish()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
