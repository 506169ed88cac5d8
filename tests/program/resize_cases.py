"""--resize against the definition, computed here for each pixel in double without separating axes."""

import random
import struct
from math import floor

from program.pictures import GREY, RGB, chunk, png
from program.programs import BYTES, Programs


def weights(size, scaled, i):
    """The weight of each of `size` inputs in output i of `scaled`; their sum is 1."""
    scale = size / scaled
    reach = max(scale, 1.0)
    found = {x: max(0.0, 1.0 - abs(x + 0.5 - (i + 0.5) * scale) / reach) for x in range(size)}
    total = sum(found.values())
    return {x: weight / total for x, weight in found.items() if weight}


def resized(picture, height, width, channels, rows, columns):
    """All of the picture in another size, as a list of rows of pixels."""
    across = [weights(width, columns, x) for x in range(columns)]
    down = [weights(height, rows, y) for y in range(rows)]
    return [[[sum(wy * wx * picture[(sy * width + sx) * channels + c]
                  for sy, wy in down[y].items() for sx, wx in across[x].items())
              for c in range(channels)] for x in range(columns)] for y in range(rows)]


def half_up(value):
    return max(1, floor(value + 0.5))


def expected(mode, picture, size, channels, wanted, border):
    """What an input of size `wanted` is to hold, pixel by pixel."""
    (height, width), (rows, columns) = size, wanted
    ratios = rows / height, columns / width
    if mode == "stretch":
        scaled = rows, columns
    else:
        ratio = min(ratios) if mode == "fit" else max(ratios)
        scaled = (rows if ratio == ratios[0] else half_up(height * columns / width),
                  columns if ratio == ratios[1] else half_up(width * rows / height))
    whole = resized(picture, height, width, channels, *scaled)
    result = []
    for y in range(rows):
        for x in range(columns):
            # where this pixel lies in the scaled picture: middle on middle, an odd rest behind
            at = [index + ((have - want) // 2 if have > want else -((want - have) // 2))
                  for index, have, want in ((y, scaled[0], rows), (x, scaled[1], columns))]
            inside = 0 <= at[0] < scaled[0] and 0 <= at[1] < scaled[1]
            result += whole[at[0]][at[1]] if inside else [border] * channels
    return result


class Resizing(Programs):
    """Pictures of another size than the input's."""

    def check(self, program, mode, picture, size, channels, wanted, border=0.0, words=(), tolerance=2e-3):
        data = png(*size, picture, RGB if channels == 3 else GREY)
        path = self.file("picture.png", data)
        _, got = self.result(program, path, "--resize", mode, *words)
        correct = expected(mode, picture, size, channels, wanted, border)
        self.assertEqual(len(got), len(correct))
        worst = max(abs(a - b) for a, b in zip(got, correct))
        self.assertLessEqual(worst, tolerance, (mode, size, wanted))
        return got

    def test_against_the_definition(self):
        chance = random.Random(11)
        wanted = [(1, 1), (5, 4), (8, 8), (3, 9)]
        for height, width in wanted:
            for channels in 1, 3:
                program = self.program(height, width, channels)
                for mode in "fit", "crop", "stretch":
                    for size in (1, 1), (5, 4), (16, 16), (7, 31), (30, 5), (2, 3), (1, 40):
                        picture = [chance.randrange(256) for _ in range(size[0] * size[1] * channels)]
                        self.check(program, mode, picture, size, channels, (height, width))

    def test_known_values(self):
        """Worked out on paper."""
        halved = self.check(self.program(1, 2, 1), "stretch", [0, 80, 160, 240], (1, 4), 1, (1, 2))
        # output 0: centre 1, weights 3/4, 3/4, 1/4 of inputs 0, 1, 2
        self.assertAlmostEqual(halved[0], (0.75 * 80 + 0.25 * 160) / 1.75, 4)
        doubled = self.check(self.program(1, 4, 1), "stretch", [0, 100], (1, 2), 1, (1, 4))
        self.assertEqual(doubled, [0, 25, 75, 100])
        same = list(range(12))
        self.assertEqual(self.check(self.program(3, 4, 1), "fit", same, (3, 4), 1, (3, 4)), same)

    def test_constant_stays_constant(self):
        for mode in "crop", "stretch":
            values = self.check(self.program(5, 7, 1), mode, [255] * (40 * 9), (40, 9), 1, (5, 7))
            self.assertLessEqual(max(abs(v - 255) for v in values), 1e-3)

    def test_border(self):
        picture = [200] * 4
        ranged = self.program(2, 4, 1, LOW=-1, HIGH=1)
        inside = -1 + 200 * 2 / 255
        _, got = self.result(ranged, self.file("p.png", png(1, 1, [200])), "--resize", "fit")
        self.assertEqual([round(v, 5) for v in got], [round(v, 5) for v in [-1, inside, inside, -1] * 2])
        _, got = self.result(ranged, self.file("p.png", png(1, 1, [200])), "--resize=fit", "--fill", "-0.25")
        self.assertEqual(got[0::4], [-0.25] * 2)
        self.check(self.program(2, 4, 1), "fit", picture, (2, 2), 1, (2, 4), 0.0)
        self.check(self.program(2, 4, 1), "fit", picture, (2, 2), 1, (2, 4), 7.5, ["--fill", "7.5"])

    def test_bytes(self):
        program = self.program(2, 4, 1, **BYTES)
        _, got = self.result(program, self.file("p.png", png(1, 2, [0, 101])), "--resize", "stretch")
        self.assertEqual(got, [0, 25, 76, 101] * 2)  # 25.25 and 75.75, rounded
        _, got = self.result(program, self.file("p.png", png(1, 1, [9])), "--resize", "fit", "--fill", "254.6")
        self.assertEqual(got, [255, 9, 9, 255] * 2)
        for fill in "256", "-1", "1e9":
            self.refuses(program, "p.png", "--resize", "fit", "--fill", fill, code=2, says="is bytes, from 0 to 255")

    def test_layouts_and_colours(self):
        chance = random.Random(5)
        colours = [chance.randrange(256) for _ in range(9 * 8 * 3)]
        correct = expected("crop", colours, (9, 8), 3, (4, 6), 0)
        path = self.file("c.png", png(9, 8, colours, RGB))
        _, planes = self.result(self.program(4, 6, 3, LAYOUT="CNN_LAYOUT_CHW"), path, "--resize", "crop")
        for got, wanted in zip(planes, correct[0::3] + correct[1::3] + correct[2::3]):
            self.assertAlmostEqual(got, wanted, 3)
        _, grey = self.result(self.program(4, 6, 1), path, "--resize", "crop")
        for i, got in enumerate(grey):
            red, green, blue = correct[3 * i:3 * i + 3]
            self.assertAlmostEqual(got, 0.299 * red + 0.587 * green + 0.114 * blue, 3)

    def test_without(self):
        path = self.file("photo.png", png(2, 3, [0] * 6))
        self.refuses(self.program(3, 3, 1), path, says="photo.png' is 2x3x1 (height x width x channels), but input "
                     "'image' wants 3x3x1; --resize fit, crop or stretch makes it that")

    def test_every_kind(self):
        """The readers hand over pictures of any size."""
        program = self.program(1, 1, 1)
        for data in b"P5 2 2 255 \x10\x10\x10\x10", b"P4 2 2 \x00\x00", b"P2 2 2 9 3 3 3 3", png(2, 2, [8] * 4, interlaced=True):
            self.use(program, self.file("p", data), "--resize", "stretch")

    def test_hostile_sizes(self):
        """Refused before memory of that size is asked for."""
        program = self.program(1, 1, 1)
        good = png(2, 3, [1, 2, 3, 4, 5, 6])
        for width, height, says in ((999999, 999999, "more than 134217728 pixels are not read"),
                                    (10000, 10000, f"ends early: {len(good)} bytes hold no picture of 10000x10000")):
            data = tampered(good, width, height)
            self.refuses(program, self.file("a.png", data), "--resize", "fit", says=says)
        for text in b"P5 10000 10000 255 ", b"P4 10000 10000 ", b"P3 10000 10000 255 ", b"P6 70000 70000 255 ":
            self.refuses(program, self.file("a.ppm", text), "--resize", "fit", says="a.ppm' ")
        for text in b"P5 0 3 255 ", b"P5 3 0 255 ":
            self.refuses(program, self.file("a.ppm", text), "--resize", "fit", says="a.ppm' is ")

    def test_extreme_proportions(self):
        thin = self.file("thin.pgm", b"P5 4000 1 255 " + bytes(i % 256 for i in range(4000)))
        for mode in "fit", "crop", "stretch":
            for size in (1, 1), (3, 2), (1, 4000), (50, 3):
                shape, values = self.result(self.program(*size, 1), thin, "--resize", mode)
                self.assertEqual(len(values), size[0] * size[1])
                self.assertTrue(all(0 <= v <= 255 for v in values))


def tampered(data, width, height):
    """A PNG whose header promises another size."""
    header = struct.pack(">IIBBBBB", width, height, 8, GREY, 0, 0, 0)
    return data[:8] + chunk(b"IHDR", header) + data[33:]
