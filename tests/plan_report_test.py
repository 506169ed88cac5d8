#!/usr/bin/env python3
"""--report=plan and --profile: their rows are the steps of the compiled program, their figures follow from the layers and from
each other, and their forms say the same."""

import csv
import io
import json
import math
import re
import subprocess
from pathlib import Path

import tools

NET = """network net {
    input x: 32x32x16, range = 0..255
    a = x -> conv1: conv(3, 32, padding = 1, bias = false) -> bn1: batchnorm -> relu
    b = a -> "part two": conv(5, 20, stride = 2, padding = 2)
    d = b -> depthwise(3, padding = 1) -> silu
    c = concat(b, d) -> maxpool(2) -> up: deconv(2, 24, stride = 2)
    g = c -> lrn(5) -> layernorm(axes = [channels]) -> crop(1)
    output y = g -> avgpool(2) -> flatten -> fc: dense(10) -> softmax
    output z = c -> upsample(2, mode = bilinear) -> topk(3)
}
"""
FORMS = ["plan", "plan-json", "plan-markdown", "plan-csv"]
WEIGHTS = ["-w", "--weights", "random:1"]


def plan(source, *options):
    done = tools.cnnc("--report=plan-json", *WEIGHTS, *options, source)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def near(a, b):
    return abs(a - b) <= 2e-5 * max(abs(a), abs(b))


def up(a, b):
    return -(-a // b) * b


def check_primitives(counter):
    """Each primitive that the compiler calls has costs of its own."""
    calls = set()
    for path in (tools.ROOT / "codegen").glob("lower_*.c"):
        text = path.read_text()
        calls |= set(re.findall(r'\.primitive = "(\w+)"', text) + re.findall(r'emit_whole\(g, node, "(\w+)"', text))
    costs = set(re.findall(r'\{"(\w+)", of_\w+\}', (tools.ROOT / "codegen/costs.c").read_text(), re.M))
    counter.check(len(calls) > 12 and calls <= costs, "every primitive has costs", f"{sorted(calls - costs)} have none")


def check_figures(counter, name, found, report):
    """Of one plan, against the report of the layers."""
    layers = {layer["name"]: layer for layer in report["layers"]}
    vector = found["vector_width"]
    for row in found["layers"]:
        first = row["name"].split("..")[0]
        layer = layers.get(first)
        what = f"{name}: {row['name']}: "
        counter.check(row["cycles"] > 0, what + "takes cycles", str(row))
        counter.check(near(row["milliseconds"], row["cycles"] / (found["gigahertz"] * 1e6)) or row["cycles"] < 1e5, what + "clock",
                      str(row))
        if row["macs"]:
            counter.check(row["macs"] == layer["macs"], what + "multiply-adds", str(row))
        if not row["tile"]:
            counter.check(row["weight_bytes"] % 4 == 0 and not row["scratch_bytes"], what + "no weights", str(row))
            continue
        pixels, channels = row["tile"]
        counter.check(1 <= pixels and channels % vector == 0, what + "tile", str(row))
        if layer["layer"] != "conv":
            continue
        _, height, width, outputs = layer["output"]
        inputs = math.prod(layer["parameters"][0]["shape"][1:2])
        kernel = math.prod(layer["kernel"])
        if row["algorithm"] == "direct":
            counter.check(row["weight_bytes"] == 4 * up(outputs, channels) * inputs * kernel, what + "weights", str(row))
        else:
            side = int(row["algorithm"][-1]) + 2
            counter.check(row["weight_bytes"] == 4 * side * side * up(outputs, channels) * inputs, what + "weights", str(row))
            counter.check(row["scratch_bytes"] >= 4 * side * side * (inputs + outputs), what + "scratch", str(row))
    totals = found["totals"]
    for key in "macs", "weight_bytes", "cycles", "milliseconds", "limit_milliseconds":
        rounding = len(found["layers"]) if key == "cycles" else 0
        counter.check(abs(totals[key] - sum(row[key] for row in found["layers"])) <= rounding + 1e-4 * totals[key],
                      f"{name}: total {key}", str(totals))
    counter.check(totals["macs"] == report["totals"]["macs"], f"{name}: all multiply-adds", str(totals))


def check_limit(counter, folder):
    """Multiplications at the peak: two multiply-adds a cycle of 8 floats with AVX2; of a 3x3 those of Winograd's best tiles: 64 for
    each of 36 outputs, 36 for 16."""
    source = folder / "limit.cnn"
    for size, products in (24, 4 * 4 * 64), (20, 5 * 5 * 36):
        source.write_text(f"network limit {{\n input x: {size}x{size}x64\n output y = x -> conv(3, 64, padding = 1, bias = false)\n}}\n")
        found = plan(source, "--cpu=haswell")
        row = next(row for row in found["layers"] if row["macs"])
        wanted = products * 64 * 64 / 16 / (found["gigahertz"] * 1e6)
        counter.check(near(row["limit_milliseconds"], wanted), f"limit of a 3x3 of {size}", f"{row}: not {wanted}")
    source.write_text("network limit {\n input x: 16x16x64\n output y = x -> conv(1, 64, bias = false)\n}\n")
    found = plan(source, "--cpu=haswell")
    wanted = 16 * 16 * 64 * 64 / 16 / (found["gigahertz"] * 1e6)
    counter.check(near(found["totals"]["limit_milliseconds"], wanted), "limit of a 1x1", f"{found}: not {wanted}")


def check_steps(counter, source, folder, found):
    """The rows are those that the program's own --profile has."""
    program = folder / "program"
    made = tools.cnnc(source, *WEIGHTS, "-o", program)
    table = tools.run([program, "--profile", "--bench=1"]).stdout.splitlines()[1:-2]
    steps = [re.split(r"  +", line)[:2] for line in table]
    rows = [[row["name"], row["layer"]] for row in found["layers"]]
    counter.check(made.returncode == 0 and len(rows) > 10 and rows == steps, "rows are the program's steps", f"{rows}\n{steps}")


def check_forms(counter, source, found):
    texts = {form: tools.cnnc(f"--report={form}", *WEIGHTS, source).stdout for form in FORMS}
    head, *lines = csv.reader(io.StringIO(texts["plan-csv"]))
    wanted = [[row["name"], row["layer"], row["algorithm"], str(row["macs"] or ""), str(row["weight_bytes"] or ""),
               str(row["scratch_bytes"] or "")] for row in found["layers"]]
    columns = [head.index(word) for word in ("name", "layer", "algorithm", "MACs", "weights", "scratch")]
    counter.check([[line[c] for c in columns] for line in lines] == wanted, "CSV", texts["plan-csv"])
    counter.check(all(abs(float(line[head.index("cycles")]) - row["cycles"]) == 0 for line, row in zip(lines, found["layers"])),
                  "cycles in CSV", texts["plan-csv"])
    table = [re.split(r"  +", line.strip()) for line in texts["plan"].splitlines()]
    marked = [[cell.strip() for cell in line.replace("\\", "").split("|")[1:-1]]
              for line in texts["plan-markdown"].splitlines() if line.startswith("|")]
    del marked[1]
    counter.check(table[0] == marked[0] == head, "headings", f"{table[0]}\n{marked[0]}\n{head}")
    counter.check([[cell for cell in line if cell] for line in marked] == table[:len(marked)], "table and Markdown",
                  texts["plan"] + texts["plan-markdown"])
    counter.check(table[len(found["layers"]) + 1][0] == "total", "totals are the last line", texts["plan"])


def check_passes(counter, images=16):
    """Of a batch: who goes together, as rows, as the document's list and as lines say."""
    source = tools.ROOT / "examples/mobilenet_v2.cnn"
    found, at = plan(source, "--batch", images), 0
    rows = found["layers"]
    lines = tools.cnnc("--report=plan", *WEIGHTS, "--batch", images, source).stdout.splitlines()
    for group in found["passes"]:
        count, each = group["passes"], group["images"]
        line = f"{group['first']} to {group['last']}: in {count} passes, each over {each} image{'s' * (each > 1)}"
        counter.check(count > 1 and count * each == images and line in lines, "a line of passes", line)
        while not rows[at]["name"].startswith(group["first"]):
            counter.check(rows[at]["passes"] == 1, f"{rows[at]['name']}: all images at once", f"{rows[at]}")
            at += 1
        begin = at
        while not rows[at]["name"].endswith(group["last"]):
            at += 1
        counter.check(all(row["passes"] == count for row in rows[begin:at + 1]), line, f"{rows[begin:at + 1]}")
        at += 1
    counter.check(len(found["passes"]) > 1, "a deep network has several chains of passes", f"{found['passes']}")
    counter.check(all(row["passes"] == 1 for row in rows[at:]), "behind the last chain: all images at once", f"{rows[at:]}")
    counter.check(sum(" passes, each over " in line for line in lines) == len(found["passes"]), "as many lines", "\n".join(lines))


def check_options(counter, source, folder):
    before = sorted(folder.iterdir())
    for options in (["--exact"], ["-O0"], ["--cpu=skylake-avx512"], ["--cpu=x86-64"], ["--target=x86_64-unknown-none"],
                    ["-c"], ["--emit=onnx"], ["--weights-out", "w", "-c"]):
        done = tools.cnnc("--report=plan-json", *WEIGHTS, *options, source, cwd=folder)
        good = done.returncode == 0 and json.loads(done.stdout)["layers"]
        counter.check(good, f"with {options}", done.stdout + done.stderr)
        if good and options[0] in ("--exact", "-O0"):
            counter.check("winograd" not in done.stdout, f"with {options} as defined", done.stdout)
    counter.check(sorted(folder.iterdir()) == before, "no files are made", str(sorted(folder.iterdir())))
    done = tools.cnnc("--report=plan", source)
    counter.check(done.returncode == 1 and "--weights" in done.stderr, "without weights", done.stderr)
    done = tools.cnnc("run", "--profile", source)
    counter.check(done.returncode == 2 and "is the program's" in done.stderr, "run is a run already", done.stderr)
    done = tools.cnnc("--report=plan-dot", source)
    counter.check(done.returncode == 2 and "--report wants" in done.stderr, "no drawing", done.stderr)
    with open("/dev/full", "w") as full:
        done = subprocess.run([tools.CNNC, "--report=plan", *WEIGHTS, source], stdout=full, stderr=subprocess.PIPE)
    counter.check(done.returncode == 4 and b"cannot write standard output" in done.stderr, "full", done.stderr)


def check_profile(counter, source, folder, found):
    """The plan with what its steps take."""
    before = sorted(folder.iterdir())
    done = tools.cnnc("--report=plan-json", "--profile", "-c", *WEIGHTS, source, cwd=folder)
    if not counter.check(done.returncode == 0, "--profile", done.stderr):
        return
    measured = json.loads(done.stdout)
    for row, planned in zip(measured["layers"], found["layers"]):
        time = row.pop("measured_milliseconds", None)
        counter.check(row == planned, f"--profile: {row['name']}: as planned", f"{row}\n{planned}")
        counter.check(time is not None and (time > 0 or not row["macs"]), f"--profile: {row['name']}: has a time", str(time))
        if row["macs"] > 1e6:  # no core does a thousand multiply-adds a nanosecond, and none so few
            counter.check(1e-9 * row["macs"] < time < 1e-5 * row["macs"], f"--profile: {row['name']}: time", str(time))
    totals, layers = measured["totals"], json.loads(done.stdout)["layers"]
    counter.check(len(layers) == len(found["layers"]), "--profile: every step", done.stdout)
    counter.check(near(totals["measured_milliseconds"], sum(row["measured_milliseconds"] for row in layers)),
                  "--profile: total", str(totals))
    counter.check(totals["runs"] >= 5 and 0.2 < totals["run_milliseconds"] / totals["measured_milliseconds"] < 5,
                  "--profile: whole runs", str(totals))
    table = tools.cnnc("--profile", *WEIGHTS, source).stdout
    head, *lines = [re.split(r"  +", line.strip()) for line in table.splitlines()[:len(layers) + 1]]
    counter.check(head[-2:] == ["measured [ms]", "measured/predicted"], "--profile: columns", table)
    for line, row in zip(lines, layers):
        if row["measured_milliseconds"] > 0.02 and row["milliseconds"] > 0.02:
            counter.check(abs(float(line[-1]) * float(line[-4 if row["macs"] else -3]) / float(line[-2]) - 1) < 0.02,
                          f"--profile: {row['name']}: quotient", str(line))
    counter.check(sorted(folder.iterdir()) == before, "--profile makes no files", str(sorted(folder.iterdir())))
    for words, says in (["--cpu=haswell"], "runs the network here"), (["--target=x86_64-unknown-none"], "runs the network here"), \
            (["--report=dot"], "--profile has no drawing"):
        done = tools.cnnc("--profile", *WEIGHTS, *words, source)
        counter.check(done.returncode == 2 and says in done.stderr and not done.stdout, f"--profile {words}", done.stderr)
    counter.check(tools.cnnc("--profile", source).returncode == 1, "--profile without weights")


def main():
    counter = tools.Counter()
    check_primitives(counter)
    with tools.temporary_folder() as place:
        folder, source = Path(place), Path(place) / "net.cnn"
        source.write_text(NET)
        report = json.loads(tools.cnnc("--report=json", "-w", source).stdout)
        found = plan(source)
        for cpu in "native", "haswell", "x86-64", "skylake-avx512":
            check_figures(counter, cpu, plan(source, f"--cpu={cpu}"), report)
        check_limit(counter, folder)
        check_steps(counter, source, folder, found)
        check_forms(counter, source, found)
        check_options(counter, source, folder)
        check_passes(counter)
        check_profile(counter, source, folder, found)
    counter.finish()


main()
