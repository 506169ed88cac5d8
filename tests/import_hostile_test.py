#!/usr/bin/env python3
"""Hostile ONNX models. Whatever their bytes, the import ends with a graph, which is then written, read again and planned, or
with a message: small ones many in a process, 2 seconds for each; large ones by cnnc itself, with exit code 0, 1 or 3, within
2 seconds of processor time and 256 MiB (three times as much with sanitizers), and nothing left behind after mistakes.

usage: tests/import_hostile_test.py [--fuzz SEED COUNT] [WORD...]

WORDs choose models by their names; --fuzz runs COUNT models with changed bytes instead."""

import os
import re
import struct
import sys
from pathlib import Path

import tools
from importing import hostile, limited

SANITIZED = "sanitize" in str(tools.BUILD)
SECONDS, MEGABYTES = (6, 768) if SANITIZED else (2, 256)
MUTATIONS = 400
PROGRAM = tools.BUILD / "tests" / "import_many"
LINE = re.compile(r"(\d+) (sound|wrong|broken) ?(.*)")


def check_many(counter, place, models):
    """All in one process, a new one behind each model that ends it."""
    at = 0
    while at < len(models):
        archive = place / "models"
        archive.write_bytes(b"".join(struct.pack("<I", len(data)) + data for _, data in models[at:]))
        result = tools.run([PROGRAM, archive], timeout=1000)
        lines = [match.groups() for match in map(LINE.match, result.stdout.splitlines()) if match]
        for (name, _), (milliseconds, state, text) in zip(models[at:], lines):
            good = state == "sound" or state == "wrong" and text
            counter.check(good and int(milliseconds) <= 1000 * SECONDS, name, f"{milliseconds} ms, {state}: {text}")
        at += len(lines)
        if at < len(models):
            counter.check(False, models[at][0], f"exit code {result.returncode}\n{result.stderr[:3000]}")
            at += 1


def is_good(outcome):
    said = "error:" in outcome.said and "internal" not in outcome.said
    small = outcome.seconds <= SECONDS and outcome.megabytes <= MEGABYTES
    return small and (outcome.code == 0 or outcome.code in (1, 3) and said) and "Sanitizer" not in outcome.said


def check_large(counter, folder, name, data):
    (folder / "m.onnx").write_bytes(data)
    for words in (["--check", "m.onnx"], ["import", "m.onnx", "-o", "out.cnn"]):
        outcome = limited.run(words, folder)
        tidy = outcome.code == 0 or not list(folder.glob("out*"))
        counter.check(is_good(outcome) and tidy, f"{name} ({words[0]})", outcome)
        if outcome.code:
            break
    for path in folder.iterdir():
        path.unlink()


def chosen(words, models):
    return [model for model in models if not words or any(word in model[0] for word in words)]


def main(words):
    counter = tools.Counter()
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")
    with tools.temporary_folder() as place:
        place = Path(place)
        if words[:1] == ["--fuzz"]:
            check_many(counter, place, list(hostile.mutations(words[1], int(words[2]))))
        else:
            check_many(counter, place, chosen(words, [*hostile.small(), *hostile.mutations(1, MUTATIONS)]))
            for model in chosen(words, hostile.large()):
                check_large(counter, place, *model)
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
