#!/usr/bin/env python3
"""`cnnc explain` and what programs tell of themselves: every formula that it prints is evaluated here, and its results are the report's.

The layers explained are those of the examples."""

import json
import re

import tools

FORMULA = re.compile(r"((?:[-(]*\d[\d().]*)(?: [-+*/] [-\d().*/+ ]+|\*[\d.]+)+) = (-?\d+)(, rounded (?:up|down))?")


def evaluate(text, rounded):
    """The formula's value; a quotient is rounded as the line says."""
    floor = re.sub(r"/", "//", text)
    if rounded == ", rounded up":
        floor = re.sub(r"\((.*)\)/(\d+)", r"-(-(\1)//\2)", text)
    return eval(floor, {"__builtins__": {}})


def explained(counter, path, words=()):
    """Checks all formulas of a file's explanation; returns the text."""
    result = tools.cnnc("explain", path, *words)
    counter.check(result.returncode == 0 and not result.stderr, f"explain {path}", result.stderr)
    found = FORMULA.findall(result.stdout)
    for formula, value, rounded in found:
        counter.check(evaluate(formula, rounded) == int(value), f"{path}: {formula} = {value}{rounded}")
    return result.stdout, len(found)


def sections(text):
    """{layer: its lines}"""
    result, name = {}, None
    for line in text.splitlines():
        if not line.startswith(" "):
            name = line.split(": ")[0]
            result[name] = []
        else:
            result[name].append(line.strip())
    return result


def last_number(line, word):
    """The result behind `word`, of a formula or plain: "field 3 + 2 = 5, stride 1" has field 5."""
    part = re.search(rf"\b{word} ([^,;]*)", line).group(1)
    return re.findall(r"-?\d+(?:/\d+)?", part)[-1]


def check_against_report(counter, path, text):
    """Output, field, stride and offset of each layer with one input and equal axes."""
    report = json.loads(tools.cnnc("--report=json", path).stdout)
    by_name = sections(text)
    counter.check([layer["name"] for layer in report["layers"]] == list(by_name), f"{path}: all layers")
    for layer in report["layers"]:
        lines = by_name[layer["name"]]
        n, h, w, c = layer["output"]
        counter.check(f"output    {h}x{w}x{c}" in lines, f"{path}: {layer['name']} output", "\n".join(lines))
        sees = next((line for line in lines if line.startswith("sees ") and "rows:" not in line), None)
        field = layer["receptive_field"]
        if not sees or len(layer["receptive_fields"]) != 1 or None in field["offset"] + field["stride"]:
            continue
        for word, key in (("field", "size"), ("stride", "stride"), ("offset", "offset")):
            value = last_number(sees, word)
            counter.check(eval(value) == field[key][0], f"{path}: {layer['name']} {word}", sees)


def check_known(counter):
    """LeNet's second convolution, by hand: 14 rows, kernel 5; its field 6 + 4 * 2."""
    text, _ = explained(counter, tools.ROOT / "examples/lenet/lenet.cnn", ["conv2"])
    for part in ("(28 + 4 - 5)/1 + 1 = 28", "(14 + 0 - 5)/1 + 1 = 10", "field 6 + (5 - 1)*2 = 14",
                 "conv2.weight: 16x6x5x5", "1600 values, 150 each: 240,000", "0: 0..11",
                 "1..8: from 0..13 to 14..27", "9: 16..27"):
        counter.check(part in text, f"conv2's explanation has {part}", text)
    wrong = tools.cnnc("explain", tools.ROOT / "examples/lenet/lenet.cnn", "conv3")
    counter.check(wrong.returncode == 1 and "no layer 'conv3'; did you mean 'conv" in wrong.stderr,
                  "an unknown layer", wrong.stderr)
    for words, code in ((["explain"], 2), (["explain", "a.cnn", "b", "c"], 2), (["explain", "missing.cnn"], 4)):
        counter.check(tools.cnnc(*words).returncode == code, " ".join(words))


def check_info(counter, folder):
    """A program prints of itself what --report prints of its file."""
    path, program = tools.ROOT / "examples/lenet/lenet.cnn", f"{folder}/lenet"
    counter.check(tools.cnnc(path, "-o", program).returncode == 0, "compile LeNet")
    info, report = tools.run([program, "--info"]).stdout, tools.cnnc("--report", path).stdout
    counter.check(report and report in info and "lenet, compiled by cnnc" in info, "--info", info)


def main():
    counter, formulas = tools.Counter(), 0
    examples = [p for p in (tools.ROOT / "examples").rglob("*.cnn") if "network " in p.read_text()]
    for path in sorted(examples):
        text, count = explained(counter, path)
        formulas += count
        check_against_report(counter, path, text)
    counter.check(formulas > 1000, f"enough formulas were found: {formulas}")
    check_known(counter)
    with tools.temporary_folder() as folder:
        check_info(counter, folder)
    counter.finish()


if __name__ == "__main__":
    main()
