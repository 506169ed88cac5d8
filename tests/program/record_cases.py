"""--json and --csv, read back with Python's own readers."""

import csv
import io
import json
import struct

from program.pictures import npy_floats, png
from program.programs import Programs, float32

NAN, INFINITY = float("nan"), float("inf")
COLUMNS = ["file", "image", "output", "rank", "class", "label", "value", "min", "max", "mean"]


def no_constants(text):
    raise ValueError(f"{text} is no JSON")


class Records(Programs):
    """Results for other programs."""

    def documents(self, *words, **options):
        lines = self.use(*words, "--json", **options).split("\n")
        self.assertEqual(lines.pop(), "")
        return [json.loads(line, parse_constant=no_constants) for line in lines]

    def rows(self, *words, **options):
        text = self.use(*words, "--csv", **options)
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        self.assertEqual(header, COLUMNS)
        self.assertTrue(all(len(row) == len(COLUMNS) for row in rows), text)
        return rows

    def vector(self, name, *values):
        return self.file(name, npy_floats((len(values),), values))

    def test_classes(self):
        program = self.program(1, 1, 3, LABELS='"cat","white dog"')
        self.vector("a.npy", 0.1, 0.5, 0.2)
        document, = self.documents(program, "a.npy")
        self.assertEqual([(c["index"], c["label"], float32(c["value"])) for c in document["outputs"]["result"]["classes"]],
                         [(1, "white dog", 0.5), (2, None, float32(0.2)), (0, "cat", float32(0.1))])
        self.assertEqual((document["file"], set(document), set(document["outputs"]["result"])),
                         ("a.npy", {"file", "outputs"}, {"shape", "classes"}))
        self.assertEqual(document["outputs"]["result"]["shape"], [3])
        rows = self.rows(program, "a.npy", "--top=2")
        self.assertEqual([row[:6] + row[7:] for row in rows],
                         [["a.npy", "", "result", "1", "1", "white dog", "", "", ""],
                          ["a.npy", "", "result", "2", "2", "", "", "", ""]])
        self.assertEqual([float32(float(row[6])) for row in rows], [0.5, float32(0.2)])

    def test_five_classes_unless_top_says(self):
        program = self.program(1, 1, 9)
        self.vector("a.npy", *range(9)), self.vector("b.npy", *range(9))
        for words, count in ([], 5), (["--top", "1"], 1), (["--top", "99"], 9):
            for document in self.documents(program, "a.npy", "b.npy", *words):
                self.assertEqual([c["index"] for c in document["outputs"]["result"]["classes"]],
                                 list(range(8, 8 - count, -1)))
            self.assertEqual(len(self.rows(program, "a.npy", "b.npy", *words)), 2 * count)

    def test_numbers_come_back(self):
        """Nine digits tell every float32 from its neighbours."""
        values = [struct.unpack("<f", struct.pack("<I", bits))[0]
                  for bits in (0x3f800001, 0x00000001, 0x7f7fffff, 0x80800000, 0x3dcccccd, 0x4b7fffff)]
        program = self.program(1, 1, len(values))
        self.vector("a.npy", *values)
        document, = self.documents(program, "a.npy", "--top=9")
        self.assertEqual({c["index"]: float32(c["value"]) for c in document["outputs"]["result"]["classes"]},
                         dict(enumerate(values)))
        self.assertEqual({int(row[4]): float32(float(row[6])) for row in self.rows(program, "a.npy", "--top=9")},
                         dict(enumerate(values)))

    def test_what_is_no_number(self):
        program = self.program(1, 1, 4)
        self.vector("a.npy", NAN, INFINITY, -INFINITY, 2)
        document, = self.documents(program, "a.npy")
        self.assertEqual([(c["index"], c["value"]) for c in document["outputs"]["result"]["classes"]],
                         [(1, None), (3, 2), (2, None), (0, None)])
        self.assertEqual([row[6] for row in self.rows(program, "a.npy")], ["inf", "2", "-inf", "nan"])
        maps = self.program(1, 2, 1)
        self.file("m.npy", npy_floats((1, 2), [NAN, -INFINITY]))
        document, = self.documents(maps, "m.npy")
        self.assertEqual(document["outputs"]["result"], {"shape": [1, 2, 1], "min": None, "max": None, "mean": None,
                                                         "infinite": 1, "nan": 1})
        self.assertEqual(self.rows(maps, "m.npy"), [["m.npy", "", "result"] + [""] * 4 + ["nan"] * 3])

    def test_maps(self):
        for layout, shape in ("CNN_LAYOUT_HWC", [1, 2, 3]), ("CNN_LAYOUT_CHW", [3, 1, 2]):
            program = self.program(1, 2, 3, LAYOUT=layout)
            self.file("m.npy", npy_floats(shape, [1, -2, 3, 8, 0.5, 1.5]))
            document, = self.documents(program, "m.npy")
            self.assertEqual(document["outputs"]["result"],
                             {"shape": shape, "min": -2, "max": 8, "mean": 2, "infinite": 0, "nan": 0})
            self.assertEqual(self.rows(program, "m.npy"), [["m.npy", "", "result", "", "", "", "", "-2", "8", "2"]])

    def test_several_files_inputs_and_outputs(self):
        program = self.program(1, 1, 2, TWO=1)
        for name, values in ("a", (1, 5)), ("b", (3, 9)), ("c", (0, 1)):
            self.vector(f"{name}.npy", *values)
        first, second = self.documents(program, "b=b.npy", "a.npy", "c.npy")
        self.assertEqual((first["file"], first["inputs"]), ("a.npy", {"a": "a.npy", "b": "b.npy"}))
        self.assertEqual((second["file"], second["inputs"]), ("c.npy", {"a": "c.npy", "b": "b.npy"}))
        self.assertEqual(list(first["outputs"]), ["sum", "difference"])
        self.assertEqual([c["value"] for c in second["outputs"]["difference"]["classes"]], [-3, -8])
        self.assertEqual([[row[0], row[2], row[6]] for row in self.rows(program, "b=b.npy", "a.npy", "c.npy", "--top=1")],
                         [["a.npy", "sum", "14"], ["a.npy", "difference", "-2"], ["c.npy", "sum", "10"],
                          ["c.npy", "difference", "-3"]])

    def test_batches(self):
        program = self.program(1, 1, 2)
        self.file("b.npy", npy_floats((3, 2), range(6))), self.vector("a.npy", 7, 8)
        documents = self.documents(program, "b.npy", "a.npy", "--top=1")
        self.assertEqual([(d["file"], d.get("image"), d["outputs"]["result"]["classes"][0]["value"]) for d in documents],
                         [("b.npy", 0, 1), ("b.npy", 1, 3), ("b.npy", 2, 5), ("a.npy", None, 8)])
        self.assertEqual([row[:2] for row in self.rows(program, "b.npy", "a.npy", "--top=1")],
                         [["b.npy", "0"], ["b.npy", "1"], ["b.npy", "2"], ["a.npy", ""]])
        wide = self.program(1, 2, 1, N=2)
        self.file("w.npy", npy_floats((2, 2, 1, 2), range(8)))
        documents = self.documents(wide, "w.npy")
        self.assertEqual([(d["image"], d["outputs"]["result"]["shape"], d["outputs"]["result"]["mean"]) for d in documents],
                         [(0, [1, 2, 1], 0.5), (1, [1, 2, 1], 2.5), (2, [1, 2, 1], 4.5), (3, [1, 2, 1], 6.5)])
        self.assertEqual([(row[1], row[9]) for row in self.rows(wide, "w.npy")],
                         [("0", "0.5"), ("1", "2.5"), ("2", "4.5"), ("3", "6.5")])

    def test_strange_names(self):
        labels = 'a "b", c', "x,y", "new\nline\r\n", "tab\tquote'", "back\\slash", "\x1b[31mred", "ähre ✓ 🐶", ""
        quoted = ",".join('"' + "".join(f"\\{byte:03o}" for byte in label.encode()) + '"' for label in labels)
        program = self.program(1, 1, len(labels), LABELS=quoted)
        values = range(len(labels), 0, -1)
        for name in 'comma,quote".npy', "new\nline.npy", "ü.npy", "back\\slash\t.npy":
            self.vector(name, *values)
            document, = self.documents(program, name, "--top=99")
            self.assertEqual(document["file"], name)
            self.assertEqual([c["label"] for c in document["outputs"]["result"]["classes"]], list(labels))
            rows = self.rows(program, name, "--top=99")
            self.assertEqual([row[0] for row in rows], [name] * len(labels))
            self.assertEqual([row[5] for row in rows], list(labels))

    def test_names_that_are_no_text(self):
        """JSON is UTF-8: what is not becomes U+FFFD, byte by byte."""
        program = self.program(1, 1, 3, LABELS='"\\377x","\\303","\\355\\240\\200\\360\\220\\200\\200"')
        self.vector("v.npy", 3, 2, 1)
        document, = self.documents(program, "v.npy")
        self.assertEqual([c["label"] for c in document["outputs"]["result"]["classes"]],
                         ["\ufffdx", "\ufffd", "\ufffd\ufffd\ufffd\U00010000"])
        name = b"\xffname\xc0\x80.npy".decode("utf-8", "surrogateescape")
        self.vector(name, 1, 2, 3)
        document, = self.documents(program, name)
        self.assertEqual(document["file"], "\ufffdname\ufffd\ufffd.npy")

    def test_files_that_are_written(self):
        program = self.program(1, 2, 1, TWO=1)
        self.file("a.png", png(1, 2, [1, 3])), self.file("b.png", png(1, 2, [5, 5]))
        document, = self.documents(program, "a.png", "b.png", "-o", "sum=out/", "--format=png")
        self.assertEqual(document["outputs"]["sum"]["written"], "out/a.sum.png")
        self.assertNotIn("written", document["outputs"]["difference"])
        self.assertEqual(document["outputs"]["sum"]["mean"], 7)
        self.assertTrue((self.folder / "out/a.sum.png").exists())
        self.assertEqual(len(self.rows(program, "a.png", "b.png", "-o", "out/")), 2)

    def test_wrong_files_have_no_document(self):
        program = self.program(1, 1, 2)
        self.vector("a.npy", 1, 2), self.vector("c.npy", 3, 4), self.file("b.npy", b"wrong")
        documents = self.documents(program, "a.npy", "b.npy", "c.npy", code=1, says="'b.npy': neither PNG")
        self.assertEqual([d["file"] for d in documents], ["a.npy", "c.npy"])
        rows = self.rows(program, "a.npy", "b.npy", "c.npy", "--top=1", code=1, says="'b.npy': neither PNG")
        self.assertEqual([row[0] for row in rows], ["a.npy", "c.npy"])
        self.assertEqual(self.documents(program, "b.npy", code=1), [])
        self.assertEqual(self.rows(program, "b.npy", code=1), [])
