#!/usr/bin/env python3
"""What onnx_files.py writes, byte by byte from the definition of the wire format; that it reads what it wrote, and the
models that Debian's libonnx-testdata has."""

from pathlib import Path

import onnx_files as onnx
import tools

DATA = Path("/usr/share/libonnx-testdata/data")
counter = tools.Counter()


def wire():
    counter.check(onnx.varint(300) == b"\xac\x02", "300 is 0b10_0101100, seven bits a byte")
    counter.check(onnx.varint(-1) == b"\xff" * 9 + b"\x01", "-1 is 64 ones")
    counter.check(onnx.field(7, onnx.LENGTH, b"ab") == b"\x3a\x02ab", "7 << 3 | 2 is 0x3a")
    relu = onnx.encode("Node", onnx.node("Relu", ["x"], ["y"]))
    counter.check(relu == b"\x0a\x01x\x12\x01y\x22\x04Relu", "a node of two names and an operator")
    pads = onnx.encode("Attribute", onnx.attribute("pads", [1, 0]))
    counter.check(pads == b"\x0a\x04pads\x40\x01\x40\x00\xa0\x01\x07", "ints are field 8, the type 7 is field 20")
    sizes = onnx.encode("Tensor", onnx.tensor("w", [2, 1], [1.0, -2.0], raw=False))
    counter.check(sizes ==
                  b"\x0a\x02\x02\x01\x10\x01\x42\x01w\x22\x08\0\0\x80\x3f\0\0\0\xc0",
                  "a tensor, its numbers packed")
    broken = onnx.encode("Model", {"graph": b"\xff", "ir_version": 8})
    counter.check(broken == b"\x3a\x01\xff\x08\x08", "bytes in place of a message stay as they are")


def elements():
    cases = {"FLOAT": [0.5, -3.0], "DOUBLE": [0.1], "FLOAT16": [-0.25, 3.0], "INT8": [-128, 127], "UINT8": [255],
             "INT32": [-1], "INT64": [-(1 << 63), 7], "UINT64": [(1 << 64) - 1], "BOOL": [True, False], "UINT16": [65535]}
    for kind, values in cases.items():
        for raw in (True, False):
            data = onnx.encode("Tensor", onnx.tensor("t", [len(values)], values, kind, raw))
            read = onnx.tensor_values(onnx.decode("Tensor", data))
            read = [v % (1 << 64) for v in read] if kind == "UINT64" else read
            counter.check(read == values, f"{kind}, {'raw' if raw else 'in its own field'}", read)
    brain = onnx.tensor_values(onnx.tensor("t", [1], [0x3fc0], "BFLOAT16"))
    counter.check(brain == [1.5], "a bfloat16 has the upper half of a float's bits", brain)


def models():
    node = onnx.node("Conv", ["x", "w"], ["y"], name="first", pads=[1, 1, 1, 1], group=1, auto_pad="NOTSET", alpha=0.5)
    graph = onnx.graph([node], [onnx.value("x", ["n", 3, None, 8])], [onnx.value("y", [])],
                       [onnx.tensor("w", [1, 3, 1, 1], [1.0, 2.0, 3.0])])
    read = onnx.decode("Model", onnx.model(graph, opset=13))
    counter.check(read["opset_import"] == [{"domain": "", "version": 13}], "the opset", read)
    counter.check(onnx.attributes(read["graph"]["node"][0]) ==
                  {"pads": [1, 1, 1, 1], "group": 1, "auto_pad": b"NOTSET", "alpha": 0.5}, "attributes", read)
    counter.check(onnx.dimensions(read["graph"]["input"][0]) == ["n", 3, None, 8], "sizes", read)
    counter.check(onnx.dimensions(read["graph"]["output"][0]) == [], "a scalar has a shape of no sizes", read)
    counter.check(onnx.dimensions(onnx.value("z")) is None, "no shape is not that of a scalar")
    opens = [onnx.is_open(onnx.value("z", dims)) for dims in (None, ["n", 3], [None], [], [2, 3])]
    counter.check(opens == [True, True, True, False, False], "which shapes are open", opens)
    counter.check(onnx.tensor_values(read["graph"]["initializer"][0]) == [1, 2, 3], "an initializer", read)


def installed():
    """Every model of the backend tests means the same after it was read and written."""
    files = sorted(DATA.glob("*/*/model.onnx"))
    if not files:
        counter.skip("installed models", "libonnx-testdata is not installed")
    for path in files:
        read = onnx.read_model(path)
        counter.check(read.get("graph") and onnx.decode("Model", onnx.encode("Model", read)) == read, path)


wire()
elements()
models()
installed()
counter.finish()
