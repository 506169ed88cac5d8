#!/usr/bin/env python3
"""--tune: its file of choices, what is taken from it, and that every choice that it may have computes the same."""

import json
import os
import re
import subprocess
from pathlib import Path

import tools
from compiled import Compiled

NET = """network net {
    input x: 19x17x16
    a = x -> conv(3, 24, padding = 1) -> relu
    b = a -> conv(3, 24, padding = 1) -> relu
    c = b -> conv(1, 40) -> conv(5, 21, stride = 2, padding = 2)
    d = c -> depthwise(3, padding = 1) -> conv(3, 28, groups = 7, padding = 1)
    e = x -> conv(1, 24) -> conv(3, 24, padding = 1) -> relu
    output y = d -> conv(3, 9) -> flatten -> dense(33)
    output z = b + e
}
"""
SMALL = """network small {
    input x: 8x8x16
    output y = x -> conv(1, 8) -> relu
}
"""
TWO = """network two {
    input x: 8x8x16
    output y = x -> conv(3, 16, padding = 1) -> conv(1, 8)
}
"""
WEIGHTS = ["-w", "--weights", "random:1"]
CHOICE = re.compile(r"(-O\d (conv|depthwise) .*) = (\d+) (\d+) (\d+) (\d+) (\d+)")
REGISTERS = 16


def tune(path, source, *words, **options):
    return tools.cnnc("--dump=plan", "--tune-file", path, "--allow=W0103", "--weights", "random:1", *words, source, **options)


class File:
    """The lines of a file of choices."""

    def __init__(self, path):
        self.text = Path(path).read_text()
        self.head, *lines = self.text.splitlines()
        self.lines = [CHOICE.fullmatch(line) for line in lines]

    def with_choices(self, choose):
        """The text with other choices: choose(descriptor's text) gives them as numbers."""
        lines = [f"{line[1]} = {' '.join(map(str, choose(line[1])))}" for line in self.lines]
        return "\n".join([self.head, *lines, ""])


def tiles():
    return [(p, v) for v in range(1, REGISTERS) for p in range(1, REGISTERS) if p * v + v + 1 <= REGISTERS]


def check_file(counter, folder, source):
    """A line for each descriptor, which later runs take; equal layers are one."""
    path = folder / "choices"
    done = tune(path, source)
    if not counter.check(done.returncode == 0 and path.exists(), "tune", done.stderr):
        return None
    found, plan = File(path), done.stdout
    counter.check(found.head.startswith("cnnc tuning, cnnc ") and all(found.lines), "lines", found.text)
    # x and a have other sizes; both 3x3x24x24 are one, and so is each of the others: ten layers
    counter.check(len(found.lines) == 9, "descriptors", found.text)
    counter.check([line[0] for line in found.lines] == sorted(line[0] for line in found.lines), "sorted", found.text)
    before = path.stat()
    again = tune(path, source)
    counter.check((again.returncode, again.stdout, path.stat().st_mtime_ns, path.stat().st_ino) ==
                  (0, plan, before.st_mtime_ns, before.st_ino), "nothing is measured again", again.stderr + again.stdout)
    objects = []
    for i in range(2):
        tools.cnnc("-c", *WEIGHTS, "--tune-file", path, source, "-MD", "-o", folder / "net.o")
        objects.append((folder / "net.o").read_bytes())
    counter.check(objects[0] == objects[1], "the same choices, the same object")
    counter.check("choices" not in (folder / "net.d").read_text(), "choices are no source", (folder / "net.d").read_text())
    other = folder / "small.cnn"
    other.write_text(SMALL)
    counter.check(tune(path, other).returncode == 0 and set(found.text.splitlines()) < set(path.read_text().splitlines()),
                  "another network's are added", path.read_text())
    path.write_text(found.text)
    return found


def check_taken(counter, folder, source, found):
    path = folder / "taken"
    path.write_text(found.with_choices(lambda text: (0, 3, 2, 0, 0) if " conv " in text else (0, 5, 1, 0, 0)))
    done = tune(path, source)
    ways = re.findall(r"^%\d+ \S+ = (conv|depthwise) .*? tuned (\S+)", done.stdout, re.M)
    wanted = [("depthwise", "5x1") if op == "depthwise" else ("conv", "3x2") for op, _ in ways]
    counter.check(len(ways) == 10 and ways == wanted and " winograd " not in done.stdout, "taken", done.stdout)
    plan = json.loads(tools.cnnc("--report=plan-json", *WEIGHTS, "--tune-file", path, source).stdout)
    counter.check(all(row["tile"] in (None, [3, 2 * plan["vector_width"]], [5, plan["vector_width"]])
                      for row in plan["layers"]), "the report has them", str(plan))
    tune(path, source, "--exact")
    exact = [line for line in File(path).lines if "as defined" in line[1]]
    counter.check(len(exact) >= 9 and all(line[3] == "0" for line in exact), "--exact is measured by itself", path.read_text())


def check_right(counter, folder, source, found):
    """Every register tile gives every layer the same sums, and Winograd's with every block."""
    def run(name, choose):
        path = folder / "way"
        path.write_text(found.with_choices(choose))
        net = Compiled(source, folder, options=["-w", "--tune-file", path], weights="random:1")
        counter.check(path.read_text() == found.with_choices(choose), f"{name}: taken as it is", path.read_text())
        return [list(values) for values in net.run([[(i * 37 % 101) / 50 - 1 for i in range(19 * 17 * 16)]], [33, 19 * 17 * 24])]

    def side(text, large):  # Winograd's tiles of two sizes, where they may be
        return 0 if "as defined" in text else large if "x16 to" in text else large - 2

    models = {large: run(f"model {large}", lambda text: (side(text, large), 0, 0, 0, 0)) for large in (4, 6)}
    exact = run("as defined", lambda text: (0, 0, 0, 0, 0))
    for large, model in models.items():
        for port, defined in zip(model, exact):
            most = max(map(abs, defined))
            counter.check(most > 0.01 and all(abs(a - b) <= 1e-5 * most for a, b in zip(port, defined)), f"Winograd's sums, {large}")
    counter.check(models[4] != models[6], "other tiles, other sums")
    for i, (pixels, vectors) in enumerate(tiles()):
        large = (4, 6)[i // 2 % 2]

        def choose(text):
            if " depthwise " in text:
                return 0, pixels, 1, 0, 0
            if not side(text, large):
                return 0, pixels, vectors, 0, 0
            return side(text, large), pixels, vectors, 1 + i * 7 % (12 if large == 6 else 20), i % 2
        counter.check(run(f"{pixels}x{vectors}", choose) == models[large], f"{pixels}x{vectors} sums the same")


def check_hostile(counter, folder):
    path, source = folder / "hostile", folder / "two.cnn"
    source.write_text(TWO)
    tune(path, source)
    found = File(path)
    first, other = found.lines[0][1], found.lines[1][1]
    counter.check("as defined" not in first and "as defined" in other, "one may be Winograd's", found.text)
    impossible = ["8 3 2 1 0", "0 3 9 0 0", "0 28 16 0 0", "0 0 2 0 0", "0 3 0 0 0", "0 0 0 5 0", "0 3 2 7 0", "0 3 2 0 1", "4 6 2 4 2",
                  "4 6 2 0 0", "4 6 2 5 0", "2 6 2 17 0", "2 6 2 1048576 0", "3 6 2 4 0", "0 1048576 1 0 0"]
    for numbers in [*impossible, "4 0 0 0 0", "2 6 2 16 0"]:
        choose = {line[1]: line[0].split(" = ")[1].split() for line in found.lines}
        changed = first if numbers in impossible else other
        choose[changed] = numbers.split()
        path.write_text(found.with_choices(choose.get))
        done = tune(path, source)
        mended = File(path)
        counter.check(done.returncode == 0 and not done.stderr and len(mended.lines) == len(found.lines) and
                      f"{changed} = {numbers}\n" not in mended.text, f"{numbers} is measured", done.stderr + mended.text)
    for name, line in (("no number", f"{first} = 0 3 x 0 0"), ("too few", f"{first} = 0 3 2 0"), ("too many", f"{first} = 0 3 2 0 0 0"),
                       ("negative", f"{first} = 0 -3 2 0 0"), ("huge", f"{first} = 0 99999999999999999999 2 0 0"),
                       ("no choice", first), ("empty", ""), ("nothing before it", " = 0 3 2 0 0"), ("a NUL", f"{first} = 0 3\0 2 0 0")):
        lines = found.text.splitlines()
        path.write_text("\n".join([lines[0], line, *lines[2:], ""]))
        done = tune(path, source)
        counter.check(done.returncode == 0 and (name == "a NUL" or f"warning: line 2 of '{path}' is no choice" in done.stderr) and
                      len(File(path).lines) == len(found.lines), name, done.stderr + path.read_text())
        path.write_text("\n".join([lines[0], line, *lines[2:], ""]))
        counter.check(not tune(path, source, "-w").stderr, f"{name}: -w")
    path.write_text(found.text[:-5])
    done = tune(path, source)
    counter.check(done.returncode == 0 and f"warning: line {len(found.lines) + 1} of" in done.stderr and
                  len(File(path).lines) == len(found.lines), "cut short", done.stderr)
    for name, head in (("another version", found.head.replace("cnnc 0", "cnnc 9")), ("another processor", found.head + "x")):
        path.write_text(found.text.replace(found.head, head))
        done = tune(path, source)
        counter.check(done.returncode == 0 and "are not of this version and processor" in done.stderr and
                      File(path).head == found.head, name, done.stderr + path.read_text())
        path.write_text(found.text.replace(found.head, head))
        told = json.loads(tune(path, source, "--diagnostics=json").stderr)
        counter.check(told["warnings"] == 1 and told["diagnostics"][0]["severity"] == "warning", f"{name} as JSON", str(told))
    for name, content, code, says in (("another file", NET.encode(), 1, "is no file of choices that --tune made"),
                                      ("nothing", b"", 1, "is no file of choices"), ("bytes", bytes(range(256)) * 40, 1, "is no file"),
                                      ("too large", found.text.encode() + b"\n" * (16 << 20), 3, "too large")):
        path.write_bytes(content)
        done = tune(path, source)
        counter.check(done.returncode == code and says in done.stderr and not done.stdout and path.read_bytes() == content,
                      name, done.stderr)


def check_places(counter, folder):
    """Where the file is: the user's cache, or what --tune-file names."""
    source, cache = folder / "small.cnn", folder / "cache"
    source.write_text(SMALL)
    words = ["--tune", "-c", *WEIGHTS[1:], source, "-o", folder / "small.o"]

    def run(name, code=0, says="", made=None, **places):
        environment = {key: value for key, value in os.environ.items() if key not in ("HOME", "XDG_CACHE_HOME")}
        done = tools.cnnc(*words, env={**environment, **{key: str(value) for key, value in places.items()}})
        good = done.returncode == code and says in done.stderr and (bool(says) or not done.stderr)
        counter.check(good and (not made or len(File(made).lines) == 1), name, f"{done.returncode} {done.stderr}")

    run("$XDG_CACHE_HOME", XDG_CACHE_HOME=cache, HOME="/nowhere", made=cache / "cnnc" / "tuning")
    run("$HOME", HOME=folder / "home", made=folder / "home" / ".cache" / "cnnc" / "tuning")
    run("a relative cache is none", XDG_CACHE_HOME="here", HOME=folder / "other", made=folder / "other/.cache/cnnc/tuning")
    run("neither", code=2, says="--tune-file names a file")
    (folder / "file").write_text("")
    run("no cache can be made", says="warning: cannot write", XDG_CACHE_HOME=folder / "file")
    counter.check((folder / "small.o").exists(), "and an object is")
    words.append("--werror")
    run("no cache can be made, and warnings are errors", code=1, says="warnings are errors here", XDG_CACHE_HOME=folder / "file")
    words.pop()
    words[:1] = ["--tune-file", folder]
    run("a folder", code=4, says="is not a regular file")
    words[:2] = ["--tune-file", folder / "gone" / "choices"]
    run("no folder", code=4, says="cannot write")
    words[:2] = ["--tune-file="]
    run("no name", code=2, says="--tune-file wants the name of a file")
    words[:1] = ["--tune-file", folder / "choices-0", "-O0"]
    run("-O0")
    counter.check(not (folder / "choices-0").exists(), "nothing is chosen at -O0")
    for other in ("--cpu=haswell", "--target=x86_64-unknown-none"):
        words[:3] = ["--tune", other, "-c"]
        run(other, code=2, says="--tune measures on this machine")
    words[:3] = ["--tune-file", folder / "native", "--cpu=native"]
    run("--cpu=native", made=folder / "native")


def check_together(counter, folder):
    """Runs at the same time: the file is whole at every moment, and nothing is left beside it."""
    place = folder / "together"
    place.mkdir()
    path, runs = place / "choices", []
    for i in range(4):
        source = folder / f"net{i}.cnn"
        source.write_text(SMALL.replace("conv(1, 8)", f"conv(1, {8 * (1 + i // 2)})"))
        runs.append(subprocess.Popen([tools.CNNC, "--dump=plan", "--tune-file", path, *WEIGHTS, source], stdout=subprocess.DEVNULL))
    while any(run.poll() is None for run in runs):
        if path.exists():
            found = File(path)
            if not (found.lines and all(found.lines) and found.text.endswith("\n")):
                counter.check(False, "whole at every moment", found.text)
    counter.check(all(run.returncode == 0 for run in runs), "at the same time")
    counter.check(os.listdir(place) == ["choices"] and all(File(path).lines), "one file", str(os.listdir(place)))


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as place:
        folder, source = Path(place), Path(place) / "net.cnn"
        source.write_text(NET)
        found = check_file(counter, folder, source)
        if found:
            check_taken(counter, folder, source, found)
            check_right(counter, folder, source, found)
        check_hostile(counter, folder)
        check_places(counter, folder)
        check_together(counter, folder)
    counter.finish()


main()
