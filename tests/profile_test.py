#!/usr/bin/env python3
"""--profile of compiled programs: its rows are the report's layers, its speeds follow from the report's
multiply-accumulates and its own times, and its shares add up."""

import json
import re
import subprocess
from pathlib import Path

import tools

NET = """network net {
    input x: 32x32x3, range = 0..255
    a = x -> conv1: conv(3, 8, padding = 1, bias = false) -> bn1: batchnorm -> relu
    b = a -> "part two": conv(3, 8, padding = 1)
    c = concat(a, b) -> maxpool(2) -> dropout(0.5)
    output y = c -> flatten -> fc: dense(10) -> softmax
}
"""
ROW = re.compile(r"(?P<name>\S.*?)  +(?P<layer>\S+)  +(?P<output>[\dx]+) +(?P<time>[\d.]+) +(?P<share>[\d.]+) %"
                 r"( +(?P<speed>[\d.]+))?")


class Profile:
    def __init__(self, text):
        self.head, *rows, self.total, self.last = text.splitlines()
        self.rows = [ROW.fullmatch(row) for row in rows]
        self.text = text


def profile(program, *words):
    done = tools.run([program, "--profile", *words])
    assert done.returncode == 0, done.stderr
    return Profile(done.stdout)


def check_rows(counter, name, found, layers, expected):
    """expected: a row each: name, words, and the layer whose multiply-accumulates it has, or None."""
    if not counter.check(all(found.rows) and len(found.rows) == len(expected), f"{name}: rows", found.text):
        return
    for row, (title, words, counted) in zip(found.rows, expected):
        counter.check((row["name"], row["layer"]) == (title, words), f"{name}: {title}", row[0])
        last = layers.get(title.split("..")[-1])
        if last and words != "border":
            counter.check(row["output"] == "x".join(map(str, last["output"][-3:])), f"{name}: {title}: output", row[0])
        macs = layers[counted]["macs"] if counted else 0
        time = float(row["time"])
        if not macs:
            counter.check(row["speed"] is None, f"{name}: {title}: no speed", row[0])
        elif time > 0.0005:  # times have four decimals
            error = 0.00006 / time + 0.006 / float(row["speed"])
            counter.check(abs(float(row["speed"]) * time * 1e6 / (2 * macs) - 1) <= error, f"{name}: {title}: speed", row[0])


def check_sums(counter, name, found, macs):
    total = re.fullmatch(r"total +([\d.]+) +100.0 % +([\d.]+)", found.total)
    if not counter.check(total, f"{name}: total", found.text):
        return
    time, shares = sum(float(row["time"]) for row in found.rows), sum(float(row["share"]) for row in found.rows)
    count = len(found.rows)
    counter.check(abs(time - float(total[1])) <= 0.00006 * (count + 1), f"{name}: times add up", found.text)
    counter.check(abs(shares - 100) <= 0.051 * count, f"{name}: shares add up", found.text)
    for row in found.rows:
        share = 100 * float(row["time"]) / float(total[1])
        counter.check(abs(share - float(row["share"])) <= 0.06 + 0.012 / float(total[1]), f"{name}: share", row[0])
    speed = 2e-6 * macs / float(total[1])
    counter.check(abs(speed / float(total[2]) - 1) <= 0.0001 / float(total[1]) + 0.01 / float(total[2]),
                  f"{name}: total speed", found.text)


def check_network(counter, folder):
    source, weights = folder / "net.cnn", ["--weights", "random:1"]
    source.write_text(NET)
    report = json.loads(tools.cnnc("--report=json", "-w", source).stdout)
    layers = {layer["name"]: layer for layer in report["layers"]}
    macs = sum(layer["macs"] for layer in report["layers"])
    for level in "-O0", "-O3":
        program = folder / f"net{level}"
        made = tools.cnnc(source, "-w", level, *weights, "-o", program)
        if not counter.check(made.returncode == 0, f"compile {level}", made.stderr):
            continue
        fused = level == "-O3"
        # the concatenation has no row: its inputs are written where they are wanted
        expected = [("x.normalize", "normalize", None), ("conv1", "border", None),
                    ("conv1..relu1", "conv+batchnorm+relu", "conv1") if fused else
                    ("conv1..bn1", "conv+batchnorm", "conv1"),
                    *([] if fused else [("relu1", "relu", None)]),
                    ("part two", "border", None), ("part two", "conv", "part two"),
                    ("maxpool1", "maxpool", None), ("fc", "dense", "fc"), ("softmax1", "softmax", None)]
        for words in [], ["--bench=15"], ["x.npy"]:
            tools.write_npy(folder / "x.npy", (32, 32, 3), [1] * 3072)
            found = profile(program, *(folder / w if w == "x.npy" else w for w in words))
            name = f"{level} {' '.join(words)}"
            check_rows(counter, name, found, layers, expected)
            check_sums(counter, name, found, macs)
            runs = re.fullmatch(r"whole run [\d.]+ ms; medians of (\d+) runs", found.last)
            counter.check(runs and (int(runs[1]) == 15 if words == ["--bench=15"] else 10 <= int(runs[1]) <= 1000),
                          f"{name}: runs", found.last)
    return folder / "net-O3"


def check_mistakes(counter, program, folder):
    (folder / "wrong.npy").write_bytes(b"\x93NUMPY")
    for words, code, says in (([folder / "wrong.npy"], 1, "wrong.npy"), ([folder / "gone"], 4, "cannot open"),
                              ([folder / "x.npy"] * 2, 2, "--profile wants one image, 2 are given"),
                              (["--bench=0"], 2, "--bench wants")):
        done = tools.run([program, "--profile", *words])
        counter.check(done.returncode == code and says in done.stderr and not done.stdout, says, done.stderr)
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, "--profile", "--bench=1"], stdout=full, stderr=subprocess.PIPE)
    counter.check(done.returncode == 4 and b"cannot write standard output" in done.stderr, "full", done.stderr)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as place:
        program = check_network(counter, Path(place))
        check_mistakes(counter, program, Path(place))
    counter.finish()


main()
