#!/usr/bin/env python3
"""Networks as the cost model has them compiled, beside the same with measured choices, in turn.

usage: bench/tune.py [--build DIR] [--rounds N] [--file FILE] [NETWORK...]

For each network: how many times as long it takes without --tune, and at the end the geometric mean, which the model is to keep
below 1.1; the exit code is 1 if it does not. What is measured for --tune is kept in FILE, build/tuning by default. ./dev bench tune runs
this."""

import argparse
import json
import math
import random
import shutil
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path

import machine
import table
from networks import SUITE, WEIGHTS
from workers import Contestant

NEAR = 1.1  # what the model may lose


def must(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def write_inputs(report, folder):
    rng = random.Random(1)
    for i, given in enumerate(report["inputs"]):
        values = array("f", (rng.uniform(0, 1) for _ in range(math.prod(given["shape"]))))
        (folder / f"in{i}.f32").write_bytes(values.tobytes())


def contestant(cnnc, network, report, folder, options):
    """A process that runs the network compiled with these options."""
    folder.mkdir()
    write_inputs(report, folder)
    name, code, program = network.name, folder / "net.o", folder / "runner"
    must([cnnc, "-w", "-c", folder.parent / "net.cnn", "--weights", WEIGHTS, "--name", name, *options, "-o", code])
    must(machine.runner_command(cnnc.parent, name, report, code) + ["-o", program])
    code.unlink()
    return Contestant(folder.name, [program, folder, 1], 1, folder / "log")


def compare(given, network, folder):
    """Best times of both: seconds."""
    folder.mkdir()
    cnnc = given.build / "cnnc"
    (folder / "net.cnn").write_text(network.text(1))
    report = json.loads(must([cnnc, "-w", "--report=json", folder / "net.cnn"]))
    both = [contestant(cnnc, network, report, folder / "model", []),
            contestant(cnnc, network, report, folder / "tuned", ["--tune-file", given.file])]
    for _ in range(given.rounds):
        for one in both:
            one.round()
    for one in both:
        one.end()
    shutil.rmtree(folder)
    return [one.seconds for one in both]


def main():
    parser = argparse.ArgumentParser(description="The cost model's choices beside measured ones.")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=", ".join(network.name for network in SUITE))
    parser.add_argument("--build", type=Path, default=machine.ROOT / "build")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    unknown = set(given.networks) - {network.name for network in SUITE}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    given.build = given.build.resolve()
    given.file = given.file or given.build / "tuning"
    ratios = []
    print(*table.head(["network", "by the model, ms", "tuned, ms", "model/tuned"]), sep="\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="tune-", dir=given.build) as folder:
        for network in SUITE:
            if given.networks and network.name not in given.networks:
                continue
            model, tuned = compare(given, network, Path(folder) / network.name)
            ratios.append(model / tuned)
            cells = [network.title, table.milliseconds(model), table.milliseconds(tuned), f"{model / tuned:.3f}"]
            print(table.line(cells), flush=True)
    mean = table.geometric_mean(ratios)
    print(f"\nGeometric mean of {len(ratios)}: {mean:.3f}")
    sys.exit(f"the model loses more than {NEAR - 1:.0%}" if mean > NEAR else 0)


if __name__ == "__main__":
    main()
