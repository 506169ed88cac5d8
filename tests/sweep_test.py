#!/usr/bin/env python3
"""Sixty emitted objects, random networks and the examples, looked at with nm, readelf and size: no writable data, no
symbol asked for beyond memory and mathematical functions of C, none defined beyond the interface, nothing to relocate
but code. Each then runs with a painted workspace and stack (harness/footprint.c): the workspace is as large as it
must be, and the stack small.

usage: tests/sweep_test.py [NETWORKS]"""

import concurrent.futures
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import tools
from oracle.generate import Generator

FOOTPRINT = tools.BUILD / "tests" / "footprint"
ALLOWED = {"memset", "memcpy", "memmove", "expf", "logf", "powf", "sqrtf", "fmaf"}
STACK = 8 << 10       # bytes a run may take
HARNESS = 2 << 10     # of them, what footprint's own call takes: 128 parameters
EXAMPLES = ["edges", "filters", "lenet/lenet", "mobilenet_v3_small", "squeezenet", "resnet18"]


def networks(count):
    """(name, text or path, name of the network)."""
    for name in EXAMPLES:
        path = tools.ROOT / "examples" / f"{name}.cnn"
        yield name, path
    for seed in range(count - len(EXAMPLES)):
        rng = random.Random(f"sweep {seed}")
        yield f"seed {seed}", Generator(rng.random(), False, rng.choice([1, 2, 4, 8, 16, 30])).text()


def symbols(object_file, option):
    lines = tools.run(["nm", option, object_file]).stdout.splitlines()
    return {line.split()[-1] for line in lines}


def object_problems(path):
    found = []
    if needed := symbols(path, "-u") - ALLOWED:
        found.append(f"needs {needed}")
    interface = {re.sub(r"_[0-9a-f]{16}$", "_ID", name) for name in symbols(path, "-g") - symbols(path, "-u")}
    functions = {"net_run", "net_run_ID", "net_run_parallel", "net_run_parallel_ID", "net_info"}
    if not functions <= interface <= functions | {"net_weights"}:
        found.append(f"defines {interface}")
    sizes = tools.run(["size", path]).stdout.splitlines()[1].split()
    if sizes[1:3] != ["0", "0"]:
        found.append(f"has {sizes[1]} bytes of data and {sizes[2]} of bss")
    sections = tools.run(["readelf", "-SW", path]).stdout
    for flags, name in [(m.group(2), m.group(1)) for m in re.finditer(r"\] (\S+)\s+\w+\s+[0-9a-f]{16}.*? ([WAXMSTILGCoE]+) +\d+ +\d+ +\d+$", sections, re.M)]:
        if "W" in flags or "T" in flags or "init" in name:
            found.append(f"section {name} is {flags}")
    relocated = set(re.findall(r"Relocation section '(.*?)'", tools.run(["readelf", "-r", path]).stdout))
    if wrong := {name for name in relocated if not name.startswith(".rela.text")}:
        found.append(f"relocates {wrong}")
    return found


def footprint_problems(library):
    done = tools.run([FOOTPRINT, library, "net"])
    if done.returncode:
        return [done.stderr]
    used, of, stack = map(int, re.findall(r"\d+", done.stdout))
    found = []
    if of - used >= 64 and of > 64:  # storages are multiples of 64 bytes, and a workspace is one at least
        found.append(f"workspace: {used} bytes used of {of}")
    if stack > STACK + HARNESS:
        found.append(f"stack: {stack} bytes")
    return found


def one(name, source):
    with tools.temporary_folder() as folder:
        folder = Path(folder)
        path = source
        if isinstance(source, str):
            path = folder / "net.cnn"
            path.write_text(source)
        words = [path, "--name", "net", "--weights", "random:1", "-w"]
        for kind in ("obj", "shared"):
            done = tools.cnnc(*words, f"--emit={kind}", "-o", folder / f"net.{kind}")
            if done.returncode:
                return name, [done.stderr], source
        return name, object_problems(folder / "net.obj") + footprint_problems(folder / "net.shared"), source


def main(count=60):
    counter = tools.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for job in [pool.submit(one, *network) for network in networks(count)]:
            name, problems, source = job.result()
            counter.check(not problems, name, "\n".join(problems) + f"\n{source}")
    counter.finish()


main(*map(int, sys.argv[1:]))
