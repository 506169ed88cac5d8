#!/usr/bin/env python3
"""The manual pages and --help: they render without a warning, and have every option, command and layer of the tables."""

import os
import re
import shutil

import tools
from tools import cnnc

ROW = re.compile(r'^OPTION\(\w+, "([^"]+)"', re.M)
LAYER = re.compile(r'^OP\(\w+, "(\w+)",((?: [^,"]+,){7})', re.M)


def options():
    rows = ROW.findall((tools.ROOT / "driver" / "options.def").read_text())
    assert len(rows) > 20, "the table was not understood"
    return rows


def layers():
    rows = LAYER.findall((tools.ROOT / "ir" / "ops.def").read_text())
    assert len(rows) > 60, "the table was not understood"
    return [keyword for keyword, columns in rows if columns.split(",")[-2].strip() != "later"]


def check_page(counter, place, option, name, section):
    done = cnnc(option)
    counter.check(done.returncode == 0 and not done.stderr, option, done.stderr)
    counter.check(done.stdout.startswith(f".TH {name.upper()} {section} "), f"{name}({section}) has its title")
    (place / f"{name}.{section}").write_text(done.stdout)
    if not shutil.which("groff"):
        counter.skip(f"{name}({section}) renders", "no groff here")
        text = re.sub(r"\\f[BIR]|\\&", "", done.stdout).replace("\\-", "-")
    else:
        shown = tools.run(["groff", "-man", "-ww", "-Tutf8", "-Kutf8", "-P-cbou", f"{name}.{section}"], cwd=place)
        counter.check(shown.returncode == 0 and not shown.stderr, f"{name}({section}) renders without a warning",
                      shown.stderr)
        text = shown.stdout
    for word in ("NAME", "DESCRIPTION", "SEE ALSO"):
        counter.check(re.search(rf"^{word}$|^\.SH {word}$", text, re.M), f"{name}({section}) has {word}", text[:2000])
    if shutil.which("man"):
        environment = dict(os.environ, MANWIDTH="80", MANROFFOPT="-ww", LC_ALL="C.UTF-8", MAN_KEEP_FORMATTING="")
        shown = tools.run(["man", "--warnings=w", "-l", f"{name}.{section}"], cwd=place, env=environment)
        counter.check(shown.returncode == 0 and not shown.stderr and len(shown.stdout) > 1000,
                      f"man shows {name}({section})", shown.stderr)
    else:
        counter.skip(f"man shows {name}({section})", "no man here")
    return text


def main():
    counter = tools.Counter()
    summary = cnnc("--help").stdout
    with tools.temporary_folder() as folder:
        place = tools.Path(folder)
        command = check_page(counter, place, "--man", "cnnc", 1)
        language = check_page(counter, place, "--man=cnn", "cnn", 5)
        for option in options():
            line = rf"^ +{re.escape(option)}(?![a-zA-Z-])"
            counter.check(re.search(line, summary, re.M), f"--help has {option}", summary)
            counter.check(re.search(line.replace("^ +", r"^\W*(?:fB)?"), command, re.M), f"cnnc(1) has {option}")
        for usage in re.findall(r"^(?:usage:)? +cnnc (.*)$", summary, re.M):
            counter.check(f"cnnc {usage}" in command, f"cnnc(1) has cnnc {usage}")
        for layer in layers():
            counter.check(re.search(rf"^\W*(?:fB)?{layer}(?![\w-])", language, re.M), f"cnn(5) has {layer}")
        page = cnnc("--man=cnn").stdout
        example = re.search(r"^\.nf\n(.*?)^\.fi", page, re.M | re.S).group(1).replace("\\-", "-")
        (place / "net.cnn").write_text(example)
        done = cnnc("--check", "net.cnn", cwd=place)
        counter.check(done.returncode == 0 and not done.stderr, "the example of cnn(5) is right", done.stderr)
    counter.finish()


main()
