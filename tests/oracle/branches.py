"""Random networks whose branches read one picture in unlike ways and meet again: unequal strides, shifted and mirrored
borders, gates, pictures side by side, a second input. Some do not fit together; the caller leaves them out."""

import random

HEAD = """block gate(x) {
    g = x -> avgpool(global) -> conv(1, channels(x)) -> sigmoid
    return x * g
}
"""


class Branches:
    """With `open` every layer passes on what it sees, however much of it: no gate, no softmax; and fields are no wider than what is
    seen, though each axis is followed by itself: no branch is seen in a part of the picture only, and no axis becomes another
    (permute). `batch` pictures are seen at a time."""

    def __init__(self, seed, open=False, batch=1):
        self.rng, self.open, self.batch = random.Random(f"branches {seed}"), open, batch

    def pick(self, *values):
        return self.rng.choice(values)

    def size(self, low, high):
        """HxW."""
        return f"{self.rng.randint(low, high)}x{self.rng.randint(low, high)}"

    def amounts(self, most):
        return [self.rng.randint(0, most) for _ in range(4)]

    def window(self):
        padding = self.pick("same", "same_lower", "valid", self.size(0, 2), str(self.amounts(2)))
        return f"{self.size(1, 4)}, stride = {self.size(1, 3)}, padding = {padding}, dilation = {self.size(1, 2)}"

    def resized(self):
        mode = self.pick("nearest", "bilinear", "bicubic")
        align = self.pick("half_pixel", "corners", "asymmetric", "crop, region = [-0.25, 0, 1, 0.5]")
        size = self.pick(f"{self.size(1, 12)}", "factor = [0.5, 1.5]", "factor = 2")
        return f"resize({size}, mode = {mode}, align = {align})"

    def layer(self):
        """A layer of four channels to four channels."""
        mode = self.pick("zeros", "reflect", "replicate", "wrap")
        resize = self.pick("", ", mode = bilinear", ", mode = bilinear, align = corners")
        if not self.open:
            resize = self.pick(resize, resize, ", mode = bicubic", ", mode = bicubic, align = corners")
        axis = self.pick("height", "width")
        closing = [] if self.open else [
            lambda: f"softmax({axis})", lambda: "gate", self.resized,
            lambda: self.pick("instancenorm", "groupnorm(2)", f"layernorm({axis})", "layernorm"),
            lambda: self.pick("permute(width, height, channels)", "permute([channels, height, width]) -> conv(1, 4)")]
        return self.pick(
            *closing,
            lambda: f"conv({self.window()}, depth = 4, padding_mode = {mode})",
            lambda: f"conv({self.size(1, 3)}, 4, padding = same)",
            lambda: f"depthwise({self.window()}, padding_mode = {mode})",
            lambda: f"maxpool({self.size(2, 3)}, stride = {self.size(1, 4)}, padding = 1, ceil = {self.pick('true', 'false')})",
            lambda: f"deconv({self.size(1, 4)}, 4, stride = {self.size(1, 3)}, padding = {self.size(0, 1)}, dilation = {self.size(1, 2)})",
            lambda: f"deconv({self.size(1, 4)}, 4, stride = {self.size(1, 3)}, padding = same)",
            lambda: f"deconv(3, 4, stride = 2, padding = 1, output_padding = {self.size(0, 1)})",
            lambda: f"upsample({self.size(1, 3)}{resize})",
            lambda: f"upsample(size = {self.size(1, 14)}{resize})",
            lambda: f"pad({self.amounts(3)}, mode = {mode})",
            lambda: f"pad({self.amounts(1)}, mode = {mode}, channels = [1, 2]) -> conv(1, 4)",
            lambda: f"crop({self.amounts(2)})",
            lambda: f"slice({axis}, {self.rng.randint(0, 2)}..{self.rng.randint(3, 7)}, step = {self.pick(1, 2, 3)})",
            lambda: f"slice({axis}, {self.rng.randint(3, 7)}..{self.rng.randint(0, 2)}, step = {self.pick(-1, -2)})",
            lambda: "conv(1, 16) -> pixel_shuffle(2)",
            lambda: f"pixel_unshuffle({self.size(1, 3)}) -> conv(1, 4)",
            lambda: f"channel_shuffle({self.pick(1, 2, 4)})",
            lambda: f"tile({axis}, {self.pick(1, 2, 2, 3)})",
            lambda: f"mean({axis}) -> expand({self.size(1, 6)})",
            lambda: f"split({axis}, [{self.rng.randint(1, 4)}, {self.rng.randint(1, 4)}]) -> concat({axis})",
            lambda: "split(channels, 2) -> concat(channels)",
            lambda: f"{self.pick('mean', 'mean', 'sum')}({axis})")()

    def chain(self, start, most):
        layers = [self.layer() for _ in range(self.rng.randint(1, most))]
        return " -> ".join([start, *layers])

    def text(self):
        height, width = self.rng.randint(3, 16), self.rng.randint(3, 16)
        lines = [f"input image: {self.batch}x{height}x{width}x4", f"input other: {self.batch}x{self.size(3, 10)}x4, range = 0..255"]
        whole = self.size(1, 12)
        for name in "abc":
            start = self.pick("image", "image", "image", "other", "a" if name != "a" else "image")
            last = self.pick(f" -> upsample(size = {whole})", f" -> upsample(size = {whole}, mode = bilinear)", "")
            lines.append(f"{name} = {self.chain(start, 4)}{last}")
        meet = ["a + b", "concat(a, b)", "max(a, c) * b", "(a -> avgpool(global)) + b", "a * (b -> mean(height))", "image + (a -> mean)",
                "concat(image, image -> conv(1, 3)) -> conv(1, 4)"]
        if not self.open:
            meet += ["concat(a, b, height)", "concat(b, a, c, width)", "a -> gate",
                     "image * (image -> conv(3, 4, padding = same)) + (image -> pad([2, 0, 0, 2]) -> crop([0, 2, 2, 0]))"]
        meet = self.pick(*meet)
        lines += [f"meeting = {meet}", f"output end = {self.chain('meeting', 3)}", f"output side = {self.pick('a', 'b', 'c')}"]
        return HEAD + "network branches {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
