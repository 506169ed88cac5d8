#!/usr/bin/env python3
"""Wrong networks: every tests/wrong/**/*.cnn says in comments which messages its lines deserve.

    x = image -> conv(5, 3)   #! error: does not fit the padded input   #! warning: unused

The text is a part of the message. `#! error E0412: text` also says its code, and `#! help: text` is a part of
a line of help somewhere; `#! no help: text` of none; `#! note: text` of a note. Every diagnostic that cnnc prints must be annotated and every
annotation printed; the exit code is 1 where an error is annotated and 0 otherwise. A comment
"#! options: ..." anywhere adds words to the command line, "#! exit: N" another exit code; "#! plain
error: ..." is a message of no place in the file. Files that others import are in folders named
`parts`.

usage: tests/wrong_test.py [FILE...]
"""

import re
import shlex
import sys
from pathlib import Path

import tools

WRONG = Path(__file__).resolve().parent / "wrong"
ANNOTATION = re.compile(r"#!\s*(error|warning|plain error|plain warning|options|exit|help|no help|note)(?: ([EW]\d{4}))?:\s*(.*?)\s*(?=#!|$)")
DIAGNOSTIC = re.compile(r"^(.*?):(\d+):(\d+): (error|warning): (.*)$")
PLAIN = re.compile(r"^cnnc: (error|warning): (.*)$")


def expectations(path):
    """The annotations of a file: {(line, severity, text, code)}, {kind: texts} of help and notes, extra options, exit
    code."""
    expected, lines, options, code = [], {"help": [], "no help": [], "note": []}, [], None
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        for kind, own_code, text in ANNOTATION.findall(line):
            if kind in lines:
                lines[kind].append(text)
            elif kind == "options":
                options += shlex.split(text)
            elif kind == "exit":
                code = int(text)
            else:
                plain = kind.startswith("plain ")
                expected.append((0 if plain else number, kind.split()[-1], text, f"[{own_code}]"))
    if code is None:
        code = 1 if any(severity == "error" for _, severity, *_ in expected) else 0
    return expected, lines, options, code


def diagnostics(stderr, path):
    """What cnnc printed, as (line, severity, message); line 0 for messages of no place, and for
    those in an imported file."""
    found = []
    for line in stderr.splitlines():
        match = DIAGNOSTIC.match(line)
        if match:
            file, number, _, severity, message = match.groups()
            found.append((int(number) if Path(file) == path else 0, severity, message))
        elif PLAIN.match(line):
            severity, message = PLAIN.match(line).groups()
            found.append((0, severity, message))
    return found


def problems(path):
    expected, lines, options, code = expectations(path)
    if not expected:
        return "the file annotates nothing"
    with tools.temporary_folder() as folder:
        result = tools.cnnc("--check", *options, path, cwd=path.parent,
                            env={"PATH": "/usr/bin:/bin", "TMPDIR": folder})
    found, text = diagnostics(result.stderr, path), []
    for line, severity, part, own_code in expected:
        match = next((d for d in found if d[:2] == (line, severity) and part in d[2]
                      and (own_code == "[]" or d[2].endswith(own_code))), None)
        if match:
            found.remove(match)
        else:
            text.append(f"  line {line}: not printed: {severity}: {part}")
    text += [f"  line {line}: not annotated: {severity}: {message}" for line, severity, message in found]
    said = result.stderr.splitlines()
    printed = {"help": [line for line in said if line.startswith("help: ")], "note": [line for line in said if ": note: " in line]}
    text += [f"  no {kind}: {part}" for kind in ("help", "note") for part in lines[kind]
             if not any(part in line for line in printed[kind])]
    text += [f"  help: {part}" for part in lines["no help"] if any(part in line for line in printed["help"])]
    if result.returncode != code:
        text.append(f"  exit code {result.returncode}, not {code}")
    if text:
        text.append(result.stderr)
    return "\n".join(text)


def main(names):
    counter = tools.Counter()
    files = [Path(name).resolve() for name in names] or sorted(WRONG.rglob("*.cnn"))
    for path in files:
        if "parts" in path.parts:
            continue
        text = problems(path)
        counter.check(not text, str(path), text)
    counter.check(files, "tests/wrong holds files")
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
