#!/usr/bin/env python3
"""Writes the small safetensors files of parts/: what the wrong networks beside them read."""

import json
import struct
from math import prod
from pathlib import Path

PARTS = Path(__file__).resolve().parent / "parts"


def write_header(name, header, data=0):
    """A header as text, or as what JSON is made of, and so many bytes of data."""
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    (PARTS / name).write_bytes(struct.pack("<Q", len(text)) + text + bytes(data))


def entry(begin, end, shape, kind="F32"):
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def write(name, tensors):
    """tensors: {name: (type, shape)}; all values are 0."""
    size = {"F32": 4, "F16": 2, "BF16": 2, "BOOL": 1, "I64": 8, "F64": 8}
    header, end = {}, 0
    for key, (kind, shape) in tensors.items():
        start = end
        end += prod(shape) * size[kind]
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    write_header(name, header, end)


write("conv.safetensors", {"conv1.weight": ("F32", [2, 1, 3, 3]), "conv1.bias": ("F32", [2])})
write("other.safetensors", {"stem.weight": ("F32", [2, 1, 3, 3]), "stem.bias": ("F32", [2]),
                            "step": ("I64", [1])})
write("prefixed.safetensors", {"model.conv1.weight": ("F32", [2, 1, 3, 3]), "model.conv1.bias": ("F32", [2])})
write("misspelt.safetensors", {"conv1.wieght": ("F32", [2, 1, 3, 3]), "conv1.bias": ("F32", [2])})
write("integers.safetensors", {"conv1.weight": ("I64", [2, 1, 3, 3]), "conv1.bias": ("F32", [2])})
write("mask.safetensors", {"conv1.weight": ("BOOL", [2, 1, 3, 3]), "conv1.bias": ("F32", [2])})

# A double that no float is.
write_header("large.safetensors", {"conv1.weight": entry(0, 72, [2, 1, 3, 3]), "conv1.bias": entry(72, 88, [2], "F64")}, 72)
with open(PARTS / "large.safetensors", "ab") as large:
    large.write(struct.pack("<2d", 1, -1e300))

# Files that are not sound.
(PARTS / "short.safetensors").write_bytes(b"short")
(PARTS / "long_header.safetensors").write_bytes(struct.pack("<Q", 1000) + b"{}")
(PARTS / "huge_header.safetensors").write_bytes(struct.pack("<Q", 1 << 40) + b"{}")
(PARTS / "pickle.safetensors").write_bytes(struct.pack("<Q", 6) + b"\x80\x02}q\x00.")
write_header("broken_json.safetensors", '{"conv1.weight": }')
write_header("duplicate.safetensors", '{"a": %s, "a": %s}' % ((json.dumps(entry(0, 4, [1])),) * 2), 4)
write_header("metadata_list.safetensors", {"__metadata__": ["pt"]})
write_header("metadata_number.safetensors", {"__metadata__": {"epoch": 3}})
write_header("no_object.safetensors", {"conv1.weight": [1, 2]})
write_header("no_dtype.safetensors", {"conv1.weight": {"shape": [1], "data_offsets": [0, 4]}}, 4)
write_header("extra_key.safetensors", {"conv1.weight": dict(entry(0, 4, [1]), device="cuda")}, 4)
write_header("unknown_type.safetensors", {"conv1.weight": entry(0, 4, [1], "float32")}, 4)
write_header("shape_number.safetensors", {"conv1.weight": entry(0, 4, 1)}, 4)
write_header("shape_negative.safetensors", {"conv1.weight": entry(0, 4, [-1])}, 4)
write_header("many_axes.safetensors", {"conv1.weight": entry(0, 4, [1] * 17)}, 4)
write_header("huge_shape.safetensors", {"conv1.weight": entry(0, 4, [1 << 40, 1 << 40])}, 4)
write_header("wrong_bytes.safetensors", {"conv1.weight": entry(0, 4, [2])}, 4)
write_header("three_offsets.safetensors", {"conv1.weight": dict(entry(0, 4, [1]), data_offsets=[0, 4, 8])}, 4)
write_header("text_offsets.safetensors", {"conv1.weight": entry("0", "4", [1])}, 4)
write_header("backwards.safetensors", {"conv1.weight": entry(4, 0, [1])}, 4)
write_header("cut_off.safetensors", {"conv1.weight": entry(0, 72, [2, 1, 3, 3])}, 40)
write_header("overlap.safetensors", {"a": entry(0, 8, [2]), "b": entry(4, 12, [2])}, 12)
write_header("gap.safetensors", {"a": entry(0, 4, [1]), "b": entry(8, 12, [1])}, 12)
write_header("rest.safetensors", {"a": entry(0, 4, [1])}, 12)

# Shards: conv.safetensors has both tensors, half_a and half_b one each.
write("half_a.safetensors", {"conv1.weight": ("F32", [2, 1, 3, 3])})
write("half_b.safetensors", {"conv1.bias": ("F32", [2])})


def write_index(name, weight, bias):
    (PARTS / name).write_text(json.dumps({"metadata": {"total_size": 80}, "weight_map": {
        "conv1.weight": weight, "conv1.bias": bias}}, indent=2) + "\n")


(PARTS / "broken.index.json").write_text('{"weight_map": ')
(PARTS / "no_map.index.json").write_text('{"metadata": {}}')
(PARTS / "list_map.index.json").write_text('{"weight_map": ["a.safetensors"]}')
(PARTS / "twice.index.json").write_text('{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}')
write_index("number.index.json", "half_a.safetensors", 2)
write_index("missing.index.json", "half_a.safetensors", "half_c.safetensors")
write_index("outside.index.json", "../other.safetensors", "/etc/passwd")
write_index("unsound.index.json", "half_a.safetensors", "short.safetensors")
write_index("misplaced.index.json", "half_a.safetensors", "conv.safetensors")
write_index("other_shard.index.json", "half_b.safetensors", "half_b.safetensors")
(PARTS / "misspelt.index.json").write_text('{"weight_map": {"conv1.wieght": "half_a.safetensors", '
                                           '"conv1.bias": "half_b.safetensors"}}')
