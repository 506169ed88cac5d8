"""What the test scripts share: where the compiler is, running it, counting, NPY files."""

import os
import re
import struct
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("CNNC_BUILD", ROOT / "build"))
CNNC = os.environ.get("CNNC", str(BUILD / "cnnc"))


def run(command, **options):
    """Runs a command to its end; stdout and stderr as text."""
    options.setdefault("timeout", 120)
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, **options)


def cnnc(*words, **options):
    return run([CNNC, *words], **options)


def python_with(*modules):
    """A Python that has these modules: the one that $CNNC_PEERS names, that of ./dev peers, this one or Debian's; None if
    there is none."""
    for python in (os.environ.get("CNNC_PEERS"), ROOT / "build/peers/bin/python", sys.executable, "/usr/bin/python3"):
        path = os.path.abspath(python or os.devnull)
        if os.access(path, os.X_OK) and run([path, "-c", f"import {', '.join(modules)}"]).returncode == 0:
            return path
    return None


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="cnnc-test-")


def write_plan(path, source, options, cpus=("native",)):
    """Writes what --dump=plan says for these processors; {layer: tile} of its Winograd convolutions, the largest."""
    text = "".join(cnnc(source, "-w", "--dump=plan", "--cpu", cpu, *options).stdout for cpu in cpus)
    Path(path).write_text(text)
    return dict(sorted(re.findall(r"^%\d+ (.+?) = conv .* by winograd (\S+)", text, re.M), key=lambda way: way[1]))


def with_defaults(text, values):
    """The text with other defaults of the network's parameters."""
    for parameter, value in values.items():
        text, times = re.subn(rf"^(network .*\b{parameter} = )[\d.]+", rf"\g<1>{value}", text, flags=re.M)
        assert times == 1, parameter
    return text


class Counter:
    """Counts cases and prints the failed ones; ends a script with the line that run.py reads."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, good, name, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}\n{detail}".rstrip("\n"), flush=True)
        return good

    def skip(self, name, why):
        self.skipped += 1
        print(f"skipped {name}: {why}", flush=True)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 0)


class Checks:
    """Takes a Counter's place in another process: what it gathers, (good, name, detail), is counted here."""

    def __init__(self):
        self.checks = []

    def check(self, *check):
        self.checks.append(check)
        return check[0]


# Vector widths by the processor they are compiled for, and the flag of /proc/cpuinfo that they need.
CPUS = [("x86-64", None), ("haswell", "avx2"), ("skylake-avx512", "avx512vl")]


def runnable_cpus():
    """The names for --cpu whose code this machine runs, and those it does not."""
    flags = set()
    for line in open("/proc/cpuinfo"):
        if line.startswith("flags"):
            flags = set(line.split(":")[1].split())
            break
    runs = [cpu for cpu, flag in CPUS if flag is None or flag in flags]
    return runs, [cpu for cpu, _ in CPUS if cpu not in runs]


def read_npy(path):
    """A little-endian C-order NPY file of float32 or float64: its shape and an array of values."""
    data = Path(path).read_bytes()
    assert data[:6] == b"\x93NUMPY", f"{path}: not an NPY file"
    size, start = (struct.unpack_from("<H", data, 8)[0], 10) if data[6] == 1 else \
                  (struct.unpack_from("<I", data, 8)[0], 12)
    header = data[start:start + size].decode("latin-1")
    kind = re.search(r"'descr':\s*'<f([48])'", header)
    assert kind and "'fortran_order': False" in header, f"{path}: {header}"
    shape = tuple(int(n) for n in re.findall(r"\d+", re.search(r"\(([^)]*)\)", header).group(1)))
    values = array("f" if kind.group(1) == "4" else "d")
    values.frombytes(data[start + size:])
    return shape, values


def write_npy(path, shape, values):
    """Writes float32 values as NPY, format 1.0."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(array("f", values).tobytes())


def write_safetensors(path, tensors):
    """tensors: name -> (shape, float32 values)."""
    import json
    header, offset, blobs = {}, 0, []
    for name, (shape, values) in tensors.items():
        blob = array("f", values).tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
