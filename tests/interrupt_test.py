#!/usr/bin/env python3
"""Compilations that are killed, or whose file calls fail, at every point in turn: each output is the old file or the
whole new one, and after a failure that cnnc could tell of, the old one without anything left over."""

import os
import re
import shutil
import signal
from pathlib import Path

import tools

NETWORK = "network net(gain = 1) {\n    input x: 6x6x2\n    output y = x -> conv(3, 4) -> relu\n}\n"
KINDS = {"obj": ["net.obj", "net.obj.h", "net.bin"], "exe": ["net.exe"]}


class Interrupted:
    def __init__(self, counter, shim, folder, kind):
        self.counter, self.shim, self.folder, self.kind = counter, shim, folder, kind
        self.names = KINDS[kind]
        (folder / "net.cnn").write_text(NETWORK)
        self.old = self.make("random:1")
        self.new = self.make("random:2")
        counter.check(self.old != self.new, f"{kind}: two compilations differ")

    def compile(self, weights, **environment):
        extra = ["--weights-out", "net.bin"] if "net.bin" in self.names else []
        return tools.cnnc("net.cnn", f"--emit={self.kind}", "-o", f"net.{self.kind}", "--weights", weights, *extra,
                          cwd=self.folder, env=dict(os.environ, **environment))

    def contents(self):
        return {name: path.read_bytes() for name in self.names if (path := self.folder / name).exists()}

    def make(self, weights):
        done = self.compile(weights)
        self.counter.check(done.returncode == 0, f"{self.kind}: compiles", done.stderr)
        return self.contents()

    def reset(self):
        for path in self.folder.iterdir():
            if path.name != "net.cnn":
                path.unlink()
        for name, content in self.old.items():
            (self.folder / name).write_bytes(content)

    def calls(self):
        done = self.compile("random:2", LD_PRELOAD=str(self.shim), INTERRUPT="count")
        return int(re.search(r"(\d+) calls", done.stderr).group(1))

    def interrupt(self, how, at):
        self.reset()
        done = self.compile("random:2", LD_PRELOAD=str(self.shim), INTERRUPT=how, INTERRUPT_AT=str(at))
        found, label = self.contents(), f"{self.kind}: {how} at call {at}"
        whole = all(content in (self.old[name], self.new[name]) for name, content in found.items())
        self.counter.check(whole and len(found) == len(self.names), f"{label}: old or new", str(done.returncode))
        left = {path.name for path in self.folder.iterdir()} - set(self.names) - {"net.cnn"}
        if how == "kill":
            self.counter.check(done.returncode == -signal.SIGKILL, f"{label}: killed", str(done))
        elif done.returncode == 0:  # of no consequence, as closing a file that was read
            self.counter.check(found == self.new and not left, f"{label}: done all the same", f"left {left}")
        else:
            self.counter.check(done.returncode == 4 and "error" in done.stderr and not left, f"{label}: is told",
                               f"exit code {done.returncode}, left {left}\n{done.stderr}")


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        folder = Path(folder)
        shim = folder / "interrupt.so"
        source = tools.ROOT / "tests" / "harness" / "interrupt.c"
        done = tools.run(["cc", "-shared", "-fPIC", source, "-o", shim, "-ldl"])
        counter.check(done.returncode == 0, "the interrupting library", done.stderr)
        for kind in KINDS:
            place = folder / kind
            place.mkdir()
            case = Interrupted(counter, shim, place, kind)
            for at in range(1, case.calls() + 1):
                case.interrupt("kill", at)
                case.interrupt("fail", at)
            shutil.rmtree(place)
    counter.finish()


main()
