#!/usr/bin/env python3
"""What compiling takes, of a processor and of memory, and the workspaces of what comes out, against their goals.

usage: bench/compile.py [--build DIR] [--rounds N] [--write]

Times are what the process takes of a processor, the least of the rounds, in which the commands come in turn. --write writes the tables
into docs/performance.md. The exit code is 1 if memory misses a goal; times, which depend on the machine, are
only told."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import machine
import table
from networks import SUITE, WEIGHTS

DOCUMENT = machine.ROOT / "docs" / "performance.md"
CHAINS = 250, 500, 1000, 2000
CHAIN = """network chain {{
    input image: [16, 16, 16]
    x = image
    for i in 1..{layers} {{ x = x -> conv(3, 16, padding = same) -> relu }}
    output y = x
}}
"""
MOST_WORKSPACE = 1.10  # times its lower bound, in the geometric mean of the suite
MEGABYTE = 1e6


@dataclass
class Task:
    """A command, and the most that it may take: seconds and bytes, where there is a goal."""
    title: str
    words: list
    most_seconds: float = None
    most_bytes: float = None
    seconds: list = field(default_factory=list)
    peak: int = 0

    def run(self):
        child = subprocess.Popen([str(word) for word in self.words])
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{' '.join(map(str, self.words))} failed")
        self.seconds.append(used.ru_utime + used.ru_stime)
        self.peak = max(self.peak, 1024 * used.ru_maxrss)

    def least(self):
        return min(self.seconds)

    def cells(self):
        goal = "" if self.most_seconds is None else f"{self.most_seconds:.2f}"
        room = "" if self.most_bytes is None else f"{self.most_bytes / MEGABYTE:.0f}"
        return [self.title, f"{self.least():.3f}", goal, f"{self.peak / MEGABYTE:.0f}", room]


def tasks(cnnc, folder):
    def write(name, text):
        path = folder / f"{name}.cnn"
        path.write_text(text)
        return path

    texts = {network.name: write(network.name, network.text(1)) for network in SUITE}
    chains = {layers: write(f"chain_{layers}", CHAIN.format(layers=layers)) for layers in CHAINS}
    make = lambda source: [cnnc, "-w", "-c", source, "--weights", WEIGHTS, "-o", folder / "made.o"]
    yield Task("ResNet-50", make(texts["resnet50"]), 3, 1e9)
    yield Task("LeNet-5", make(texts["lenet"]), 0.15)
    for layers in CHAINS:
        yield Task(f"{layers:,} equal layers", make(chains[layers]), 2 if layers == 1000 else None)
    yield Task("1,000 layers, --check", [cnnc, "-w", "--check", chains[1000]], 0.05)


def workspaces(cnnc, folder):
    """(title, floats, the lower bound) of each network of the suite."""
    for network in SUITE:
        words = [cnnc, "-w", "--dump=plan", folder / f"{network.name}.cnn", "--weights", WEIGHTS]
        text = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout
        yield network.title, *map(int, re.search(r"^workspace (\d+) floats, at least (\d+)$", text, re.M).groups())


def slope(done):
    """How many times as much a layer takes in the longest chain as in the others: 1 where time is linear."""
    seconds = [next(task.least() for task in done if task.title == f"{layers:,} equal layers") for layers in CHAINS]
    late = (seconds[-1] - seconds[-2]) / (CHAINS[-1] - CHAINS[-2])
    return late * (CHAINS[-2] - CHAINS[0]) / (seconds[-2] - seconds[0])


def times_the_least(places):
    return table.geometric_mean([floats / least for _, floats, least in places])


def section(done, places):
    lines = ["### What compiling takes", "", f"{date.today()}, {machine.describe()}.", "",
             *table.head(["", "seconds of a processor", "at most", "memory, MB", "at most"]),
             *(table.line(task.cells()) for task in done), "",
             f"A layer of 2,000 takes {slope(done):.2f} times as long as one of 1,000 and fewer.", "",
             *table.head(["network", "workspace, MB", "the least, MB", "times"])]
    for title, floats, least in places:
        lines.append(table.line([title, f"{4 * floats / MEGABYTE:.3f}", f"{4 * least / MEGABYTE:.3f}", f"{floats / least:.3f}"]))
    lines += ["", f"Geometric mean: {times_the_least(places):.3f}, at most {MOST_WORKSPACE:.2f} is wanted."]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="What compiling takes, against its goals.")
    parser.add_argument("--build", type=Path, default=machine.ROOT / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    cnnc = given.build.resolve() / "cnnc"
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        done = list(tasks(cnnc, folder))
        for _ in range(given.rounds):
            for task in done:
                task.run()
        places = list(workspaces(cnnc, folder))
    text = section(done, places)
    print(text)
    if given.write:
        table.replace_section(DOCUMENT, "compile", text)
    large = [task.title for task in done if task.most_bytes and task.peak > task.most_bytes]
    wide = ["the workspaces"] if times_the_least(places) > MOST_WORKSPACE else []
    sys.exit("\n".join(f"{title}: more than the goal" for title in large + wide) or 0)


if __name__ == "__main__":
    main()
