"""Networks compiled to a shared object and run between guard pages: see harness/guarded.c."""

import re
from array import array
from pathlib import Path

import tools

GUARDED = tools.BUILD / "tests" / "guarded"
EAGER = tools.BUILD / "tests" / "cnnc_eager"


class CompileError(Exception):
    """cnnc, cc or the run failed; the text is what it printed, `words` its command, `code` its exit code."""

    def __init__(self, text, words=(), code=1):
        super().__init__(text)
        self.words, self.code = words, code


class Compiled:
    """One network file compiled for one processor, in `folder`; `eager`: threads share what they can of every layer,
    however small. Its inputs and outputs: `kinds`, of their elements as the
    array module has them, and `counts`; cnnc and each run may take so many `seconds`."""

    def __init__(self, source, folder, cpu="native", weights=None, options=(), seconds=300, eager=False):
        self.folder, self.seconds = Path(folder), seconds
        self.name = "net_" + re.sub(r"\W", "_", cpu)
        stem = self.folder / self.name
        words = ["-c", source, "-o", f"{stem}.o", "--cpu", cpu, "--name", self.name, *options]
        if weights:
            words += ["--weights", weights]
        self.must(tools.run([EAGER if eager else tools.CNNC, *words], timeout=seconds))
        self.must(tools.run(["cc", "-shared", f"{stem}.o", "-lm", "-o", f"{stem}.so"]))
        self.library = f"{stem}.so"
        header = Path(f"{stem}.h").read_text()
        self.workspace = int(re.search(r"_WORKSPACE_BYTES = (\d+)", header).group(1))
        self.part = int(re.search(r"_PART_BYTES = (\d+)", header).group(1))
        self.alignment = int(re.search(r"_ALIGNMENT = (\d+)", header).group(1))
        parameters = re.search(r"int \w+_run_[0-9a-f]+\((.*?)\);", header).group(1)
        self.kinds = ["B" if "uint8_t" in parameter else "f" for parameter in parameters.split(", ")[:-2]]
        self.counts = [int(count) for count in re.findall(r"_(?:FLOATS|BYTES) = (\d+)", header)][:len(self.kinds)]

    @staticmethod
    def must(result):
        if result.returncode:
            raise CompileError(f"exit code {result.returncode}: {' '.join(result.args)}\n{result.stderr}",
                               result.args, result.returncode)

    def run(self, inputs, output_counts):
        """inputs: lists of numbers, in the network's order; one array for each output."""
        words, outputs = [], []
        kinds = iter(self.kinds)
        for i, (values, kind) in enumerate(zip(inputs, kinds)):
            path = self.folder / f"{self.name}-in{i}"
            path.write_bytes(array(kind, map(int, values) if kind == "B" else values).tobytes())
            words.append(f"in:{path}")
        for i, (count, kind) in enumerate(zip(output_counts, kinds)):
            outputs.append((self.folder / f"{self.name}-out{i}", kind))
            words.append(f"{'bytes' if kind == 'B' else 'out'}:{count}:{outputs[-1][0]}")
        self.must(tools.run([GUARDED, self.library, self.name + "_run", self.workspace, self.part,
                             self.alignment, *words], timeout=self.seconds))
        return [read_floats(path, kind) for path, kind in outputs]


def read_floats(path, kind):
    values = array(kind)
    values.frombytes(Path(path).read_bytes())
    return values
