#!/usr/bin/env python3
"""The examples, compiled and run: filters against filters_by_hand.py, LeNet against PyTorch's own
predictions, the large networks at a small size against the naive twins (harness/reference.c). zoo_test.py
compares these with PyTorch's.

usage: tests/examples_test.py [BUILD]"""

import json
import math
import os
import random
import re
import sys
from array import array
from pathlib import Path

if len(sys.argv) > 1:
    os.environ["CNNC_BUILD"] = os.path.abspath(sys.argv[1])

import filters_by_hand
import tools
from compiled import Compiled, read_floats
from png import read_png

EXAMPLES = tools.ROOT / "examples"
REFERENCE = tools.BUILD / "tests" / "reference"

# What the large networks are made with here, so that the naive twins are done in a few seconds.
SMALL = {
    "vgg16": {"size": 32, "classes": 10},
    "resnet18": {"size": 64},
    "resnet50": {"size": 64},
    "mobilenet_v1": {"size": 64, "width": 0.25},
    "mobilenet_v2": {"size": 64},
    "mobilenet_v3_small": {"size": 64},
    "squeezenet": {"size": 67},
    "densenet121": {"size": 64},
    "efficientnet_b0": {"size": 64},
    "inception_v3": {"size": 75},
    "googlenet": {"size": 64},
    "unet": {"size": 64, "depth": 8},
    "yolo_fastest": {"size": 64},
    "super_resolution": {"size": 40, "depth": 24},
    "resnet8": {},
    "keyword_spotting": {},
}


def compiled(counter, source, folder):
    """The program of a network file, or None."""
    program = folder / source.stem
    done = tools.cnnc(source, "-o", program)
    good = counter.check(done.returncode == 0 and not done.stderr, f"{source.name} compiles", done.stderr)
    return program if good else None


def check_filters(counter, name, expected, folder):
    """Each output as PNG: within one grey level everywhere, and equal but for halves."""
    program = compiled(counter, EXAMPLES / f"{name}.cnn", folder)
    if not program:
        return
    words = [word for output in expected for word in ("-o", f"{output}={folder / output}.png")]
    done = tools.run([program, EXAMPLES / "photo.png", *words])
    if not counter.check(done.returncode == 0, f"{name} runs", done.stderr):
        return
    for output, planes in expected.items():
        height, width, channels, found = read_png(folder / f"{output}.png")
        wanted = filters_by_hand.samples(planes)
        size = (len(planes[0]), len(planes[0][0]), len(planes))
        counter.check((height, width, channels) == size, f"{name}: size of {output}", f"{height}x{width}x{channels}")
        off = [abs(a - b) for a, b in zip(found, wanted)]
        counter.check(max(off) <= 1, f"{name}: {output} to one grey level", f"{max(off)} levels off")
        counter.check(sum(off) < len(off) / 100, f"{name}: {output} rounded alike", f"{sum(off)} of {len(off)} differ")
        counter.check(len(set(wanted)) > 100, f"{name}: {output} is a picture", "few grey levels")


def filters(counter):
    picture = filters_by_hand.planes(*read_png(EXAMPLES / "photo.png"))
    with tools.temporary_folder() as folder:
        check_filters(counter, "edges", filters_by_hand.edges(picture), Path(folder))
        check_filters(counter, "filters", filters_by_hand.gallery(picture), Path(folder))


def lenet(counter):
    sys.path.insert(0, str(EXAMPLES / "lenet"))
    import evaluate
    size = (EXAMPLES / "lenet" / "lenet.safetensors").stat().st_size
    counter.check(size < 300_000, "LeNet's weights are small", f"{size} bytes")
    with tools.temporary_folder() as folder:
        program = compiled(counter, EXAMPLES / "lenet" / "lenet.cnn", Path(folder))
        if not program:
            return
        for picture in sorted((EXAMPLES / "lenet").glob("*.png")):
            first = tools.run([program, picture, "--top", "1"]).stdout
            name = picture.stem.replace("-", " ")
            counter.check(re.search(rf"\b{name}\b", first), f"LeNet knows {picture.name}", first)
        if not evaluate.DATA.is_dir():
            counter.skip("LeNet's 10,000 pictures", "dataset-fashion-mnist is not installed")
            return
        count, right, alike = evaluate.evaluate(program)
        counter.check(count == 10_000 and right >= 9_000, "LeNet is right in 90 %", f"{right} of {count}")
        counter.check(alike >= 9_999, "LeNet as in PyTorch", f"{alike} of {count}")
        print(f"LeNet: {right} of {count} right, {alike} as in PyTorch")


def check_values(counter, name):
    """With made-up weights, at a small size: the compiled network against the naive twins in double.
    The bound that can be derived grows with depth to no use: a ten-thousandth of the outputs' spread
    tells rounding from a mistake."""
    rng = random.Random(name)
    with tools.temporary_folder() as place:
        folder = Path(place)
        source = folder / "net.cnn"
        source.write_text(tools.with_defaults((EXAMPLES / f"{name}.cnn").read_text(), SMALL[name]))
        report = json.loads(tools.cnnc("--report=json", "-w", source).stdout)
        pixels = array("f", [rng.uniform(0, 255) for _ in range(math.prod(report["inputs"][0]["shape"]))])
        (folder / "in.f32").write_bytes(pixels.tobytes())
        done = tools.run([REFERENCE, source, "random:1", folder, folder / "in.f32"])
        if not counter.check(done.returncode == 0, f"{name}: the naive twins", done.stderr):
            return
        outputs = [output["name"] for output in report["outputs"]]
        wanted = [read_floats(folder / f"{output}.f64", "d") for output in outputs]
        found = Compiled(source, folder, weights="random:1", eager=True).run([pixels], [len(values) for values in wanted])
    for output, ours, right in zip(outputs, found, wanted):
        spread = max(right) - min(right)
        off = max(abs(a - b) for a, b in zip(ours, right))
        counter.check(spread > 0 and off <= 1e-4 * spread, f"{name}, {output}, as the naive twins",
                      f"{off:g} off, spread {spread:g}")


def main():
    counter = tools.Counter()
    filters(counter)
    lenet(counter)
    listed = {path.stem for path in (tools.ROOT / "tests" / "zoo").glob("*.tsv")}
    counter.check(listed == set(SMALL), "every network of the zoo", f"{listed ^ set(SMALL)}")
    for name in SMALL:
        check_values(counter, name)
    counter.finish()


if __name__ == "__main__":
    main()
