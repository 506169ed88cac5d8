#!/usr/bin/env python3
"""Weights of every type and format: what a network gets from them, bit by bit, and what it does not take."""

import json
import math
import random
import struct
import sys
import zipfile
from itertools import product
from math import prod
from pathlib import Path

import tools
from compiled import Compiled
from weight_files import Entry, brain_bits, loaded, npy, npz, packed, safetensors, zip_archive

# A layer of every kind with tensors, and their shapes in PyTorch's order and in Keras's.
EVERY_KIND = """network n {{
    input x: 4x5x3
    y = x -> c: conv(2x3, 4, bias = false) -> d: depthwise(1x2, multiplier = 2) -> g: conv(1, 6, groups = 2)
          -> b: batchnorm -> p: prelu(per_channel = true) -> t: deconv(2x1, 4, groups = 2) -> flatten(order = hwc)
          -> e: dense(2)
    output o = y
    weights "{file}"{attributes}
}}
"""
TENSORS = {"c.weight": ((4, 3, 2, 3), (2, 3, 3, 4)), "d.weight": ((8, 1, 1, 2), (1, 2, 4, 2)), "d.bias": ((8,),) * 2,
           "g.weight": ((6, 4, 1, 1), (1, 1, 4, 6)), "g.bias": ((6,),) * 2, "b.weight": ((6,),) * 2,
           "b.bias": ((6,),) * 2, "b.running_mean": ((6,),) * 2, "b.running_var": ((6,),) * 2,
           "p.weight": ((6,),) * 2, "t.weight": ((6, 2, 2, 1), (2, 1, 2, 6)), "t.bias": ((4,),) * 2,
           "e.weight": ((2, 32), (32, 2)), "e.bias": ((2,),) * 2}
CODES = {"F32": "f", "F64": "d", "F16": "e"}
ONE_TENSOR = "network n {{\n    input x: 1x1x1\n    output y = x -> c: conv(1, {count}, bias = false)\n}}\n"


def bits(values):
    return list(struct.unpack(f"<{len(values)}I", values.tobytes()))


def single(value):
    """The bits of a Python number as float32."""
    return struct.unpack("<I", struct.pack("<f", value))[0]


class Folder:
    """A folder with files of the test."""

    def __init__(self, counter, path):
        self.counter, self.path = counter, path

    def write(self, name, content):
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def one_tensor(self, kind, data, count):
        """The bits of the floats that a tensor of this type becomes."""
        network = self.write("net.cnn", ONE_TENSOR.format(count=count))
        weights = self.write("net.safetensors", safetensors({"c.weight": (kind, [count, 1, 1, 1], data)}))
        values, printed = loaded(network, weights)
        if self.counter.check(values and not printed, f"{kind} is read", printed):
            return bits(values)
        return [None] * count


def halves(counter, folder):
    """All 65,536 halves: finite and infinite ones as Python reads them, NaN with sign and payload in their place."""
    numbers = range(1 << 16)
    found = folder.one_tensor("F16", packed("H", numbers), 1 << 16)
    wrong = []
    for half, got in zip(numbers, found):
        value = struct.unpack("<e", struct.pack("<H", half))[0]
        nan = (half >> 15) << 31 | 0xff << 23 | (half & 0x3ff) << 13
        if got != (nan if math.isnan(value) else single(value)):
            wrong.append(f"{half:#06x}: {got:#010x}, Python reads {value}")
    counter.check(not wrong, "F16: every half", "\n".join(wrong[:5]))


def brain_floats(counter, folder):
    """All 65,536 of them are floats of which the lower half is zero."""
    found = folder.one_tensor("BF16", packed("H", range(1 << 16)), 1 << 16)
    counter.check(found == [upper << 16 for upper in range(1 << 16)], "BF16: every brain float")
    counter.check(brain_bits(-2.5) << 16 == single(-2.5), "the test's own brain floats")


def doubles(counter, folder):
    """Rounded to the nearest float, ties to even, as Python packs them."""
    values = [0.0, -0.0, 1.0, 1 / 3, -1e-3, 1 + 2.0 ** -24, 1 + 3 * 2.0 ** -24, 1 + 2.0 ** -24 + 2.0 ** -50,
              2.0 ** -149, 2.0 ** -150, 3 * 2.0 ** -150, 2.0 ** -1074, 2.0 ** -126 - 2.0 ** -150, math.inf, -math.inf,
              3.4028234663852886e38, -3.4028235677973360e38]
    found = folder.one_tensor("F64", packed("d", values), len(values))
    counter.check(found == [single(v) for v in values], "F64: rounded to nearest", f"{found}")
    got = folder.one_tensor("F64", packed("d", [math.nan]), 1)
    counter.check(math.isnan(struct.unpack("<f", struct.pack("<I", got[0]))[0]), "F64: NaN")
    network = folder.write("net.cnn", ONE_TENSOR.format(count=2))
    for large in (3.4028235677973366e38, -1e300):  # half a step above the largest float rounds up
        weights = folder.write("net.safetensors",
                               safetensors({"c.weight": ("F64", [2, 1, 1, 1], packed("d", [1, large]))}))
        found, printed = loaded(network, weights)
        counter.check(found is None and "more than a 32-bit float can" in printed, f"F64: {large}", printed)


# --- one network in every format ---

def made_up_values(rng):
    """{name: values in PyTorch's order}, each exact in every type."""
    return {name: [rng.randint(-127, 127) / 4 for _ in range(prod(shape))] for name, (shape, _) in TENSORS.items()}


def in_keras_order(name, values):
    """From [O][I][R][S] to [R][S][I][O]; a depthwise [C*M][1][R][S] to [R][S][C][M], in which C*M is one axis."""
    shape = TENSORS[name][0]
    if len(shape) == 1:
        return values
    outputs, inputs, *taps = shape
    taps = prod(taps)
    return [values[(o * inputs + i) * taps + tap] for tap, i, o in product(range(taps), range(inputs), range(outputs))]


def in_fortran_order(shape, values):
    """From the last index running fastest to the first."""
    strides = [prod(shape[axis + 1:]) for axis in range(len(shape))]
    indices = product(*(range(size) for size in reversed(shape)))
    return [values[sum(i * stride for i, stride in zip(reversed(index), strides))] for index in indices]


def stored(values, keras):
    """{name: (shape, values)} as a file has them."""
    return {name: (TENSORS[name][keras], in_keras_order(name, v) if keras else v) for name, v in values.items()}


def as_safetensors(tensors, kind):
    def data(values):
        if kind == "BF16":
            return packed("H", [brain_bits(value) for value in values])
        return packed(CODES[kind], values)
    return safetensors({name: (kind, shape, data(values)) for name, (shape, values) in tensors.items()})


def as_npz(tensors, descr, fortran=False, version=1, method=zipfile.ZIP_STORED):
    code = {"2": "e", "4": "f", "8": "d"}[descr[2]]
    arrays = {}
    for name, (shape, values) in tensors.items():
        values = in_fortran_order(shape, values) if fortran else values
        arrays[name] = npy(descr, shape, packed(code, values, descr[0]), fortran, version)
    return npz(arrays, method)


def every_format(tensors):
    """(what it is, file's name, content); the names tell nothing."""
    for kind in ("F32", "F64", "F16", "BF16"):
        yield f"safetensors of {kind}", "net.npz", as_safetensors(tensors, kind)
    for descr, fortran, method in product(("<f4", ">f4", "<f8", ">f8", "<f2", ">f2"), (False, True),
                                          (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)):
        yield f"npz of {descr}, fortran {fortran}, method {method}", "net.safetensors", \
            as_npz(tensors, descr, fortran, method=method)
    for version in (2, 3):
        yield f"npz of version {version}", "net", as_npz(tensors, "<f4", version=version)


def formats(counter, folder):
    """The same bits, whatever they are stored in, in either order, with and without a prefix."""
    values = made_up_values(random.Random(1))
    wanted = [v for name in TENSORS for v in values[name]]
    for keras, prefix in ((False, ""), (True, ""), (False, "model."), (True, "a.b.")):
        tensors = {prefix + name: tensor for name, tensor in stored(values, keras).items()}
        attributes = (", order = hwio" if keras else "") + (f', prefix = "{prefix}"' if prefix else "")
        for what, name, content in every_format(tensors):
            folder.write(name, content)
            network = folder.write("net.cnn", EVERY_KIND.format(file=name, attributes=attributes))
            found, printed = loaded(network)
            counter.check(found and list(found) == wanted and not printed, f"{what}{attributes}", printed)


def compiled(counter, folder):
    """The compiled networks compute the same bits."""
    values, rng = made_up_values(random.Random(2)), random.Random(3)
    image, results = [rng.uniform(-1, 1) for _ in range(60)], []
    for what, name, content in (("safetensors", "a", as_safetensors(stored(values, False), "F32")),
                                ("npz of doubles", "b", as_npz(stored(values, True), ">f8", True,
                                                               method=zipfile.ZIP_DEFLATED))):
        folder.write(name, content)
        order = ", order = hwio" if name == "b" else ""
        network = folder.write("net.cnn", EVERY_KIND.format(file=name, attributes=order))
        results.append(bits(Compiled(network, folder.path).run([image], [2])[0]))
    counter.check(results[0] == results[1] and any(results[0]), "compiled from safetensors and npz", results)


def parameters(counter, folder):
    """Parameter layers: channels first or last as the order says, and any number of axes of size 1."""
    def found(size, shape, order="oihw"):
        network = folder.write("net.cnn", f"""network n {{
            input x: {size}
            output y = x + ({size} -> "a.b": parameter)
            weights "net.safetensors", order = {order}
        }}
        """)
        values = list(range(1, prod(shape) + 1))
        folder.write("net.safetensors", safetensors({"a.b": ("F32", shape, packed("f", values))}))
        return loaded(network)

    def last_to_first(n, h, w, c):
        return [1 + ((i * h * w) + p) * c + k for i in range(n) for k in range(c) for p in range(h * w)]
    for size, shapes in {"1x1x4": ([4], [4, 1, 1], [1, 4], [1, 1, 1, 4, 1, 1]), "1x1": ([1], [], [1, 1, 1]),
                         "2x3x4": ([4, 2, 3], [1, 4, 2, 3]), "2x2x3x4": ([2, 4, 2, 3],), "5x1x4": ([4, 5], [4, 5, 1])}.items():
        for shape in shapes:
            got, printed = found(size, shape)
            counter.check(got and list(got) == list(range(1, prod(shape) + 1)), f"parameter {size} of {shape}", printed)
    for size, shape in {"2x3x4": (1, 2, 3, 4), "2x2x3x4": (2, 2, 3, 4), "5x1x4": (1, 5, 1, 4)}.items():
        for ones in (shape, [n for n in shape if n > 1]):
            got, printed = found(size, ones, "hwio")
            counter.check(got and list(got) == last_to_first(*shape), f"parameter {size} of {ones} in hwio", printed)
    for size, shape, order in (("1x1x4", [5], "oihw"), ("2x3x4", [2, 3, 4], "oihw"), ("2x3x4", [4, 2, 3], "hwio"),
                               ("2x3x4", [4, 6], "oihw"), ("1x1x4", [4, 2], "oihw"), ("1x1x4", [], "oihw")):
        got, printed = found(size, shape, order)
        counter.check(got is None and "'a.b' is" in printed, f"parameter {size} of {shape} in {order}", printed)


def sequences(counter, folder):
    """Kernels of height 1 as PyTorch's Conv1d and ConvTranspose1d and Keras's Conv1D have them, of three dimensions."""
    def found(shapes, order="oihw", kernel="1x3"):
        network = folder.write("net.cnn", f"""network n {{
            input x: 1x8x2
            output y = x -> c: conv({kernel}, 5, padding = same, bias = false) -> d: depthwise({kernel}, padding = same, bias = false)
                -> u: deconv({kernel}, 4, bias = false)
            weights "net.safetensors", order = {order}
        }}
        """)
        tensors = {f"{name}.weight": ("F32", shape, packed("f", range(prod(shape)))) for name, shape in zip("cdu", shapes)}
        folder.write("net.safetensors", safetensors(tensors))
        return loaded(network)
    whole = found(([5, 2, 1, 3], [5, 1, 1, 3], [5, 4, 1, 3]))
    counter.check(whole[0] and list(whole[0]) == [*range(30), *range(15), *range(60)], "kernels of height 1", whole[1])
    counter.check(found(([5, 2, 3], [5, 1, 3], [5, 4, 3])) == whole, "kernels of sequences")
    keras = found(([1, 3, 2, 5], [1, 3, 5, 1], [1, 3, 4, 5]), "hwio")
    counter.check(keras[0] and found(([3, 2, 5], [3, 5, 1], [3, 4, 5]), "hwio") == keras, "kernels of sequences in hwio", keras[1])
    for shapes, kernel in ((([5, 3, 2], [5, 1, 3], [5, 4, 3]), "1x3"), (([5, 2, 3], [5, 1, 3], [5, 4, 3]), "3x1")):
        got, printed = found(shapes, kernel=kernel)
        counter.check(got is None and "'c.weight' is" in printed, f"kernels of {shapes} for {kernel}", printed)


# --- shards ---

def shards(counter, folder):
    """Tensors spread over files: those that are needed are read, and no others; their paths stay beneath the index."""
    values = made_up_values(random.Random(5))
    wanted = [v for name in TENSORS for v in values[name]]
    tensors = stored(values, False)
    (folder.path / "model" / "parts").mkdir(parents=True)
    where = {name: ("one.safetensors", "parts/two.safetensors", "parts/../three")[i % 3] for i, name in enumerate(tensors)}
    for file in set(where.values()):
        part = {name: tensor for name, tensor in tensors.items() if where[name] == file}
        folder.write(f"model/{file}", as_safetensors(part, "BF16" if "two" in file else "F32"))
    index = "model/model.safetensors.index.json"

    def found(network_path, more=()):
        folder.write(index, "\n " + json.dumps({"metadata": {}, "weight_map": {**where, **dict(more)}}))
        network = folder.write("net.cnn", EVERY_KIND.format(file=network_path, attributes=""))
        return loaded(network)

    got, printed = found(index)
    counter.check(got and list(got) == wanted and not printed, "shards", printed)
    got, printed = loaded(folder.write("net.cnn", EVERY_KIND.format(file="none", attributes="")), folder.path / index)
    counter.check(got and list(got) == wanted and not printed, "shards from the command line", printed)
    got, printed = found(index, {"head.num_batches_tracked": "not-there.safetensors"})
    counter.check(got and list(got) == wanted and not printed, "a shard that is not needed is not read", printed)
    found(index)
    done = tools.cnnc("-c", "net.cnn", "-o", "net.o", "-MF", "rule", cwd=folder.path)
    rule = (folder.path / "rule").read_text() if done.returncode == 0 else done.stderr
    counter.check(all(f"model/{file}" in rule for file in ("one.safetensors", "parts/two.safetensors", "three")),
                  "a rule for make names the shards", rule)
    (folder.path / "model" / "link").symlink_to("one.safetensors")
    got, printed = found(index, {"c.weight": "link"})
    counter.check(got is None and "'link': it is a symbolic link" in printed, "a link", printed)
    for path in ("parts", "../net.cnn", "", "/dev/zero"):
        got, printed = found(index, {"c.weight": path})
        counter.check(got is None and f"cannot read the shard '{path}'" in printed, f"a shard at '{path}'", printed)
    folder.write("model/model.safetensors.index.json", "{" + " " * (16 << 20))
    got, printed = loaded(folder.path / "net.cnn")
    counter.check("it has 16777217 bytes; the limit is 16777216" in printed, "a large index", printed)


# --- one array ---

HEADS = [  # of an array of two floats; whether it is one
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", True),
    ("{'descr':'<f4','fortran_order':False,'shape':(2,)}", True),
    ('{"shape": (2,), "fortran_order": False, "descr": "<f4"}', True),
    ("  {\t'shape' : ( 2 , ) , 'descr' : '<f4' ,\n 'fortran_order' : False }  ", True),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': [2]}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (,2)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3)}", False),
    ("{'descr': '<f4', 'fortran_order': False}", False),
    ("{'descr': '<f4', 'shape': (2,)}", False),
    ("{'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'shape': (2,)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}", False),
    ("{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", False),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\0", False),
    ("{'descr': '<f4\0', 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': <f4, 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr: <f4, fortran_order: False, shape: (2,)}", False),
    ("{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': '', 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': '<f4444444444444444444444', 'fortran_order': False, 'shape': (2,)}", False),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", False),
    ("{}", False), ("", False), ("(2,)", False), ("{" * 60000, False),
]
VECTOR = """network n {
    input x: 1x1x2
    output y = x -> p: prelu(per_channel = true)
}
"""


def heads(counter, folder):
    """The compiler, for weights, and a compiled program, for an input, agree on what an array is."""
    network = folder.write("net.cnn", VECTOR)
    done = tools.cnnc("--weights=random:1", network, "-o", folder.path / "net")
    counter.check(done.returncode == 0, "a program", done.stderr)
    data = packed("f", [1.5, -2])
    for head, sound in HEADS:
        for version in (1, 2, 3):
            array = folder.write("array", npy(None, None, data, head=head, version=version))
            values, printed = loaded(network, array)
            ran = tools.run([folder.path / "net", array])
            good = (values is not None) == sound and (not sound or list(values) == [1.5, -2])
            counter.check(good, f"head {head[:90]}, version {version}, as weights", printed)
            counter.check(ran.returncode == (0 if sound else 1), f"head {head[:90]}, version {version}, as an input",
                          ran.stderr)


def one_array(counter, folder):
    """An NPY file is for a network of one tensor, whatever that is called; all it can be is read."""
    network = folder.write("net.cnn", VECTOR)
    for descr, code in (("<f4", "f"), (">f4", "f"), ("<f8", "d"), (">f8", "d"), ("<f2", "e"), (">f2", "e")):
        for fortran in (False, True):
            array = folder.write("array.npy", npy(descr, (2,), packed(code, [0.5, -0.0], descr[0]), fortran))
            values, printed = loaded(network, array)
            counter.check(values and bits(values) == [single(0.5), single(-0.0)], f"one array of {descr}", printed)
    old = "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }"
    values, printed = loaded(network, folder.write("array.npy", npy(None, None, packed("f", [1, 2]), head=old)))
    counter.check(values and list(values) == [1, 2], "as Python 2 wrote it", printed)
    for descr, size in (("<i4", 4), ("|b1", 1), ("<c8", 8), ("<U3", 12), ("|S5", 5), ("<M8[ns]", 8), ("<f16", 16), ("|V2", 2)):
        values, printed = loaded(network, folder.write("array.npy", npy(descr, (2,), bytes(2 * size))))
        counter.check(values is None and f"is {descr} in" in printed and "weights are floats" in printed, descr, printed)
    values, printed = loaded(network, folder.write("array.npy", npy("<f4", (1, 2), bytes(8))))
    counter.check("'p.weight' is [2] here, but [1, 2] in" in printed, "of another rank", printed)
    network = folder.write("net.cnn", "network n {\n    input x: 2x2\n    output y = x -> relu\n}\n")
    values, printed = loaded(network, folder.path / "array.npy")
    counter.check("the network wants 0 tensors" in printed, "for a network that wants none", printed)


# --- hostile files ---

def damaged(counter, folder):
    """Sound files cut off, and with bytes replaced, each of them: refused, or read; never a crash."""
    network = folder.write("net.cnn", VECTOR)
    vector = npy("<f4", (2,), packed("f", [1, 2]))
    files = {"npy": vector, "npz": zip_archive([Entry("p.weight.npy", vector, method=8)]),
             "stored": zip_archive([Entry("p.weight.npy", vector)])}
    rng = random.Random(4)
    for what, sound in files.items():
        values, printed = loaded(network, folder.write("weights", sound))
        counter.check(values and list(values) == [1, 2], f"{what} is sound", printed)
        cases = [sound[:length] for length in range(0, len(sound), 3)]
        for _ in range(80):
            at = rng.randrange(len(sound))
            cases.append(sound[:at] + bytes([rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))]) + sound[at + 1:])
        for case in cases:
            values, printed = loaded(network, folder.write("weights", case))
            counter.check((values is None) == bool(printed), f"damaged {what}", printed)


def absurd(counter, folder):
    """Counts and sizes that nothing stands behind cost neither time nor memory."""
    network = folder.write("net.cnn", VECTOR)
    vector = npy("<f4", (2,), packed("f", [1, 2]))

    def refuses(what, content, text):
        values, printed = loaded(network, folder.write("weights", content))
        counter.check(values is None and text in printed, what, printed)

    refuses("more entries than there are", zip_archive([Entry("p.weight.npy", vector)], count=60000), "as a zip archive")
    zip64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 46 << 40, 0) \
        + b"PK\6\7" + struct.pack("<IQI", 0, 0, 1) + b"PK\5\6" + b"\xff" * 16 + b"\0\0"
    refuses("2^40 entries", b"PK\3\4" + zip64, "as a zip archive")
    long_head = npy(None, None, b"", version=1, head="{" + " " * 65000)
    refuses("a gigabyte of heads", zip_archive([Entry(f"{i}.npy", long_head, method=8) for i in range(16000)]),
            "no sound NPZ file: entry '0.npy': byte")
    padded = npy(None, None, packed("f", [1, 2]), head="{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}" + " " * 64000)
    refuses("a gigabyte of sound heads", zip_archive([Entry(f"{i}.npy", padded, method=8) for i in range(16000)]),
            "the heads of its entries are more than 16777216 bytes")
    refuses("as many entries as need Zip64", npz({str(i): b"" for i in range(65536)}), "65536 entries; the limit is 65535")


def main():
    counter = tools.Counter()
    parts = [halves, brain_floats, doubles, formats, parameters, sequences, compiled, shards, heads, one_array, damaged, absurd]
    for part in parts:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            with tools.temporary_folder() as place:
                part(counter, Folder(counter, Path(place)))
    counter.finish()


main()
