"""Small ONNX models: nodes between inputs, constants and outputs, in few words."""

import re
from math import prod

import onnx_files as onnx
import tools

PRINTED = re.compile(r"^(?:(.*?):(\d+):(\d+)|cnnc): (error|warning): (.*) \[([EW]\d{4})\]$", re.M)


class Constant:
    """An initializer; its values count up from 1 where none are given."""

    def __init__(self, dims, values=None, kind="FLOAT", raw=True):
        self.dims, self.kind, self.raw = list(dims), kind, raw
        self.values = list(values) if values is not None else [i % 7 + 1 for i in range(prod(dims))]

    def tensor(self, name):
        return onnx.tensor(name, self.dims, self.values, self.kind, self.raw)


def integers(*values):
    return Constant([len(values)], values, "INT64")


def number(value, kind="FLOAT"):
    return Constant([], [value], kind)


def outputs(*names):
    return [onnx.value(name, None) for name in names]


def graph(nodes, inputs, output_names, constants=None, **fields):
    """inputs: {name: dims, or a Value}; constants: {name: Constant, or a Tensor}."""
    values = [dims if isinstance(dims, (dict, bytes)) else onnx.value(name, dims) for name, dims in inputs.items()]
    tensors = [c.tensor(name) if isinstance(c, Constant) else c for name, c in (constants or {}).items()]
    return onnx.graph(nodes, values, outputs(*output_names), tensors, **fields)


def model(nodes, inputs, output_names, constants=None, opset=17, functions=(), **fields):
    more = {"functions": list(functions)} if functions else {}
    return onnx.model(graph(nodes, inputs, output_names, constants, **fields), opset=opset, **more)


def one(op, inputs, opset=17, makes=("y",), wanted=None, domain=None, name=None, **attributes):
    """A model of one node. inputs: dims of an input of the graph, a Constant, a Value, or None where it is left out."""
    names, ports, constants = [], {}, {}
    for i, given in enumerate(inputs):
        key = "xwbcdefgh"[i] if i < 9 else f"i{i}"
        names.append("" if given is None else key)
        if isinstance(given, Constant):
            constants[key] = given
        elif given is not None:
            ports[key] = given
    node = onnx.node(op, names, makes, name=name, domain=domain, **attributes)
    return model([node], ports, wanted or makes, constants, opset)


class Form:
    """`exact`: to the last bit. known: what the values of inputs of the model are fixed to, by files."""

    def __init__(self, name, data, exact=True, options=(), files=None, known=()):
        self.name, self.data, self.exact = name, data, exact
        self.options, self.files, self.known = list(options), files or {}, dict(known)


def single(op, inputs, exact=True, **fields):
    given = ", ".join(f"{key} = {value}" for key, value in fields.items() if not isinstance(value, dict))
    shapes = " ".join(str(x.dims) + "c" if isinstance(x, Constant) else str(x) for x in inputs)
    return Form(f"{op} {shapes} {given}", one(op, inputs, **fields), exact)


def messages(text):
    """(line or None, code, text) of everything printed."""
    return [(int(line) if line else None, code, said) for _, line, _, _, said, code in PRINTED.findall(text)]
