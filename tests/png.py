"""Reads PNG: 8 bits, grey, RGB or with a palette, not interlaced. Independent of the project's reader."""

import struct
import zlib
from pathlib import Path

CHANNELS = {0: 1, 2: 3, 3: 1}  # by colour type: grey, RGB, index into a palette


def read_png(path):
    """Height, width, channels, and the samples in rows, pixel by pixel."""
    data = Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", f"{path}: not a PNG file"
    packed, palette, at = b"", None, 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert bits == 8 and colour in CHANNELS and not interlaced, f"{path}: not of this kind"
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    samples = unfilter(zlib.decompress(packed), height, width * CHANNELS[colour], CHANNELS[colour])
    if colour == 3:
        return height, width, 3, b"".join(palette[3 * i:3 * i + 3] for i in samples)
    return height, width, CHANNELS[colour], samples


def paeth(left, up, corner):
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]


def unfilter(data, height, stride, step):
    """Each row is preceded by its filter: what has been subtracted from each byte of it."""
    rows, above = [], bytes(stride)
    for i in range(height):
        start = i * (stride + 1)
        kind, row = data[start], bytearray(data[start + 1:start + 1 + stride])
        for j in range(stride if kind else 0):
            left, corner = (row[j - step], above[j - step]) if j >= step else (0, 0)
            guess = (left, above[j], (left + above[j]) // 2, paeth(left, above[j], corner))[kind - 1]
            row[j] = (row[j] + guess) & 255
        rows.append(bytes(row))
        above = row
    return b"".join(rows)
