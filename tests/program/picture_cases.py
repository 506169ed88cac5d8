"""Pictures in: every kind, and damaged ones."""

import concurrent.futures
import os
import random
import struct
import subprocess
from pathlib import Path

from program import pictures
from program.pictures import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, npy, npy_floats, png
from program.programs import BYTES, SOURCES, Programs, must


class Pictures(Programs):
    """Every kind of picture, as a network without range sees it: 0..255."""

    def test_grey(self):
        self.sees(self.program(2, 3, 1), png(2, 3, [0, 1, 2, 128, 254, 255]), [0, 1, 2, 128, 254, 255])

    def test_colour(self):
        samples = [random.Random(1).randrange(256) for _ in range(4 * 5 * 3)]
        self.sees(self.program(4, 5, 3), png(4, 5, samples, RGB), samples)

    def test_channels_first(self):
        samples = list(range(18))
        planes = samples[0::3] + samples[1::3] + samples[2::3]
        program = self.program(2, 3, 3, LAYOUT="CNN_LAYOUT_CHW")
        self.sees(program, png(2, 3, samples, RGB), planes)

    def test_bytes(self):
        """An input of bytes takes a picture's levels as they are, whatever range it has."""
        samples = [0, 1, 127, 128, 254, 255]
        for options in {}, {"LOW": 0, "HIGH": 255}, {"LOW": -1, "HIGH": 1}:
            self.sees(self.program(2, 3, 1, **BYTES, **options), png(2, 3, samples), samples)
        colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 255, 255, 255, 7, 7, 7]
        self.sees(self.program(2, 3, 1, **BYTES), png(2, 3, colours, RGB), [76, 150, 29, 18, 255, 7])
        planes = colours[0::3] + colours[1::3] + colours[2::3]
        self.sees(self.program(2, 3, 3, **BYTES, IN_LAYOUT="CNN_LAYOUT_CHW"), png(2, 3, colours, RGB), planes)
        wide = [0, 128, 129, 65535, 65407, 65406]  # 257 to a level; from 128.5 on it is the next
        self.sees(self.program(2, 3, 1, **BYTES), png(2, 3, wide, GREY, 16), [0, 0, 1, 255, 255, 254])

    def test_ranges(self):
        samples = [0, 51, 100, 254, 255, 1]
        for low, high in (0, 1), (-1, 1), (0, 255), (-128, 127):
            self.sees(self.program(2, 3, 1, LOW=low, HIGH=high), png(2, 3, samples),
                      [low + v * (high - low) / 255 for v in samples], 1e-6 * max(abs(low), high))
        self.sees(self.program(2, 3, 1, LOW=0, HIGH=255), png(2, 3, samples), samples)

    def test_colour_to_grey(self):
        samples = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 255, 255, 255, 7, 7, 7]
        self.sees(self.program(2, 3, 1), png(2, 3, samples, RGB),
                  [76.245, 149.685, 29.07, 2.99 + 11.74 + 3.42, 255, 7], 1e-4)

    def test_grey_to_colour(self):
        self.sees(self.program(1, 2, 3), png(1, 2, [9, 200]), [9, 9, 9, 200, 200, 200])

    def test_palette(self):
        palette = [10, 20, 30, 40, 50, 60, 70, 80, 90, 255, 0, 1]
        for depth in (2, 4, 8):
            for transparent in (None, [0, 128]):
                data = png(2, 2, [0, 1, 2, 3], PALETTE, depth, palette, transparent)
                self.sees(self.program(2, 2, 3), data, palette)

    def test_few_bits(self):
        for depth in (1, 2, 4):
            top = 2 ** depth - 1
            samples = [0, top, top // 2, 1]
            self.sees(self.program(2, 2, 1), png(2, 2, samples, GREY, depth),
                      [v * 255 / top for v in samples])

    def test_transparency_is_dropped(self):
        self.sees(self.program(2, 2, 1), png(2, 2, [5, 0, 6, 255, 7, 1, 8, 2], GREY_ALPHA), [5, 6, 7, 8])
        self.sees(self.program(1, 2, 3), png(1, 2, [1, 2, 3, 0, 4, 5, 6, 255], RGBA), [1, 2, 3, 4, 5, 6])
        self.sees(self.program(2, 2, 1), png(2, 2, [5, 6, 7, 8], GREY, transparent=[0, 5]), [5, 6, 7, 8])

    def test_sixteen_bits(self):
        samples = [0, 257, 65535, 1000]
        self.sees(self.program(2, 2, 1), png(2, 2, samples, GREY, 16), [v / 257 for v in samples], 1e-5)
        self.sees(self.program(1, 1, 3), png(1, 1, [1, 2, 65535], RGB, 16), [1 / 257, 2 / 257, 255], 1e-5)

    def test_interlaced(self):
        samples = [random.Random(2).randrange(256) for _ in range(9 * 11)]
        self.sees(self.program(9, 11, 1), png(9, 11, samples, interlaced=True), samples)

    def test_pnm(self):
        grey, colour = self.program(2, 3, 1), self.program(1, 2, 3)
        black_white = [255, 0, 255, 0, 0, 255]
        self.sees(grey, b"P1\n# a comment\n3 2\n010\n1 1 0\n", black_white)
        self.sees(grey, b"P4 3 2\n" + bytes([0b01000000, 0b11011111]), black_white)
        self.sees(grey, b"P2 3 2 5 # ends\n0 1 2\n3 4 5", [v * 51 for v in range(6)])
        self.sees(grey, b"P5\n3 2\n255\n" + bytes([0, 9, 10, 13, 32, 255]), [0, 9, 10, 13, 32, 255])
        self.sees(grey, b"P5 3 2 65535\n" + struct.pack(">6H", 0, 257, 514, 1, 65534, 65535),
                  [0, 1, 2, 1 / 257, 65534 / 257, 255], 1e-4)
        self.sees(colour, b"P3 2 1 255 1 2 3 4 5 6", [1, 2, 3, 4, 5, 6])
        self.sees(colour, b"P6 2 1 255 " + bytes([1, 2, 3, 4, 5, 6]), [1, 2, 3, 4, 5, 6])

    def jpeg(self, width, height, channels, samples, *words):
        path = self.folder / "made.jpg"
        subprocess.run([str(self.jpeg_maker()), path, str(width), str(height), str(channels), *words],
                       input=bytes(samples), check=True)
        return path.read_bytes()

    def jpeg_maker(self):
        path = Path(self.root.name) / "make_jpeg"
        if not path.exists():
            must(["cc", SOURCES / "make_jpeg.c", "-ljpeg", "-o", path])
        return path

    def test_jpeg(self):
        grey = [10 * y + 3 * x for y in range(16) for x in range(20)]
        colour = [v for y in range(16) for x in range(20) for v in (200 - x, 50 + y, 90)]
        for words in [], ["progressive"]:
            self.sees(self.program(16, 20, 1), self.jpeg(20, 16, 1, grey, *words), grey, 2)
            self.sees(self.program(16, 20, 3), self.jpeg(20, 16, 3, colour, *words), colour, 4)

    def test_jpeg_refused(self):
        program = self.program(16, 20, 3)
        self.refuses(program, self.file("a.jpg", self.jpeg(20, 16, 4, [9] * 1280)), says="CMYK")
        noise = random.Random(3).randbytes(960)
        for words in [], ["progressive"]:
            data = self.jpeg(20, 16, 3, noise, *words)
            self.use(program, self.file("whole.jpg", data))
            ends = list(range(3, len(data) - 40, 7))
            self.refused_each(program, [data[:end] for end in ends])
            self.survives(program, data)

    def test_damaged_jpeg(self):
        """What libjpeg can mend is used, with a warning, which --quiet leaves out."""
        program = self.program(16, 20, 3)
        data = self.jpeg(20, 16, 3, random.Random(3).randbytes(960))
        for at in range(len(data) * 3 // 4, len(data) - 2):
            path = self.file("damaged.jpg", data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:])
            done = subprocess.run([program, path], capture_output=True)
            if done.returncode == 0 and b"net: warning: " in done.stderr:
                break
        else:
            self.fail("no damage that leaves a picture")
        self.assertIn(b"damaged.jpg': ", done.stderr)
        quiet = subprocess.run([program, path, "--quiet"], capture_output=True)
        self.assertEqual((quiet.returncode, quiet.stderr, quiet.stdout), (0, b"", done.stdout))

    def test_wrong_size(self):
        path = self.file("photo.png", png(2, 3, [0] * 18, RGB))
        self.refuses(self.program(3, 2, 1), path,
                     says="photo.png' is 2x3x3 (height x width x channels), but input 'image' wants 3x2x1")
        self.refuses(self.program(2, 3, 4), path, says="wants 2x3x4: give it as NPY")
        self.refuses(self.program(2, 3, 3, N=2), path, says="wants 2x2x3x3: give it as NPY")

    def refused_each(self, program, files):
        """Each of these files is refused with exit code 1."""
        def one(numbered):
            self.refuses(program, self.file(f"wrong{numbered[0]}", numbered[1]))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, enumerate(files)))

    def survives(self, program, data, count=60):
        """Bytes changed at random: an answer or a message."""
        chance = random.Random(len(data))
        for i in range(count):
            changed = bytearray(data)
            for _ in range(chance.randrange(1, 5)):
                changed[chance.randrange(len(data))] = chance.randrange(256)
            path = self.file("changed", changed)
            done = subprocess.run([program, path], capture_output=True, timeout=60)
            self.assertIn(done.returncode, (0, 1), (changed, done.stderr))
            self.assertNotIn(b"runtime error", done.stderr)
            self.assertNotIn(b"Sanitizer", done.stderr)

    def test_cut_off_anywhere(self):
        program = self.program(2, 3, 1)
        whole = [png(2, 3, [1, 2, 3, 4, 5, 6]), png(2, 3, [1, 2, 3, 4, 5, 6], interlaced=True),
                 b"P5 3 2 255\n123456", b"P4 3 2\nab", b"P1 3 2 010110", b"P2 3 2 9 1 2 3 4 5 6",
                 npy("|u1", (2, 3), b"123456"), npy_floats((2, 3), [1] * 6)]
        for data in whole:
            self.use(program, self.file("whole", data))
            self.refused_each(program, [data[:end] for end in range(len(data))])
            self.survives(program, data)

    def test_hostile_png(self):
        program = self.program(2, 3, 1)
        good = png(2, 3, [1, 2, 3, 4, 5, 6])
        for size in (0, 2 ** 31 - 1, 2 ** 32 - 1, 10 ** 6):
            header = struct.pack(">IIBBBBB", size, size, 16, RGBA, 0, 0, 1)
            data = good[:8] + pictures.chunk(b"IHDR", header) + good[33:]
            self.refuses(program, self.file("a.png", data))
        wrong_sum = bytearray(good)
        wrong_sum[29] ^= 1
        self.refuses(program, self.file("b.png", wrong_sum), says="b.png")
        self.refuses(program, self.file("c.png", good[:33] + good[-12:]))

    def test_hostile_pnm(self):
        program = self.program(2, 3, 1)
        for text in (b"P5 3 2 0\n123456", b"P5 3 2 65536\n123456", b"P5 3 2 255", b"P5 3 2 255x123456",
                     b"P5 -3 2 255\n123456", b"P5 99999999999999999999 2 255\n", b"P2 3 2 5 1 2 3 4 5 6",
                     b"P1 3 2 012345", b"P5 0 0 255\n", b"P5 99999999 99999999 255\n", b"P5#", b"P7\n",
                     b"P2 3 2 255 1 2 3 4 5 x", b"P5 3 2 200\n12345\xff", b"P", b"", b"text", b"\xff\xd8\xff"):
            with self.subTest(text=text):
                self.refuses(program, self.file("a.pnm", text), says="a.pnm")
