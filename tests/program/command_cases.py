"""The command line, standard streams, memory, and what the library needs."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import tools
from program import pictures
from program.pictures import PALETTE, npy_floats, png
from program.programs import SOURCES, Programs, must


class CommandLine(Programs):
    """Words that name inputs, words that are wrong, and streams."""

    def two(self):
        return (self.program(1, 1, 1, TWO=1), self.file("a.npy", npy_floats((1,), [5])),
                self.file("b=.npy", npy_floats((1,), [3])))

    def difference(self, *words):
        return self.result(self.two()[0], *words, name="difference")[1]

    def test_inputs(self):
        _, five, three = self.two()
        self.assertEqual(self.difference(five, three), [2])
        self.assertEqual(self.difference(f"b={five}", f"a={three}"), [-2])
        self.assertEqual(self.difference(f"b={five}", three), [-2])
        self.assertEqual(self.difference(three, f"b={five}"), [-2])
        self.assertEqual(self.difference(five, "b=b=.npy"), [2])
        self.assertEqual(self.difference(five, "./b=.npy"), [2])
        dashed = self.file("-5.npy", five.read_bytes())
        self.use(self.two()[0], "-o", "out/", "--", dashed.name, three)
        self.assertEqual(list(tools.read_npy(self.folder / "out" / "-5.difference.npy")[1]), [2])

    def test_wrong_inputs(self):
        program, five, three = self.two()
        self.refuses(program, code=2, says="2 inputs (a, b), 0 files given")
        self.refuses(program, five, code=2, says="2 inputs (a, b), 1 file given")
        self.refuses(program, five, three, five, code=2, says="3 files given, which is no multiple of 2")
        self.refuses(program, f"a={five}", code=2, says="1 input (b) besides those named, 0 files given")
        self.refuses(program, f"a={five}", f"b={three}", five, code=2,
                     says="0 inputs besides those named, 1 file given")
        self.refuses(program, f"a={five}", f"a={three}", code=2, says="two files for input 'a'")
        self.refuses(program, five, f"c={three}", code=2, says="neither a file nor an input of the network (a, b)")
        self.refuses(program, five, "gone.npy", code=4, says="cannot open 'gone.npy': No such file")
        self.refuses(program, five, self.folder, says="holds no picture")
        os.mkfifo(self.folder / "pipe")
        self.refuses(program, five, "pipe", code=4, says="not a regular file")
        self.refuses(program, five, "/dev/zero", code=4, says="not a regular file")
        self.refuses(program, five, "", code=4)

    def test_wrong_options(self):
        program, five, three = self.two()
        for words in (["--bogus"], ["-x"], ["-oo"], ["-o"], ["-o", ""], ["--top"], ["--top", "0"], ["--top", "-1"],
                      ["--top=x"], ["--top=99999999999999999999"], ["--bench", "0"], ["--bench="],
                      ["--bench", "3", "-o", "x.npy"], ["--scale", "1"], ["--scale", "2..1"], ["--scale", "1..1"],
                      ["--scale", "nan..1"], ["--scale", "0..inf"], ["--scale", "0..1e999"], ["--scale=.."],
                      ["--help=x"], ["--topp", "3"], ["--json", "--csv"], ["--json=x"], ["--json", "--bench=1"],
                      ["--csv", "--profile"], ["--profile", "-o", "x.npy"], ["--profile", "--dump", "d"],
                      ["--resize", "zoom"], ["--resize"], ["--fill", "1"], ["--fill", "1", "--resize", "crop"],
                      ["--resize", "fit", "--fill", "x"], ["--resize", "fit", "--fill", "nan"], ["--dump", ""],
                      ["--threads", "0"], ["--threads=1025"], ["--threads", "x"], ["--threads=2", "--profile"], ["--at-once", "0"],
                      ["--at-once=2", "--threads=2"], ["--at-once=2", "--bench=3"], ["--at-once=2", "--dump", "d"],
                      ["--profile", "--at-once=2"],
                      ["--dump", "d", "--threads=2"], ["--format", "png"], ["--format", "jpg", "-o", "d/"], ["--quiet=1"], ["-o", "sum="]):
            with self.subTest(words=words):
                self.refuses(program, five, three, *words, code=2)

    def test_foreign_text_is_escaped(self):
        program, five, _ = self.two()
        self.refuses(program, five, "x\x1b[31m\n\u202ey", code=4, says="'x\\x1b[31m\\x0a\\xe2\\x80\\xaey'")
        self.refuses(program, five, "a" * 5000, code=4, says="aaa...'")
        self.refuses(program, five, b"\xff\xc0\x80".decode("utf-8", "surrogateescape"), code=4,
                     says="'\\xff\\xc0\\x80'")

    def test_full_stdout(self):
        program, five, three = self.two()
        for words in ([five, three], ["--help"], ["--bench=1"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([program, *words], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 4)
            self.assertIn(b"net: error: cannot write standard output: No space", done.stderr)

    def test_closed_streams(self):
        program, five, three = self.two()
        command = f'"{program}" "{five}" "{three}" -o "{self.folder}/all/" <&- >&- 2>&-'
        self.assertEqual(subprocess.run(["sh", "-c", command]).returncode, 0)
        self.assertEqual(tools.read_npy(self.folder / "all" / "a.sum.npy"), ((1,), tools.array("f", [8])))

    def test_no_memory(self):
        for size in "(1ll<<60)", "INT64_MAX":
            self.refuses(self.program(1, 1, 1, WORKSPACE=size), "--bench=1", code=5,
                         says="not enough memory for the network's workspace")

    def test_no_workspace(self):
        self.use(self.program(1, 1, 1, WORKSPACE=0), "--bench=1")


class Allocations(Programs):
    """Each allocation fails in turn, alone or with all after it: a message and exit code 5, or the
    right answer where it could be done without."""

    def run_failing(self, program, words, check):
        shim = Path(self.root.name) / "failing.so"
        if not shim.exists():
            must(["cc", "-shared", "-fPIC", SOURCES / "failing.c", "-o", shim])
        for after in {}, {"FAIL_AFTER": "1"}:
            refused = 0
            for at in range(1, 2000):
                (self.folder / "out.png").unlink(missing_ok=True)
                environment = dict(os.environ, LD_PRELOAD=str(shim), FAIL_AT=str(at), **after)
                done = subprocess.run([str(word) for word in (program, *words)], capture_output=True,
                                      cwd=self.folder, env=environment, timeout=60)
                self.assertIn(done.returncode, (0, 5), (at, done.stderr))
                if done.returncode:
                    refused += 1
                    self.assertRegex(done.stderr, rb"net: error: .*\n")
                    self.assertEqual([n for n in os.listdir(self.folder) if "out." in n or "writing" in n], [])
                    shutil.rmtree(self.folder / "out", ignore_errors=True)
                else:
                    check(done.stdout)
                    if refused and at > refused + 20:
                        break
            self.assertGreater(refused, 5)

    def test_picture(self):
        data = png(2, 3, [1, 2, 3, 4, 5, 6], PALETTE, 8, list(range(30)))
        wanted = bytes(v for i in (1, 2, 3, 4, 5, 6) for v in (3 * i, 3 * i + 1, 3 * i + 2))
        program = self.program(2, 3, 3)

        def check(_):
            self.assertEqual(pictures.read_png((self.folder / "out.png").read_bytes())[1], wanted)
        self.run_failing(program, [self.file("a.png", data), "-o", "out.png"], check)

    def test_classes(self):
        program = self.program(1, 1, 3)
        path = self.file("a.npy", npy_floats((2, 3), [1, 2, 3, 3, 2, 1]))
        self.run_failing(program, [path], lambda text: self.assertEqual(text, b"0\t2\t2\t3\n1\t0\t0\t3\n"))

    def test_documents_of_a_folder(self):
        """Resized pictures, with JSON and written files."""
        (self.folder / "in").mkdir()
        for name, level in ("a", 7), ("b", 9):
            self.file(f"in/{name}.png", png(3, 3, [level] * 9))

        def check(text):
            self.assertEqual([json.loads(line)["outputs"]["result"]["max"] for line in text.splitlines()], [7, 9])
            self.assertEqual(pictures.read_png((self.folder / "out/b.png").read_bytes())[1], bytes([9] * 4))
            shutil.rmtree(self.folder / "out")
        self.run_failing(self.program(2, 2, 1), ["in", "--resize=stretch", "--json", "-o", "out/", "--format=png"], check)

    def test_dump(self):
        def check(_):
            self.assertEqual(list(tools.read_npy(self.folder / "out/mirror.npy")[1]), [2, 1])
            shutil.rmtree(self.folder / "out")
        path = self.file("a.npy", npy_floats((1, 2), [1, 2]))
        self.run_failing(self.program(1, 2, 1), [path, "--dump", "out", "--csv"], check)

    def test_profile(self):
        self.run_failing(self.program(1, 2, 1), ["--profile", "--bench=3"],
                         lambda text: self.assertIn(b"medians of 3 runs", text))


class Library(unittest.TestCase):
    def test_needs_only_libc(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "net"
            must(["cc", "-DH=1", "-DW=1", "-DC=1", "-I", tools.ROOT, SOURCES / "fake_network.c",
                  tools.BUILD / "libcnnc-program.a", "-lm", "-o", program])
            needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True).stdout
        names = {name.split(".")[0] for name in re.findall(r"NEEDED.*\[(.*?)\]", needed)}
        self.assertIn("libc", names)
        self.assertLessEqual(names, {"libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"})
