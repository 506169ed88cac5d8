#!/usr/bin/env python3
"""The examples of the documentation, run: every ```cnn block goes through `cnnc --check`.

What follows the word cnn says what kind of block it is:
    ```cnn                        a whole file, correct and without a warning
    ```cnn warning: TEXT          correct, with a warning that contains TEXT
    ```cnn error: TEXT            wrong, with a message that contains TEXT
    ```cnn file NAME              kept as NAME for the imports of the blocks after it; read only
    ```cnn body                   statements, checked inside a network with an input
                                  image: 32x32x16 where they declare none, and with an output
                                  where they declare none
A ```text block directly behind one with `error:` or `warning:` is what is printed: every line of
it must appear, in order, in the output of a run on the file net.cnn.
"""

import re
from pathlib import Path

import tools

BLOCK = re.compile(r"^```cnn([^\n]*)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
DOCUMENTS = ["docs/language.md", "docs/weights.md", "README.md", "docs/adding-a-layer.md"]


def whole(body):
    """A network around loose statements."""
    lines = ["network example {"]
    if not re.search(r"^\s*input ", body, re.M):
        lines.append("    input image: 32x32x16")
    lines.append(body)
    if not re.search(r"^\s*output ", body, re.M):
        names = re.findall(r"^(\w+)\s*=[^=]", body, re.M)
        lines.append(f"    output result = {names[-1] if names else 'image'}")
    return "\n".join(lines) + "\n}\n"


def in_order(lines, text):
    position = 0
    for line in lines:
        position = text.find(line.strip(), position)
        if position < 0:
            return line
    return None


def check(counter, name, info, body, printed, folder):
    info = info.strip()
    file = folder / "net.cnn"
    if info.startswith("file "):
        file = folder / info.removeprefix("file ").strip()
        file.write_text(body)
        result = tools.cnnc("--dump=tree", file.name, cwd=folder)
        counter.check(result.returncode == 0, name, result.stderr)
        return
    if info.startswith("body"):
        body, info = whole(body), info.removeprefix("body").strip()
    file.write_text(body)
    result = tools.cnnc("--check", file.name, cwd=folder)
    kind, _, text = info.partition(":")
    text = text.strip()
    wanted = 1 if kind == "error" else 0
    good = result.returncode == wanted and text in result.stderr
    if kind in ("error", "warning"):
        good = good and f"{kind}: " in result.stderr
    elif kind:
        good = False
    else:
        good = good and not result.stderr
    counter.check(good, name, f"{result.stderr}exit code {result.returncode}\n{body}")
    if printed and good:
        missing = in_order(printed.splitlines(), result.stderr)
        counter.check(missing is None, name + " (what it prints)",
                      f"not printed: {missing}\n{result.stderr}")


def main():
    counter = tools.Counter()
    for document in DOCUMENTS:
        text = (tools.ROOT / document).read_text()
        with tools.temporary_folder() as place:
            for block in BLOCK.finditer(text):
                line = text.count("\n", 0, block.start()) + 1
                check(counter, f"{document}:{line}", block.group(1), block.group(2), block.group(3),
                      Path(place))
    counter.finish()


main()
