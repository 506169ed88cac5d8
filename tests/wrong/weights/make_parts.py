#!/usr/bin/env python3
"""Writes the small safetensors files of parts/: what the wrong networks beside them read."""

import json
import struct
from math import prod
from pathlib import Path

PARTS = Path(__file__).resolve().parent / "parts"


def write(name, tensors):
    """tensors: {name: (type, shape)}; all values are 0."""
    size = {"F32": 4, "F16": 2, "I64": 8}
    header, end = {}, 0
    for key, (kind, shape) in tensors.items():
        start = end
        end += prod(shape) * size[kind]
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    (PARTS / name).write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


write("conv.safetensors", {"conv1.weight": ("F32", [2, 1, 3, 3]), "conv1.bias": ("F32", [2])})
write("other.safetensors", {"stem.weight": ("F32", [2, 1, 3, 3]), "stem.bias": ("F32", [2]),
                            "step": ("I64", [1])})
write("half.safetensors", {"conv1.weight": ("F16", [2, 1, 3, 3]), "conv1.bias": ("F32", [2])})
