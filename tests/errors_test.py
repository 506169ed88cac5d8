#!/usr/bin/env python3
"""Codes of messages: each example of the table gives its message and no other, its mend none; JSON
says what the text says; colours, carets, and the options about warnings; generated documents."""

import json
import os
import pty
import re
import shlex
import sys
import unicodedata
from pathlib import Path

import tools

WRONG = tools.ROOT / "tests" / "wrong"
PRINTED = re.compile(r"^(?:(.*?):(\d+):(\d+)|cnnc): (error|warning): (.*) \[([EW]\d{4})\]$")


def codes():
    return [line.split()[0] for line in tools.cnnc("--list-errors").stdout.splitlines()]


def examples(code):
    """(words, text) of the wrong file and of the mended one; None where there are none."""
    result = tools.run([tools.CNNC, "explain", code])
    parts = re.split(r"\n(?:Wrong|Better):\n\n", result.stdout)
    if len(parts) == 1:
        return None
    pairs = []
    for part in parts[1:]:
        lines = [line[4:] for line in part.splitlines() if line.strip()]
        words = []
        if lines[0].startswith("# cnnc "):
            words = shlex.split(lines.pop(0)[7:])[:-1]
        pairs.append((words, "\n".join(lines) + "\n"))
    return pairs


def messages(text):
    return [match.groups() for match in map(PRINTED.match, text.splitlines()) if match]


def check_examples(counter, folder):
    without = []
    for code in codes():
        pairs = examples(code)
        if not pairs:
            without.append(code)
            continue
        for (words, text), wanted in zip(pairs, ({code}, set())):
            if code == "E0102" and wanted:
                (folder / "net.cnn").write_bytes(b"# caf\xe9\n" + text.encode(errors="ignore"))
            else:
                (folder / "net.cnn").write_text(text)
            result = tools.cnnc("--check", *words, "net.cnn", cwd=folder)
            found = {message[5] for message in messages(result.stderr)}
            good = found == wanted and result.returncode == (1 if code[0] == "E" and wanted else 0)
            counter.check(good and (wanted or not result.stderr), f"example of {code}, {wanted or 'mended'}",
                          f"{text}{result.stderr}exit code {result.returncode}")
    return without


def provoked_here(folder):
    """Codes of messages that need many files, or more than --check."""
    (folder / "main.cnn").write_text("".join(f'import "part{i}.cnn"\n' for i in range(70))
                                     + "network n {\n    input x: 4x4\n    output y = x\n}\n")
    for i in range(70):
        (folder / f"part{i}.cnn").write_text(f"constant{i} = {i}\n")
    (folder / "net.cnn").write_text("network n {\n    input x: 4x4\n    output y = x -> conv(3, 1)\n}\n")
    printed = tools.cnnc("--check", "main.cnn", cwd=folder).stderr
    printed += tools.cnnc("-c", "net.cnn", "-o", "net.o", cwd=folder).stderr
    return {message[5] for message in messages(printed)}


def check_provoked(counter, folder, without, annotated):
    """Kinds without an example in text: a wrong file has each, or they are made here."""
    annotated = annotated | provoked_here(folder)
    sources = "".join(p.read_text() for folder in ("lexer", "parser", "ir", "import")
                      for p in (tools.ROOT / folder).rglob("*.c"))
    for code in codes():
        counter.check(re.search(rf"\b{code}_\w+", sources), f"{code} is used in the sources")
    for code in without:
        if code.startswith("E10"): # tests/import_test.py makes the models
            continue
        counter.check(code in annotated, f"{code} has no example: a wrong file gives it")


def first_at_place(diagnostics):
    """Without those that have the code and the place of one before, and its text but for numbers."""
    seen, kept = set(), []
    for d in diagnostics:
        place = (d["code"], re.sub(r"\d+", "", d["message"]), *(d.get(key) for key in ("file", "line", "column", "end_line", "end_column")))
        if "file" not in d or place not in seen:
            kept.append(d)
        seen.add(place)
    return kept


def check_json(counter):
    """The same messages, places and codes as the text, for every wrong file; valid for any bytes. The text has only the first
    of each kind at a place. Returns all codes."""
    codes = set()
    for path in sorted(WRONG.rglob("*.cnn")):
        options = re.findall(r"#! options: (.*)", path.read_text(errors="replace"))
        words = ["--check", *shlex.split(" ".join(options)), path]
        text = tools.cnnc(*words, cwd=path.parent)
        result = tools.cnnc("--diagnostics=json", *words, cwd=path.parent)
        document = json.loads(result.stderr)
        codes |= {d["code"] for d in document["diagnostics"]}
        listed = [(d.get("file"), str(d.get("line")), str(d.get("column")), d["severity"], d["message"], d["code"])
                  for d in first_at_place(document["diagnostics"]) if d["code"]]
        printed = [(m[0], str(m[1]), str(m[2]), *m[3:]) for m in messages(text.stderr)]
        counter.check(listed[:20] == printed and text.returncode == result.returncode, f"JSON of {path}",
                      f"{listed}\n{printed}")
        severities = [d["severity"] for d in document["diagnostics"]]
        counter.check(document["errors"] == severities.count("error")
                      and document["warnings"] == severities.count("warning"), f"counts of {path}")
    return codes


def on_terminal(words, **environment):
    """What the command prints on a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(words[0], words, dict(os.environ, TERM="xterm", **environment))
    text = b""
    try:
        while chunk := os.read(terminal, 65536):
            text += chunk
    except OSError:
        pass
    os.waitpid(pid, 0)
    return text.decode(errors="replace").replace("\r\n", "\n")


def check_colour(counter, folder):
    (folder / "net.cnn").write_text("network n {\n    input x: 4x4\n    output y = x -> maxpool(5)\n}\n")
    path = str(folder / "net.cnn")
    plain = tools.cnnc("--check", path).stderr
    forced = tools.cnnc("--check", "--color=always", path).stderr
    counter.check("\x1b" not in plain and "\x1b[1;31merror" in forced, "colour only where asked", forced)
    counter.check(re.sub(r"\x1b\[[\d;]*m", "", forced) == plain, "the same text in colour")
    shown = on_terminal([tools.CNNC, "--check", path])
    counter.check("\x1b[1;31merror" in shown and "cnnc explain E0412 tells more" in shown, "colour on a terminal", shown)
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        environment = {"TERM": "xterm", **environment}
        pid_text = on_terminal(["/usr/bin/env", *(f"{k}={v}" for k, v in environment.items()), tools.CNNC, "--check", path])
        counter.check("\x1b" not in pid_text and "error" in pid_text, f"no colour with {environment}", pid_text)
    counter.check("\x1b" not in on_terminal([tools.CNNC, "--check", "--color=never", path]), "--color=never")


def width(text):
    """Columns of a terminal, by Python's copy of the Unicode database."""
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me", "Cf")
               else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def check_carets(counter, folder):
    """The carets stand under the word that is wrong, whatever stands before it."""
    befores = ["", "\t", "\t\t  ", '"\u65e5\u672c": ', '"e\u0301a\u0308": ', '"\uff21\u00e9\u1100": ', '"\U0001f600x": ',
               '"\u0e01\u0e34": ']
    for before in befores:
        for wrong in ("wrongname", ):
            line = f"  output y = x -> {before}{wrong}" if before.strip() else f"{before}output y = x -> {wrong}"
            (folder / "net.cnn").write_text(f"network n {{\n input x: 4x4\n{line}\n}}\n")
            lines = tools.cnnc("--check", "net.cnn", cwd=folder).stderr.splitlines()
            excerpt, carets = lines[1].split("| ", 1)[1], lines[2].split("| ", 1)[1]
            start = excerpt.index(wrong)
            lead = carets[:len(carets) - len(carets.lstrip())]
            aligned = lead.count("\t") == excerpt[:start].count("\t") and \
                width(lead.replace("\t", "")) == width(excerpt[:start].replace("\t", ""))
            counter.check(aligned and carets.strip() == "^" * len(wrong), f"carets behind {before!r}", "\n".join(lines))
            column = int(lines[0].split(":")[2])
            counter.check(column == len(line[:line.index(wrong)]) + 1, f"column behind {before!r}", lines[0])
    (folder / "net.cnn").write_text("network n {\n input x: 4x4\n output y = x -> conv(3,\n   8, depth = 9)\n}\n")
    lines = tools.cnnc("--check", "net.cnn", cwd=folder).stderr.splitlines()
    counter.check("^" in lines[2], "a call over two lines", "\n".join(lines))


def check_warnings(counter, folder):
    (folder / "net.cnn").write_text("network n {\n    input x: 9x9\n    z = 3\n    output y = x -> maxpool(2)\n}\n")

    def found(*words):
        result = tools.cnnc(*words, "net.cnn", "-c", "-o", "net.o", cwd=folder)
        made = (folder / "net.o").exists()
        for file in folder.glob("net.[oh]"):
            file.unlink()
        return [m[5] for m in messages(result.stderr)], result.returncode, made

    counter.check(found() == (["W0108", "W0101"], 0, True), "warnings", found())
    counter.check(found("--allow=W0108") == (["W0101"], 0, True), "--allow")
    counter.check(found("--allow=w0108,W0101") == ([], 0, True), "--allow of two")
    counter.check(found("-w") == ([], 0, True), "-w")
    counter.check(found("--werror") == (["W0108", "W0101"], 1, False), "--werror", found("--werror"))
    counter.check(found("-w", "--werror") == ([], 0, True), "-w --werror")
    for words in (["--allow=E0412"], ["--allow=W9999"], ["--allow="], ["--allow=W0101,"]):
        counter.check(found(*words)[1:] == (2, False), " ".join(words))
    near = tools.cnnc("explain", "E0413x")
    counter.check(tools.cnnc("explain", "E0999").returncode == 2, "an unknown code")
    counter.check(near.returncode != 0, "no code")


def check_documents(counter):
    for option, document in (("--list-layers=markdown", "layers.md"), ("--list-errors=markdown", "errors.md"),
                             ("--list-operators=markdown", "operators.md")):
        text = tools.cnnc(option).stdout
        counter.check(text == (tools.ROOT / "docs" / document).read_text(),
                      f"docs/{document} is what cnnc {option} prints")
    names = [line.split()[0] for line in tools.cnnc("--list-layers").stdout.splitlines()]
    counter.check(len(names) > 60 and "conv" in names and len(set(names)) == len(names), "--list-layers")


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as place:
        folder = Path(place)
        without = check_examples(counter, folder)
        check_provoked(counter, folder, without, check_json(counter))
        check_colour(counter, folder)
        check_carets(counter, folder)
        check_warnings(counter, folder)
    check_documents(counter)
    counter.finish()


if __name__ == "__main__":
    sys.exit(main())
