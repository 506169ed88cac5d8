#!/usr/bin/env python3
"""Runs a compiled lenet.cnn on the 10,000 test pictures of Fashion-MNIST, Debian's dataset-fashion-mnist.

    evaluate.py PROGRAM               how many are right, and how many as PyTorch has them
    evaluate.py --pictures N FOLDER   writes the first picture of N kinds of clothes as PNG
"""

import gzip
import struct
import subprocess
import sys
import tempfile
import zlib
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = Path("/usr/share/datasets/fashion-mnist")


def read_idx(path):
    """An IDX file of bytes: two zeros, the type, the number of sizes, the sizes, the bytes."""
    data = gzip.decompress(path.read_bytes())
    start = 4 + 4 * data[3]
    return struct.unpack(f">{data[3]}I", data[4:start]), data[start:]


def write_npy(path, shape, values):
    """float32 values, format 1.0: the header ends on a multiple of 64 bytes."""
    header = str({"descr": "<f4", "fortran_order": False, "shape": shape})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                     + array("f", list(values)).tobytes())


def read_npy(path):
    data = path.read_bytes()
    values = array("f")
    values.frombytes(data[10 + struct.unpack_from("<H", data, 8)[0]:])
    return values


def write_png(path, width, height, pixels):
    """A grey picture of 8 bits; every row begins with the byte 0, which says that it is not filtered."""
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    rows = b"".join(b"\0" + pixels[i * width:(i + 1) * width] for i in range(height))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def test_set():
    """The number of pictures, the pixels of all of them, and the kind of each."""
    (count, height, width), pixels = read_idx(DATA / "t10k-images-idx3-ubyte.gz")
    assert (height, width) == (28, 28)
    return count, pixels, read_idx(DATA / "t10k-labels-idx1-ubyte.gz")[1]


def classify(program, count, pixels):
    """What the program takes each picture for."""
    with tempfile.TemporaryDirectory() as folder:
        batch, result = Path(folder, "pictures.npy"), Path(folder, "scores.npy")
        write_npy(batch, (count, 28, 28, 1), pixels)
        subprocess.run([Path(program).resolve(), batch, "-o", result], check=True, stdout=subprocess.DEVNULL)
        scores = read_npy(result)
    kinds = len(scores) // count
    return bytes(max(range(kinds), key=scores[i * kinds:(i + 1) * kinds].__getitem__) for i in range(count))


def equal(a, b):
    return sum(x == y for x, y in zip(a, b))


def evaluate(program):
    """How many test pictures there are, how many are right, how many are as PyTorch has them."""
    count, pixels, truth = test_set()
    found = classify(program, count, pixels)
    return count, equal(found, truth), equal(found, (HERE / "predictions.bin").read_bytes())


def write_pictures(number, folder):
    names = (HERE / "fashion.txt").read_text().split("\n")
    _, pixels, truth = test_set()
    for kind in list(dict.fromkeys(truth))[:number]:
        at = truth.index(kind)
        name = names[kind].lower().replace(" ", "-").replace("/", "-")
        write_png(folder / f"{name}.png", 28, 28, pixels[784 * at:784 * (at + 1)])


def main(words):
    if len(words) == 3 and words[0] == "--pictures" and words[1].isdigit():
        write_pictures(int(words[1]), Path(words[2]))
    elif len(words) == 1 and not words[0].startswith("-"):
        count, right, alike = evaluate(words[0])
        print(f"right: {right} of {count}\nas PyTorch has them: {alike} of {count}")
    else:
        sys.exit(__doc__.strip())


if __name__ == "__main__":
    main(sys.argv[1:])
