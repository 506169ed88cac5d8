#!/usr/bin/env python3
"""Compiled networks beside other engines, in the same run and in turn.

usage: bench/suite.py [--build DIR] [--batch N] [--threads N] [--rounds N] [--seconds N] [--peers A,B,...] [NETWORK...]

For each network: outputs are compared with what is right, in double precision; then all engines run it in turn, round by round, and
the best time of each counts. A whole suite writes its section of docs/performance.md, which tells what the columns are. The exit code
is 1 if outputs are wrong. ./dev bench runs this with the Python of ./dev peers."""

import argparse
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import limit
import machine
import table
from networks import SUITE, Network
from prepare import Prepared, error
from workers import Contestant, Copies, Failed, Worker

PEERS = {"ONNX Runtime": "onnxruntime_peer", "OpenVINO": "openvino_peer", "ncnn": "ncnn_peer", "MNN": "mnn_peer",
         "PyTorch": "pytorch_peer", "PyTorch, compiled": "pytorch_compiled_peer", "IREE": "iree_peer",
         "emx-onnx-cgen": "emx_onnx_cgen_peer"}
FOR_TINY = {"emx-onnx-cgen"}  # networks only: its plain loops take minutes for others
DOCUMENT = machine.ROOT / "docs" / "performance.md"
# Of the largest output: what an output may be away from the right one. Winograd's algorithm with large tiles takes digits.
AGREES = 1e-3


class Run:
    """A run of the suite: what is to be done, the machine's worker, and what is to be said at the end."""

    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.machine = Worker([machine.program(self.folder)], 1, self.folder / "machine.log")
        self.running, self.versions, self.notes, self.wrong = [], {}, [], []
        self.own_titles = ["cnnc", *(["cnnc --exact"] if given.threads == 1 else ["cnnc, one thread", "cnnc, processes"])]

    def start(self, title, words, threads, log, kind=Contestant):
        self.running.append(kind(title, words, threads, log))
        self.versions[title] = self.running[-1].version
        return self.running[-1]

    def end_all(self):
        for contestant in self.running:
            contestant.end()
        self.running = []

    def peers_for(self, network):
        return [title for title in self.given.peers if network.tiny or title not in FOR_TINY]

    def own(self, prepared):
        """Yields cnnc's contestants: as asked for, and what that is compared with: sums as defined, or one thread, and as many
        processes of one thread as threads."""
        folder, threads = prepared.folder, self.given.threads
        alone = [folder / "runner", folder, 1]
        yield self.start(self.own_titles[0], [folder / "runner", folder, threads], threads, folder / "own.log")
        if threads == 1:
            prepared.compile("exact", "--exact")
            yield self.start(self.own_titles[1], [folder / "exact", folder, 1], 1, folder / "exact.log")
        else:
            yield self.start(self.own_titles[1], alone, 1, folder / "alone.log")
            yield self.start(self.own_titles[2], alone, threads, folder / "copies.log", Copies)

    def contestants(self, prepared):
        """[(contestant, error)] of those that can run it, cnnc's first."""
        folder, right = prepared.folder, prepared.right()
        started = [(own, error(prepared.own_outputs(), right)) for own in self.own(prepared)]
        for title in self.peers_for(prepared.network):
            words = [sys.executable, machine.ROOT / "bench/peers/worker.py", PEERS[title], folder, self.given.threads]
            try:
                peer = self.start(title, words, self.given.threads, folder / f"{PEERS[title]}.log")
                started.append((peer, error(prepared.outputs_of(PEERS[title]), right)))
            except Failed as failed:
                self.notes.append(f"{title} does not run {prepared.network.title}: {failed}")
        return started

    def agree(self, network, started):
        """Those whose outputs are right."""
        for contestant, off in started:
            if not off <= AGREES:
                self.wrong.append(f"{network.title}: outputs of {contestant.title} are {off:.1e} of the largest away")
        return [(contestant, off) for contestant, off in started if off <= AGREES]

    def rounds(self, moved, contestants):
        """Times all in turn, and returns the peak in GFLOP/s and GB/s of reading as many bytes, the best of all rounds."""
        peaks, begin = [], time.monotonic()
        while len(peaks) < self.given.rounds or time.monotonic() - begin < self.given.seconds:
            peaks.append([float(self.machine.ask(question)) for question in ("peak", f"bandwidth {moved}")])
            for contestant in contestants:
                contestant.round()
        return map(max, zip(*peaks))

    def measure(self, network):
        """A row, or None if the compiled network fails or is wrong."""
        prepared = Prepared(self.given.build, network, self.given.batch, self.folder / network.name)
        try:
            started = self.contestants(prepared)
            right = self.agree(network, started)
            own = len(self.own_titles)
            if right[:own] == started[:own]:
                peaks = self.rounds(limit.moved_bytes(prepared.report), [contestant for contestant, _ in right])
                return row(prepared, right[:own], right[own:], *peaks)
        except Failed as failed:
            self.wrong.append(f"{network.title}: {failed}")
        finally:
            self.end_all()
            prepared.remove()


def row(prepared, own, peers, gflops, gigabytes):
    """What is told of a network. gflops, gigabytes: the best that were measured beside it, on one core; multiply-adds count for all."""
    (ours, off), (other, _), *copies = own
    fastest = min(peers, key=lambda pair: pair[0].seconds, default=None)
    macs, of_all = prepared.report["totals"]["macs"], gflops * ours.threads
    return {
        "title": prepared.network.title, "tiny": prepared.network.tiny, "seconds": ours.seconds, "error": off,
        "fastest": fastest and {"title": fastest[0].title, "seconds": fastest[0].seconds, "error": fastest[1]},
        "ratio": fastest[0].seconds / ours.seconds if fastest else None,
        "other": other.seconds / ours.seconds if ours.threads == 1 else other.wall / ours.wall,
        "processes": other.wall / copies[0][0].seconds if copies else None,
        "of_limit": limit.seconds(prepared.report, of_all, gigabytes) / ours.seconds,
        "of_peak": 2e-9 * macs / of_all / ours.seconds,
        "gflops": gflops, "gigabytes": gigabytes,
        "compile_seconds": prepared.compile_seconds, "object_bytes": prepared.object_bytes,
        "workspace_bytes": int(ours.ask("workspace")),
        "times": {contestant.title: contestant.seconds for contestant, _ in own + peers},
        "memory": {contestant.title: 1024 * int(contestant.ask("memory")) for contestant, _ in own + peers},
    }


def call_costs(run):
    """Seconds of a network that does nothing, for each engine: what a call costs besides the layers. Engines that cannot do
    that are not here, and are left out from now on."""
    found = run.measure(Network("a network that does nothing", "../bench/call", tiny=True))
    times = found["times"] if found else {}
    run.given.peers = [title for title in run.given.peers if title in times]
    return times


def facts(run, rows, calls):
    peaks = f"{max(row['gflops'] for row in rows):.0f} GFLOP/s"
    moved = [row["gigabytes"] for row in rows]
    costs = ", ".join(f"{title} {1e6 * seconds:.1f}" for title, seconds in calls.items() if title not in run.own_titles[1:])
    return [f"{date.today()}, {machine.describe()}. Multiply-add peak {peaks} on one core; {min(moved):.0f} to "
            f"{max(moved):.0f} GB/s to read again what a network reads, by how much that is.",
            f"{', '.join(dict.fromkeys(run.versions.values()))}.",
            f"A call of a network that does nothing takes, in microseconds: {costs}."]


def parse(words):
    parser = argparse.ArgumentParser(description="Compiled networks beside other engines, in turn.")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=", ".join(network.name for network in SUITE))
    parser.add_argument("--build", type=Path, default=machine.ROOT / "build")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="that share a run")
    parser.add_argument("--rounds", type=int, default=10, help="at least")
    parser.add_argument("--seconds", type=float, default=3, help="of rounds for each network, at least")
    parser.add_argument("--peers", type=lambda text: [name for name in text.split(",") if name], default=list(PEERS),
                        help="some of: " + ", ".join(PEERS.values()))
    given = parser.parse_args(words)
    files = {file.removesuffix("_peer"): title for title, file in PEERS.items()}
    given.peers = [files.get(name.removesuffix("_peer"), name) for name in given.peers]
    unknown = set(given.networks) - {network.name for network in SUITE} | set(given.peers) - set(PEERS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    given.build = given.build.resolve()
    return given


def suite(given, folder):
    """Runs it, prints and writes what it finds; returns what is wrong."""
    run = Run(given, folder)
    chosen = [network for network in SUITE if not given.networks or network.name in given.networks]
    calls = call_costs(run)
    print(*table.head(table.titles(given.threads)), sep="\n", flush=True)
    rows = []
    for network in chosen:
        found = run.measure(network)
        if found:
            rows.append(found)
            print(table.line(table.cells(found)), flush=True)
    run.machine.end()
    if rows:
        heading = f"Batch {given.batch}, {given.threads} {'thread' if given.threads == 1 else 'threads'}"
        text = table.section(heading, given.threads, facts(run, rows, calls), rows, run.notes + run.wrong)
        print("", text, sep="\n")
        if len(rows) == len(SUITE):
            table.replace_section(DOCUMENT, f"batch {given.batch}, threads {given.threads}", text)
    return run.wrong


def main():
    given = parse(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.build) as folder:
        wrong = suite(given, Path(folder))
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
