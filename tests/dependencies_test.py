#!/usr/bin/env python3
"""Dependency files, -MD: what they name, read as make and ninja read them; and when they are written."""

import os
import re
import shutil
from pathlib import Path

import tools
from tools import cnnc

NETWORK = """import "parts/block.cnn"
network net {
    input x: 4x4x2
    output y = x -> twice -> flatten -> dense(2)
    weights "net.safetensors"
    labels "names.txt"
}
"""
FILES = {
    "net.cnn": NETWORK,
    "parts/block.cnn": 'import "filter.cnn"\nblock twice(x) { return x -> conv(box) -> conv(box) }\n',
    "parts/filter.cnn": "filter box = [ 1 1 ]\n",
    "names.txt": "one\ntwo\n",
}
READ = ["net.cnn", "parts/block.cnn", "parts/filter.cnn", "names.txt", "net.safetensors"]
SMALL = 'import "{part}"\nnetwork net {{\n    input x: 2x2\n    output y = x -> conv(box)\n}}\n'
# What make gives a meaning, and names that only look as if. Ninja has no way to write quotes and &, make none for
# a target with = or %.
ODD = ["a b", "a#b", "a$b", "a$$b", "$(b)", "a:b", "a\\b", "a\\ b", "a\\\\ b", "ä ö", "(a)", "a,b", "a!b", "-a", " a",
       "a@b", "~a", "a  b", "a\\", "#a", "a+b"]


def fill(folder):
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    tools.write_safetensors(folder / "net.safetensors",
                            {"dense1.weight": ((2, 16), [0.5] * 32), "dense1.bias": ((2,), [0, 1])})


def plain_rule(text):
    """The targets and what they need, of a rule without anything escaped; and what follows it."""
    first, *rest = re.sub(r" *\\\n *", " ", text).splitlines()
    targets, needed = first.split(":")
    return targets.split(), needed.split(), rest


def contents(counter, folder):
    fill(folder)

    def case(name, words, file, targets, read=READ, rest=()):
        done = cnnc(*words, cwd=folder)
        good = done.returncode == 0 and (folder / file).exists()
        text = (folder / file).read_text() if good else done.stderr
        good = good and plain_rule(text) == (targets, read, list(rest))
        counter.check(good, name, text)
        if (folder / file).exists():
            (folder / file).unlink()

    case("an object", ["-c", "net.cnn", "-MD"], "net.d", ["net.o", "net.h"])
    case("a program", ["net.cnn", "-MD", "-o", "parts/net"], "parts/net.d", ["parts/net"])
    case("assembly", ["-S", "net.cnn", "-MD", "-o", "x.s"], "x.d", ["x.s"])
    case("a header", ["--emit=header", "net.cnn", "-MD"], "net.d", ["net.h"])
    case("a shared library", ["--emit=shared", "net.cnn", "-MD"], "net.d", ["net.so", "net.h"])
    case("weights apart", ["-c", "net.cnn", "-MD", "--weights-out", "w.bin"], "net.d", ["net.o", "net.h", "w.bin"])
    case("the elaborated text", ["--emit=cnn", "net.cnn", "-MD", "-o", "all.cnn"], "all.d", ["all.cnn"], READ[:-1])
    case("a model", ["--emit=onnx", "net.cnn", "-MD"], "net.d", ["net.onnx"])
    case("the graph", ["--emit=graph", "net.cnn", "-MD"], "net.d", ["net.graph"], READ[:-1])
    case("-MF", ["-c", "net.cnn", "-MF", "rule"], "rule", ["net.o", "net.h"])
    case("-MF, joined", ["-c", "net.cnn", "-MFrule"], "rule", ["net.o", "net.h"])
    case("-MT", ["-c", "net.cnn", "-MD", "-MT", "$(here)/a", "-MT", "b"], "net.d", ["$(here)/a", "b"])
    case("-MP", ["-c", "net.cnn", "-MD", "-MP"], "net.d", ["net.o", "net.h"],
         rest=[line for file in READ[1:] for line in ("", file + ":")])
    case("weights of the command line", ["-c", "net.cnn", "-MD", "--weights", "./net.safetensors"], "net.d",
         ["net.o", "net.h"], READ[:-1] + ["./net.safetensors"])
    case("weights made up", ["-c", "net.cnn", "-MD", "--weights=random:1"], "net.d", ["net.o", "net.h"], READ[:-1])
    case("--check reads no weights", ["--check", "net.cnn", "-MF", "rule", "-MT", "checked"], "rule", ["checked"],
         READ[:-1])
    case("a report", ["--report", "net.cnn", "-MF", "rule", "-MT", "net.txt"], "rule", ["net.txt"], READ[:-1])
    case("standard output", ["-S", "net.cnn", "-o", "-", "-MF", "rule", "-MT", "all"], "rule", ["all"])
    (folder / "net.cnn").write_text(NETWORK.replace('"names', '"./none/..//names'))
    case("paths are plain", ["-c", "net.cnn", "-MD"], "net.d", ["net.o", "net.h"])


def failures(counter, folder):
    """No rule without its result, and what was there stays."""
    fill(folder)
    (folder / "wrong.cnn").write_text(NETWORK.replace("dense(2)", "dense(x)"))
    (folder / "old.d").write_text("old")
    nowhere = "it wants -MF FILE and -MT TARGET"
    broken = "has a line break, ; or |, which a dependency file cannot hold"
    (folder / "a\nb.cnn").write_text("filter box = [ 1 1 ]\n")
    (folder / "break.cnn").write_text(SMALL.format(part="a\\nb.cnn"))
    for name, words, code, text in [
            ("a mistake", ["-c", "wrong.cnn"], 1, "error:"),
            ("no object can be written", ["-c", "net.cnn", "-o", "none/net.o"], 4, "No such file"),
            ("-MT alone", ["-c", "net.cnn", "-MT", "x"], 2, "go with -MD or -MF"),
            ("-MP alone", ["-c", "net.cnn", "-MP"], 2, "go with -MD or -MF"),
            ("--check without names", ["--check", "net.cnn", "-MD"], 2, nowhere),
            ("--check without a target", ["--check", "net.cnn", "-MF", "old.d"], 2, nowhere),
            ("standard output", ["-S", "net.cnn", "-o", "-", "-MD"], 2, nowhere),
            ("over the object", ["-c", "net.cnn", "-MF", "net.o"], 2, "'net.o' would be written twice"),
            ("over the header", ["-c", "net.cnn", "-MF", "net.h"], 2, "'net.h' would be written twice"),
            ("weights over the object", ["-c", "net.cnn", "--weights-out", "net.o"], 2, "would be written twice"),
            ("over an input", ["-c", "net.cnn", "-MF", "names.txt"], 2, "would be overwritten"),
            ("no name", ["-c", "net.cnn", "-MF", ""], 2, "-MF wants"),
            ("no target", ["-c", "net.cnn", "-MD", "-MT", ""], 2, "-MT wants"),
            ("a line break read", ["-c", "break.cnn", "-MD"], 1, broken),
            ("a semicolon", ["-c", "net.cnn", "-MF", "old.d", "-o", "a;b"], 1, broken),
            ("a bar", ["-c", "net.cnn", "-MF", "old.d", "-o", "a|b"], 1, broken),
            ("a line break made", ["-c", "net.cnn", "-MF", "old.d", "-o", "a\nb"], 1, broken)]:
        options = [] if any(word.startswith("-M") for word in words) else ["-MF", "old.d"]
        before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
        done = cnnc(*words, *options, cwd=folder)
        after = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
        counter.check(done.returncode == code and text in done.stderr and before == after, f"{name}: nothing changes",
                      f"exit code {done.returncode}\n{done.stderr}{sorted(after)}")
    done = cnnc("net.cnn", "-MF", "old.d", "-o", "net", cwd=folder, env={"PATH": str(folder)})
    counter.check(done.returncode == 4 and (folder / "old.d").read_text() == "old", "no cc: no rule", done.stderr)


def read_by_make(folder, target):
    """Which file make says that the target needs and is not there."""
    said = tools.run(["make", "-f", "odd.d", "--", target], cwd=folder)
    found = re.search(r"No rule to make target '(.*)', needed by '(.*)'\.", said.stderr)
    return found.groups() if found else said.stdout + said.stderr


def read_by_ninja(folder, target):
    """The files that ninja notes from a depfile."""
    (folder / "build.ninja").write_text("rule r\n  command = touch out && cp odd.d out.d\n  depfile = out.d\n"
                                        "  deps = gcc\nbuild out: r\n")
    said = tools.run(["ninja"], cwd=folder)
    noted = tools.run(["ninja", "-t", "deps", "out"], cwd=folder).stdout.splitlines()
    return [line.strip(" ") if not line.startswith("     ") else line[4:] for line in noted[1:] if line] or said.stdout


def odd_names(counter, place):
    """make and ninja read back the names that were written."""
    for number, odd in enumerate(ODD):
        folder = place / str(number)
        folder.mkdir()
        part, target = odd + ".cnn", odd + ".o"
        (folder / part).write_text("filter box = [ 1 1 ]\n")
        quoted = part.replace("\\", "\\\\").replace('"', '\\"')
        (folder / "net.cnn").write_text(SMALL.format(part=quoted))
        done = cnnc("-c", "net.cnn", f"-o{target}", "-MF", "odd.d", cwd=folder)
        text = (folder / "odd.d").read_text() if done.returncode == 0 else done.stderr
        if not counter.check(done.returncode == 0, f"compiles {odd!r}", text):
            continue
        if shutil.which("ninja"):
            cnnc("-c", "net.cnn", f"-o{target}", "-MF", "odd.d", "-MT", "out", cwd=folder)
            noted = read_by_ninja(folder, target)
            counter.check(noted == ["net.cnn", part], f"ninja reads {odd!r}", f"{noted}\n{text}")
        else:
            counter.skip(f"ninja reads {odd!r}", "no ninja here")
        if shutil.which("make"):
            cnnc("-c", "net.cnn", f"-o{target}", "-MF", "odd.d", cwd=folder)
            (folder / part).unlink()
            seen = read_by_make(folder, target)
            counter.check(seen == (part, target), f"make reads {odd!r}", f"{seen}\n{text}")
        else:
            counter.skip(f"make reads {odd!r}", "no make here")


MAKEFILE = """net.o net.h: net.cnn
\t@echo cnnc
\t@'{cnnc}' -c net.cnn -MD -MP
-include net.d
"""


def with_make(counter, folder):
    """make runs cnnc after a change of any file it read, of none other, and where one is gone."""
    if not shutil.which("make"):
        counter.skip("make", "no make here")
        return
    fill(folder)
    (folder / "Makefile").write_text(MAKEFILE.format(cnnc=tools.CNNC))
    (folder / "other.txt").write_text("")

    def runs(name, wanted):
        said = tools.run(["make", "-j2", "net.o"], cwd=folder)
        counter.check(said.returncode == 0 and (said.stdout.count("cnnc\n") > 0) == wanted, name,
                      said.stdout + said.stderr)

    runs("the first time", True)
    runs("nothing changed", False)
    age = 0
    for file in READ + ["other.txt"]:
        age += 10
        later = os.stat(folder / "net.o").st_mtime + age
        os.utime(folder / file, (later, later))
        runs(f"{file} changed", file in READ)
        for made in ("net.o", "net.h"):
            os.utime(folder / made, (later, later))
        runs(f"{file} no longer", False)
    (folder / "parts" / "filter.cnn").rename(folder / "parts" / "box.cnn")
    block = folder / "parts" / "block.cnn"
    block.write_text(FILES["parts/block.cnn"].replace("filter.cnn", "box.cnn"))
    later = os.stat(folder / "net.o").st_mtime + 10
    os.utime(block, (later, later))
    runs("a file that was renamed", True)
    counter.check("parts/box.cnn" in (folder / "net.d").read_text(), "the new name is in the rule")


def main():
    counter = tools.Counter()
    for part in (contents, failures, odd_names, with_make):
        with tools.temporary_folder() as folder:
            part(counter, Path(folder))
    counter.finish()


main()
