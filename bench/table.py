"""Rows of the suite as tables: on the terminal as they come, and in docs/performance.md."""

import math
import re

MARK = "<!-- bench: {} -->"


def milliseconds(seconds):
    value = 1e3 * seconds
    return f"{value:.4f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def megabytes(count):
    return f"{count / 1e6:.1f}" if count >= 1e5 else f"{count / 1e6:.3f}"


def titles(threads):
    return ["network", "cnnc, ms", "fastest peer, ms", "which", "times as fast", "of the limit", "of the peak",
            *(["--exact takes"] if threads == 1 else ["one thread takes", "or processes"]), "compiled in", "object, MB",
            "workspace, MB", "memory, MB", "ONNX Runtime's, MB", "error", "its error"]


def cells(row):
    peer = row["fastest"]
    memory = row["memory"]
    return [row["title"], milliseconds(row["seconds"]), milliseconds(peer["seconds"]) if peer else "-",
            peer["title"] if peer else "-", f"{row['ratio']:.2f}" if peer else "-", f"{row['of_limit']:.0%}", f"{row['of_peak']:.0%}",
            f"{row['other']:.2f}", *([f"{row['processes']:.2f}"] if row["processes"] else []),
            f"{row['compile_seconds']:.1f} s", megabytes(row["object_bytes"]), megabytes(row["workspace_bytes"]),
            megabytes(memory["cnnc"]), megabytes(memory["ONNX Runtime"]) if "ONNX Runtime" in memory else "-",
            f"{row['error']:.0e}", f"{peer['error']:.0e}" if peer else "-"]


def line(words):
    return "| " + " | ".join(words) + " |"


def head(titles):
    return [line(titles), "| --- " + "| ---: " * (len(titles) - 1) + "|"]


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def means(rows):
    """A sentence for large and for tiny networks."""
    for kind, tiny in (("large", False), ("tiny", True)):
        ratios = [row["ratio"] for row in rows if row["tiny"] == tiny and row["fastest"]]
        if ratios:
            yield f"Geometric mean of {len(ratios)} {kind} networks: {geometric_mean(ratios):.2f} times as fast as the fastest peer."


def times(rows):
    """Every contestant's milliseconds."""
    engines = list(dict.fromkeys(engine for row in rows for engine in row["times"]))
    yield from head(["network", *engines])
    for row in rows:
        yield line([row["title"], *(milliseconds(row["times"][engine]) if engine in row["times"] else "-" for engine in engines)])


def section(heading, threads, facts, rows, notes):
    """What docs/performance.md has of one run."""
    lines = [f"### {heading}", "", *facts, "", *head(titles(threads)), *(line(cells(row)) for row in rows), "", *means(rows), "",
             "Milliseconds of each:", "", *times(rows), ""]
    return "\n".join([*lines, *(f"- {note}" for note in notes)]).rstrip()


def replace_section(path, key, text):
    """The one between the marks of this name; a new one goes to the end."""
    begin, end = MARK.format(key), MARK.format("end of " + key)
    whole = f"{begin}\n{text}\n{end}"
    old = path.read_text()
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    new = re.sub(pattern, lambda _: whole, old, flags=re.S) if begin in old else f"{old.rstrip()}\n\n{whole}\n"
    path.write_text(new)
