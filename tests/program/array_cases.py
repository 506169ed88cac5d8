"""NPY in: types, shapes, batches, and damaged or hostile headers."""

import math
import resource
import struct

from program.pictures import npy, npy_floats
from program.programs import BYTES, Programs

NAN, INFINITY = float("nan"), float("inf")


class Arrays(Programs):
    """NPY in."""

    def test_types(self):
        program = self.program(2, 3, 1)
        for descr, code in (("<f4", "f"), ("<f8", "d"), ("|i1", "b"), ("<i2", "h"), ("<i4", "i"), ("<i8", "q"),
                            ("|u1", "B"), ("<u2", "H"), ("<u4", "I"), ("<u8", "Q")):
            values = [0, 1, 2, 100, 17, 64 if descr[1] == "u" else -64]
            if descr[1] == "f":
                values[2], values[5] = 0.25, -1e30
            data = npy(descr, (2, 3), struct.pack(f"<6{code}", *values))
            self.sees(program, data, values)

    def test_bytes(self):
        """An input of bytes takes arrays of bytes, and batches of them."""
        program = self.program(2, 3, 1, **BYTES)
        self.sees(program, npy("|u1", (2, 3), bytes([0, 1, 127, 128, 254, 255])), [0, 1, 127, 128, 254, 255])
        batch = self.file("b.npy", npy("|u1", (3, 2, 3), bytes(range(18))))
        self.assertEqual(self.result(program, batch), ((3, 2, 3, 1), list(range(18))))
        for descr, code, name in (("<f4", "f", "float32"), ("|i1", "b", "int8"), ("<u8", "Q", "uint64")):
            self.refuses(program, self.file("a.npy", npy(descr, (2, 3), struct.pack(f"<6{code}", *range(6)))),
                         says=f"a.npy' holds {name}, but input 'image' wants uint8")
        self.refuses(program, self.file("a.npy", npy("|u1", (3, 2), bytes(6))), says="is 3x2, but")

    def test_values_are_used_as_they_are(self):
        program = self.program(1, 2, 1, LOW=0, HIGH=1)
        self.sees(program, npy("|u1", (1, 2), bytes([3, 200])), [3, 200])
        _, values = self.result(program, self.file("a.npy", npy_floats((1, 2), [NAN, -INFINITY])))
        self.assertTrue(math.isnan(values[0]) and values[1] == -INFINITY)

    def test_shapes(self):
        values = list(range(6))
        for shape in (2, 3), (2, 3, 1), (1, 2, 3), (2, 1, 3):
            self.assertEqual(self.result(self.program(2, 3, 1), self.file("a", npy_floats(shape, values))),
                             ((2, 3, 1), values))
        chw = self.program(1, 3, 2, LAYOUT="CNN_LAYOUT_CHW")
        self.assertEqual(self.result(chw, self.file("a", npy_floats((2, 1, 3), values))),
                         ((2, 1, 3), values))
        vector = self.program(1, 1, 6)
        for shape in (6,), (1, 6), (1, 1, 6):
            self.assertEqual(self.result(vector, self.file("a", npy_floats(shape, values))), ((6,), values))

    def test_batches(self):
        values = list(range(24))
        for shape, program, wanted in (
                ((4, 2, 3), self.program(2, 3, 1), (4, 2, 3, 1)),
                ((4, 2, 3, 1), self.program(2, 3, 1), (4, 2, 3, 1)),
                ((1, 2, 3, 4), self.program(2, 3, 4), (1, 2, 3, 4)),
                ((4, 6), self.program(1, 1, 6), (4, 6)),
                ((4, 1, 1, 6), self.program(1, 1, 6), (4, 6)),
                ((4, 2, 1, 3), self.program(1, 3, 2, LAYOUT="CNN_LAYOUT_CHW"), (4, 2, 1, 3)),
                ((2, 2, 3, 2), self.program(2, 3, 2, N=2), (2, 2, 3, 2)),
                ((4, 3, 2), self.program(1, 2, 1, N=3), (4, 3, 1, 2, 1)),
                ((2, 12), self.program(1, 1, 12, N=2), (2, 12))):
            with self.subTest(shape=shape):
                self.assertEqual(self.result(program, self.file("a.npy", npy_floats(shape, values))),
                                 (wanted, values))

    def test_wrong_shapes(self):
        program = self.program(2, 3, 1)
        for shape, count in ((3, 2), 6), ((6,), 6), ((), 1), ((4, 3, 2), 24), ((2, 2, 2, 3), 24):
            self.refuses(program, self.file("a.npy", npy_floats(shape, [0] * count)), says="wants 2x3x1")
        self.refuses(program, self.file("a.npy", npy_floats((0, 2, 3), [])), says="empty")
        chw = self.program(1, 3, 2, LAYOUT="CNN_LAYOUT_CHW")
        self.refuses(chw, self.file("a.npy", npy_floats((1, 3, 2), [0] * 6)),
                     says="is 1x3x2, but input 'image' wants 2x1x3 (channels x height x width)")

    def test_headers(self):
        program, body = self.program(2, 3, 1), b"\1\2\3\4\5\6"
        for version in (1, 2, 3):
            self.sees(program, npy("|u1", (2, 3), body, version=version), body)
        for header in ("{'shape':(2,3),'fortran_order':False,'descr':'|u1'}",
                       '{"descr": "|u1", "fortran_order": False, "shape": (2, 3, ), }      '):
            self.sees(program, npy(None, None, body, header=header), body)

    def test_wrong_headers(self):
        program, body = self.program(2, 3, 1), b"\1\2\3\4\5\6"
        for header in ("", "{", "{}", "[]", "{'descr': '|u1'}", "{'descr': 5}", "{'descr': '|u1",
                       "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}",
                       "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)} x",
                       "{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 3)}",
                       "{'descr': '|u1', 'fortran_order': False, 'shape': (2 3)}",
                       "{'descr': '|u1', 'fortran_order': False, 'shape': (6)}",
                       "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3}",
                       "{'descr': '|u1', 'fortran_order': False, 'shape': (-2, 3)}",
                       "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), 'more': 1}",
                       "{'descr': '|u1' 'fortran_order': False, 'shape': (2, 3)}",
                       "{" * 30000, "{'descr': '" + "a" * 60000 + "'}", "{'descr': '|u1'\0}"):
            with self.subTest(header=header[:80]):
                self.refuses(program, self.file("a.npy", npy(None, None, body, header=header)),
                             says="a.npy")

    def test_missing_keys(self):
        for header in ("{}", "{'descr': '|u1', 'shape': (2, 3)}", "{'fortran_order': False, 'shape': (2, 3)}",
                       "{'descr': '|u1', 'fortran_order': False}"):
            for body in b"", b"\1\2\3\4\5\6":
                self.refuses(self.program(2, 3, 1), self.file("a.npy", npy(None, None, body, header=header)),
                             says="each of 'descr', 'fortran_order' and 'shape' expected")

    def test_refused(self):
        program, body = self.program(2, 3, 1), b"\1\2\3\4\5\6"
        for data, says in (
                (npy("|u1", (2, 3), body, order="True"), "Fortran order"),
                (npy("|O", (2, 3), body), "pickled Python objects"),
                (npy(">f4", (2, 3), body * 4), "big-endian"),
                (npy(None, None, body, header="{'descr': [('x', '<f4')], 'fortran_order': False, "
                     "'shape': (2, 3)}"), "structure"),
                (npy("|u1", (2, 3), body + b"7"), "holds 7 bytes of elements; its header says 6"),
                (npy("|u1", (1,) * 7, body), "more than 6 axes"),
                (npy("<f8", "(2147483647, 2147483647, 2147483647)", body), "overflows"),
                (npy("|u1", "(2147483648, 3)", body), "above 2147483647"),
                (npy("|u1", "(99999999999999999999999999, 3)", body), "above 2147483647"),
                (b"\x93NUMPY\2\0" + struct.pack("<I", 65537) + b" " * 70000, "the limit is 65536"),
                (b"\x93NUMPY\2\0\xff\xff\xff\xff", "the limit is 65536"),
                (b"\x93NUMPY\4\0\x10\0" + b" " * 20, "version 4"),
                (npy("<f4", (1000000, 2, 3), body), "its header says 24000000")):
            with self.subTest(says=says):
                self.refuses(program, self.file("a.npy", data), says=says)

    def test_asking_for_much_in_few_bytes(self):
        """Refused before anything of that size is allocated."""
        data = npy("<f4", (1 << 30, 2, 3), b"")
        program = self.program(2, 3, 1)
        small = {} if self.flags else \
            {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 26, 1 << 26))}
        self.use(program, self.file("a.npy", data), code=1, says="holds 0 bytes of elements", **small)
