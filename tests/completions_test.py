#!/usr/bin/env python3
"""Completions of cnnc in bash, zsh and fish: a command line is typed into each shell that is here, with a tab at its
end, and what the shell offers is looked at. Every option of the table must be offered by each."""

import os
import pty
import re
import select
import shutil
import time
from pathlib import Path

import tools

ROW = re.compile(r'^OPTION\(\w+, "([^"]+)", (\w+), (\w+)', re.M)
FILES = ["alpha.cnn", "beta gamma.cnn", "notes.txt", "net.safetensors", "parts/part.cnn", "delta.onnx"]

# A line, and what completes its last word: some of what must be offered, some of what must not.
LINES = [
    ("cnnc ", ["alpha.cnn", "delta.onnx", "explain", "import", "parts/"], ["--emit", "E0412"]),
    ("cnnc al", ["alpha.cnn"], ["explain"]),
    ("cnnc --emit=", ["exe", "obj", "asm", "llvm", "header"], ["alpha.cnn"]),
    ("cnnc --emit=ob", ["obj"], ["exe"]),
    ("cnnc --report=", ["table", "json", "dot"], ["alpha.cnn", "text"]),
    ("cnnc --report ", ["alpha.cnn"], ["table"]),
    ("cnnc --color=n", ["never"], ["auto"]),
    ("cnnc -O", ["-O0", "-O1", "-O2", "-O3"], ["-o"]),
    ("cnnc -M", ["-MD", "-MF", "-MT", "-MP"], ["-c"]),
    ("cnnc -o ", ["notes.txt", "net.safetensors"], ["explain"]),
    ("cnnc --weights=", ["net.safetensors", "random:"], ["explain"]),
    ("cnnc --weights=ran", ["random:"], ["net.safetensors"]),
    ("cnnc --cpu=sky", ["skylake", "skylake-avx512"], ["native"]),
    ("cnnc --allow=W010", ["W0101", "W0103"], ["E0412"]),
    ("cnnc explain E04", ["E0401", "E0412"], ["E0101", "alpha.cnn"]),
    ("cnnc explain a", ["alpha.cnn"], ["E0412"]),
    ("cnnc alpha.cnn E04", [], ["E0401"]),
    ("cnnc --list-layers=", ["text", "markdown"], ["json"]),
    ("cnnc --completions=", ["bash", "zsh", "fish"], ["alpha.cnn"]),
]


def options():
    rows = ROW.findall((tools.ROOT / "driver" / "options.def").read_text())
    assert len(rows) > 20, "the table was not understood"
    return rows


class Shell:
    """A shell in a terminal of its own, without the user's settings."""

    def __init__(self, words, folder, setup):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8",
                           "COLUMNS": "200", "LINES": "60"}
            os.execvpe(words[0], words, environment)
        for line in setup:
            self.send(line + "\r")
        self.send("stty cols 200 rows 60\r")
        self.send("echo READY$((40 + 2))\r")
        self.read(["READY42"], 30)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def read(self, wanted, seconds):
        """What the terminal shows until it has shown all that is wanted, and then for a moment more."""
        text, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                text += os.read(self.terminal, 65536).decode(errors="replace")
            elif all(word in text for word in wanted):
                break
        return text

    def offers(self, line, wanted):
        """What a tab, and another, make of the line."""
        self.send(line + "\t\t")
        text = self.read([line, *wanted], 10)
        self.send("\x15\r")
        self.read([], 1)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|[\x07\x08\r]", "", text)

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def bash_offers(folder, script, line):
    """bash's own completion of a line, told by its function: words are split as bash splits them."""
    words = re.findall(r"=|[^\s=]+", line) + ([""] if line.endswith(" ") else [])
    quoted = " ".join(f"'{word}'" for word in words)
    program = (f"source '{script}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _cnnc; "
               "printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = tools.run(["bash", "--norc", "-c", program], cwd=folder)
    return done.stdout + done.stderr, {word.strip() for word in done.stdout.splitlines()}


def fish_offers(folder, script, line):
    done = tools.run(["fish", "--no-config", "-c", f"source '{script}'; complete -C '{line}'"], cwd=folder,
                     env=dict(os.environ, HOME=str(folder)))
    words = {word.split("\t")[0] for word in done.stdout.splitlines()}
    start = re.match(r"--[\w-]+=", line.split(" ")[-1])
    return done.stdout + done.stderr, {word.removeprefix(start.group()) if start else word for word in words}


def check_lines(counter, shell, offers):
    for line, wanted, unwanted in LINES:
        text, words = offers(line)
        plain = words | {word.rstrip("/") + "/" for word in words if word in ("parts", "parts/")}
        counter.check(set(wanted) <= plain and not set(unwanted) & (plain - set(line.split())),
                      f"{shell} completes '{line}'", text)


def spelled(text, words, shell):
    """An option as the shell offers it: bash has each level, -O0, in its list."""
    return text + "0" if words == "levels" and shell == "bash" else text


def check_options(counter, shell, seen):
    for text, takes, words in options():
        wanted = spelled(text, words, shell)
        counter.check(re.search(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])", seen), f"{shell} offers {wanted}", seen)


def in_terminal(counter, shell, words, folder, setup, lines):
    """The whole way, with a real tab. lines: (line, wanted, unwanted)."""
    session = Shell(words, folder, setup)
    try:
        for line, wanted, unwanted in lines:
            text = session.offers(line, wanted)
            shown = text.replace(line, "")
            counter.check(all(word in text for word in wanted) and not any(word in shown for word in unwanted),
                          f"{shell}, typed: '{line}'", text)
        return "".join(session.offers(line, []) for line in ("cnnc -", "cnnc --"))
    finally:
        session.close()


def fill(folder):
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")


def bash(counter, folder, script):
    offers = lambda line: bash_offers(folder, script, line)
    check_lines(counter, "bash", offers)
    check_options(counter, "bash", offers("cnnc -")[0])
    text, words = offers("cnnc --allow=W0101,W010")
    counter.check("W0101,W0102" in words, "bash completes the second code of a list", text)
    in_terminal(counter, "bash", ["bash", "--norc", "--noprofile", "-i"], folder, [f"source '{script}'"],
                [("cnnc --em", ["--emit="], ["--emit= "]), ("cnnc --emit=ob", ["--emit=obj "], []),
                 ("cnnc import ", ["delta.onnx"], ["alpha.cnn"]), ("cnnc alp", ["alpha.cnn "], []), ("cnnc bet", ["beta\\ gamma.cnn "], []),
                 ("cnnc pa", ["parts/"], []), ("cnnc --weights=r", ["random:"], ["random: "]),
                 ("cnnc exp", ["explain "], []), ("cnnc --color=", ["always", "auto", "never"], [])])


def zsh(counter, folder, script):
    (folder / "functions").mkdir()
    shutil.copy(script, folder / "functions" / "_cnnc")
    setup = ["PS1='> '", "fpath=($PWD/functions $fpath)", "autoload -Uz compinit && compinit -u -D",
             "zstyle ':completion:*' list-prompt ''", "LISTMAX=1000", "unsetopt list_beep"]
    lines = [(line, [re.sub(r"^-O(?=\d)", "", word) for word in wanted], unwanted) for line, wanted, unwanted in LINES]
    seen = in_terminal(counter, "zsh", ["zsh", "-f", "-i"], folder, setup, lines)
    check_options(counter, "zsh", seen)


def fish(counter, folder, script):
    offers = lambda line: fish_offers(folder, script, line)
    check_lines(counter, "fish", offers)
    check_options(counter, "fish", offers("cnnc -")[0] + offers("cnnc --")[0])


def main():
    counter = tools.Counter()
    for shell in (bash, zsh, fish):
        name = shell.__name__
        done = tools.cnnc(f"--completions={name}")
        counter.check(done.returncode == 0 and not done.stderr, f"--completions={name}", done.stderr)
        if not shutil.which(name):
            counter.skip(f"completions in {name}", f"no {name} here")
            continue
        with tools.temporary_folder() as place:
            folder = Path(place).resolve()
            script = folder / ".completion"
            script.write_text(done.stdout)
            fill(folder)
            syntax = tools.run([name, "-n", script])
            counter.check(syntax.returncode == 0 and not syntax.stderr, f"{name} reads it", syntax.stderr)
            shell(counter, folder, script)
    counter.finish()


main()
