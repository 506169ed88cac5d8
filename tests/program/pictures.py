"""Picture and array files made from Python numbers, and a reader of PNG, without other libraries."""

import struct
import zlib

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# Adam7: the first row and column of each pass, and the steps.
PASSES = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_row(values, depth):
    """Samples of `depth` bits, the first in the highest bits."""
    if depth == 16:
        return struct.pack(f">{len(values)}H", *values)
    bits = "".join(format(value, f"0{depth}b") for value in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(height, width, samples, colour=GREY, depth=8, palette=None, transparent=None, interlaced=False):
    """samples: height * width * samples a pixel, in order."""
    count = SAMPLES[colour]
    pixels = [[samples[(y * width + x) * count:(y * width + x + 1) * count] for x in range(width)]
              for y in range(height)]
    lines = b""
    for top, left, down, right in PASSES if interlaced else [(0, 0, 1, 1)]:
        for row in pixels[top::down]:
            chosen = [sample for pixel in row[left::right] for sample in pixel]
            if chosen:
                lines += b"\0" + pack_row(chosen, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    extra = (chunk(b"PLTE", bytes(palette)) if palette else b"") + \
            (chunk(b"tRNS", bytes(transparent)) if transparent else b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + \
        chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def paeth(a, b, c):
    return min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]


def read_png(data):
    """An 8-bit grey or RGB PNG, not interlaced: (height, width, channels) and its bytes."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colour = header[:4]
    assert depth == 8 and colour in (GREY, RGB) and header[6] == 0
    step, lines, result = SAMPLES[colour], zlib.decompress(packed), []
    size = width * step
    above = [0] * size
    for y in range(height):
        line = lines[y * (size + 1):(y + 1) * (size + 1)]
        row = []
        for i, value in enumerate(line[1:]):
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            guess = [0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner)][line[0]]
            row.append((value + guess) % 256)
        result += row
        above = row
    return (height, width, step), bytes(result)


def npy(descr, shape, payload, order="False", version=1, header=None):
    """An NPY file around the bytes `payload`; shape as text or a tuple; header: all its text."""
    text = header or f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape}, }}"
    text = text.encode("latin-1") + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + payload


def npy_floats(shape, values):
    return npy("<f4", tuple(shape), struct.pack(f"<{len(values)}f", *values))
