"""Outputs: what is printed and what is written."""

import os
import random
import re
import resource
import stat
import struct

import tools
from program import pictures
from program.pictures import RGB, npy_floats, png
from program.programs import Programs

NAN, INFINITY = float("nan"), float("inf")


class Printed(Programs):
    """What comes out on stdout."""

    LABELS = '"cat","white dog","\\xc3\\xa4hre","a\\033[31mb\\tc","e"'

    def vector(self, values, *words, **options):
        program = self.program(1, 1, options.pop("channels", len(values)), **options)
        return self.use(program, self.file("v.npy", npy_floats((len(values),), values)), *words)

    def test_top_classes(self):
        self.assertEqual(self.vector([1, 9, 0.5, -3, 4, 2, 7]),
                         "1  1  9\n2  6  7\n3  4  4\n4  5  2\n5  0  1\n")

    def test_labels(self):
        self.assertEqual(self.vector([0.1, 0.5, 0.2, 0.15, 0.05], LABELS=self.LABELS),
                         "1  white dog        0.5\n2  ähre             0.2\n3  a\\x1b[31mb\\x09c  0.15\n"
                         "4  cat              0.1\n5  e                0.05\n")

    def test_top(self):
        self.assertEqual(self.vector([1, 9, 2], "--top", "2"), "1  1  9\n2  2  2\n")
        self.assertEqual(self.vector([1, 9, 2], "--top=99"), "1  1  9\n2  2  2\n3  0  1\n")

    def test_fewer_labels_than_channels(self):
        self.assertEqual(self.vector([1, 9, 2], LABELS='"a"'), "1  1  9\n2  2  2\n3  a  1\n")

    def test_ties_and_strange_numbers(self):
        self.assertEqual(self.vector([5, 5, 5, 5, 5, 5], "--top=3"), "1  0  5\n2  1  5\n3  2  5\n")
        self.assertEqual(self.vector([NAN, 1, -INFINITY, -NAN, INFINITY]),
                         "1  4  inf\n2  1  1\n3  2  -inf\n4  0  nan\n5  3  nan\n")

    def test_batch(self):
        batch = self.file("b.npy", npy_floats((3, 2), [1, 2, 5, 4, 0, NAN]))
        program = self.program(1, 1, 2, LABELS='"no","yes"')
        self.assertEqual(self.use(program, batch), "0\t1\tyes\t2\n1\t0\tno\t5\n2\t0\tno\t0\n")
        self.assertEqual(self.use(program, batch, "--top", "2"),
                         "0\t1\tyes\t2\t0\tno\t1\n1\t0\tno\t5\t1\tyes\t4\n2\t0\tno\t0\t1\tyes\tnan\n")
        several = self.file("s.npy", npy_floats((2, 2, 2), [1, 2, 4, 3, 5, 6, 8, 7]))
        self.assertEqual(self.use(self.program(1, 1, 2, N=2), several), "0\t1\t1\t2\n1\t0\t0\t4\n2\t1\t1\t6\n3\t0\t0\t8\n")

    def test_map(self):
        program = self.program(2, 2, 1)
        text = self.use(program, self.file("a.npy", npy_floats((2, 2), [1, -2, 3, 8])))
        self.assertTrue(text.startswith("result: 2x2x1, minimum -2, maximum 8, mean 2.5\n"), text)
        self.assertIn("  -o FILE.npy (or .png) writes it", text)
        text = self.use(program, self.file("a.npy", npy_floats((2, 2), [NAN, INFINITY, 3, 8])))
        self.assertTrue(text.startswith("result: 2x2x1, minimum 3, maximum 8, mean 5.5, 1 infinite, 1 not a"))
        text = self.use(program, self.file("a.npy", npy_floats((3, 2, 2), [6] * 12)))
        self.assertIn("batch of 3, minimum 6", text)

    def test_several_outputs(self):
        a, b = (self.file(name, npy_floats((2,), values)) for name, values in (("a", [1, 5]), ("b", [3, 9])))
        self.assertEqual(self.use(self.program(1, 1, 2, TWO=1), a, b),
                         "sum:\n1  1  14\n2  0  4\ndifference:\n1  0  -2\n2  1  -4\n")

    def test_bench(self):
        picture = self.file("a.png", png(2, 3, [1, 2, 3, 4, 5, 6]))
        program = self.program(2, 3, 1)
        for words in (["--bench", "5"], ["--bench=5", picture]):
            found = re.fullmatch(r"min ([\d.]+) ms, median ([\d.]+) ms, 5 runs\n", self.use(program, *words))
            self.assertTrue(found and float(found[1]) <= float(found[2]))
        self.refuses(program, "--bench", "5", "nothing.png", code=4)

    def test_threads(self):
        """Each part of a run by a thread of its own, with workspace for it."""
        picture = self.file("a", npy_floats((3, 5), range(15)))
        program = self.program(3, 5, 1)
        for words in [], ["--threads=1"], ["--threads", "2"], ["--threads=7"], ["--threads=300"]:
            self.use(program, picture, *words, "-o", self.folder / "b.npy")
            self.assertEqual(tools.read_npy(self.folder / "b.npy")[1], tools.array("f", range(15)))
        self.assertRegex(self.use(program, "--threads=2", "--bench=20"), "20 runs")

    def test_at_once(self):
        """The images of a batch in their order, however many run at once."""
        batch = self.file("a", npy_floats((5, 1, 2), range(10)))
        other = self.file("b", npy_floats((5, 1, 2), [100] * 10))
        program = self.program(1, 1, 2, TWO=1)
        for words in [], ["--at-once=1"], ["--at-once", "2"], ["--at-once=3"], ["--at-once=7"]:
            self.use(program, batch, other, *words, "-o", f"sum={self.folder}/c.npy")
            self.assertEqual(tools.read_npy(self.folder / "c.npy"), ((5, 2), tools.array("f", range(100, 110))))
            self.assertEqual(self.use(program, batch, other, "--csv", *words), self.use(program, batch, other, "--csv"))
        failing = self.program(1, 1, 2, RESULT="(in[0][0]==4?9:0)")
        for words in [], ["--at-once=2"], ["--at-once=7"]:
            self.refuses(failing, batch, *words, "-o", "d.npy", code=70, says="the network failed with code 9")

    def test_help(self):
        program = self.program(1, 2, 3, LAYOUT="CNN_LAYOUT_CHW", LOW=0, HIGH=255)
        text = self.use(program, "--help")
        for part in ("usage: net ", "network fake", "  image  1x2x3  0..255", "  result  1x2x3", "--bench N"):
            self.assertIn(part, text)
        self.assertEqual(self.use(program, "--version"), "fake, compiled by cnnc 0.0\n")
        self.assertEqual(self.use(program, "--info"),
                         "fake, compiled by cnnc 0.0\n\na table\nworkspace 100 bytes\n")


class Files(Programs):
    """Outputs written."""

    def levels(self, values, *words, **options):
        program = self.program(1, len(values), 1, **options)
        self.use(program, self.file("a.npy", npy_floats((1, len(values)), values)), "-o", "a.png", *words)
        shape, levels = pictures.read_png((self.folder / "a.png").read_bytes())
        self.assertEqual(shape, (1, len(values), 1))
        return list(levels)

    def test_levels(self):
        values = [-1, 0, 0.4, 0.5, 1.5, 2.5, 254.5, 255, 256, 1e30, NAN, INFINITY, -INFINITY]
        wanted = [0, 0, 0, 1, 2, 3, 255, 255, 255, 255, 0, 255, 0]
        self.assertEqual(self.levels(values), wanted)

    def test_levels_of_a_network_with_range(self):
        values = [-0.5, 0, 1 / 255, 0.5, 1, 1.4]
        self.assertEqual(self.levels(values, LOW=0, HIGH=255), [0, 0, 1, 128, 255, 255])

    def test_scale(self):
        self.assertEqual(self.levels([-2, -1, 0, 1, 2], "--scale", "-1..1"), [0, 0, 128, 255, 255])
        self.assertEqual(self.levels([-2, 0, 3], "--scale=auto"), [0, 102, 255])
        self.assertEqual(self.levels([7, 7, 7], "--scale=auto"), [0, 0, 0])
        self.assertEqual(self.levels([NAN, INFINITY, 1, 2, 3], "--scale=auto"), [0, 255, 0, 128, 255])

    def test_pictures(self):
        samples = [random.Random(4).randrange(256) for _ in range(5 * 7 * 3)]
        picture = self.file("in.png", png(5, 7, samples, RGB))
        for layout in "CNN_LAYOUT_HWC", "CNN_LAYOUT_CHW":
            program = self.program(5, 7, 3, LAYOUT=layout)
            self.use(program, picture, "-o", "out.png")
            shape, levels = pictures.read_png((self.folder / "out.png").read_bytes())
            self.assertEqual((shape, list(levels)), ((5, 7, 3), samples))
            self.use(program, picture, "-o", "out.ppm")
            self.assertEqual((self.folder / "out.ppm").read_bytes(), b"P6\n7 5\n255\n" + bytes(samples))
        self.use(self.program(2, 3, 1), self.file("g.pgm", b"P5 3 2 255 abcdef"), "-o", "out.pgm")
        self.assertEqual((self.folder / "out.pgm").read_bytes(), b"P5\n3 2\n255\nabcdef")

    def test_npy_is_what_numpy_writes(self):
        self.use(self.program(2, 3, 1), self.file("g.pgm", b"P5 3 2 255 abcdef"), "-o", "out.npy")
        data = (self.folder / "out.npy").read_bytes()
        self.assertEqual(data[:10], b"\x93NUMPY\1\0\x76\0")
        self.assertRegex(data[10:128], rb"^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3, 1\), \} *\n$")
        self.assertEqual(data[128:], struct.pack("<6f", *b"abcdef"))

    def test_refused(self):
        picture = self.file("g.pgm", b"P5 3 2 255 abcdef")
        grey, four = self.program(2, 3, 1), self.program(1, 2, 4)
        array = self.file("a.npy", npy_floats((1, 2, 4), range(8)))
        batch = self.file("b.npy", npy_floats((3, 2, 3), range(18)))
        self.refuses(four, array, "-o", "x.png", code=2, says="has 4 channels, a .png file 1 or 3: write it as .npy")
        self.refuses(grey, picture, "-o", "x.ppm", code=2, says="1 channels")
        self.refuses(grey, picture, "-o", "x.jpg", code=2, says="x.jpg")
        self.refuses(grey, picture, "-o", ".npy", code=2)
        self.refuses(grey, batch, "-o", "x.png", code=2, says="batch")
        self.refuses(grey, picture, "-o", "none/x.png", code=4, says="none/x.png")
        self.refuses(grey, picture, "-o", "g.pgm/", code=4)
        (self.folder / "there/g.npy").mkdir(parents=True)
        self.refuses(grey, picture, "-o", "result=there", code=4, says="it is a folder")
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.npy", "b.npy", "g.pgm", "there"])

    def two(self):
        return (self.program(1, 2, 1, TWO=1), self.file("a.npy", npy_floats((1, 2), [5, 6])),
                self.file("b.npy", npy_floats((1, 2), [1, 4])))

    def test_folders(self):
        program, a, b = self.two()
        (self.folder / "there").mkdir()
        for folder in "new/", "there", "there/":
            self.use(program, a, b, "-o", folder)
            self.assertEqual(list(tools.read_npy(self.folder / folder / "a.sum.npy")[1]), [6, 10])
            self.assertEqual(list(tools.read_npy(self.folder / folder / "a.difference.npy")[1]), [4, 2])

    def test_named_outputs(self):
        program, a, b = self.two()
        text = self.use(program, a, b, "-o", "sum=s.npy")
        self.assertEqual(list(tools.read_npy(self.folder / "s.npy")[1]), [6, 10])
        self.assertTrue(text.startswith("difference: 1x2x1"), text)
        self.assertIn("-o difference=FILE.npy", text)
        self.use(program, a, b, "-o", "all/", "-o", "sum=s.png")
        self.assertEqual(os.listdir(self.folder / "all"), ["a.difference.npy"])
        self.assertEqual(pictures.read_png((self.folder / "s.png").read_bytes())[1], bytes([6, 10]))
        self.refuses(program, a, b, "-o", "x.npy", code=2, says="-o NAME=FILE")
        self.refuses(program, a, b, "-o", "sun=x.npy", code=2, says="no output of that name (sum, difference)")
        single = self.program(1, 2, 1)
        self.refuses(single, a, "-o", "=x.npy", code=2, says="no output of that name")
        self.use(single, a, "-o", "./x=y.npy")
        self.assertTrue((self.folder / "x=y.npy").exists())
        self.refuses(program, a, b, "-o", "sum=x.npy", "-o", "sum=y.npy", code=2, says="two files for output 'sum'")
        self.refuses(program, a, b, "-o", "x/", "-o", "y/", code=2, says="two folders")

    def test_old_file_survives_failure(self):
        picture = self.file("g.pgm", b"P5 3 2 255 abcdef")
        old = self.file("out.npy", b"old")
        before = sorted(os.listdir(self.folder))
        self.refuses(self.program(2, 3, 1, RESULT=3), picture, "-o", old, code=70, says="code 3")
        # no room: only 100 bytes may be written to a file
        self.use(self.program(2, 3, 1), picture, "-o", old, code=4, says="File too large", restore_signals=False,
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
        large = self.program(64, 64, 1)
        noise = self.file("n.pgm", b"P5 64 64 255 " + random.Random(5).randbytes(4096))
        for name in "out.png", "out.pgm":
            self.file(name, b"old")
            self.use(large, noise, "-o", name, code=4, says="File too large", restore_signals=False,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
            self.assertEqual((self.folder / name).read_bytes(), b"old")
        self.assertEqual(old.read_bytes(), b"old")
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(before + ["n.pgm", "out.png", "out.pgm"]))

    def test_a_batch_that_fails_later_writes_nothing(self):
        program = self.program(1, 1, 2, RESULT="(in[0][0]==3?9:0)")
        batch = self.file("batch.npy", npy_floats((2, 2), [1, 2, 3, 4]))
        self.refuses(program, batch, "-o", "x.npy", code=70, says="code 9")
        self.assertEqual(os.listdir(self.folder), ["batch.npy"])

    def test_batches_of_several_inputs(self):
        program, a, _ = self.two()
        batch = self.file("c.npy", npy_floats((3, 1, 2), range(6)))
        other = self.file("d.npy", npy_floats((2, 1, 2), range(4)))
        self.refuses(program, batch, other, "-o", "out/", says="is a batch of 3, input 'b' one of 2")
        self.assertFalse((self.folder / "out").exists())
        self.use(program, batch, a, "-o", "out/")
        shape, values = tools.read_npy(self.folder / "out" / "c.sum.npy")
        self.assertEqual((shape, list(values)), ((3, 1, 2, 1), [5, 7, 7, 9, 9, 11]))

    def test_links_and_modes(self):
        picture = self.file("g.pgm", b"P5 3 2 255 abcdef")
        target = self.file("target.npy", b"old")
        (self.folder / "link.npy").symlink_to(target)
        self.use(self.program(2, 3, 1), picture, "-o", "link.npy", preexec_fn=lambda: os.umask(0o027))
        self.assertTrue((self.folder / "link.npy").is_symlink())
        self.assertEqual(tools.read_npy(target)[0], (2, 3, 1))
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o640)
