#!/usr/bin/env python3
"""Runs a network by one of the peers on request; bench/runner.c is the same for cnnc.

    worker.py PEER FOLDER THREADS

PEER is a file beside this one with a class Peer: Peer(folder, inputs, threads, place) makes it ready to run FOLDER/net.onnx, of
which FOLDER/single.onnx is the same for one image; inputs are arrays N, C, H, W, and what it writes goes to the folder place.
run() computes, outputs() gives what the last run made, as arrays; version says which. Inputs are FOLDER/in0.npy ...; it runs
once, writes FOLDER/PEER/out0.npy ..., prints "ready VERSION", and for each line of standard input an answer:

    time N  -> seconds that one of N runs takes: of a processor, and of the clock on the wall
    memory  -> KiB that the process has grown by at most, since Python and NumPy were loaded"""

import importlib
import os
import re
import sys
import time
from pathlib import Path

import numpy as np


def status(field):
    """KiB, from what the kernel tells of this process."""
    return int(re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M).group(1))


def prepared(name, folder, threads):
    place = folder / name
    place.mkdir(exist_ok=True)
    inputs = [np.load(path) for path in sorted(folder.glob("in*.npy"))]
    peer = importlib.import_module(name).Peer(folder, inputs, threads, place)
    peer.run()
    for i, values in enumerate(peer.outputs()):
        np.save(place / f"out{i}.npy", values)
    return peer


def times(run, count):
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(count):
        run()
    processor = time.process_time() - processor
    wall = time.perf_counter() - wall
    return f"{processor / count:.9g} {wall / count:.9g}"


def main():
    name, folder, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")  # what libraries print goes elsewhere
    os.dup2(2, 1)
    begin = status("VmRSS")
    peer = prepared(name, Path(folder), int(threads))
    print("ready", peer.version, file=answers, flush=True)
    for line in sys.stdin:
        word, *count = line.split()
        answer = times(peer.run, int(count[0])) if word == "time" else status("VmHWM") - begin
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
