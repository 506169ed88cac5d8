#!/usr/bin/env python3
"""Every layer of the operator table is tried by the random tests, with the seeds that they run with: in
layers_test.py against its naive twin, in differential_test.py against the interpreter in Python. And every option of
cnnc and of its programs is in a command line of a test."""

import re

import differential_test
import layers_test
import tools
from layers import network

ROW = re.compile(r'^OP\((\w+), "(\w+)",((?: [^,"]+,){7})', re.M)
# What the language also writes as an operator.
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "power": "^", "negate": "-"}


def available():
    """The keywords of the table."""
    table = (tools.ROOT / "ir" / "ops.def").read_text()
    rows = ROW.findall(table)
    assert len(rows) > 60, "the table was not understood"
    return [keyword for _, keyword, _ in rows]


def tried(keyword, text):
    sign = SIGNS.get(keyword)
    return re.search(rf"\b{keyword}\b", text) or (sign and re.search(rf" {re.escape(sign)} |= -\w", text))


def options(table, row):
    found = re.findall(row, (tools.ROOT / table).read_text(), re.M)
    assert len(found) > 10, f"{table} was not understood"
    return found


def check_options(counter):
    scripts = list((tools.ROOT / "tests").rglob("*.py"))
    texts = {program: "".join(path.read_text() for path in scripts if (path.parent.name == "program") == program)
             for program in (False, True)}
    for program, table, row in ((False, "driver/options.def", r'^OPTION\(\w+, "(-[^"]+)"'),
                                (True, "runtime/program/options.c", r'^    \{"(-[^"]+)",')):
        for option in options(table, row):
            tried = re.search(rf'["\' ]{re.escape(option)}(?![\w-])|f"{re.escape(option)}', texts[program])
            counter.check(tried, f"{option} of {table} in a test", "never given")


def main():
    counter = tools.Counter()
    corners = "".join(network(seed, exact)[0] for seed in range(1, layers_test.SEEDS + 1) for exact in (True, False))
    whole = "".join(differential_test.Network(seed, exact).text
                    for seed in range(1, differential_test.SEEDS + 1) for exact in (True, False))
    for keyword in available():
        counter.check(tried(keyword, corners), f"{keyword} in layers_test.py", "never drawn")
        counter.check(tried(keyword, whole), f"{keyword} in differential_test.py", "never drawn")
    check_options(counter)
    counter.finish()


if __name__ == "__main__":
    main()
