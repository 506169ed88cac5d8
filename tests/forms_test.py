#!/usr/bin/env python3
"""The forms of a report for people and spreadsheets: one small network whose every figure is derived here on paper, in
each form; and the examples, where each row follows from the JSON, which report_test.py checks, whole and folded."""

import csv
import io
import json
import re
from itertools import groupby

import tools

# The windows of first.conv reach over 3 rows and columns, from one row above the picture: (9 + 1 - 3)/2 + 1 = 4 rows,
# (12 + 1 - 3)/2 + 1 = 6 columns; 3*3*2*4 + 4 = 76 parameters, 4*6*4 * 3*3*2 = 1728 products; field 3, jump 2, first
# pixel -1 and 0. second.conv: (4 + 1 - 3)/2 + 1 = 2, (6 + 1 - 3)/2 + 1 = 3; 3*3*4*6 + 6 = 222; 2*3*6 * 36 = 1296;
# field 3 + 2*2 = 7, jump 4, first row -1 - 1*2 = -3. maxpool1: (4 - 2)/2 + 1 = 2, (6 - 1)/2 + 1 = 3; field 3 + 1*2 = 5
# and 3. conv1: 4*6 + 6 = 30; 2*3*6 * 4 = 144. The sum sees what its wider side does. The pool sees rows -3..7, of which 0..7
# are there, and columns 0..14, of which 0..11 are. fc: 6*3 + 3 = 21; 18.
NETWORK = """block part(x, depth) {
    return x -> conv: conv(3, depth, stride = 2, padding = [1, 0, 0, 1]) -> relu
}
network small {
    input image: 9x12x2, range = 0..255
    a = image -> first: part(4)
    b = a -> second: part(6)
    output y = b + (a -> maxpool(2x1, stride = 2x2) -> conv1: conv(1, 6)) -> avgpool(global) -> flatten -> fc: dense(3)
}
"""
HEAD = "name layer kernel stride padding output params MACs field jump offset".split()
ROWS = [line.split(",") for line in """image.normalize,normalize,,,,9x12x2,,,1,1,0
first.conv,conv,3,2,1 0 0 1,4x6x4,76,1728,3,2,-1x0
first.relu1,relu,,,,4x6x4,,,3,2,-1x0
second.conv,conv,3,2,1 0 0 1,2x3x6,222,1296,7,4,-3x0
second.relu1,relu,,,,2x3x6,,,7,4,-3x0
maxpool1,maxpool,2x1,2,0,2x3x4,,,5x3,4,-1x0
conv1,conv,1,1,0,2x3x6,30,144,5x3,4,-1x0
add1,add,,,,2x3x6,,,7,4,-3x0
avgpool1,avgpool,2x3,2x3,0,1x1x6,,,8x12,9x12,0
flatten1,flatten,,,,1x1x6,,,8x12,9x12,0
fc,dense,,,,1x1x3,21,18,8x12,9x12,0""".splitlines()]
FOLDED = [ROWS[0], ["first", "block", "", "", "", "4x6x4", "76", "1728", "3", "2", "-1x0"],
          ["second", "block", "", "", "", "2x3x6", "222", "1296", "7", "4", "-3x0"], *ROWS[5:]]
# Of each drawn node its lines, and of each arrow its ends and what flows there.
DRAWN = {"image.normalize\\nnormalize\\nfield 1", "first\\nblock\\n76 parameters\\nfield 3",
         "second\\nblock\\n222 parameters\\nfield 7", "maxpool1\\nmaxpool 2x1, stride 2\\nfield 5x3",
         "conv1\\nconv 1\\n30 parameters\\nfield 5x3", "add1\\nadd\\nfield 7", "avgpool1\\navgpool 2x3, stride 2x3\\nfield 8x12",
         "flatten1\\nflatten\\nfield 8x12", "fc\\ndense\\n21 parameters\\nfield 8x12", "image", "y"}
ARROWS = {("image", "image.normalize", "9x12x2"), ("image.normalize", "first", "9x12x2"), ("first", "second", "4x6x4"),
          ("first", "maxpool1", "4x6x4"), ("maxpool1", "conv1", "2x3x4"), ("second", "add1", "2x3x6"),
          ("conv1", "add1", "2x3x6"), ("add1", "avgpool1", "2x3x6"), ("avgpool1", "flatten1", "1x1x6"),
          ("flatten1", "fc", "1x1x6"), ("fc", "y", "1x1x3")}
EXAMPLES = ["lenet/lenet", "resnet18", "densenet121", "unet", "mobilenet_v3_small", "inception_v3"]


def report(form, path, *options):
    done = tools.cnnc(f"--report={form}", "-w", *options, path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def csv_rows(text):
    return list(csv.reader(io.StringIO(text)))


def markdown_rows(text):
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:1] + lines[2:]]


def table_rows(text):
    """Cells by the place of the headings: text columns begin under theirs, others end there."""
    lines = text.split("\n\n")[0].splitlines()
    ends = [m.end() for m in re.finditer(r"\S+", lines[0])]
    starts = [m.start() for m in re.finditer(r"\S+", lines[0])]
    bounds = [0, starts[1], *(end + 2 for end in ends[1:-1])]
    # the second column is text and may be longer than its heading, up to where the third begins
    second = max(len(line[starts[1]:].split("  ")[0].rstrip()) for line in lines)
    bounds[2] = starts[1] + max(second, len("layer"))
    return [[line[a:b].strip() for a, b in zip(bounds, [*bounds[1:], None])] for line in lines]


def without_groups(rows):
    """1,234 as 1234 in the columns that count."""
    return [row[:6] + [cell.replace(",", "") for cell in row[6:8]] + row[8:] for row in rows]


def drawing(text):
    names = dict(re.findall(r'^  (\w+) \[(?:shape=ellipse, )?label="(.*)"\];$', text, re.M))
    first = {key: label.split("\\n")[0] for key, label in names.items()}
    arrows = re.findall(r'^  (\w+) -> (\w+) \[label="(.*)"\];$', text, re.M)
    return set(names.values()), {(first[a], first[b], label) for a, b, label in arrows}


def golden(counter, path):
    path.write_text(NETWORK)
    for form, read in (("csv", csv_rows), ("markdown", markdown_rows), ("table", table_rows)):
        for options, wanted in (((), ROWS), (("--depth", "1"), FOLDED), (("--depth", "2"), ROWS)):
            found = without_groups(read(report(form, path, *options)))
            counter.check(found == [HEAD, *wanted], f"{form} {options}", "\n".join(map(str, found)))
    for form in ("table", "markdown"):
        # 349 parameters are 1396 bytes
        for line in ("11 layers, 349 parameters, 3,186 multiply-accumulates", "weights 1.4 KiB"):
            counter.check(line in report(form, path), f"{line} in the {form}", report(form, path))
    found = drawing(report("dot", path, "--depth", "1"))
    counter.check(found == (DRAWN, ARROWS), "the drawing", f"{found[0] ^ DRAWN}\n{found[1] ^ ARROWS}")


def pair(values, separator="x"):
    values = ["?" if value is None else f"{value:.6g}" for value in values]
    return values[0] if values[0] == values[1] else separator.join(values)


def row_of(name, word, layers):
    """The cells of layers in one row: windows are told of single ones."""
    last, window = layers[-1], layers[0] if word != "block" else {"kernel": None, "padding": None}
    field = last["receptive_field"]
    sides, shape = window["padding"], last["output"]
    kernel = "" if not window["kernel"] else pair(window["kernel"])
    if kernel and pair(window["dilation"]) != "1":
        kernel += "/" + pair(window["dilation"])
    padding = "" if sides is None else str(sides[0]) if len(set(sides)) == 1 else " ".join(map(str, sides))
    sums = [sum(layer[key] for layer in layers) for key in ("params", "macs")]
    figures = [""] * 3 if field is None else [pair(field[key]) for key in ("size", "stride", "offset")]
    return [name, word, kernel, "" if not window["kernel"] else pair(window["stride"]), padding,
            "x".join(map(str, shape if shape[0] > 1 else shape[1:])), *(str(n) if n else "" for n in sums), *figures]


def from_json(net, depth):
    def prefix(layer):
        return ".".join(layer["name"].split(".")[:depth])

    for name, group in groupby(net["layers"], prefix):
        group = list(group)
        single = len(group) == 1  # one layer is not folded
        yield row_of(group[0]["name"] if single else name, group[0]["layer"] if single else "block", group)


def examples(counter):
    for name in EXAMPLES:
        path = tools.ROOT / "examples" / f"{name}.cnn"
        net = json.loads(report("json", path))
        for depth in (1, 2, 9):
            wanted = list(from_json(net, depth))
            found = csv_rows(report("csv", path, "--depth", str(depth)))[1:]
            wrong = [f"{a}\n  from JSON {b}" for a, b in zip(found, wanted) if a != b]
            counter.check(not wrong and len(found) == len(wanted), f"{name} --depth {depth}",
                          f"{len(found)} rows, {len(wanted)} from JSON\n" + "\n".join(wrong[:5]))


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        golden(counter, tools.Path(folder) / "small.cnn")
    examples(counter)
    counter.finish()


main()
