#!/usr/bin/env python3
"""Forms of operators of ONNX, importing/forms.py: compiled models against an interpreter that shares nothing with the compiler,
to the last bit where values are small integers; `cnnc import` and compiling what it writes gives the same object.

usage: tests/import_forms_test.py [WORD...]     only the forms with one of these words in their name
"""

import random
import sys
from array import array
from concurrent.futures import ThreadPoolExecutor
from math import prod
from pathlib import Path

import onnx_files as onnx
import tools
from compiled import CompileError, Compiled
from importing import forms
from importing.reference import Interpreter, Tensor

REFUSED = "not supported"


def write_known(folder, form):
    known = {}
    for name, (kind, dims, values) in form.known.items():
        head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({', '.join(map(str, dims))},)}}\n".encode()
        data = array({"<i8": "q", "<f4": "f"}[kind], values).tobytes()
        (folder / f"{name}.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data)
        known[name] = Tensor(dims, values)
    return known


def dims_of(port, form):
    """The sizes of an input, with what the options say."""
    options = dict(zip(form.options[::2], form.options[1::2]))
    sizes = dict(word.split("=") for flag, word in zip(form.options[::2], form.options[1::2]) if flag == "-D")
    shape = options.get("--shape", "")
    if shape and ("=" not in shape or shape.split("=")[0] == port["name"]):
        return [int(size) for size in shape.split("=")[-1].split("x")]
    return [int(sizes.get(size, size)) for size in onnx.dimensions(port)]


def random_inputs(model, known, form):
    rng = random.Random(form.name)
    stored = {tensor["name"] for tensor in model["graph"].get("initializer", [])}
    inputs = {}
    for port in model["graph"]["input"]:
        if port["name"] not in stored and port["name"] not in known:
            dims = dims_of(port, form)
            inputs[port["name"]] = Tensor(dims, [float(rng.randint(-4, 4)) for _ in range(prod(dims))])
    return inputs


def same(got, wanted, exact):
    largest = max(map(abs, wanted), default=0)
    return len(got) == len(wanted) and all(a == b or not exact and abs(a - b) <= 1e-5 * (abs(b) + largest)
                                           for a, b in zip(got, wanted))


def by_way_of_text(folder, form):
    """The objects of the model and of what cnnc import makes of it."""
    Compiled.must(tools.cnnc("import", "m.onnx", "-o", "m.cnn", *form.options, cwd=folder))
    objects = []
    for source, options in (("m.onnx", form.options), ("m.cnn", [])):
        Compiled.must(tools.cnnc("-c", source, "-w", "-o", "m.o", "--cpu=x86-64", "-O1", *options, cwd=folder))
        objects.append((folder / "m.o").read_bytes())
    return objects


def check_form(counter, form):
    """Its values, and its object by way of text."""
    with tools.temporary_folder() as place:
        folder = Path(place)
        for name, content in {"m.onnx": form.data, **form.files}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        model = onnx.read_model(folder / "m.onnx")
        known = write_known(folder, form)
        inputs = random_inputs(model, known, form)
        interpreter = Interpreter(model)
        interpreter.folder = folder
        wanted = [tensor.values for tensor in interpreter.run({**inputs, **known})]
        options = [str(folder / word.split("=")[1]).join([word.split("=")[0] + "=", ""]) if word.endswith(".npy") else word for word in form.options]
        try:
            network = Compiled(folder / "m.onnx", folder, options=["-w", "-O1", *options])
            got = network.run([tensor.values for tensor in inputs.values()], map(len, wanted))
            good = all(same(*pair, form.exact) for pair in zip(got, wanted)) and len(got) == len(wanted)
            counter.check(good, form.name, f"got {[list(v)[:12] for v in got]}\nnot {[v[:12] for v in wanted]}")
            objects = by_way_of_text(folder, form)
            counter.check(objects[0] == objects[1], f"{form.name}: another object by way of .cnn")
        except CompileError as error:
            counter.check(False, form.name, error)


# --- many forms in one model ---

TOGETHER = 16


def mergeable(form):
    model = onnx.decode("Model", form.data)
    branches = any("g" in attribute for node in model["graph"]["node"] for attribute in node.get("attribute", []))
    return not (form.options or form.files or form.known or "functions" in model or branches)


def kind_of(form):
    """Forms of one kind can be in one model."""
    return onnx.decode("Model", form.data)["opset_import"][0]["version"], form.exact


def renamed(item, prefix):
    return dict(item, name=prefix + item["name"])


def merged(several):
    """One model that has the nodes of all, their names made different."""
    whole = {"node": [], "input": [], "output": [], "initializer": []}
    for i, form in enumerate(several):
        part, prefix = onnx.decode("Model", form.data)["graph"], f"f{i}_"
        for key in ("input", "output", "initializer"):
            whole[key] += [renamed(item, prefix) for item in part.get(key, [])]
        for node in part["node"]:
            names = {key: [name and prefix + name for name in node.get(key, [])] for key in ("input", "output")}
            whole["node"].append({**node, **names})
    version, exact = kind_of(several[0])
    return forms.Form(f"{several[0].name} and {len(several) - 1} more", onnx.model(whole, opset=version), exact)


def chunks(chosen):
    """Lists of forms that are checked together."""
    by_kind = {}
    for form in chosen:
        if mergeable(form):
            by_kind.setdefault(kind_of(form), []).append(form)
        else:
            yield [form]
    for several in by_kind.values():
        for at in range(0, len(several), TOGETHER):
            yield several[at:at + TOGETHER]


def check_chunk(counter, several):
    """Together; where something is wrong, each by itself, to tell what."""
    whole = Quiet()
    check_form(whole, merged(several) if len(several) > 1 else several[0])
    for form in several if whole.failed else ():
        check_form(counter, form)
    if not whole.failed:
        counter.passed += 2 * len(several)
    elif len(several) > 1:
        counter.check(False, f"together: {several[0].name} and {len(several) - 1} more", whole.details)


class Quiet(tools.Counter):
    details = ""

    def check(self, good, name, detail=""):
        self.failed += not good
        self.details += "" if good else f"{name}: {detail}"
        return good


def main(words):
    counter = tools.Counter()
    chosen = [form for form in forms.forms() if not words or any(word in form.name for word in words)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda several: check_chunk(counter, several), list(chunks(chosen))))
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
