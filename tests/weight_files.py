"""Weights in every format that cnnc reads, written from their definitions, and what a network gets from them."""

import json
import struct
from array import array

import tools

LOADER = tools.BUILD / "tests" / "weights"


def packed(code, values, order="<"):
    """Values as bytes of the struct module's type."""
    return struct.pack(f"{order}{len(values)}{code}", *values)


def brain_bits(value):
    """The bfloat16 nearest to a float32 that is one."""
    return struct.unpack("<I", struct.pack("<f", value))[0] >> 16


def safetensors(tensors, spaces=0):
    """{name: (type, shape, bytes)}"""
    header, blobs, end = {}, [], 0
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [end, end + len(data)]}
        blobs.append(data)
        end += len(data)
    text = json.dumps(header).encode() + b" " * spaces
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)


def float_tensors(tensors):
    """{name: (shape, values)} as float32 for safetensors()."""
    return {name: ("F32", shape, packed("f", values)) for name, (shape, values) in tensors.items()}


def loaded(network, weights="-"):
    """What a network file gets: its values as an array of float32, or None, and what was printed."""
    out = network.with_suffix(".f32")
    done = tools.run([LOADER, network, weights, out])
    if done.returncode:
        assert done.returncode == 1, done
        return None, done.stderr
    values = array("f")
    values.frombytes(out.read_bytes())
    return values, done.stderr
