#!/usr/bin/env python3
"""Blocks in the text of `--emit=cnn` and `cnnc import`: what is repeated is written once. The expected texts are those
that a person would write."""

import time
from pathlib import Path

import tools
from export_cnn_test import flat, round_trip

UNIT = "block unit(x) { return (x + (x -> c1: conv(3, 4, padding = 1) -> relu -> c2: conv(3, 4, padding = 1))) -> relu }\n"
PAIR = "block pair(x) { return x -> a: conv(3, 4, padding = 1) -> b: conv(1, 4) -> c: conv(1, 4) }\n"
# A file, and the text that its graph becomes: without comments, on one line.
CASES = {
    "a block again": (UNIT + """network n { input i: 8x8x4
        output y = i -> "s.0": unit -> "s.1": unit -> "s.2": unit -> "s.3": unit }""",
        "block s(x) { c2 = x -> c1: conv(3, 4, padding = 1) -> relu -> c2: conv(3, 4, padding = 1) return (x + c2) -> relu } "
        'network n { input i: 8x8x4 output y = i -> "s.0": s -> "s.1": s -> "s.2": s -> "s.3": s }'),
    "ports of the block's names": (UNIT + """network s { input x: 8x8x4
        output block1 = x -> "s.0": unit -> "s.1": unit -> "s.2": unit -> "s.3": unit }""",
        "block block2(x) { c2 = x -> c1: conv(3, 4, padding = 1) -> relu -> c2: conv(3, 4, padding = 1) "
        "return (x + c2) -> relu } network s { input x: 8x8x4 output block1 = x "
        '-> "s.0": block2 -> "s.1": block2 -> "s.2": block2 -> "s.3": block2 }'),
    "too short to be worth it": (UNIT + """network n { input i: 8x8x4 output y = i -> "s.0": unit -> "s.1": unit }""",
        'network n { input i: 8x8x4 s_0_c2 = i -> "s.0.c1": conv(3, 4, padding = 1) -> relu -> "s.0.c2": conv(3, 4, padding = 1) '
        "s_0 = (i + s_0_c2) -> relu "
        's_1_c2 = s_0 -> "s.1.c1": conv(3, 4, padding = 1) -> relu -> "s.1.c2": conv(3, 4, padding = 1) '
        "output y = (s_0 + s_1_c2) -> relu }"),
    "apart from each other, under running numbers": (PAIR + """network n { input i: 8x8x4
        x = i -> p1: pair -> maxpool(3, stride = 1) -> p2: pair -> upsample(2) -> p3: pair
        output z = x
        output y = x -> softmax -> p4: pair }""",
        "block p(x) { return x -> a: conv(3, 4, padding = 1) -> b: conv(1, 4) -> c: conv(1, 4) } "
        "network n { input i: 8x8x4 output z = i -> p -> maxpool(3, stride = 1) -> p -> upsample(2) -> p "
        "output y = z -> softmax -> p }"),
    "read within, so no block": (PAIR + """network n { input i: 8x8x4
        a = i -> p1: pair
        b = a -> "p2.a": conv(3, 4, padding = 1) -> "p2.b": conv(1, 4)
        c = b -> "p2.c": conv(1, 4)
        output y = b + c }""",
        'network n { input i: 8x8x4 p2_b = i -> "p1.a": conv(3, 4, padding = 1) -> "p1.b": conv(1, 4) -> "p1.c": conv(1, 4) '
        '-> "p2.a": conv(3, 4, padding = 1) -> "p2.b": conv(1, 4) output y = p2_b + (p2_b -> "p2.c": conv(1, 4)) }'),
}


def texts(counter, folder):
    for name, (source, wanted) in CASES.items():
        path = folder / "net.cnn"
        path.write_text(source)
        text = flat(round_trip(counter, name, path, folder))
        counter.check(text == wanted, f"{name}: the text", f"  {text}\n  {wanted}")


def many_layers(counter, folder):
    """Time for twice as many layers is twice as long, of layers that are all alike, too."""
    for name, body in (("relus", "x -> relu"),
                       ("units", 'x + (x -> "u.{k}.c": conv(1, 4) -> "u.{k}.b": batchnorm -> relu)')):
        seconds = []
        for count in (4000, 8000, 16000):
            source = folder / "net.cnn"
            source.write_text("network n { input x: 4x4x4\n for k in 1..%d { x = %s }\n output y = x }" % (count // 4, body))
            start = time.monotonic()
            done = tools.cnnc("--emit=cnn", source, "-o", folder / "again.cnn", timeout=300)
            seconds.append(time.monotonic() - start)
            counter.check(done.returncode == 0, f"{count} layers, {name}", done.stderr)
        counter.check(seconds[2] < 12 * seconds[0] + 1, f"time is near linear, {name}", seconds)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        texts(counter, Path(folder))
        many_layers(counter, Path(folder))
    counter.finish()


if __name__ == "__main__":
    main()
