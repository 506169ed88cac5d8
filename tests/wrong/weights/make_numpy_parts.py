#!/usr/bin/env python3
"""Writes the small .npy and .npz files of parts/, and those of other tools: what the wrong networks beside them read."""

import pickle
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from weight_files import Entry, npy, npz, packed, zip_archive

PARTS = Path(__file__).resolve().parent / "parts"
WEIGHT = npy("<f4", (2, 1, 3, 3), packed("f", range(18)))
BIAS = npy("<f4", (2,), packed("f", range(2)))
NAMES = ("conv1.weight.npy", "conv1.bias.npy")


def write(name, content):
    (PARTS / name).write_bytes(content)


def write_entries(name, *entries):
    """An archive that is sound but for these entries."""
    write(name, zip_archive([*entries, Entry(NAMES[1], BIAS)]))


# Arrays.
write("version.npy", npy("<f4", (2,), bytes(8), version=4))
write("short.npy", WEIGHT[:9])
write("long_head.npy", npy("<f4", (2,), bytes(8), version=2, head="{" + " " * 70000))
write("cut_head.npy", WEIGHT[:60])
write("no_order.npy", npy(None, None, bytes(8), head="{'descr': '<f4', 'shape': (2,)}"))
write("unknown_type.npy", npy("<q4", (2,), bytes(8)))
write("fields.npy", npy(None, None, bytes(8), head="{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}"))
write("large_size.npy", npy("<f4", (1 << 70,), bytes(8)))
write("many_axes.npy", npy("<f4", (1,) * 17, bytes(4)))
write("huge_shape.npy", npy("<f4", (1 << 40, 1 << 40), bytes(8)))
write("promises.npy", npy("<f4", (1 << 30,), b""))
write("one.npy", WEIGHT)

# Archives.
write("integers.npz", npz({"conv1.weight": npy("<i8", (2, 1, 3, 3), bytes(144)), "conv1.bias": BIAS}))
write("objects.npz", npz({"conv1.weight": npy("|O", (2, 1, 3, 3), pickle.dumps([0] * 18, 2)), "conv1.bias": BIAS}))
write("misspelt.npz", npz({"conv1.wieght": WEIGHT, "conv1.bias": BIAS}))
write("other_shape.npz", npz({"conv1.weight": npy("<f4", (2, 1, 9), bytes(72)), "conv1.bias": BIAS}))
write("garbage.npz", b"PK\3\4" + bytes(40))
write_entries("text.npz", Entry("readme.txt", b"text"))
write_entries("no_npy.npz", Entry(NAMES[0], b"0123456789abcdef"))
write_entries("encrypted.npz", Entry(NAMES[0], WEIGHT, flags=1))
write_entries("bzip2.npz", Entry(NAMES[0], WEIGHT, method=12))
write_entries("twice.npz", Entry(NAMES[1], BIAS))
write_entries("bomb.npz", Entry(NAMES[0], WEIGHT, method=8, size=1 << 30))
write_entries("stored_lie.npz", Entry(NAMES[0], WEIGHT, size=len(WEIGHT) + 4))
write_entries("too_short.npz", Entry(NAMES[0], WEIGHT[:-4], method=8, size=len(WEIGHT)))
write_entries("too_long.npz", Entry(NAMES[0], WEIGHT + bytes(4), method=8, size=len(WEIGHT)))
write_entries("checksum.npz", Entry(NAMES[0], WEIGHT, crc=1))
write_entries("not_deflated.npz", Entry(NAMES[0], WEIGHT, method=8, packed=b"\xff" * 100))

# What other tools write.
write("pytorch.pt", zip_archive([Entry("archive/data.pkl", b"\x80\x02}q\x00."), Entry("archive/version", b"3\n")]))
write("old_pytorch.pt", pickle.dumps({"conv1.weight": [1.0]}, 2))
write("keras.h5", b"\x89HDF\r\n\x1a\n" + bytes(88))
write("keras.keras", zip_archive([Entry("config.json", b"{}"), Entry("model.weights.h5", b"\x89HDF\r\n\x1a\n")]))
