"""--dump and --profile of a network written by hand; tests/dump_test.py has those that are compiled."""

import os
import re

import tools
from program.pictures import npy_floats
from program.programs import Programs


class Steps(Programs):
    """Each layer's tensor, and its time."""

    def test_dump(self):
        program = self.program(1, 2, 2, FACTOR=3)
        array = self.file("a.npy", npy_floats((1, 2, 2), [1, 2, 3, 4]))
        for _ in range(2):  # into a new folder, and over what is there
            self.assertIn("maximum 12", self.use(program, array, "--dump", "d"))
            self.assertEqual(sorted(os.listdir(self.folder / "d")), ["a%2Fb.npy", "mirror.npy"])
            for name, values in ("a%2Fb", [3, 6, 9, 12]), ("mirror", [3, 4, 1, 2]):
                shape, found = tools.read_npy(self.folder / "d" / f"{name}.npy")
                self.assertEqual((shape, list(found)), ((1, 1, 2, 2), values))
        self.use(program, array, "--dump=e/", "-o", "y.npy", "--json")
        self.assertEqual(len(os.listdir(self.folder / "e")), 2)

    def test_dump_fails(self):
        program = self.program(1, 2, 2, FACTOR=3)
        array = self.file("a.npy", npy_floats((1, 2, 2), [1, 2, 3, 4]))
        (self.folder / "d/mirror.npy").mkdir(parents=True)
        self.refuses(program, array, "--dump", "d", code=4, says="cannot write 'd/mirror.npy': it is a folder")
        self.refuses(program, array, "--dump", "a.npy", code=4, says="cannot make the folder 'a.npy': File exists")
        self.refuses(program, array, "--dump", "d/x/y", code=4, says="cannot make the folder 'd/x/y': No such file")

    def test_profile(self):
        program = self.program(1, 2, 2, MICROSECONDS=3000)
        lines = self.use(program, "--profile", "--bench=4").splitlines()
        self.assertEqual(len(lines), 5)
        self.assertRegex(lines[0], r"^name +layer +output +time \[ms\] +share +GFLOP/s$")
        first = re.fullmatch(r"scale\.\.a/b +mul\+relu +1x2x2 +([\d.]+) +([\d.]+) % +([\d.]+)", lines[1])
        self.assertTrue(3 <= float(first[1]) < 30 and float(first[2]) > 99)
        self.assertEqual(float(first[3]), 0)  # 2000 operations in 3 ms
        self.assertRegex(lines[2], r"^a/b +border +1x2x2 +0\.\d+ +0\.\d %$")
        self.assertRegex(lines[3], r"^total +[\d.]+ +100\.0 % +0\.00$")
        whole = re.fullmatch(r"whole run ([\d.]+) ms; medians of 4 runs", lines[4])
        self.assertTrue(3 <= float(whole[1]) < 30)
        self.assertRegex(self.use(self.program(1, 1, 1), "--profile"), r"medians of 1000 runs\n$")
        self.refuses(self.program(1, 1, 1, RESULT=7), "--profile", code=70, says="code 7")
