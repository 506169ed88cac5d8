#!/usr/bin/env python3
"""The examples of docs/programs.md, run in order in a folder with the programs and pictures they name. Numbers
may differ in their last digits; those of a profile, which are times, only in their shape; "..." stands for any lines."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import tools

EXAMPLES = tools.ROOT / "examples"
BLOCK = re.compile(r"^```console\n(.*?)^```\n", re.M | re.S)
NUMBER = re.compile(r"\d+\.\d+(?:e[-+]?\d+)?")


def prepare(folder):
    (folder / "clothes").mkdir()
    for picture in (EXAMPLES / "lenet").glob("*.png"):
        shutil.copy(picture, folder / "clothes")
    shutil.copy(EXAMPLES / "photo.png", folder)
    for source in EXAMPLES / "lenet" / "lenet.cnn", EXAMPLES / "edges.cnn":
        made = tools.cnnc("-w", source, "-o", folder / source.stem)
        assert made.returncode == 0, made.stderr


def pattern(lines):
    """The lines as an expression; its groups are their numbers."""
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:.*\n)*")
        else:
            parts.append(r"([\d.]+(?:e[-+]?\d+)?)".join(map(re.escape, NUMBER.split(line))) + r"\n")
    return "".join(parts)


def near(text, shown):
    return abs(float(text) - float(shown)) <= 1e-3 * abs(float(shown))


def check(counter, line, command, shown, folder):
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=folder, timeout=60,
                          env=dict(os.environ, LC_ALL="C"))
    expression = pattern(shown)
    if "--profile" in command:  # columns are as wide as times are long
        expression = re.sub(r"(?:\\ )+", r" +", expression).replace("1000\\ ", r"\d+ ").replace("1000 ", r"\d+ ")
    match = re.fullmatch(expression, done.stdout)
    good = done.returncode == 0 and not done.stderr and match
    if good and "--profile" not in command:
        numbers = [n for text in shown if text != "..." for n in NUMBER.findall(text)]
        good = all(map(near, match.groups(), numbers))
    counter.check(good, f"docs/programs.md:{line}: {command}", done.stdout + done.stderr)


def main():
    counter = tools.Counter()
    document = (tools.ROOT / "docs" / "programs.md").read_text()
    with tools.temporary_folder() as place:
        prepare(Path(place))
        for block in BLOCK.finditer(document):
            line = document.count("\n", 0, block.start()) + 1
            for run in re.split(r"^\$ ", block.group(1), flags=re.M)[1:]:
                command, *shown = run.rstrip("\n").split("\n")
                check(counter, line, command, shown, Path(place))
        options = re.findall(r"^  (--?[\w-]+)", tools.run([Path(place) / "lenet", "--help"]).stdout, re.M)
        for option in options:
            counter.check(re.search(rf"`{option}\b|\$ .*{option}\b", document), f"docs/programs.md tells of {option}")
        counter.check(len(options) > 10, "--help lists options", options)
    counter.finish()


main()
