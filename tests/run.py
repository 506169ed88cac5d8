#!/usr/bin/env python3
"""Runs every test: the unit programs of each build, and the scripts tests/**/*_test.py.

usage: tests/run.py [WORD...]     only the tests with one of these words in their name

A test passes with exit code 0, is skipped with 77, and fails otherwise. One whose last line reads
"N passed, N failed, N skipped" counts as that many. Scripts find the compiler by tests/tools.py.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
TIMEOUT = 1200  # seconds for one test, on a machine that has other work too

# Scripts that also run with the compiler built with sanitizers: those that feed it odd input.
SANITIZED = {"wrong_test", "cli_test", "documents_test", "errors_test", "explain_test",
             "dependencies_test", "manual_test", "weights_test", "weight_commands_test", "import_messages_test",
             "import_hostile_test"}
# Started first, since they take longest.
LONG = ["layers_test", "differential_test", "import_forms_test", "examples_test", "program_sanitized_test", "program_test", "dump_test",
        "install_test"]

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


class Test:
    def __init__(self, name, command, build):
        self.name, self.command, self.build = name, command, build

    def run(self):
        """Returns (passed, failed, skipped), seconds and what it printed."""
        environment = dict(os.environ, CNNC_BUILD=str(self.build), PYTHONDONTWRITEBYTECODE="1")
        start = time.monotonic()
        try:
            done = subprocess.run(self.command, env=environment, cwd=ROOT, timeout=TIMEOUT,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            code, text = done.returncode, done.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as late:
            code = 1
            text = (late.stdout or b"").decode(errors="replace") + f"\nstopped after {TIMEOUT} s\n"
        return self.count(code, text), time.monotonic() - start, text

    @staticmethod
    def count(code, text):
        lines = text.strip().splitlines()
        summary = SUMMARY.match(lines[-1]) if lines else None
        if summary:
            passed, failed, skipped = map(int, summary.groups())
            return passed, max(failed, code not in (0, 77)), skipped
        return (code == 0), code not in (0, 77), (code == 77)


def discover():
    builds = [ROOT / "build", ROOT / "build-sanitize"]
    scripts = sorted(TESTS.rglob("*_test.py"))
    scripts.sort(key=lambda script: LONG.index(script.stem) if script.stem in LONG else len(LONG))
    for script in scripts:
        for build in builds[: 2 if script.stem in SANITIZED else 1]:
            yield Test(f"{script.stem} ({build.name})", [sys.executable, str(script)], build)
    for build in builds:
        for program in sorted((build / "tests" / "unit").glob("*_test*")):
            yield Test(f"{program.name} ({build.name})", [str(program)], build)


def main(words):
    tests = [t for t in discover() if not words or any(word in t.name for word in words)]
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(test.run): test for test in tests}
        for future in concurrent.futures.as_completed(running):
            counts, seconds, text = future.result()
            word = "FAIL" if counts[1] else "ok" if counts[0] else "skip"
            print(f"{word:4} {running[future].name} {seconds:.1f} s", flush=True)
            if word != "ok":
                print(text.rstrip("\n"), flush=True)
            total = [a + b for a, b in zip(total, counts)]
    if not tests:
        print("no test of that name" if words else "no tests")
        return 1
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
