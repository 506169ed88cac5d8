#!/usr/bin/env python3
"""docs/linking.md and examples/linking: the commands of the document, run where their compilers are at hand, offline;
every program says of every picture what the network's program says. Code in the document is that of the files.

    ```sh in FOLDER        commands run in FOLDER; the last one gets a picture, and prints its class
    ```LANGUAGE from FILE  lines of FILE, as they are

usage: linking_test.py [FOLDER...]     only these folders of examples/linking"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import tools
from png import read_png

DOCUMENT = tools.ROOT / "docs" / "linking.md"
COMMANDS = re.compile(r"^```sh in (\S+)\n(.*?)^```", re.M | re.S)
EXCERPT = re.compile(r"^```\w+ from (\S+)\n(.*?)^```", re.M | re.S)
NEEDED = {"c": "cc", "cpp": "c++", "bare": "cc", "python": None, "rust": "cargo", "go": "go"}
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]


class Place:
    """A copy of what the examples need of the project, and an environment in which nothing is fetched."""

    def __init__(self, counter, folder):
        self.counter, self.folder = counter, folder
        for part in ("examples/linking", "examples/lenet", "bindings"):
            shutil.copytree(tools.ROOT / part, folder / part, ignore=shutil.ignore_patterns("target", "__pycache__"))
        paths = [folder / "bin", Path(tools.CNNC).parent, os.environ["PATH"], "/usr/local/go/bin"]
        # headers and the library of the runtime, as if they were installed
        self.environment = dict(os.environ, PATH=":".join(map(str, paths)), GOPROXY="off", GOTOOLCHAIN="local",
                                GOFLAGS="-mod=mod", GOCACHE=str(folder / "go-cache"), CARGO_NET_OFFLINE="true",
                                PYTHONDONTWRITEBYTECODE="1",
                                CPATH=str(tools.BUILD / "include"), LIBRARY_PATH=str(tools.BUILD / "runtime"))
        (folder / "bin").mkdir()
        self.pictures = dict(self.make_pictures())

    def make_pictures(self):
        """PGM files, and what the network's program says of each."""
        program = self.folder / "lenet"
        done = tools.cnnc(tools.ROOT / "examples/lenet/lenet.cnn", "-o", program)
        self.counter.check(done.returncode == 0, "the program", done.stderr)
        for path in sorted((tools.ROOT / "examples/lenet").glob("*.png")):
            height, width, _, samples = read_png(path)
            picture = self.folder / f"{path.stem}.pgm"
            picture.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + bytes(samples))
            said = tools.run([program, picture, "--top", "1"]).stdout
            yield picture, re.sub(r"^1 +(.*\S) +[\d.e+-]+\n$", r"\1", said)

    def run(self, command, folder):
        """A line of the document, as a shell reads it."""
        return subprocess.run(["sh", "-c", command], cwd=self.folder / folder, env=self.environment, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=300, errors="replace")


def at_hand(place, folder):
    """Whether what the folder's commands call is here; a Python that has NumPy becomes python3."""
    language = Path(folder).name
    needed = NEEDED[language]
    if needed is None:
        python = tools.python_with("numpy")
        if not python:
            place.counter.skip(folder, "no Python with NumPy here")
            return False
        (place.folder / "bin" / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        (place.folder / "bin" / "python3").chmod(0o755)
        return True
    if not shutil.which(needed, path=place.environment["PATH"]):
        place.counter.skip(folder, f"no {needed} here")
        return False
    return True


def commands(place, folder, lines):
    """All lines but the last build a program, the last one runs it."""
    counter = place.counter
    *building, running = lines
    for line in building:
        done = place.run(line, folder)
        if not counter.check(done.returncode == 0, f"{folder}: {line}", done.stdout + done.stderr):
            return
        counter.check(not re.search(r"\bwarning\b", done.stderr), f"{folder}: {line}: no warning", done.stderr)
    done = place.run(running, folder)
    counter.check(done.returncode == 0 and done.stdout == "ankle boot\n", f"{folder}: {running}", done.stdout + done.stderr)
    if "boot.pgm" not in running:
        return
    for picture, label in place.pictures.items():
        done = place.run(running.replace("../boot.pgm", str(picture)), folder)
        counter.check(done.stdout == label + "\n", f"{folder}: {picture.name} is {label}", done.stdout + done.stderr)
    for wrong in (place.folder / "absent.pgm", tools.ROOT / "README.md"):
        done = place.run(running.replace("../boot.pgm", str(wrong)), folder)
        good = done.returncode in (1, 2) and not done.stdout and done.stderr
        counter.check(good or "mapped" in running, f"{folder}: {wrong.name} is refused", f"{done.returncode} {done.stdout}")


def excerpts(counter, text):
    for file, lines in EXCERPT.findall(text):
        path = tools.ROOT / file
        counter.check(path.is_file() and lines in path.read_text(), f"code from {file} is in it", lines)
    shown = {Path(file).parts[2] for file, _ in EXCERPT.findall(text)}
    counter.check(shown == set(NEEDED) == {path.name for path in (tools.ROOT / "examples/linking").iterdir() if path.is_dir()},
                  "every example is shown", str(shown))


def results(counter, text):
    """The document's table of results is results.def."""
    rows = re.findall(r'^RESULT\((\w+), (\d+), "(.*)"\)', (tools.ROOT / "runtime/results.def").read_text(), re.M)
    found = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \| (.*) \|$", text, re.M)
    counter.check(found == rows and len(rows) > 3, "the table of results", f"{found}\n{rows}")


def strict(place):
    """The examples in C and C++, with all warnings, by each compiler that is here."""
    sources = [("c/classify.c", ["-std=c11"], ("gcc", "clang-22"), []), ("bare/start.c", ["-std=gnu11", "-ffreestanding"],
               ("gcc", "clang-22"), ["--weights-out=x.bin"]), ("c/mapped.c", ["-std=gnu11"], ("gcc", "clang-22"),
               ["--weights-out=x.bin"]), ("c/parallel.c", [f"-isystem{tools.BUILD}/include"], ("gcc", "clang-22"), []), ("cpp/classify.cpp", ["-std=c++17"], ("g++", "clang++-22"), [])]
    for source, options, compilers, apart in sources:
        path = place.folder / "examples/linking" / source
        done = tools.cnnc("-c", "../../lenet/lenet.cnn", *apart, cwd=path.parent)
        place.counter.check(done.returncode == 0, f"{source}: the network", done.stderr)
        for compiler in compilers:
            if not shutil.which(compiler):
                place.counter.skip(f"{source} with {compiler}", "it is not here")
                continue
            done = tools.run([compiler, *options, *STRICT, "-O2", "-c", path.name, "-o", "/dev/null"], cwd=path.parent)
            place.counter.check(done.returncode == 0, f"{source} with {compiler}", done.stderr)


def main(only):
    counter = tools.Counter()
    text = DOCUMENT.read_text()
    with tools.temporary_folder() as folder:
        place = Place(counter, Path(folder).resolve())
        counter.check(len(place.pictures) == 4 and len(set(place.pictures.values())) == 4, "four pictures, four classes",
                      str(place.pictures))
        ran = set()
        for folder, lines in COMMANDS.findall(text):
            ran.add(Path(folder).name)
            if (not only or Path(folder).name in only) and at_hand(place, folder):
                commands(place, folder, lines.splitlines())
        counter.check(ran == set(NEEDED), "every example is run", str(ran))
        if not only:
            excerpts(counter, text)
            results(counter, text)
            strict(place)
    counter.finish()


main(sys.argv[1:])
