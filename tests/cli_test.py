#!/usr/bin/env python3
"""The command line of cnnc: every option, exit codes, and outputs that are whole or untouched."""

import os
import re
import subprocess
import sys
from pathlib import Path

import onnx_files
import tools
from tools import cnnc

EDGES = """filter ddx = [ -1 0 1 ]
network edges(height = 8, width = 10) {
    input photo: [height, width, 1]
    output strength = abs(photo -> conv(ddx, padding = same))
}
"""
LEARNED = """network learned {
    input image: 4x4x2
    output y = image -> conv1: conv(3, 5, padding = 1) -> relu
    weights "learned.safetensors"
}
"""
TWO = "network a {\n input x: 2x2\n output y = x\n}\nnetwork b {\n input x: 3x3\n output y = x\n}\n"


class Case:
    """A folder with the test's files, and checks on what a run of cnnc in it did."""

    def __init__(self, counter, folder):
        self.counter, self.folder = counter, Path(folder)
        for name, text in [("edges.cnn", EDGES), ("learned.cnn", LEARNED), ("two.cnn", TWO),
                           ("wrong.cnn", EDGES.replace("abs(", "abz("))]:
            (self.folder / name).write_text(text)

    def run(self, name, *words, code=0, err=None, out=None, files=(), **options):
        """Runs cnnc; files: those that must be new, and no others may be."""
        before = set(os.listdir(self.folder))
        done = cnnc(*words, cwd=self.folder, **options)
        new = set(os.listdir(self.folder)) - before
        good = done.returncode == code
        good = good and (err is None and not done.stderr or err is not None and err in done.stderr)
        good = good and (out is None or re.search(out, done.stdout) is not None)
        good = good and new == set(files)
        self.counter.check(good, name, f"cnnc {' '.join(map(str, words))}\nexit code {done.returncode}, "
                           f"new files {sorted(new)}\n{done.stdout[:2000]}{done.stderr}")
        for file in new:
            (self.folder / file).unlink()
        return done

    def read(self, name):
        return (self.folder / name).read_bytes()


def usage(case):
    case.run("--help", "--help", out="usage: cnnc")
    case.run("--version", "--version", out=r"^cnnc \d+\.\d+\.\d+ \(LLVM \d+")
    case.run("no file", code=2, err="no file to compile")
    case.run("two files", "edges.cnn", "learned.cnn", code=2, err="one file at a time")
    case.run("unknown option", "--dumb=tree", "edges.cnn", code=2, err="did you mean '--dump'")
    case.run("unknown word", "--dump=trees", "edges.cnn", code=2, err="tokens|tree|graph|plan|llvm")
    case.run("option without argument", "edges.cnn", "-o", code=2, err="-o wants FILE")
    case.run("argument for an option without", "--check=yes", "edges.cnn", code=2, err="takes no argument")
    case.run("letter with a tail", "-cx", "edges.cnn", code=2, err="unknown option")
    case.run("-O4", "-O4", "edges.cnn", code=2, err="0|1|2|3")
    case.run("-D without value", "-D", "height", "edges.cnn", code=2, err="NAME=VALUE")
    case.run("--name with a dash", "--name", "a-b", "-c", "edges.cnn", code=2, err="--name wants")
    case.run("empty output name", "-o", "", "edges.cnn", code=2, err="-o wants")
    case.run("-- ends options", "--check", "--", "edges.cnn")
    case.run("control characters are escaped", "--\x1b[31m", code=2, err="\\x1b")


def models(case):
    """ONNX models, by their names or their bytes."""
    relu = onnx_files.node("Conv", ["x", "w"], ["y"])
    weights = onnx_files.tensor("w", [1, 1, 1, 1], [2.0])
    for name, sizes in (("net.onnx", [1, 1, 2, 2]), ("open.onnx", [1, 1, "height", None]), ("other", [1, 1, 2, 2]), ("dots.onnx", ["a.b:0", 1, 2, 2])):
        graph = onnx_files.graph([relu], [onnx_files.value("x", sizes)], [onnx_files.value("y")], [weights])
        (case.folder / name).write_bytes(onnx_files.model(graph))
    case.run("a model, checked", "--check", "net.onnx")
    case.run("a model, compiled", "-c", "net.onnx", files=["net.o", "net.h"])
    case.run("a model of another name", "-c", "other", "-o", "o.o", files=["o.o", "o.h"])
    case.run("import", "import", "net.onnx", files=["net.cnn", "net.safetensors"])
    case.run("import -o", "import", "net.onnx", "-o", "a.cnn", files=["a.cnn", "a.safetensors"])
    case.run("import of a network file", "import", "edges.cnn", code=2, err="'edges.cnn' is no ONNX model")
    case.run("import of nothing", "import", code=2, err="no file")
    case.run("import of two", "import", "net.onnx", "other", code=2, err="one file at a time")
    case.run("import of a missing file", "import", "none.onnx", code=4, err="cannot read 'none.onnx'")
    case.run("import into a missing folder", "import", "net.onnx", "-o", "none/a.cnn", code=4, err="none/a")
    (case.folder / "text.onnx").write_text(EDGES)
    case.run("text that is called a model", "--check", "text.onnx", code=1, err="text.onnx: not an ONNX model")
    case.run("the tree of a model", "--dump=tree", "net.onnx", code=2, err="it has no tokens and no tree")
    case.run("the graph of a model", "--dump=graph", "net.onnx", out="conv")
    case.run("--shape", "--check", "--shape=x=1x1x2x2", "open.onnx")
    case.run("--shape without a name", "--check", "--shape", "1x1x2x2", "open.onnx")
    case.run("-D and --shape", "--check", "-D", "height=3", "open.onnx", code=1, err="dimension 4 of input `x` is open")
    case.run("-D of a name with dots", "--check", "-D", "a.b:0=3", "dots.onnx")
    case.run("a dimension with dots that is open", "--check", "dots.onnx", code=1, err="-D a.b:0=SIZE")
    case.run("-D of such a name in a file", "-D", "a.b=12", "--check", "edges.cnn", code=1, err="-D a.b: network")
    case.run("--shape of nothing", "--check", "--shape=", "open.onnx", code=1, err="is not a size such as")
    case.run("--constant without a file", "--check", "--constant", "x", "net.onnx", code=2, err="--constant wants INPUT=FILE.npy, not 'x'")
    case.run("--constant without a name", "--check", "--constant", "=a.npy", "net.onnx", code=2, err="--constant wants INPUT=FILE.npy")
    case.run("--constant of a missing file", "--check", "--constant", "x=a.npy", "net.onnx", code=1, err="--constant x=a.npy: No such file")
    case.run("--shape of a network file", "--check", "--shape", "1x2", "edges.cnn", code=2, err="--shape")
    case.run("--constant of a network file", "--check", "--constant", "photo=a.npy", "edges.cnn", code=2, err="--constant")
    (case.folder / "net.cnn").write_text("kept")
    case.run("import of a broken model", "import", "text.onnx", "-o", "net.cnn", code=1, err="not an ONNX model")
    case.counter.check(case.read("net.cnn") == b"kept", "a broken model leaves what was there")


def inputs(case):
    case.run("missing file", "none.cnn", code=4, err="cannot read 'none.cnn': No such file")
    case.run("a folder", ".", code=4, err="not a regular file")
    (case.folder / "large.cnn").write_bytes(b"#" * ((1 << 20) + 1))
    case.run("too large", "large.cnn", code=3, err="larger than 1048576 bytes")
    (case.folder / "large.cnn").write_bytes(b"#" * ((1 << 20) - len(EDGES) - 1) + b"\n" + EDGES.encode())
    case.run("as large as may be", "--check", "large.cnn")
    case.run("a mistake", "wrong.cnn", code=1, err="wrong.cnn:4:23: error:")
    case.run("two networks", "--check", "two.cnn", code=1, err="--network")
    case.run("--network", "--network", "b", "--dump=graph", "two.cnn", out="3x3")
    case.run("--network of another name", "--network=c", "--check", "two.cnn", code=1, err="no network `c`")
    case.run("-D", "-D", "width=12", "--dump=graph", "edges.cnn", out="8x12")
    case.run("-D joined", "-Dwidth=12", "--dump=graph", "edges.cnn", out="8x12")
    case.run("-D of no parameter", "-D", "depth=12", "--check", "edges.cnn", code=1, err="depth")
    case.run("-D that is no value", "-D", "width=]", "--check", "edges.cnn", code=1, err="error:")
    case.run("missing weights", "-c", "learned.cnn", code=1, err="learned.safetensors")
    case.run("--weights missing", "--weights", "none.safetensors", "-c", "learned.cnn", code=1,
             err="none.safetensors")
    case.run("--weights random", "--weights", "random:7", "-c", "learned.cnn", files=["learned.o", "learned.h"])
    case.run("--weights random without a seed", "--weights", "random:x", "-c", "learned.cnn", code=1, err="random")
    case.run("--check reads the weights that are named", "--check", "--weights", "none.safetensors",
             "learned.cnn", code=1, err="none.safetensors")
    case.run("--cpu of no processor", "--cpu", "abacus", "-c", "edges.cnn", code=1, err="abacus")


def outputs(case):
    case.run("program", "edges.cnn", files=["edges"])
    case.run("program -o", "edges.cnn", "-o", "e", files=["e"])
    case.run("-c", "-c", "edges.cnn", files=["edges.o", "edges.h"])
    case.run("--emit=obj -o", "--emit=obj", "edges.cnn", "-o", "e.o", files=["e.o", "e.h"])
    case.run("-S", "-S", "edges.cnn", files=["edges.s"])
    case.run("-S to standard output", "-S", "edges.cnn", "-o", "-", out=r"edges_run_[0-9a-f]{16}:")
    case.run("--emit=asm", "--emit", "asm", "edges.cnn", files=["edges.s"])
    case.run("--emit=llvm", "--emit=llvm", "edges.cnn", files=["edges.ll"])
    case.run("--emit=header", "--emit=header", "edges.cnn", files=["edges.h"])
    case.run("--emit=cnn", "--emit=cnn", "edges.cnn", files=["edges.elaborated.cnn"])
    case.run("--emit=cnn -o -", "--emit=cnn", "edges.cnn", "-o", "-", out="output strength = photo -> conv.filter1, padding = same. -> abs")
    case.run("--emit=cnn --check", "--emit=cnn", "--check", "edges.cnn")
    case.run("--emit=cnn --report", "--emit=cnn", "--report", "edges.cnn", out="2 layers")
    case.run("--emit=onnx", "--emit=onnx", "learned.cnn", "--weights", "random:1", files=["learned.onnx"])
    case.run("--emit=onnx -o", "--emit=onnx", "edges.cnn", "-o", "e.onnx", files=["e.onnx"])
    case.run("--emit=onnx without weights", "--emit=onnx", "learned.cnn", code=1, err="learned.safetensors")
    case.run("--emit=onnx --check", "--emit=onnx", "--check", "edges.cnn")
    case.run("--emit=onnx --report", "--emit=onnx", "--report", "edges.cnn", out="2 layers")
    case.run("--emit=onnx over the file", "--emit=onnx", "edges.cnn", "-o", "edges.cnn", code=2, err="is an input")
    case.run("--emit=cnn over the file", "--emit=cnn", "edges.cnn", "-o", "edges.cnn", code=2, err="is an input")
    case.run("--name", "--emit=header", "--name", "sobel", "edges.cnn", "-o", "-", out="sobel_run")
    for level in "0123":
        case.run(f"-O{level}", f"-O{level}", "-c", "edges.cnn", files=["edges.o", "edges.h"])
    for cpu in ("native", "haswell", "x86-64", "skylake-avx512"):
        case.run(f"--cpu {cpu}", "--cpu", cpu, "-c", "edges.cnn", files=["edges.o", "edges.h"])
    flags = Path("/proc/cpuinfo").read_text()
    own = 16 if " avx512f " in flags else 8 if " avx " in flags else 4
    for cpu, floats in (("native", own), ("haswell", 8), ("x86-64", 4), ("skylake-avx512", 16)):
        case.run(f"vectors of {cpu}", "--cpu", cpu, "--emit=llvm", "edges.cnn", "-o", "-", out=f"fmul .*<{floats} x float>")
    case.run("--check writes nothing", "--check", "edges.cnn")
    case.run("--dump=tokens", "--dump=tokens", "edges.cnn", out="ddx")
    case.run("--dump=tree", "--dump=tree", "edges.cnn", out="edges")
    case.run("--dump=graph", "--dump=graph", "edges.cnn", out="8x10")
    case.run("--dump=plan", "--dump=plan", "edges.cnn", out="8x10")
    case.run("a target of another processor", "-c", "edges.cnn", "--target", "aarch64-linux-gnu", code=1,
             err="not a system with a 64-bit x86 processor")
    case.run("a target of short addresses", "-c", "edges.cnn", "--target", "x86_64-linux-gnux32", code=1,
             err="not a system with a 64-bit x86 processor")
    case.run("a target and a program", "edges.cnn", "--target", "x86_64-unknown-none", code=2,
             err="what is linked is for this machine")
    case.run("a program's weights apart", "edges.cnn", "--weights-out", "w.bin", code=2, err="--weights-out goes with")
    case.run("--dump=llvm", "--dump=llvm", "edges.cnn", out=r"define .*@edges_run")


def running(case):
    """`cnnc run` prints and writes what the program does, and writes no program."""
    picture = tools.ROOT / "examples" / "lenet" / "shirt.png"
    lenet = tools.ROOT / "examples" / "lenet" / "lenet.cnn"
    program = case.folder / "program"
    done = cnnc(lenet, "-o", program)
    case.counter.check(done.returncode == 0, "a program to compare with", done.stderr)
    written = case.folder / "y.npy"

    def outcome(command):
        """Exit code, text and file, without the name that the program has."""
        done = tools.run(command, cwd=case.folder)
        content = written.read_bytes() if written.exists() else None
        written.unlink(missing_ok=True)
        name = re.compile(r"^(usage: )?(program|lenet)\b", re.M)
        return done.returncode, name.sub("NAME", done.stdout), name.sub("NAME", done.stderr), content

    for words in ([picture], ["--json", picture], ["--top", "2", picture, "-o", written], [], ["none.png"], ["--bench"],
                  ["--help"], ["--info"]):
        theirs, ours = outcome([program, *words]), outcome([tools.CNNC, "run", lenet, *words])
        case.counter.check(ours == theirs, f"run {words}", f"{ours}\n{theirs}")
    case.run("run with options of its own", "run", "-D", "height=3", "edges.cnn", "--help", out="3x10x1")
    case.run("run with a mistake", "run", "wrong.cnn", code=1, err="wrong.cnn:4:23: error:")
    case.run("run of nothing", "run", code=2, err="no file to run")
    for words in (["--cpu", "x86-64"], ["--target", "x86_64-unknown-none"]):
        case.run(f"run {words[0]}", "run", *words, "edges.cnn", code=2, err="run is for this processor")
    for words in (["-o", "x"], ["-c"], ["--emit=shared"], ["-MD"]):
        case.run(f"run {words[0]}", "run", *words, "edges.cnn", code=2, err="run makes no file of the network")


def the_same_bytes(case):
    """Equal input, equal bytes: in another folder, at another time, in another locale."""
    texts = []
    for name, locale in (("one", "C"), ("two", "tr_TR.UTF-8")):
        folder = case.folder / name
        folder.mkdir()
        (folder / "edges.cnn").write_text(EDGES)
        done = cnnc("-c", "edges.cnn", cwd=folder, env=dict(os.environ, LC_ALL=locale))
        case.counter.check(done.returncode == 0, "compiles again", done.stderr)
        texts.append((folder / "edges.o").read_bytes() + (folder / "edges.h").read_bytes())
    case.counter.check(texts[0] == texts[1], "the same bytes")


def failures(case):
    """A failure leaves what the path held before, and nothing else."""
    counter, folder = case.counter, case.folder
    old = folder / "old"
    old.write_text("old")
    case.run("a mistake with an old output", "wrong.cnn", "-o", "old", code=1, err="error:")
    case.run("no cc", "edges.cnn", "-o", "old", code=4, err="there is no C compiler 'cc' here",
             env={"PATH": str(folder)})
    (folder / "bin").mkdir()
    (folder / "bin" / "cc").write_text("#!/bin/sh\nexit 3\n")
    (folder / "bin" / "cc").chmod(0o755)
    case.run("a cc that fails", "edges.cnn", "-o", "old", code=4, err="cc ended with exit code 3",
             env={"PATH": f"{folder / 'bin'}"})
    counter.check(old.read_text() == "old", "the old output is untouched")
    source = case.read("edges.cnn")
    case.run("output is the input", "-S", "edges.cnn", "-o", "edges.cnn", code=2, err="would be overwritten")
    os.link(folder / "edges.cnn", folder / "hard.cnn")
    case.run("output is a link to the input", "-S", "edges.cnn", "-o", "hard.cnn", code=2,
             err="would be overwritten")
    counter.check(case.read("edges.cnn") == source, "the input is untouched")
    (folder / "whole.cnn").write_text('import "part.cnn"\nnetwork whole {\n    input x: [1, 1, depth]\n'
                                      '    output y = x\n    labels "names"\n}\n')
    (folder / "part.cnn").write_text("depth = 2\n")
    (folder / "names").write_text("one\ntwo\n")
    for name in ("part.cnn", "names"):
        before = case.read(name)
        case.run(f"output is {name}, which was read", "-S", "whole.cnn", "-o", name, code=2,
                 err="would be overwritten")
        counter.check(case.read(name) == before, f"{name} is untouched")
    case.run("a full device", "-S", "edges.cnn", "-o", "/dev/full", code=4, err="No space left")
    counter.check(Path("/dev/full").is_char_device(), "/dev/full is still a device")
    case.run("output is a folder", "-S", "edges.cnn", "-o", "bin", code=4, err="Is a directory")
    case.run("folder that is not there", "-S", "edges.cnn", "-o", "none/e.s", code=4, err="No such file")
    case.run("program to a device", "edges.cnn", "-o", "/dev/null", code=2, err="what is linked goes to a file")
    link = folder / "link"
    link.symlink_to("old")
    case.run("through a link", "-S", "edges.cnn", "-o", "link")
    counter.check(link.is_symlink() and "edges_run" in old.read_text(), "links are followed")


def full_disk(case):
    """A file system of 16 KiB cannot hold a program; one that cannot be written holds nothing."""
    place = case.folder / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)],
                             capture_output=True, check=False).returncode == 0
    if not mounted:
        case.counter.skip("full disk, read-only folder", "mounting needs root")
        return
    try:
        (place / "e").write_text("old")
        case.run("full disk", "edges.cnn", "-o", "disk/e", code=4, err="")
        case.counter.check((place / "e").read_text() == "old" and os.listdir(place) == ["e"],
                           "a full disk keeps the old output", str(os.listdir(place)))
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        case.run("read-only folder", "-S", "edges.cnn", "-o", "disk/e.s", code=4, err="Read-only file system")
    finally:
        subprocess.run(["umount", str(place)], check=True)


def closed_streams(case):
    """With standard streams closed no output goes into a wrong file."""
    done = subprocess.run(["/bin/sh", "-c", f'exec "{tools.CNNC}" -c edges.cnn >&- 2>&- <&-'],
                          cwd=case.folder, check=False)
    case.counter.check(done.returncode == 0 and case.read("edges.o")[:4] == b"\x7fELF", "closed streams")
    done = subprocess.run(["/bin/sh", "-c", f'exec "{tools.CNNC}" --report edges.cnn >&-'], cwd=case.folder,
                          capture_output=True, text=True, check=False)
    case.counter.check(done.returncode == 4 and "cannot write standard output" in done.stderr, "a report to nowhere",
                       str(done))


def main():
    counter = tools.Counter()
    parts = [usage, models, inputs, outputs, running, the_same_bytes, failures, full_disk, closed_streams]
    for part in parts:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            with tools.temporary_folder() as folder:
                part(Case(counter, folder))
    counter.finish()


main()
