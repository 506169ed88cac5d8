#!/usr/bin/env python3
"""Every option of cnnc and of its programs is in a command line of a test. (Every layer is in the networks of layers_test.py
and differential_test.py: they look themselves, by operator_table.py.)"""

import re

import tools


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
    check_options(counter)
    counter.finish()


if __name__ == "__main__":
    main()
