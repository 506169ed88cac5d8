#!/usr/bin/env python3
"""The zoo, examples/NAME.cnn, against PyTorch: names, shapes and order of all parameters and running statistics as in
zoo/NAME.tsv (see zoo/list_parameters.py), learned parameters and MACs as counted there and as published, and receptive
fields with known values. The table in docs/zoo.md says the same.

usage: tests/zoo_test.py            checks
       tests/zoo_test.py --table    prints the table"""

import json
import sys
from pathlib import Path

import tools

EXAMPLES = tools.ROOT / "examples"
ZOO = tools.ROOT / "tests" / "zoo"
FIELDS = ZOO / "known_fields"

# What torchvision does not publish, from the paper: MobileNets' table 4, millions of parameters and of MACs.
MOBILENET_V1 = (4.2, 569)

# What --check warns of and is as published: in Yolo-Fastest a map enlarged by nearest values meets one of windows that overlap.
MEANT = {"yolo_fastest": "--allow=W0106"}

# Size, stride and total padding before the first row, of the last layer of more than one pixel. ResNet-18's and
# ResNet-50's paddings follow by hand: all their windows are odd and padded by half, so a field's centre stays
# at pixel 0 and its padding is (size - 1) / 2. The others are published; see docs/zoo.md.
KNOWN = [
    (EXAMPLES / "vgg16.cnn", (), (212, 32, 90)),
    (EXAMPLES / "resnet18.cnn", (), (435, 32, 217)),
    (EXAMPLES / "resnet50.cnn", (), (427, 32, 213)),
    (EXAMPLES / "inception_v3.cnn", (), (1311, 32, 618)),
    (FIELDS / "resnet50.cnn", (), (483, 32, 239)),
    (FIELDS / "resnet50.cnn", ("-D", "padded_pool=true"), (483, 32, 241)),
    (FIELDS / "mobilenet_v1.cnn", (), (315, 32, 126)),
    (FIELDS / "alexnet_v2.cnn", (), (195, 32, 64)),
    (FIELDS / "two_convolutions.cnn", (), (7, 4, 0)),
]


def read_list(path):
    """The header's numbers by name, as they are written, and the lines (key, shape)."""
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    header = {line[0][2:]: line[1] for line in lines if line[0].startswith("# ") and len(line) > 1}
    return header, [(key, shape) for key, shape in (line for line in lines if not line[0].startswith("#"))]


def size_options(header):
    """A picture's size is the network's parameter; other inputs have one size, which is only told."""
    return ["-D", f"size={header['size']}"] if header["size"].isdigit() else []


def report(counter, source, *options):
    done = tools.cnnc("--report=json", *options, source)
    name = f"{source.name} {' '.join(options)}"
    return json.loads(done.stdout) if counter.check(done.returncode == 0, f"{name} is reported", done.stderr) else None


def first_difference(found, wanted):
    for number, pair in enumerate(zip(found, wanted), 1):
        if pair[0] != pair[1]:
            return f"number {number}: {pair[0]}, in PyTorch {pair[1]}"
    return f"{len(found)} tensors, in PyTorch {len(wanted)}"


def parameters(net):
    return [(parameter["name"], "x".join(map(str, parameter["shape"])))
            for layer in net["layers"] for parameter in layer["parameters"]]


def learned(net):
    """Counted from the shapes, apart from what the report says."""
    total = 0
    for layer in net["layers"]:
        for parameter in layer["parameters"]:
            count = 1
            for extent in parameter["shape"]:
                count *= extent
            total += count if parameter["learned"] else 0
    return total


def check_network(counter, path):
    name = path.stem
    header, wanted = read_list(path)
    net = report(counter, EXAMPLES / f"{name}.cnn", *size_options(header))
    if not net:
        return
    found, params, macs = parameters(net), net["totals"]["params"], net["totals"]["macs"]
    counter.check(found == wanted, f"{name}: names and shapes", first_difference(found, wanted))
    counter.check(params == learned(net) == int(header["parameters"]), f"{name}: learned parameters",
                  f"{params}, by shapes {learned(net)}, in PyTorch {header['parameters']}")
    counter.check(macs == int(header["macs"]), f"{name}: MACs", f"{macs}, in PyTorch {header['macs']}")
    if "published parameters" in header:
        published, giga = int(header["published parameters"]), header["published gmacs"]
        training = int(header.get("parameters for training only", 0))
        counter.check(params + training == published, f"{name}: published parameters",
                      f"{params} and {training}, published {published}")
        found = f"{macs / 1e9:.{len(giga.partition('.')[2])}f}"
        counter.check(found == giga, f"{name}: published MACs", f"{found}e9, published {giga}e9")
    if name == "mobilenet_v1":
        counter.check((round(params / 1e6, 1), round(macs / 1e6)) == MOBILENET_V1,
                      "mobilenet_v1: its paper", f"{params} and {macs}, published in millions {MOBILENET_V1}")


def check_asserts(counter, path):
    """The file is without a warning, and asserts counts that are not always true."""
    source, header = EXAMPLES / f"{path.stem}.cnn", read_list(path)[0]
    done = tools.cnnc("--check", *([MEANT[path.stem]] if path.stem in MEANT else []), source)
    counter.check(done.returncode == 0 and not done.stderr, f"{path.stem} is without a mistake", done.stderr)
    for question, count in (("params()", header["parameters"]), ("macs()", header["macs"])):
        wrong = source.read_text().replace(f"{question} == {count}", f"{question} == {int(count) + 1}")
        with tools.temporary_folder() as folder:
            (Path(folder) / "net.cnn").write_text(wrong)
            done = tools.cnnc("--check", *size_options(header), Path(folder) / "net.cnn")
        counter.check(f"{count} == {int(count) + 1}" in done.stderr, f"{path.stem} asserts {question}", done.stderr)


def field(net):
    """Size, stride and padding of the last layer of more than one pixel."""
    last = [layer for layer in net["layers"] if layer["output"][1] * layer["output"][2] > 1][-1]
    seen = last["receptive_field"]
    return [(size, stride, -offset) for size, stride, offset in zip(seen["size"], seen["stride"], seen["offset"])]


def check_field(counter, source, options, known):
    net = report(counter, source, *options)
    if net:
        counter.check(field(net) == [known, known], f"field of {source.name} {' '.join(options)}",
                      f"{field(net)}, known {known}")


def published(name, header):
    if name == "mobilenet_v1":
        return "{} M, {} M: the paper's table 4".format(*MOBILENET_V1)
    if "published parameters" not in header:
        return "none"
    head = int(header.get("parameters for training only", 0))
    also = f" with the {head:,} of the head for training" if head else ""
    return f"{int(header['published parameters']):,}{also}, {header['published gmacs']} G"


def row(path):
    """A line of the table in docs/zoo.md."""
    name, header = path.stem, read_list(path)[0]
    source = EXAMPLES / f"{name}.cnn"
    net = json.loads(tools.cnnc("--report=json", *size_options(header), source).stdout)
    lines = len(source.read_text().splitlines())
    totals = net["totals"]
    fields = [str(high) if high == wide else f"{high}x{wide}" for high, wide in zip(*field(net))]
    return (f"| [{name}](../examples/{name}.cnn) | {lines} | {header['size']} | {totals['params']:,} | "
            f"{totals['macs']:,} | {published(name, header)} | {' / '.join(fields)} |")


def check_document(counter, lists):
    document = (tools.ROOT / "docs" / "zoo.md").read_text().splitlines()
    for path in lists:
        counter.check(row(path) in document, f"docs/zoo.md: {path.stem}", row(path))


def main():
    lists = sorted(ZOO.glob("*.tsv"))
    if sys.argv[1:] == ["--table"]:
        print(*map(row, lists), sep="\n")
        return
    counter = tools.Counter()
    counter.check(len(lists) == 16, "a list for each network of the zoo", f"{len(lists)} lists")
    for path in lists:
        check_network(counter, path)
        check_asserts(counter, path)
    for source, options, known in KNOWN:
        check_field(counter, source, options, known)
    check_document(counter, lists)
    counter.finish()


if __name__ == "__main__":
    main()
