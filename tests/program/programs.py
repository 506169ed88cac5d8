"""Networks written by hand (fake_network.c), linked with the library of compiled programs: what the
tests of that library are made of."""

import concurrent.futures
import functools
import os
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import tools

SOURCES = Path(__file__).resolve().parent
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"]
SANITIZER_FOUND = 99
BYTES = {"ELEMENT": "uint8_t", "TYPE": "CNN_TYPE_U8"}  # options of a network: inputs of bytes


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def must(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr}")


class Programs(unittest.TestCase):
    """Networks compiled when they are first asked for, each test in a folder of its own."""

    flags, library = [], [tools.BUILD / "libcnnc-program.a"]

    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="cnnc-test-")
        cls.programs = {}

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.root.name))

    def program(self, height, width, channels, **options):
        defines = dict(H=height, W=width, C=channels, **options)
        key = tuple(sorted(defines.items()))
        if key not in self.programs:
            folder = Path(self.root.name) / f"program{len(self.programs)}"
            folder.mkdir()
            must(["cc", "-std=gnu17", *self.flags, *(f"-D{k}={v}" for k, v in key), "-I", tools.ROOT,
                  SOURCES / "fake_network.c", *self.library, "-lm", "-o", folder / "net"])
            self.programs[key] = folder / "net"
        return self.programs[key]

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def use(self, program, *words, code=0, says=None, **options):
        environment = dict(os.environ, ASAN_OPTIONS=f"exitcode={SANITIZER_FOUND}:detect_leaks=1:"
                           "allocator_may_return_null=1", **options.pop("environment", {}))
        done = subprocess.run([str(w) for w in (program, *words)], capture_output=True, cwd=self.folder,
                              stdin=subprocess.DEVNULL, timeout=60, env=environment, **options)
        error = done.stderr.decode()
        self.assertEqual(done.returncode, code, error)
        if code:
            self.assertRegex(error.splitlines()[-1], r"^net: error: ")
        if says is not None:
            self.assertIn(says, error)
        return done.stdout.decode()

    def refuses(self, program, *words, code=1, says=None, **options):
        self.use(program, *words, code=code, says=says, **options)

    def result(self, program, *inputs, name="result"):
        """What comes out of the network as NPY: shape and values."""
        self.use(program, *inputs, "-o", f"{name}=result-of-test.npy")
        shape, values = tools.read_npy(self.folder / "result-of-test.npy")
        return shape, list(values)

    def sees(self, program, data, expected, tolerance=0.0):
        """A network that returns its input shows what a picture or an array became."""
        _, values = self.result(program, self.file("input", data))
        self.assertEqual(len(values), len(expected))
        for got, wanted in zip(values, expected):
            self.assertLessEqual(abs(got - float32(wanted)), tolerance, (values, expected))


@functools.cache
def sanitized_library():
    """The library's own files with sanitizers, in a folder that lives as long as the answer; libpng,
    zlib and libjpeg as they are."""
    folder = tempfile.TemporaryDirectory(prefix="cnnc-test-")

    def compile_one(source):
        target = Path(folder.name) / (source.stem + ".o")
        must(["cc", "-std=gnu17", *SANITIZE, "-I", tools.ROOT, "-c", source, "-o", target])
        return target
    sources = [tools.ROOT / "runtime" / "threads.c", *sorted((tools.ROOT / "runtime" / "program").glob("*.c"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, sources))
    return folder, [*objects, "-lpng", "-lz", "-ljpeg"]


class Sanitized:
    """Mixed into a class of tests: the same with AddressSanitizer and UBSan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flags = SANITIZE
        cls.library = sanitized_library()[1]
