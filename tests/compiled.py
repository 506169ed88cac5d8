"""Networks compiled to a shared object and run between guard pages: see harness/guarded.c."""

import re
from array import array
from pathlib import Path

import tools

GUARDED = tools.BUILD / "tests" / "guarded"


class CompileError(Exception):
    """cnnc or cc failed; the text is what they printed."""


class Compiled:
    """One network file compiled for one processor, in `folder`."""

    def __init__(self, source, folder, cpu="native", weights=None, options=()):
        self.folder = Path(folder)
        self.name = "net_" + re.sub(r"\W", "_", cpu)
        stem = self.folder / self.name
        words = ["-c", source, "-o", f"{stem}.o", "--cpu", cpu, "--name", self.name, *options]
        if weights:
            words += ["--weights", weights]
        self.must(tools.cnnc(*words, timeout=300))
        self.must(tools.run(["cc", "-shared", f"{stem}.o", "-lm", "-o", f"{stem}.so"]))
        self.library = f"{stem}.so"
        header = Path(f"{stem}.h").read_text()
        self.workspace = int(re.search(r"_WORKSPACE_BYTES = (\d+)", header).group(1))
        self.alignment = int(re.search(r"_ALIGNMENT = (\d+)", header).group(1))
        parameters = re.search(r"int \w+_run_[0-9a-f]+\((.*?)\);", header).group(1)
        self.kinds = ["B" if "uint8_t" in parameter else "f" for parameter in parameters.split(", ")]

    @staticmethod
    def must(result):
        if result.returncode:
            raise CompileError(f"exit code {result.returncode}: {' '.join(result.args)}\n{result.stderr}")

    def run(self, inputs, output_counts):
        """inputs: lists of numbers, in the network's order; one array for each output."""
        words, outputs = [], []
        for i, values in enumerate(inputs):
            path = self.folder / f"{self.name}-in{i}"
            kind = self.kinds[i]
            path.write_bytes(array(kind, map(int, values) if kind == "B" else values).tobytes())
            words.append(f"in:{path}")
        for i, count in enumerate(output_counts):
            outputs.append(self.folder / f"{self.name}-out{i}.f32")
            words.append(f"out:{count}:{outputs[-1]}")
        self.must(tools.run([GUARDED, self.library, self.name + "_run", self.workspace,
                             self.alignment, *words]))
        return [read_floats(path, "f") for path in outputs]


def read_floats(path, kind):
    values = array(kind)
    values.frombytes(Path(path).read_bytes())
    return values
