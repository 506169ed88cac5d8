#!/usr/bin/env python3
"""`cnnc --report=json` against an independent reading of the same files (oracle/report.py): random networks, and the
networks of tests/golden/, whose reports are also compared in every form, to the letter.

usage: tests/report_test.py [--update] [COUNT [FIRST_SEED]]
--update rewrites tests/golden/, unless the JSON of one is not what the oracle says.
"""

import json
import random
import sys
from pathlib import Path

import tools
from oracle.branches import Branches
from oracle.generate import Generator
from oracle.report import report

SEEDS = 300
KEYS_NOT_COMPARED = {"network", "line"}


def differences(said, wanted, place=""):
    """Texts, one for each figure that differs."""
    if isinstance(wanted, dict):
        if not isinstance(said, dict) or set(said) - KEYS_NOT_COMPARED != set(wanted) - KEYS_NOT_COMPARED:
            return [f"{place}: keys {sorted(said) if isinstance(said, dict) else said}, not {sorted(wanted)}"]
        return [text for key in wanted for text in differences(said[key], wanted[key], f"{place}.{key}")]
    if isinstance(wanted, list):
        if not isinstance(said, list) or len(said) != len(wanted):
            return [f"{place}: {said}, not {wanted}"]
        return [text for i, (a, b) in enumerate(zip(said, wanted)) for text in differences(a, b, f"{place}[{i}]")]
    if isinstance(wanted, float) and isinstance(said, (int, float)):
        near = abs(said - wanted) <= 1e-5 * max(abs(wanted), 1)
    else:
        near = said == wanted and isinstance(said, bool) == isinstance(wanted, bool)
    return [] if near else [f"{place}: {said}, not {wanted}"]


def named(wanted, texts):
    """Indexes of layers with their names behind them."""
    for i, layer in reversed(list(enumerate(wanted["layers"]))):
        texts = [text.replace(f".layers[{i}]", f"{layer['name']} ({layer['layer']})") for text in texts]
    return texts


def compare(path, text):
    """What is wrong with cnnc's report of a file, as text."""
    result = tools.cnnc("--report=json", "--units", path)
    if result.returncode:
        return f"exit code {result.returncode}\n{result.stderr}"
    wanted = report(text)
    return "\n".join(named(wanted, differences(json.loads(result.stdout), wanted))[:12])


def random_text(seed):
    """A network that can be walked: those that do not fit together are left out. Even seeds: any layers; odd ones: branches."""
    layers = random.Random(seed).choice([1, 2, 3, 4, 6, 8, 12, 16, 25, 40])
    for attempt in range(1000):
        draw = f"report {seed} {attempt}"
        text = (Branches(draw) if seed % 2 else Generator(draw, False, layers)).text()
        try:
            report(text)
            return text
        except (AssertionError, ArithmeticError, ValueError):
            continue
    raise RuntimeError(f"seed {seed}: no usable network in 1000")


def main(words):
    counter = tools.Counter()
    count, first = int(words[0]) if words else SEEDS, int(words[1]) if len(words) > 1 else 1
    with tools.temporary_folder() as folder:
        path = Path(folder) / "net.cnn"
        for seed in range(first, first + count):
            text = random_text(seed)
            path.write_text(text)
            wrong = compare(path, text)
            counter.check(not wrong, f"seed {seed}", f"{wrong}\n{text}")
    counter.finish()


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    main(sys.argv[1:])
