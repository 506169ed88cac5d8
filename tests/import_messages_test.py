#!/usr/bin/env python3
"""Every message about ONNX models: each model of importing/wrong.py gives its messages, at their nodes, all of a model in
one run, and writes nothing; and no text of import/ or onnx/ is left that no model provokes.

usage: tests/import_messages_test.py [WORD...]     only the models with one of these words in their name
"""

import os
import re
import sys
from pathlib import Path

import tools
from importing import wrong
from importing.models import messages
from messages_test import Sources, project_sources, unprovoked


def place_files(folder, case):
    for path in folder.iterdir():
        if path.is_file() or path.is_symlink() or path.is_fifo():
            path.unlink()
    for name, content in {"model.onnx": case.data, **case.files}.items():
        if isinstance(content, int):
            with open(folder / name, "wb") as large:
                large.truncate(content)
        else:
            (folder / name).write_bytes(content)
    (folder / "folder").mkdir(exist_ok=True)
    (folder / "link").symlink_to("model.onnx")
    (folder / "linked").symlink_to(folder / "folder")
    (folder / "folder" / "d").write_bytes(bytes(16))
    os.mkfifo(folder / "fifo")


def matches(found, wanted):
    """Each mistake is said once, at its line, and nothing else."""
    left = list(wanted)
    for line, code, text in found:
        fits = [mistake for mistake in left if mistake[:2] == (code, line) and mistake[2] in text]
        if not fits:
            return False
        left.remove(fits[0])
    return not left


def check_case(counter, folder, case):
    """What was printed."""
    place_files(folder, case)
    before = sorted(folder.iterdir())
    printed = ""
    for words in (["-c", "model.onnx", "-o", "out.o"], ["import", "model.onnx", "-o", "out.cnn"]):
        result = tools.cnnc(*words, "-w", *case.options, cwd=folder)
        good = (result.returncode == 1 and matches(messages(result.stderr), case.mistakes)
                and sorted(folder.iterdir()) == before)
        counter.check(good, f"{case.name} ({words[0]})", f"exit code {result.returncode}, wanted {case.mistakes}\n{result.stderr}")
        printed += result.stderr
    return printed


def reader_texts(files):
    """What onnx/model.c says of bytes: it hands the text back."""
    text = files["onnx/model.c"]
    found = re.findall(r'(?:broken\(w, [^"]*|\*error = )"([^"]*)"', text) + re.findall(r'w->error = arena_printf\([^"]*"(.*?)",', text)
    return [re.sub(r'" PRIu64 "', "u", one) for one in found]


def check_sources(counter, printed):
    files = {str(p.relative_to(tools.ROOT)): p.read_text() for folder in ("import", "onnx")
             for p in sorted((tools.ROOT / folder).glob("*.[ch]"))}
    texts = {text: paths for text, paths in Sources({**project_sources(), **files}).messages().items()
             if any(path in files for path in paths)}
    texts.update({text: {"onnx/model.c"} for text in reader_texts(files)})
    said = "\n".join(line for line in printed.splitlines() if not re.match(r" +(\d+ )?\|", line))
    missing = unprovoked(texts, said)
    for text in sorted(texts):
        counter.check(text not in missing, f"no model provokes: {text}", ", ".join(sorted(texts[text])))
    counter.check(len(texts) > 120, "the sources hold messages", len(texts))


def main(words):
    counter = tools.Counter()
    printed = ""
    with tools.temporary_folder() as place:
        for case in wrong.cases():
            if not words or any(word in case.name for word in words):
                printed += check_case(counter, Path(place).resolve(), case)
    if not words:
        check_sources(counter, printed)
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
