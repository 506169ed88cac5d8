#!/usr/bin/env python3
"""What a message's help says is done, and the message must be gone: other input sizes where branches do not meet, a smaller
kernel or padding where a window does not fit, sizes and padding where rows are left over.

Networks are drawn at random: a picture is halved, cut and enlarged on one way, and meets another. Where no size is named,
none near fits that leaves the branches' strides as they are.

usage: tests/help_test.py [COUNT [FIRST_SEED]]
"""

import json
import random
import re
import sys
from pathlib import Path

import tools

COUNT = 60
SIZES = re.compile(r"^help: an input `x` of (.*) fits$", re.M)


class Checker:
    def __init__(self, folder):
        self.path = Path(folder) / "net.cnn"

    def run(self, text):
        self.path.write_text(text)
        return tools.cnnc("--check", self.path).stderr


# --- branches that do not meet ---

def draw_branch(rng):
    """A way down and up again; what it does to distances is the same in both directions, mostly."""
    down, up = [], []
    for _ in range(rng.randint(1, 3)):
        factor = rng.choice([2, 2, 3])
        kernel = rng.choice([1, 3, 3, 5])
        down.append(rng.choice([
            f"maxpool({factor})", f"maxpool({factor}, ceil = true)", f"conv(3, 4, stride = {factor}, padding = 1)",
            f"conv(3, 4, stride = {factor})", f"avgpool({factor + 1}, stride = {factor})",
            f"conv(3, 4, stride = {factor}, padding = same)"]))
        if rng.random() < 0.5:
            down.append(f"conv({kernel}, 4, padding = {rng.choice([0, kernel // 2])})")
        up.append(rng.choice([f"upsample({factor})", f"deconv({factor}, 4, stride = {factor})",
                              f"deconv(3, 4, stride = {factor}, padding = same)"]))
    if rng.random() < 0.2:
        up.append(rng.choice(["crop(1)", "pad(1)", "crop([0, 0, 1, 1])"]))
    return " -> ".join(down + up)


def network(branch, other, height, width, join):
    return (f"network n {{\n    input x: {height}x{width}x4\n    a = x -> {branch}\n    b = x{other}\n"
            f"    output y = {join}\n}}\n")


def numbers(text, word, otherwise):
    """The sizes that a help names for an axis: "height and width 14 or 16 (multiples of 2)"."""
    match = re.search(rf"\b{word}(?: and width)? (\d+)(?: or (\d+))?(?: \(multiples of (\d+)\))?", text)
    if not match:
        return [otherwise]
    low, high, multiple = (int(n) if n else None for n in match.groups())
    more = [high + multiple, high + 7 * multiple] if multiple else []
    return [n for n in (low, high) if n] + more


def check_sizes(counter, checker, seed):
    rng = random.Random(f"sizes {seed}")
    branch, other = draw_branch(rng), rng.choice(["", "", "", " -> conv(3, 4)", " -> maxpool(2) -> upsample(2)", " -> conv(1, 4)"])
    height, width = rng.randint(9, 80), rng.randint(9, 80)
    join = rng.choice(["a + b", "concat(a, b)", "max(b, a)"])
    said = checker.run(network(branch, other, height, width, join))
    if "[E0401]" not in said or len(re.findall("error:", said)) != 1:
        return "fits"
    found = SIZES.search(said)
    name = f"seed {seed}: {branch}, {other}, {height}x{width}"
    if found:
        for h in numbers(found.group(1), "height", height):
            for w in numbers(found.group(1), "width", width):
                again = checker.run(network(branch, other, h, w, join))
                counter.check("error" not in again, f"{name}: {h}x{w} fits", said + again)
        return "named"
    # no size is named: if one fits along both axes nearby, then it must be by chance, of branches of unequal stride
    unequal = "error" in checker.run(network(branch, other, height, width, "a\n    assert stride(a) == stride(b)"))
    for by in range(1, 0 if unequal else 9):
        size = max(height, width) + by
        again = checker.run(network(branch, other, size, size, join))
        counter.check("[E0401]" in again, f"{name}: {size} fits, and is not named", said)
    return "none"


# --- windows that do not fit ---

def check_window(counter, checker, seed):
    rng = random.Random(f"window {seed}")
    layer = rng.choice(["conv", "conv", "maxpool", "avgpool", "depthwise"])
    height, width = rng.randint(1, 6), rng.randint(1, 6)
    words = {"kernel": rng.randint(2, 12), "dilation": rng.choice([1, 1, 2, 3])}
    if layer == "conv":
        words["depth"] = 4
    if layer in ("conv", "depthwise"):
        words["padding_mode"] = rng.choice(["zeros", "reflect", "replicate", "wrap"])
    words["padding"] = rng.choice([0, 0, 1, "[0, 0, 1, 2]"])

    def line(changes):
        arguments = ", ".join(f"{k} = {v}" for k, v in {**words, **changes}.items())
        return f"    y = x -> {layer}({arguments})\n"

    def refused(*changes):
        """For each, whether there is an error on its line."""
        text = "".join(map(line, changes))
        checker.path.write_text(f"network n {{\n    input x: {height}x{width}x4\n{text}    output z = x\n}}\n")
        listed = json.loads(tools.cnnc("--check", "--diagnostics=json", checker.path).stderr)["diagnostics"]
        lines = {d["line"] for d in listed if d["severity"] == "error"}
        return [i + 3 in lines for i in range(len(changes))]

    said = checker.run(f"network n {{\n    input x: {height}x{width}x4\n{line({})}    output z = x\n}}\n")
    if "[E0412]" not in said:
        return "fits"
    name = f"window {seed}: {layer} {words} of {height}x{width}"
    kernel = re.search(r"help: a kernel of (\d+) or less", said)
    padding = re.search(r"help: .*\bpadding = (\d+)", said)
    kernels, paddings = range(1, words["kernel"]), range(20)
    wrong = refused(*({"kernel": k} for k in kernels), *({"padding": p} for p in paddings))
    best = max((k for k, bad in zip(kernels, wrong) if not bad), default=None)
    least = min((p for p, bad in zip(paddings, wrong[len(kernels):]) if not bad), default=None)
    counter.check(best == (int(kernel.group(1)) if kernel else None), f"{name}: kernel {best}", said)
    counter.check(least == (int(padding.group(1)) if padding else None), f"{name}: padding {least}", said)
    return "named" if kernel or padding else "none"


# --- rows that no window reads ---

def check_rest(counter, checker, seed):
    rng = random.Random(f"rest {seed}")
    layer = rng.choice(["conv", "conv", "maxpool", "avgpool", "depthwise"])
    size = (rng.randint(3, 20), rng.randint(3, 20))
    kernel, stride = rng.randint(1, 6), rng.randint(2, 6)
    padding = [rng.randint(0, kernel - 1) for _ in range(4)] if rng.random() < 0.7 else [0] * 4
    more = ", depth = 4" if layer == "conv" else ""
    if layer in ("conv", "depthwise"):
        more += rng.choice(["", ", padding_mode = reflect", ", dilation = 2"])

    def run(size=size, padding=padding, more=more):
        return checker.run(f"network n {{\n    input x: {size[0]}x{size[1]}x4\n    output y = x -> {layer}(kernel = {kernel}, "
                           f"stride = {stride}, padding = {padding}{more})\n}}\n")

    said = run()
    if "[W0101]" not in said:
        return "none"
    name = f"rest {seed}: {layer} kernel {kernel}, stride {stride}, padding {padding}{more} of {size}"
    found = re.search(r"`x` of (\d+)x(\d+) leaves none", said)
    if counter.check(found, name, said):
        again = run(size=(int(found.group(1)), int(found.group(2))))
        counter.check("[W0101]" not in again and "error" not in again, f"{name}: {found.group()}", said + again)
    found = re.search(r"padding = (\[.*?\]) reads them", said)
    if found:
        again = run(padding=found.group(1))
    elif "ceil = true reads them" in said:
        again = run(more=more + ", ceil = true")
    else:
        return "named"
    counter.check("[W0101]" not in again and "error" not in again, f"{name}: read", said + again)
    return "named"


def main(words):
    counter = tools.Counter()
    count, first = int(words[0]) if words else COUNT, int(words[1]) if len(words) > 1 else 1
    with tools.temporary_folder() as folder:
        checker = Checker(folder)
        for check in (check_sizes, check_window, check_rest):
            outcomes = [check(counter, checker, seed) for seed in range(first, first + count)]
            counter.check(outcomes.count("named") > count / 10, f"{check.__name__} names something: {outcomes.count('named')}")
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
