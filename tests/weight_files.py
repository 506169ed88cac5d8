"""Weights in every format that cnnc reads, written from their definitions, and what a network gets from them."""

import io
import json
import struct
import zipfile
import zlib
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


def npy(descr, shape, data, fortran=False, version=1, head=None):
    """An NPY file; `head` replaces the dictionary."""
    if head is None:
        sizes = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        head = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({sizes}), }}"
    head = head.encode("latin-1")
    length = struct.Struct("<H" if version == 1 else "<I")
    head += b" " * (-(8 + length.size + len(head) + 1) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + length.pack(len(head)) + head + data


def npz(arrays, method=zipfile.ZIP_STORED):
    """{name: NPY file}, packed as NumPy does: with Zip64 fields in the local headers."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = method
            with archive.open(entry, "w", force_zip64=True) as to:
                to.write(data)
    return file.getvalue()


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


class Entry:
    """An entry of a zip archive, true where nothing else is said."""

    def __init__(self, name, data, method=0, packed=None, flags=0, size=None, packed_size=None, crc=None):
        self.name, self.method, self.flags = name.encode(), method, flags
        self.packed = packed if packed is not None else deflated(data) if method == 8 else data
        self.size = len(data) if size is None else size
        self.packed_size = len(self.packed) if packed_size is None else packed_size
        self.crc = zlib.crc32(data) if crc is None else crc

    def fields(self):
        return struct.pack("<HHHHHIIIHH", 20, self.flags, self.method, 0, 0x21, self.crc, self.packed_size, self.size,
                           len(self.name), 0)


def zip_archive(entries, count=None):
    """Entries one behind the other, and the directory; `count` lies about their number."""
    files, directory = b"", b""
    for entry in entries:
        directory += b"PK\1\2\x14\0" + entry.fields() + struct.pack("<HHHII", 0, 0, 0, 0, len(files)) + entry.name
        files += b"PK\3\4" + entry.fields() + entry.name + entry.packed
    count = len(entries) if count is None else count
    return files + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(files), 0)


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
