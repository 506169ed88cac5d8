#!/usr/bin/env python3
"""bindings/python/pytorch_weights.py: checkpoints that PyTorch writes, plain and nested, become safetensors files with the
same values, which cnnc takes; those that cannot be used are told, and leave an older file alone.

With a Python that has torch; goes on in that of ./dev peers or Debian's where this one has not."""

import os
import sys
from collections import OrderedDict
from pathlib import Path

import tools

PYTHON = tools.python_with("torch")
if PYTHON != os.path.abspath(sys.executable):
    if PYTHON is None:
        print("skipped: PyTorch is not here (Debian: apt-get install python3-torch)")
        sys.exit(77)
    os.execv(PYTHON, [PYTHON, *sys.argv])

import torch

from weight_files import loaded

SCRIPT = tools.ROOT / "bindings" / "python" / "pytorch_weights.py"
NETWORK = """network small {
    input x: 4x4x2
    output y = x -> conv1: conv(3, 3) -> bn1: batchnorm
}
"""


class Harm:
    """A pickle that would write a file if it were run."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def small():
    torch.manual_seed(3)
    net = torch.nn.Sequential(OrderedDict(conv1=torch.nn.Conv2d(2, 3, 3), bn1=torch.nn.BatchNorm2d(3)))
    net.bn1.running_mean.uniform_()
    return net.state_dict()


def in_precision(kind):
    return {name: value.to(kind) for name, value in small().items() if value.is_floating_point()}


class Bench:
    def __init__(self, counter, folder):
        self.counter, self.folder = counter, folder
        self.check = counter.check
        self.out = folder / "small.safetensors"
        (folder / "small.cnn").write_text(NETWORK)

    def convert(self, checkpoint, *words):
        torch.save(checkpoint, self.folder / "checkpoint.pt")
        return self.run(self.folder / "checkpoint.pt", *words)

    def run(self, path, *words):
        return tools.run([PYTHON, SCRIPT, path, "-o", self.out, *words])

    def taken(self, what, checkpoint, *words, says="6 tensors with 69 values"):
        """The network gets the values that PyTorch has."""
        self.out.unlink(missing_ok=True)
        done = self.convert(checkpoint, *words)
        self.check(done.returncode == 0 and says in done.stdout, f"{what}: converted", done.stdout + done.stderr)
        listed = tools.cnnc("weights", self.folder / "small.cnn", self.out)
        self.check(listed.returncode == 0, f"{what}: all that is wanted is there", listed.stdout)
        values, errors = loaded(self.folder / "small.cnn", self.out)
        wanted = [value.item() for tensor in in_precision(torch.float32).values() for value in tensor.flatten()]
        self.check(values is not None and list(values) == wanted, f"{what}: values", errors)

    def refused(self, what, done, *parts, code=1):
        self.check(done.returncode == code and all(part in done.stderr for part in parts), what, done.stderr)
        self.check(self.out.read_text() == "old", f"{what}: the older file stays")


def usable(bench):
    state = small()
    bench.taken("a state_dict", state, says="69 values; 1 that hold no floats")
    bench.taken("a nested one", {"epoch": 7, "nested": {"state_dict": state}})
    bench.taken("one of two", {"ema": {"model": state}, "state_dict": {"a": torch.zeros(1)}}, "--key", "ema.model")
    parallel = {f"module.{name}": value for name, value in state.items()}
    bench.taken("a prefix", {**parallel, "head.weight": torch.zeros(5)}, "--strip", "module.")
    turned = {name: value.transpose(0, -1).contiguous().transpose(0, -1) for name, value in state.items() if value.dim()}
    bench.taken("strides of their own", turned)
    bench.taken("double precision", in_precision(torch.float64))


def precisions(bench):
    """16 bits stay 16 bits."""
    for kind, name in ((torch.float16, b'"F16"'), (torch.bfloat16, b'"BF16"')):
        halves = in_precision(kind)
        done = bench.convert(halves)
        bench.check(done.returncode == 0 and name in bench.out.read_bytes(), f"{kind}", done.stderr)
        bench.check(bench.out.read_bytes().endswith(halves["bn1.running_var"].view(torch.int16).numpy().tobytes()),
                    f"{kind}: bits")


def unusable(bench):
    bench.out.write_text("old")
    several = {"ema": {"w": torch.zeros(1)}, "model": {"w": torch.zeros(1)}}
    bench.refused("several", bench.convert(several), "ema, model", "--key")
    bench.refused("a wrong key", bench.convert(several, "--key", "mode"), "no state_dict mode", "ema, model")
    bench.refused("no state_dict", bench.convert([1, 2]), "no state_dict", "list")
    bench.refused("integers only", bench.convert({"n": torch.zeros(2, dtype=torch.int64)}), "no tensor of floats")
    bench.refused("a wrong prefix", bench.convert(small(), "--strip", "module."), "module.", "conv1.weight")
    bench.refused("code", bench.convert(Harm(bench.folder / "harm")), "torch.load does not read it")
    bench.check(not (bench.folder / "harm").exists(), "code is not run")
    (bench.folder / "text.pt").write_text("no checkpoint")
    bench.refused("no checkpoint", bench.run(bench.folder / "text.pt"), "text.pt: torch.load does not read it")
    bench.refused("no file", bench.run(bench.folder / "gone.pt"), "gone.pt: torch.load does not read it")
    done = tools.run([PYTHON, SCRIPT, bench.folder / "checkpoint.pt", "-o", bench.folder / "gone" / "x.safetensors"])
    bench.check(done.returncode in (1, 4) and not (bench.folder / "gone").exists(), "no folder", done.stderr)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as place:
        bench = Bench(counter, Path(place))
        usable(bench)
        precisions(bench)
        unusable(bench)
        left = sorted(path.name for path in Path(place).iterdir() if path.name.startswith("."))
        counter.check(not left, "nothing is left behind", left)
    counter.finish()


if __name__ == "__main__":
    main()
