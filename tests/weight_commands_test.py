#!/usr/bin/env python3
"""`cnnc weights`, what a network wants beside what a file has, and `cnnc init`, parameters to begin training with: their
distribution, computed here from the shapes, and their bits, made here by the definition of the generator."""

import json
import math
import os
import re
import struct
import sys
from array import array
from math import prod
from pathlib import Path

import tools
from weight_files import Entry, float_tensors, loaded, npy, npz, packed, safetensors, zip_archive
from zoo_test import read_list, size_options

EXAMPLES = tools.ROOT / "examples"
ZOO = tools.ROOT / "tests" / "zoo"
NETWORK = """network n {{
    input x: 12x12x8
    y = x -> c: conv(3x5, 32, groups = 2) -> d: depthwise(3, multiplier = 2) -> t: deconv(3, 24, groups = 4)
          -> s: separable(3, 16) -> b: batchnorm -> p: prelu(per_channel = true) -> q: prelu
          -> g: groupnorm(4) -> l: layernorm(axes = [height, channels], bias = false) -> avgpool(global) -> flatten
          -> e: dense(64) -> f: dense(10, bias = false)
    output o = y
    {statement}
}}
"""
# Weights in PyTorch's shapes.
SHAPES = {"c.weight": (32, 4, 3, 5), "c.bias": (32,), "d.weight": (64, 1, 3, 3), "d.bias": (64,),
          "t.weight": (64, 6, 3, 3), "t.bias": (24,), "s.depthwise.weight": (24, 1, 3, 3), "s.depthwise.bias": (24,),
          "s.pointwise.weight": (16, 24, 1, 1), "s.pointwise.bias": (16,), "b.weight": (16,), "b.bias": (16,),
          "b.running_mean": (16,), "b.running_var": (16,), "p.weight": (16,), "q.weight": (1,), "g.weight": (16,), "g.bias": (16,),
          "l.weight": (16, 8), "e.weight": (64, 16),
          "e.bias": (64,), "f.weight": (10, 64)}
CONSTANT = {"b.weight": 1, "b.bias": 0, "b.running_mean": 0, "b.running_var": 1, "p.weight": 0.25, "q.weight": 0.25,
            "g.weight": 1, "g.bias": 0, "l.weight": 1}
MASK = (1 << 64) - 1


def read_safetensors(path):
    """{name: (shape, values)} of a file of floats, and what is odd about it."""
    data = path.read_bytes()
    length, = struct.unpack_from("<Q", data)
    header, start = json.loads(data[8:8 + length]), 8 + length
    odd = [] if start % 8 == 0 else [f"the data begin at {start}"]
    if list(header) != sorted(header):
        odd.append("the names are not sorted")
    tensors, end = {}, 0
    for name, entry in header.items():
        if entry["dtype"] != "F32" or entry["data_offsets"] != [end, end + 4 * prod(entry["shape"])]:
            odd.append(f"{name}: {entry}")
        end = entry["data_offsets"][1]
        values = array("f")
        values.frombytes(data[start + entry["data_offsets"][0]:start + end])
        tensors[name] = (tuple(entry["shape"]), values)
    return tensors, odd + ([] if start + end == len(data) else [f"{len(data) - start - end} bytes more"])


class Folder:
    def __init__(self, counter, path):
        self.counter, self.path = counter, path
        self.network = path / "net.cnn"
        self.describe("")

    def describe(self, statement):
        self.network.write_text(NETWORK.format(statement=statement))

    def initial(self, *words):
        """The tensors that cnnc init writes."""
        out = self.path / "out.safetensors"
        done = tools.cnnc("init", self.network, *words, "-o", out)
        self.counter.check(done.returncode == 0 and not done.stderr and not done.stdout, f"init {words}", done.stderr)
        tensors, odd = read_safetensors(out)
        self.counter.check(not odd, f"init {words} writes a sound file", odd)
        return tensors, out


# --- cnnc init ---

def fan_in(name):
    """Of the layer: PyTorch's, values of a weight for one of its first axis."""
    shape = SHAPES[name.rpartition(".")[0] + ".weight"]
    return prod(shape[1:])


def check_even(counter, name, values, bound):
    """Spread evenly within the bound: mean, variance and extremes, each within five standard deviations."""
    n = len(values)
    mean, second = math.fsum(values) / n, math.fsum(v * v for v in values) / n
    deviation = bound / math.sqrt(3)
    most = max(abs(v) for v in values)
    counter.check(most <= bound * (1 + 2.0 ** -24) and most >= bound * (1 - 30 / n), f"{name}: bound {bound}", most)
    counter.check(abs(mean) < 5 * deviation / math.sqrt(n), f"{name}: mean", mean)
    counter.check(abs(second - bound ** 2 / 3) < 5 * bound ** 2 * math.sqrt(4 / 45 / n), f"{name}: variance", second)


def distribution(counter, folder):
    tensors, out = folder.initial("7")
    counter.check({name: shape for name, (shape, _) in tensors.items()} == SHAPES, "names and PyTorch's shapes",
                  {name: shape for name, (shape, _) in tensors.items()})
    for name, (_, values) in tensors.items():
        if name in CONSTANT:
            counter.check(set(values) == {CONSTANT[name]}, f"{name} is {CONSTANT[name]}")
        else:
            check_even(counter, name, values, 1 / math.sqrt(fan_in(name)))
    values, printed = loaded(folder.network, out)
    counter.check(values and list(values) == [v for name in SHAPES for v in tensors[name][1]] and not printed,
                  "the network takes them", printed)
    other, _ = folder.initial("8")
    counter.check(not any(list(other[n][1]) == list(tensors[n][1]) for n in SHAPES if n not in CONSTANT), "another seed")
    default, _ = folder.initial()
    zero, _ = folder.initial("0")
    counter.check(default == zero, "the seed is 0 where none is given")


def scrambled(z):
    """SplitMix64's output for its state."""
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & MASK
    z = (z ^ z >> 27) * 0x94d049bb133111eb & MASK
    return z ^ z >> 31


def by_definition(name, seed, count, bound):
    golden, state = 0x9e3779b97f4a7c15, 0xcbf29ce484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001b3 & MASK
    state = state ^ scrambled(seed + golden & MASK)
    state = scrambled(state + golden & MASK)
    values = []
    for _ in range(count):
        state = state + golden & MASK
        odd = 2 * (scrambled(state) >> 40) - (1 << 24) + 1
        values.append(struct.unpack("<f", struct.pack("<f", bound * (odd / 2 ** 24)))[0])
    return values


def the_same_everywhere(counter, folder):
    counter.check(scrambled(0x9e3779b97f4a7c15) == 0xe220a8397b1dcdaf, "SplitMix64's published first number of seed 0")
    for seed in (0, 7, 2 ** 63 - 1):
        tensors, _ = folder.initial(str(seed))
        for name, (shape, values) in tensors.items():
            if name not in CONSTANT:
                wanted = by_definition(name, seed, prod(shape), math.sqrt(1 / fan_in(name)))
                counter.check(list(values) == wanted, f"seed {seed}: {name} bit by bit")


def order_and_prefix(counter, folder):
    """A file for the network: in its order, with its prefix; the values are those of the plain one."""
    plain, _ = folder.initial("5")
    folder.describe('weights "kept.safetensors", order = hwio, prefix = "model."')
    keras, out = folder.initial("5")
    out.rename(folder.path / "kept.safetensors")
    counter.check(sorted(keras) == sorted("model." + name for name in SHAPES), "the prefix", sorted(keras))
    shapes = [keras[f"model.{name}.weight"][0] for name in "cdte"]
    counter.check(shapes == [(3, 5, 4, 32), (3, 3, 32, 2), (3, 3, 6, 64), (16, 64)], "Keras's shapes", shapes)
    values, printed = loaded(folder.network)
    counter.check(values and list(values) == [v for name in SHAPES for v in plain[name][1]] and not printed,
                  "the same values as in PyTorch's order", printed)


def whole_or_not_at_all(counter, folder):
    """What init does not write, or does not go over."""
    def init(*words, **options):
        return tools.cnnc("init", folder.network, *words, cwd=folder.path, **options)

    done = init("3")
    counter.check(done.returncode == 0 and (folder.path / "net.safetensors").exists(), "the name by default", done.stderr)
    folder.describe('weights "net.safetensors"')
    before = (folder.path / "net.safetensors").read_bytes()
    done = init("4")
    counter.check(done.returncode == 2 and "'net.safetensors' has the network's weights: it would be overwritten" in done.stderr,
                  "the network's own weights are not written over", done.stderr)
    counter.check((folder.path / "net.safetensors").read_bytes() == before, "they are as before")
    done = init("4", "-o", "net.cnn")
    counter.check(done.returncode == 2, "the network is not written over", done.stderr)
    for path, text in (("none/a", "No such file"), ("/dev/full", "No space left")):
        done = init("-o", path)
        counter.check(done.returncode == 4 and text in done.stderr, f"-o {path}", done.stderr)
    counter.check(sorted(os.listdir(folder.path)) == ["net.cnn", "net.safetensors"], "nothing is left behind",
                  os.listdir(folder.path))
    for seed in ("-1", "x", "1.5", "", "9223372036854775808"):
        done = init("--", seed)
        counter.check(done.returncode == 2 and "init wants a whole number" in done.stderr, f"seed {seed}", done.stderr)
    done = init("1", "2")
    counter.check(done.returncode == 2 and "'2' is one word too many" in done.stderr, "two seeds", done.stderr)
    folder.network.write_text("network n {\n    input x: 4x4\n    output y = x -> conv(5, 1)\n}\n")
    counter.check(init("-o", "a").returncode == 1 and not (folder.path / "a").exists(), "a wrong network")
    path = "a" * 4000
    layers = "".join(f'    x = x -> "{path}{i}": conv(1, 1)\n' for i in range(200))
    body = f"    for i in 1..22 {{\n{layers}    }}\n".replace(f'{path}', f'{path}{{i}}.')
    folder.network.write_text(f"network n {{\n    input x: 1x1x1\n{body}    output y = x\n}}\n")
    done = init("-o", "a")
    counter.check(done.returncode == 3 and "the limit is 16777216" in done.stderr and not (folder.path / "a").exists(),
                  "names beyond the limit of a header", done.stderr[:500])


# --- cnnc weights ---

def rows(text):
    """The cells of a listing's lines, and its total."""
    *lines, blank, total = text.splitlines()
    assert not blank and not any(line.endswith(" ") for line in lines), text
    return [re.split(r" {2,}", line.rstrip()) for line in lines], total


def zoo(counter, folder):
    """What the networks of the zoo want is what PyTorch's models have, and what init writes for them."""
    for path in sorted(ZOO.glob("*.tsv")):
        header, tensors = read_list(path)
        wanted = [[name, f"[{shape.replace('x', ', ')}]"] for name, shape in tensors]
        done = tools.cnnc("weights", *size_options(header), EXAMPLES / f"{path.stem}.cnn")
        found, total = rows(done.stdout)
        counter.check(done.returncode == 0 and found == [["wanted", "shape"], *wanted], f"{path.stem} wants", done.stderr)
        counter.check(total.startswith(f"{len(wanted)} tensors with "), f"{path.stem}: total", total)
    folder.network = EXAMPLES / "squeezenet.cnn"
    tensors, _ = folder.initial("1")
    wanted = dict(read_list(ZOO / "squeezenet.tsv")[1])
    counter.check({name: "x".join(map(str, shape)) for name, (shape, _) in tensors.items()} == wanted, "init of squeezenet")


LISTED = """network n {
    input x: 4x4x2
    y = x -> c: conv(3, 2) -> b: batchnorm
    output o = y
    weights "own"
}
"""


def listing(counter, folder):
    network = folder.path / "listed.cnn"
    network.write_text(LISTED)
    sound = {"c.weight": ((2, 2, 3, 3), [0] * 36), "c.bias": ((2,), [0] * 2), "b.weight": ((2,), [0] * 2),
             "b.bias": ((2,), [0] * 2), "b.running_mean": ((2,), [0] * 2), "b.running_var": ((2,), [0] * 2)}
    shapes = {name: f"[{', '.join(map(str, shape))}]" for name, (shape, _) in sound.items()}

    def listed(content, *words, code, total):
        (folder.path / "own").write_bytes(content)
        done = tools.cnnc("weights", network, *words, cwd=folder.path)
        found, last = rows(done.stdout)
        counter.check(done.returncode == code and not done.stderr, f"exit code {code}", done.stdout + done.stderr)
        counter.check(last == total, total, last)
        counter.check(found[0] == ["wanted", "shape", "in the file", "shape", "type", "state"], "headings", found[0])
        return found[1:]

    total = "6 tensors with 46 values wanted; in own "
    wanted = [[name, shape, name, shape, "F32", "ok"] for name, shape in shapes.items()]
    found = listed(safetensors(float_tensors(sound)), code=0, total=total + "6 ok")
    counter.check(found == wanted, "all fits", found)
    found = listed(safetensors(float_tensors(sound)), "own", code=0, total=total + "6 ok")
    counter.check(found == wanted, "the file by name", found)
    arrays = {name: npy(">f2", shape, packed("e", values, ">")) for name, (shape, values) in sound.items()}
    found = listed(npz(arrays), code=0, total=total + "6 ok")
    counter.check(found == [[*row[:4], ">f2", "ok"] for row in wanted], "an archive", found)

    more = float_tensors(sound)
    more["c.wieght"] = more.pop("c.weight")
    more["c.bias"] = ("F32", (1, 2), bytes(8))
    more["b.bias"] = ("I64", (2,), bytes(16))
    more["b.num_batches_tracked"] = ("I64", (), bytes(8))
    del more["b.running_var"]
    found = listed(safetensors(more), code=1,
                   total=total + "2 ok, 2 missing, 1 of another shape, 1 of no floats, 2 unused")
    counter.check(found == [
        ["c.weight", "[2, 2, 3, 3]", "missing; the nearest is c.wieght"],
        ["c.bias", "[2]", "c.bias", "[1, 2]", "F32", "another shape"], wanted[2],
        ["b.bias", "[2]", "b.bias", "[2]", "I64", "no floats"], wanted[4],
        ["b.running_var", "[2]", "missing"],
        ["", "b.num_batches_tracked", "[]", "I64", "unused"],
        ["", "c.wieght", "[2, 2, 3, 3]", "F32", "unused"]], "what does not fit", found)

    index = {name: "part" for name in sound}
    (folder.path / "part").write_bytes(safetensors(float_tensors(sound)))
    found = listed(json.dumps({"weight_map": index}).encode(), code=0, total=total + "6 ok")
    counter.check(found == wanted, "shards", found)
    (folder.path / "own").write_text(json.dumps({"weight_map": {**index, "more": "none"}}))
    done = tools.cnnc("weights", network)
    counter.check(done.returncode == 1 and not done.stdout and "cannot read the shard 'none'" in done.stderr,
                  "a shard that is not there", done.stdout + done.stderr)
    for content, text in ((b"short", "no sound safetensors"), (b"\x89HDF\r\n\x1a\n", "HDF5"),
                          (npy("<f4", (2,), bytes(8)), "one array without a name; the network wants 6"),
                          (zip_archive([Entry("data.pkl", b"")]), "PyTorch")):
        (folder.path / "own").write_bytes(content)
        done = tools.cnnc("weights", network)
        counter.check(done.returncode == 1 and not done.stdout and text in done.stderr, text, done.stdout + done.stderr)


def document(counter, folder):
    """What docs/weights.md shows of LeNet is what is printed."""
    text = (tools.ROOT / "docs" / "weights.md").read_text()
    shown = text.partition("$ cnnc weights examples/lenet/lenet.cnn\n")[2].partition("```")[0].splitlines()
    printed = tools.cnnc("weights", EXAMPLES / "lenet" / "lenet.cnn").stdout.splitlines()
    counter.check(len(shown) == 5 and shown[:3] + shown[4:] == printed[:3] + printed[-1:], "docs/weights.md", printed)


def one_array(counter, folder):
    network = folder.path / "net.cnn"
    network.write_text("network n {\n    input x: 1x1x2\n    output y = x -> dense(3, bias = false)\n}\n")
    (folder.path / "a").write_bytes(npy("<f8", (3, 2), bytes(48), fortran=True))
    done = tools.cnnc("weights", network, folder.path / "a")
    counter.check(done.returncode == 0 and rows(done.stdout)[0][1] == ["dense1.weight", "[3, 2]", "(no name)", "[3, 2]",
                                                                       "<f8", "ok"], "one array", done.stdout)
    network.write_text("network n {\n    input x: 1x1x2\n    output y = x -> relu\n}\n")
    done = tools.cnnc("weights", network)
    counter.check(done.returncode == 0 and rows(done.stdout) == ([["wanted", "shape"]], "0 tensors with 0 values wanted"),
                  "a network without parameters", done.stdout)


def main():
    counter = tools.Counter()
    parts = [distribution, the_same_everywhere, order_and_prefix, whole_or_not_at_all, zoo, listing, document, one_array]
    for part in parts:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            with tools.temporary_folder() as place:
                part(counter, Folder(counter, Path(place)))
    counter.finish()


main()
