"""Many files in one call: rounds, folders, standard input, the names of what is written."""

import os
import subprocess

import tools
from program import pictures
from program.pictures import RGB, npy_floats, png
from program.programs import Programs


class Rounds(Programs):
    """A network of one input runs each file; of several, groups of them."""

    def grey(self, name, *levels):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        return self.file(name, png(1, len(levels), levels))

    def classes(self, *words, **options):
        program = self.program(1, 1, 2, LABELS='"no","yes"')
        return self.use(program, *words, **options)

    def vector(self, name, *values):
        return self.file(name, npy_floats((len(values),), values))

    def unprivileged(self):
        """How to run a program for which permissions count."""
        if os.getuid():
            return {}
        for folder in self.root.name, self.folder:
            os.chmod(folder, 0o755)
        return {"preexec_fn": lambda: os.setuid(65534)}

    def written(self, folder="out"):
        return {name: list(tools.read_npy(self.folder / folder / name)[1])
                for name in sorted(os.listdir(self.folder / folder))}

    def test_a_line_each(self):
        self.vector("a.npy", 1, 2), self.vector("b.npy", 5, 4)
        self.assertEqual(self.classes("a.npy", "b.npy"), "a.npy\tyes\t2\nb.npy\tno\t5\n")
        self.assertEqual(self.classes("b.npy", "a.npy", "--top=2"),
                         "b.npy\tno\t5\tyes\t4\na.npy\tyes\t2\tno\t1\n")
        self.assertEqual(self.classes("a.npy", "a.npy"), "a.npy\tyes\t2\n" * 2)

    def test_batches_among_files(self):
        self.vector("a.npy", 1, 2)
        self.file("c.npy", npy_floats((3, 2), [1, 2, 6, 5, 3, 4]))
        self.assertEqual(self.classes("a.npy", "c.npy", "a.npy"),
                         "a.npy\tyes\t2\nc.npy[0]\tyes\t2\nc.npy[1]\tno\t6\nc.npy[2]\tyes\t4\na.npy\tyes\t2\n")
        self.classes("a.npy", "c.npy", "-o", "out/")
        self.assertEqual(tools.read_npy(self.folder / "out/c.npy")[0], (3, 2))
        self.assertEqual(self.written(), {"a.npy": [1, 2], "c.npy": [1, 2, 6, 5, 3, 4]})

    def test_maps(self):
        program = self.program(1, 2, 1)
        self.grey("a.png", 1, 3), self.grey("b.png", 5, 5)
        self.assertEqual(self.use(program, "a.png", "b.png"),
                         "a.png: result: 1x2x1, minimum 1, maximum 3, mean 2\n"
                         "b.png: result: 1x2x1, minimum 5, maximum 5, mean 5\n")

    def test_several_outputs(self):
        program = self.program(1, 1, 1, TWO=1)
        for name, value in ("a", 5), ("b", 3), ("c", 1), ("d", 9):
            self.vector(f"{name}.npy", value)
        self.assertEqual(self.use(program, "a.npy", "b.npy", "c.npy", "d.npy"),
                         "a.npy\tsum\t0\t8\na.npy\tdifference\t0\t2\nc.npy\tsum\t0\t10\nc.npy\tdifference\t0\t-8\n")
        self.assertEqual(self.use(program, "b=a.npy", "b.npy", "c.npy", "d.npy"),
                         "b.npy\tsum\t0\t8\nb.npy\tdifference\t0\t-2\nc.npy\tsum\t0\t6\nc.npy\tdifference\t0\t-4\n"
                         "d.npy\tsum\t0\t14\nd.npy\tdifference\t0\t4\n")

    def test_folders_of_pictures(self):
        for name, level in ("p/b.png", 2), ("p/a.PNG", 1), ("p/c.jpg.png", 3), ("p/.hidden.png", 9), ("p/sub/d.png", 9):
            self.grey(name, level, level)
        (self.folder / "p/note.txt").write_text("no picture")
        (self.folder / "p/x.npy").write_text("no picture either")
        (self.folder / "p/folder.png").mkdir()
        program = self.program(1, 2, 1)
        for word in "p", "p/":
            self.assertEqual([line.split(":")[0] for line in self.use(program, word).splitlines()],
                             ["p/a.PNG", "p/b.png", "p/c.jpg.png"])
        other = self.grey("z.png", 7, 7)
        self.use(program, other, "p", "-o", "out/")
        self.assertEqual(self.written(), {"a.npy": [1, 1], "b.npy": [2, 2], "c.jpg.npy": [3, 3], "z.npy": [7, 7]})

    def test_folders_side_by_side(self):
        program = self.program(1, 1, 1, TWO=1)
        for name, level in ("l/1.png", 10), ("l/2.png", 20), ("r/x.png", 1), ("r/y.png", 2), ("one/o.png", 9):
            self.grey(name, level)
        self.use(program, "l", "r", "-o", "difference=out/", "-o", "sum=sum/")
        self.assertEqual(self.written(), {"1.difference.npy": [9], "2.difference.npy": [18]})
        self.assertEqual(self.written("sum"), {"1.sum.npy": [11], "2.sum.npy": [22]})
        self.use(program, "a=one/o.png", "b=r", "-o", "difference=named/")
        self.assertEqual(self.written("named"), {"x.difference.npy": [8], "y.difference.npy": [7]})
        self.use(program, "l", "one/o.png", "-o", "difference=mixed/")
        self.assertEqual(self.written("mixed"), {"1.difference.npy": [1], "2.difference.npy": [11]})
        self.refuses(program, "l", "one", says="the folder 'l' holds 2 pictures, 'one' 1: they go side by side")

    def test_empty_and_unreadable_folders(self):
        program = self.program(1, 1, 1)
        (self.folder / "none").mkdir()
        self.refuses(program, "none", says="the folder 'none' holds no picture: no name ends in .png")
        self.refuses(program, "gone/", code=4, says="cannot open 'gone/'")
        (self.folder / "none").chmod(0)
        self.refuses(program, "none", code=4, says="cannot read the folder 'none': Permission denied",
                     **self.unprivileged())

    def test_one_that_is_wrong(self):
        """The others are run; one exit code for all."""
        self.vector("a.npy", 1, 2), self.vector("d.npy", 4, 3), self.vector("three.npy", 1, 2, 3)
        self.file("b.png", b"no picture")
        text = self.classes("a.npy", "b.png", "three.npy", "gone.npy", "d.npy", code=1,
                            says="net: error: 'b.png': neither PNG")
        self.assertEqual(text, "a.npy\tyes\t2\nd.npy\tno\t4\n")
        done = subprocess.run([self.program(1, 1, 2, LABELS='"no","yes"'), "gone.npy", "a.npy", "b.png", "-o", "out/"],
                              capture_output=True, text=True, cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.splitlines()[-1], "net: error: 2 of 3 files could not be used")
        self.assertEqual(self.written(), {"a.npy": [1, 2]})
        self.refuses(self.program(1, 1, 1, TWO=1), "x", "y", "z", "u", says="2 of 2 groups of files could not be used")
        self.refuses(self.program(1, 1, 2), "gone.npy", code=4)  # alone, its own code

    def test_wrong_files_of_every_input(self):
        """What is used in every round is read again after a round without it."""
        program = self.program(1, 1, 1, TWO=1)
        for name, value in ("a", 5), ("c", 1):
            self.vector(f"{name}.npy", value)
        self.file("wrong.npy", b"\x93NUMPY")
        text = self.use(program, "b=a.npy", "wrong.npy", "c.npy", code=1, says="1 of 2 groups")
        self.assertEqual(text, "c.npy\tsum\t0\t6\nc.npy\tdifference\t0\t-4\n")
        batch = self.file("batch.npy", npy_floats((2, 1), [10, 20]))
        text = self.use(program, f"b={batch}", "wrong.npy", "c.npy", "a.npy", code=1)
        self.assertEqual(text.splitlines()[::2], ["c.npy[0]\tsum\t0\t11", "c.npy[1]\tsum\t0\t21", "a.npy[0]\tsum\t0\t15",
                                                  "a.npy[1]\tsum\t0\t25"])

    def test_what_fails_for_all_ends_it(self):
        failing = self.program(1, 1, 2, RESULT="(in[0][0]==3?9:0)")
        self.vector("a.npy", 1, 2), self.vector("b.npy", 3, 4), self.vector("c.npy", 5, 6)
        self.use(failing, "a.npy", "b.npy", "c.npy", "-o", "out/", code=70, says="code 9")
        self.assertEqual(self.written(), {"a.npy": [1, 2]})
        with open("/dev/full", "w") as full:
            done = subprocess.run([self.program(1, 1, 2), "a.npy", "b.npy"], stdout=full, stderr=subprocess.PIPE,
                                  cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr.count(b"cannot write standard output")), (4, 1))

    def test_one_file_for_several_rounds(self):
        self.vector("a.npy", 1, 2), self.vector("b.npy", 3, 4)
        for words in ["-o", "x.npy"], ["-o", "result=x.npy"]:
            self.refuses(self.program(1, 1, 2), "a.npy", "b.npy", *words, code=2,
                         says="2 files are given, and each would be written to 'x.npy': -o FOLDER/ writes one file each")
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.npy", "b.npy"])

    def test_names_that_clash(self):
        program = self.program(1, 2, 1)
        first, second = self.grey("x/a.png", 1, 2), self.grey("y/a.png", 3, 4)
        third = self.file("x/a.pgm", b"P5 2 1 255 ab")
        for files in (first, second), (first, third), (third, second), (first, self.grey("b.png", 0, 0), first):
            self.refuses(program, *files, "-o", "out/", code=2, says="would both be written to files called 'a'")
        self.assertFalse((self.folder / "out").exists())
        self.use(program, self.grey("aa.png", 5, 5), first, self.grey("a.b.png", 6, 6), "-o", "out/")
        self.assertEqual(self.written(), {"a.npy": [1, 2], "aa.npy": [5, 5], "a.b.npy": [6, 6]})

    def test_results_never_go_over_inputs(self):
        program = self.program(1, 2, 1)
        first, second = self.grey("x/a.png", 1, 2), self.grey("x/b.png", 3, 4)
        before = first.read_bytes()
        (self.folder / "link.png").symlink_to(first)
        for words in ([first, second, "-o", "x/", "--format", "png"], [first, "-o", first], [first, "-o", "link.png"],
                      ["x", "-o", "x", "--format=png"], ["link.png", "-o", "result=x/a.png"]):
            self.refuses(program, *words, code=2, says="is an input: it would be overwritten")
        self.assertEqual(first.read_bytes(), before)
        self.assertEqual(sorted(os.listdir(self.folder / "x")), ["a.png", "b.png"])

    def test_pictures_into_folders(self):
        samples = {"a": [1, 2, 3, 4, 5, 6], "b": [9] * 6}
        files = [self.file(f"{name}.png", png(1, 2, values, RGB)) for name, values in samples.items()]
        for suffix in "png", "ppm":
            self.use(self.program(1, 2, 3), *files, "-o", "out/", "--format", suffix)
        for name, values in samples.items():
            self.assertEqual(pictures.read_png((self.folder / f"out/{name}.png").read_bytes())[1], bytes(values))
            self.assertEqual((self.folder / f"out/{name}.ppm").read_bytes(), b"P6\n2 1\n255\n" + bytes(values))
        self.refuses(self.program(1, 2, 3), *files, "-o", "more/", "--format=pgm", code=2, says="has 3 channels")

    def test_names_of_files(self):
        stems = {".png": ".png", "plain": "plain", "two.dots.png": "two.dots", "a b\n.png": "a b\n", "c.": "c"}
        for i, (name, stem) in enumerate(stems.items()):
            self.use(self.program(1, 2, 1), self.grey(name, 8, 9), "-o", f"out{i}/")
            self.assertEqual(os.listdir(self.folder / f"out{i}"), [f"{stem}.npy"])

    def test_standard_input(self):
        program = self.program(1, 2, 1)
        for data in png(1, 2, [7, 9]), npy_floats((1, 2), [7, 9]), b"P5 2 1 255 \x07\x09":
            self.pipe(program, data, "-", "-o", "out/")
            self.assertEqual(self.written(), {"stdin.npy": [7, 9]})
        batch = npy_floats((3, 1, 2), range(6))
        self.pipe(program, batch, "image=-", "-o", "batch.npy")
        self.assertEqual(tools.read_npy(self.folder / "batch.npy")[0], (3, 1, 2, 1))
        other = self.grey("a.png", 5, 5)
        text = self.pipe(program, png(1, 2, [7, 9]), other, "-")
        self.assertEqual(text.splitlines()[1], "-: result: 1x2x1, minimum 7, maximum 9, mean 8")
        two = self.program(1, 2, 1, TWO=1)
        text = self.pipe(two, png(1, 2, [1, 2]), "b=-", other, other)  # once for all rounds
        self.assertEqual(text.count("sum: 1x2x1, minimum 6, maximum 7, mean 6.5"), 2)

    def pipe(self, program, data, *words, code=0, says=""):
        done = subprocess.run([str(w) for w in (program, *words)], input=data, capture_output=True, cwd=self.folder,
                              timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr.decode())
        return done.stdout.decode()

    def test_wrong_standard_input(self):
        program = self.program(1, 2, 1)
        self.pipe(program, b"", "-", code=1, says="'standard input': neither PNG")
        self.pipe(program, png(1, 2, [7, 9])[:-20], "-", code=1, says="standard input")
        self.pipe(program, png(2, 2, [7, 9, 1, 2]), "-", code=1, says="'standard input' is 2x2x1")
        self.refuses(program, "-", "-", code=2, says="standard input, can be read only once")
        self.refuses(self.program(1, 2, 1, TWO=1), "a=-", "-", code=2, says="standard input, can be read only once")
        self.refuses(program, "-o", "x.npy", "--", "-", says="standard input")  # from /dev/null
        closed = subprocess.run(["sh", "-c", f'"{program}" - <&-'], capture_output=True, cwd=self.folder)
        self.assertEqual(closed.returncode, 1)

    def test_folders_that_cannot_be_written(self):
        a, b = self.grey("a.png", 1, 2), self.grey("b.png", 3, 4)
        self.refuses(self.program(1, 2, 1), a, b, "-o", "none/out/", code=4, says="cannot make the folder 'none/out/'")
        self.refuses(self.program(1, 2, 1), a, b, "-o", "a.png/", code=4, says="cannot make the folder 'a.png/'")
        self.refuses(self.program(1, 2, 1), a, b, "-o", "/proc/", code=4, says="cannot write '/proc/a.npy'")
        (self.folder / "locked").mkdir(mode=0o555)
        self.refuses(self.program(1, 2, 1), a, b, "-o", "locked", code=4,
                     says="cannot write 'locked/a.npy': Permission denied", **self.unprivileged())

    def test_one_image_only(self):
        self.vector("a.npy", 1, 2), self.vector("b.npy", 3, 4)
        for words in ["--bench=2"], ["--profile"], ["--dump=d"]:
            self.refuses(self.program(1, 1, 2), "a.npy", "b.npy", *words, code=2, says=" wants one image, 2 are given")

    def test_many(self):
        """More files than fit a command line, by way of a folder."""
        (self.folder / "many").mkdir()
        for i in range(1500):
            self.file(f"many/{'n' * 150}{i:05}.pgm", b"P5 2 1 255 " + bytes([i % 256, i // 256]))
        self.use(self.program(1, 2, 1), "many", "-o", "out/")
        self.assertEqual([v for values in self.written().values() for v in values],
                         [v for i in range(1500) for v in (i % 256, i // 256)])
