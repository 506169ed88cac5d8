#!/usr/bin/env python3
"""`cnnc explain` and what programs tell of themselves: every formula that it prints is evaluated here, and its results are the report's.

The layers explained are those of the examples."""

import json
import re
from pathlib import Path

import tools
from errors_test import width

FORMULA = re.compile(r"((?:[-(]*\d[\d().]*)(?: [-+*/] [-\d().*/+ ]+|[*/][\d.]+)+) = (-?\d+)(, rounded (?:up|down))?")


def evaluate(text, rounded):
    """The formula's value; a quotient is rounded as the line says."""
    floor = re.sub(r"/", "//", text)
    if rounded == ", rounded up":
        floor = re.sub(r"\((.*)\)/(\d+)", r"-(-(\1)//\2)", text)
    return eval(floor, {"__builtins__": {}})


def explained(counter, path, words=()):
    """Checks all formulas of a file's explanation; returns the text."""
    result = tools.cnnc("explain", "-w", path, *words)
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


def check_wording(counter, folder):
    """Units that see nothing are told apart from those that do; figures without exponents; blocks; what is too large."""
    path = folder / "net.cnn"

    def text(body, *words):
        path.write_text(f"block part(x) {{ return x -> conv(3, 4, padding = 1) -> relu }}\nnetwork n {{\n{body}\n}}\n")
        result = tools.cnnc("explain", path, *words)
        counter.check(result.returncode == 0, " ".join(words), result.stderr)
        return result.stdout

    # every third unit of a deconvolution with kernel 1 reads one: 0, 3, 6; the last two are beyond them
    said = text("input x: 3x3x1\noutput y = x -> deconv(1, 1, stride = 3, output_padding = 2)", "deconv1")
    for part in ("0: 0", "1..2: nothing", "3: 1", "4..5: nothing", "6: 2", "7..8: nothing"):
        counter.check(f"        {part}\n" in said, f"{part} of a deconvolution", said)
    # a sixtieth of nine: in lowest terms, and the size by its exact factor
    said = text("input x: 9x9x1\noutput y = x -> upsample(size = 20x7) -> deconv(1, 1, stride = 3)")
    for part in ("9*20/9 = 20", "9*7/9 = 7", "stride 3/20", "stride 3/7"):
        counter.check(part in said, f"{part} in lowest terms", said)
    body = 'input x: 8x8x4\noutput y = x -> "a.0": part -> "a.1": part -> conv(1, 2)'
    said = text(body, "a")
    counter.check(list(sections(said)) == ["a.0.conv1", "a.0.relu1", "a.1.conv1", "a.1.relu1"], "the layers of a block", said)
    said = text(body, "a.1")
    counter.check(list(sections(said)) == ["a.1.conv1", "a.1.relu1"], "the layers of a block within", said)
    said = text("input x: 5000000x1\noutput y = x -> upsample(size = 7x3)", "upsample1")
    counter.check("not followed: " in said, "a field that is not followed", said)
    text("input x: 3000000x1\noutput y = x -> upsample(size = 7x3)")
    table = tools.cnnc("--report", path).stdout
    counter.check("428571x0.333333" in table and "e+" not in table, "strides of a table", table)


def check_alignment(counter, folder):
    """Columns of a table begin below each other also behind wide characters."""
    path = folder / "wide.cnn"
    path.write_text('network n {\n input x: 8x8x4\n output y = x -> "\u65e5\u672c": conv(1, 2) -> "e\u0301": relu -> conv(1, 2)\n}\n')
    lines = tools.cnnc("--report", path).stdout.splitlines()[:4]
    for line, word in zip(lines, ("layer", "conv", "relu", "conv")):
        counter.check(width(line[:line.rindex(word, 0, 12)]) == 7, "columns behind wide characters", line)


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
        check_wording(counter, Path(folder))
        check_alignment(counter, Path(folder))
    counter.finish()


if __name__ == "__main__":
    main()
