"""Models that ask for more than any should, broken, cut or changed: (name, bytes)."""

import itertools
import random
from math import prod

import onnx_files as onnx
from importing.models import Constant, graph, integers, model, number, one
from importing.wrong import exponential

X = [1, 4, 6, 6]
EXTREMES = [0, -1, 1, 2, 63, 64, 65, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, -2**63, -2**31]
FLOATS = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 3.4e38, 1e-45]


def extreme_attributes():
    """Every integer attribute of every operator at its extremes."""
    w, matrix = Constant([4, 4, 3, 3]), Constant([4, 5])
    lists = {"Conv": ([X, w], ["strides", "dilations", "pads", "kernel_shape"]),
             "ConvTranspose": ([X, w], ["strides", "dilations", "pads", "output_padding", "output_shape"]),
             "MaxPool": ([X], ["kernel_shape"]), "MaxUnpool": ([X, X], ["kernel_shape"]), "AveragePool": ([X], ["kernel_shape"]),
             "Transpose": ([X], ["perm"]), "Squeeze": ([X], ["axes"]), "ReduceSum": ([X], ["axes"]),
             "Pad": ([X], ["pads"])}
    for op, (inputs, names) in lists.items():
        for name in names:
            for count in ([4] if name in ("pads", "perm") else [2]):
                for value in EXTREMES:
                    for values in ([value] * count, [1] * (count - 1) + [value]):
                        yield f"{op}({name} = {values})", one(op, inputs, opset=1 if op in ("Pad",) else 11, **{name: values})
    for op, name in (("MaxPool", "strides"), ("AveragePool", "pads"), ("MaxPool", "dilations")):
        for value in EXTREMES:
            yield f"indices of {op}({name} = {value})", one(op, [X], makes=("y", "i"), kernel_shape=[2, 2],
                                                            **{name: [value] * (4 if name == "pads" else 2)})
            yield f"{op}({name} = {value})", one(op, [X], kernel_shape=[2, 2], **{name: [value] * (4 if name == "pads" else 2)})
            yield f"{op} of a volume ({name} = {value})", one(op, [[1, 2, 4, 4, 4]], kernel_shape=[2, 2, 2],
                                                              **{name: [value] * (6 if name == "pads" else 3)})
    for op, (name, count) in itertools.product(("Conv", "ConvTranspose"), (("strides", 3), ("dilations", 3), ("pads", 6), ("output_padding", 3),
                                                                            ("output_shape", 3))):
        for value in EXTREMES:
            for values in ([value] * count, [value] + [1] * (count - 1)):
                yield f"{op} of a volume ({name} = {values})", one(op, [[2, 2, 3, 4, 5], Constant([2, 2, 2, 3, 3])], **{name: values})
    single = {"Conv": ([X, w], "group"), "ConvTranspose": ([X, w], "group"), "Concat": ([X, X], "axis"), "Split": ([X], "axis"),
              "Gather": ([X, integers(0, 1)], "axis"), "Softmax": ([X], "axis"), "Flatten": ([X], "axis"), "Cast": ([X], "to"),
              "DepthToSpace": ([X], "blocksize"), "SpaceToDepth": ([X], "blocksize"), "Shape": ([X], "start"),
              "Gemm": ([[3, 4], matrix], "transA"), "LRN": ([X], "size"), "ArgMax": ([X], "axis"), "TopK": ([X, integers(1)], "axis"),
              "LayerNormalization": ([X, Constant([6])], "axis"), "GroupNormalization": ([X, Constant([4]), Constant([4])], "num_groups"),
              "EyeLike": ([[3, 4]], "k"), "Trilu": ([X], "upper"), "Dropout": ([X, number(0.0), number(True, "BOOL")], "seed"),
              "LpPool": ([X], "p"), "CumSum": ([X, number(1, "INT64")], "reverse"), "Mod": ([integers(1), integers(0)], "fmod"),
              "DequantizeLinear": ([Constant([2, 3], kind="UINT8"), Constant([3])], "axis"), "QuantizeLinear": ([X, Constant([4])], "axis")}
    for op, (inputs, name) in single.items():
        for value in EXTREMES:
            yield f"{op}({name} = {value})", one(op, inputs, opset=21 if op == "GroupNormalization" else 17, **{name: value})


def extreme_indices():
    for value in EXTREMES:
        yield f"MaxUnpool to {value}", one("MaxUnpool", [X, Constant(X, [value] * prod(X), "INT64")], kernel_shape=[2, 2])
        yield f"MaxUnpool of size {value}", one("MaxUnpool", [X, X, integers(1, 4, value, value)], kernel_shape=[2, 2])
        yield f"MaxUnpool by {value}", one("MaxUnpool", [X, X], kernel_shape=[2, 2], strides=[value, 1], pads=[0, value, 0, 0])
        yield f"Trilu from {value}", one("Trilu", [X, number(value, "INT64")])


def extreme_numbers():
    for value in FLOATS:
        for op, name in (("LeakyRelu", "alpha"), ("Elu", "alpha"), ("HardSigmoid", "beta"), ("Selu", "gamma"), ("ThresholdedRelu", "alpha")):
            yield f"{op}({name} = {value})", one(op, [X], **{name: value})
        yield f"Gemm(alpha = {value})", one("Gemm", [[3, 4], Constant([4, 5]), Constant([5])], alpha=value, beta=value)
        yield f"BatchNormalization(epsilon = {value})", one("BatchNormalization", [X, *[Constant([4])] * 4], epsilon=value)
        for op in ("Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "PRelu"):
            yield f"{op} {value}", one(op, [X, number(value)])
        yield f"Clip from {value}", one("Clip", [X, number(value)])
        yield f"Clip to {value}", one("Clip", [X, None, number(value)])
        yield f"Clip from 1 to {value}", one("Clip", [X, number(1.0), number(value)])
        yield f"Pad with {value}", one("Pad", [X, integers(0, 0, 1, 1, 0, 0, 1, 1), number(value)])
        yield f"weights of {value}", one("Conv", [X, Constant([1, 4, 1, 1], [value] * 4)])
        yield f"Cast {value}", one("Cast", [number(value)], to=7)
        yield f"MaxUnpool to {value}", one("MaxUnpool", [[1, 1, 1, 1], Constant([1, 1, 1, 1], [value])], kernel_shape=[2, 2])
        yield f"Range to {value}", one("Range", [number(0.0), number(value), number(1.0)])
        yield f"Range by {value}", one("Range", [number(0.0), number(9.0), number(value)])


def extreme_inputs():
    """Lists of integers that operators take as inputs, at their extremes."""
    for value in EXTREMES:
        i = integers(value)
        yield f"Reshape to {value}", one("Reshape", [X, i])
        yield f"Reshape to {value} of nothing", one("Reshape", [Constant([0, 3]), integers(0, value, 2**62)], allowzero=1)
        yield f"Slice from {value}", one("Slice", [X, i, integers(4), integers(1)])
        yield f"Slice to {value}", one("Slice", [X, integers(0), i, integers(1)])
        yield f"Slice by {value}", one("Slice", [X, integers(3), integers(-2**63), integers(1), i])
        yield f"Slice by {value} up", one("Slice", [X, integers(0), integers(2**63 - 1), integers(1), i])
        yield f"constant Slice by {value}", one("Slice", [integers(1, 2, 3), integers(2), integers(-2**63), integers(0), i])
        yield f"constant Slice from {value}", one("Slice", [integers(1, 2, 3), i, i, integers(0), i])
        yield f"Slice along {value}", one("Slice", [X, integers(0), integers(1), i])
        yield f"Gather {value}", one("Gather", [X, i])
        yield f"Unsqueeze {value}", one("Unsqueeze", [X, i])
        yield f"Squeeze {value}", one("Squeeze", [X, i])
        yield f"Expand to {value}", one("Expand", [X, i])
        yield f"Expand of five to {value}", one("Expand", [[1], integers(2, 2, 2, 2, value)])
        yield f"Tile {value} times", one("Tile", [X, integers(1, value, 1, value)])
        yield f"Pad by {value}", one("Pad", [X, integers(0, value, 1, 0, value, 0, 0, 0)])
        yield f"reflected Pad by {value}", one("Pad", [X, integers(0, 0, value, 0, 0, 0, 0, 0)], mode="reflect")
        yield f"Split into {value}", one("Split", [X, integers(value, 4 - value if value > -2**62 else value)], makes=("y", "z"), axis=1)
        yield f"ConstantOfShape {value}", one("ConstantOfShape", [i])
        yield f"ConstantOfShape {value}^8", one("ConstantOfShape", [integers(*[value] * 8)])
        yield f"Range from {value}", one("Range", [number(value, "INT64"), number(2**63 - 1, "INT64"), number(2**60, "INT64")])
        yield f"Range to {value}", one("Range", [number(-2**63, "INT64"), number(value, "INT64"), number(2**60, "INT64")])
        yield f"Range by {value}", one("Range", [number(0, "INT64"), number(100, "INT64"), number(value, "INT64")])
        for op in ("Add", "Sub", "Mul", "Div", "Mod", "Pow", "Less"):
            for other in (-2**63, -1, 0, 3, 2**63 - 1):
                yield f"{other} {op} {value}", one(op, [integers(other), i])
        yield f"Neg {value}", one("Neg", [i])
        yield f"Abs {value}", one("Abs", [i])
        yield f"ReduceProd {value}", one("ReduceProd", [integers(value, value, value)])
        yield f"TopK {value}", one("TopK", [X, i], makes=("y", "z"), wanted=("y",))
        yield f"Resize to {value}", one("Resize", [X, None, None, integers(1, 4, value, value)])
        yield f"Resize by {value}", one("Resize", [X, None, Constant([4], [1.0, 1.0, float(value), 1.0])])
        yield f"OneHot {value}", one("OneHot", [integers(0, value), number(value, "INT64"), Constant([2])])


EMPTY = {kind: Constant([0], [], kind) for kind in ("FLOAT", "INT64", "BOOL", "FLOAT16", "INT8", "DOUBLE")}


def empty_constants():
    """Constants without values, or of types that the operator does not want, at each of its inputs."""
    takes = {"Dropout": 3, "Clip": 3, "Range": 3, "Reshape": 2, "Slice": 5, "Gather": 2, "Expand": 2, "Tile": 2, "Pad": 4, "Split": 2,
             "ConstantOfShape": 1, "Conv": 3, "ConvTranspose": 3, "Gemm": 3, "MatMul": 2, "Add": 2, "Mod": 2, "And": 2, "Pow": 2, "PRelu": 2,
             "BatchNormalization": 5, "Where": 3, "ReduceSum": 2, "ReduceMax": 2, "Squeeze": 2, "Unsqueeze": 2, "Concat": 3, "If": 1,
             "Softmax": 1, "Relu": 1, "Not": 1, "Floor": 1, "Cast": 1, "Transpose": 1, "Flatten": 1, "MaxPool": 1, "GlobalAveragePool": 1,
             "Resize": 4, "TopK": 2, "OneHot": 3, "Size": 1, "Shape": 1, "Identity": 1, "Equal": 2, "LayerNormalization": 3,
             "InstanceNormalization": 3, "LRN": 1, "CumSum": 2, "ArgMax": 1, "Einsum": 2, "QuantizeLinear": 3, "DequantizeLinear": 3,
             "Upsample": 2, "Trilu": 2, "ScatterND": 3, "GatherND": 2, "GatherElements": 2, "Compress": 2, "NonZero": 1,
             "MaxUnpool": 3, "EyeLike": 1, "IsInf": 1, "MatMulInteger": 4, "QLinearMatMul": 8, "Div": 2}
    more = {"MaxUnpool": {"kernel_shape": [1, 1]}, "Concat": {"axis": 0}, "Cast": {"to": 1}, "MaxPool": {"kernel_shape": [1, 1]}, "Einsum": {"equation": "a,a->a"}}
    for op, count in takes.items():
        for kind, empty in EMPTY.items():
            yield f"{op} of nothing ({kind})", one(op, [empty] * count, **more.get(op, {}))
            for at in range(count):
                inputs = [Constant([2, 2], [1, 2, 3, 4] if kind != "BOOL" else [True] * 4, kind)] * count
                yield f"{op}, input {at} of no values ({kind})", one(op, [*inputs[:at], empty, *inputs[at + 1:]], **more.get(op, {}))
                yield f"{op}, input {at} a number ({kind})", one(op, [[2, 2], *inputs[1:at], number(True if kind == "BOOL" else 1, kind), *inputs[at + 1:]][:count],
                                                              **more.get(op, {}))
        yield f"{op} of a number", one(op, [[]] * count, **more.get(op, {}))
        yield f"{op} of nothing at all", one(op, [], **more.get(op, {}))
        yield f"{op} of what is left out", one(op, [None] * count, **more.get(op, {}))
        yield f"{op} of eight dimensions", one(op, [[1, 2, 1, 2, 1, 3, 1, 2]] * count, **more.get(op, {}))
        yield f"{op} without output", one(op, [[2, 2]] * count, makes=("", "y"), wanted=("y",), **more.get(op, {}))


def wrong_types():
    """Attributes of every type but their own."""
    values = [1, 1.5, "a", [1, 2], [1.5], ["a"], [], Constant([2]).tensor("t"), [Constant([2]).tensor("t")], graph([], {}, []), [graph([], {}, [])]]
    for op, inputs, names in (("Conv", [X, Constant([4, 4, 3, 3])], ["group", "pads", "auto_pad"]), ("Constant", [], ["value", "value_ints", "value_float"]),
                              ("ConstantOfShape", [integers(2)], ["value"]), ("If", [number(True, "BOOL")], ["then_branch"]),
                              ("Transpose", [X], ["perm"]), ("Cast", [X], ["to"]), ("Softmax", [X], ["axis"])):
        for name in names:
            for i, value in enumerate(values):
                yield f"{op}: {name} of type {i}", one(op, inputs, **{name: value})
                untyped = {"name": name, **{k: v for k, v in onnx.attribute(name, value).items() if k not in ("name", "type")}}
                node = dict(onnx.node(op, ["x", "w"][:len(inputs)], ["y"]), attribute=[untyped])
                ports = {"x": X} if inputs and not isinstance(inputs[0], Constant) else {}
                constants = {k: c for k, c in zip("xw", inputs) if isinstance(c, Constant)}
                yield f"{op}: {name} of type {i}, untyped", model([node], ports, ["y"], constants)


def large():
    """Much of everything."""
    relu = lambda i: onnx.node("Relu", [f"v{i}"], [f"v{i + 1}"])
    yield "65,537 nodes", model([relu(i) for i in range(65537)], {"v0": [1]}, ["v65537"])
    yield "15,000 weights of one name", model([onnx.node("Conv", ["x", "w"], [f"y{i}"]) for i in range(15000)], {"x": [1, 1, 1, 1]},
                                              [f"y{i}" for i in range(15000)], {"w": Constant([1, 1, 1, 1])})
    yield "5,000 unread inputs", model([onnx.node("Relu", ["x"], ["y"])] * 1, {"x": X, **{f"i{i}": [1, 1, 1, 1] for i in range(5000)}}, ["y"])
    yield "5,000 inputs, 5,000 nodes", model([onnx.node("Relu", [f"i{i}"], [f"y{i}"]) for i in range(5000)],
                                               {f"i{i}": [1, 1, 1, 1] for i in range(5000)}, ["y0"])
    yield "5,000 outputs", model([onnx.node("Relu", ["x"], [f"y{i}"]) for i in range(5000)], {"x": X}, [f"y{i}" for i in range(5000)])
    yield "a constant on many axes", model([onnx.node("Add", [f"v{i}", "c"], [f"v{i + 1}"]) for i in range(2000)], {"v0": [1, 1, 300, 300]},
                                           ["v2000"], {"c": Constant([300, 300], [0.5] * 90000)})
    yield "halves many times", model([onnx.node("Conv", ["x", "w"], [f"y{i}"]) for i in range(2000)], {"x": [1, 300, 1, 1]}, ["y0", "y1999"],
                                     {"w": Constant([300, 300, 1, 1], [0.5] * 90000, "FLOAT16")})
    dead = [onnx.node("Relu", ["a"], [f"d{i}"]) for i in range(5000)] + [onnx.node("Identity", ["a"], ["b"])]
    heavy = {"name": "h", "domain": "f", "input": ["a"], "output": ["b"], "node": dead}
    calls = [onnx.node("h", [f"v{i}"], [f"v{i + 1}"], domain="f") for i in range(5000)]
    yield "heavy functions", model(calls, {"v0": [1]}, ["v5000"], functions=[heavy])
    yield "functions that double", exponential(60)
    yield "large constants from little", model([onnx.node("ConstantOfShape", ["s"], [f"c{i}"]) for i in range(100)]
                                               + [onnx.node("Sum", ["x", *[f"c{i}" for i in range(31)]], ["y"])],
                                               {"x": [2048, 2048]}, ["y"], {"s": integers(2048, 2048)})
    yield "slow constants from little", model([onnx.node("Equal", ["a", "b"], ["c"]), onnx.node("Cast", ["c"], ["y"], to=1)], {}, ["y"],
                                              {"a": Constant([4096, 1], kind="INT64"), "b": Constant([4096], kind="INT64")})
    shared = [onnx.node("Identity", ["x"], ["v0"])] + [onnx.node("Concat", [f"v{i}"] * 4096, [f"v{i + 1}"], axis=0) for i in range(5)]
    yield "concatenation that grows", model(shared, {"x": [2]}, ["v5"])
    yield "constants that double", model([onnx.node("Concat", [f"v{i}"] * 2, [f"v{i + 1}"], axis=0) for i in range(70)], {}, ["v70"], {"v0": integers(1)})
    yield "sums that double", model([onnx.node("Add", [f"v{i}"] * 2, [f"v{i + 1}"]) for i in range(3000)], {"v0": [1]}, ["v3000"])
    yield "tiles that grow", model([onnx.node("Tile", [f"v{i}", "r"], [f"v{i + 1}"]) for i in range(70)], {"v0": [2]}, ["v70"], {"r": integers(2)})
    yield "names of a megabyte", model([onnx.node("Relu" * 250000, ["x" * 10**6], ["y" * 10**6], name="%s%n\x1b" * 10**5)], {"x" * 10**6: X}, ["y" * 10**6])
    yield "300 long inputs", model([onnx.node("Sum", ["x" * 10**5] * 300, ["y"])], {"x" * 10**5: X}, ["y"])
    yield "empty inputs", model([onnx.node("Sum", [""] * 10**5 + ["x"], ["y"])], {"x": X}, ["y"])
    yield "attributes", one("Relu", [X], **{f"a{i}": i for i in range(50000)})
    yield "axes", one("Transpose", [X], perm=list(range(10**5)))
    yield "outputs of a node", one("Split", [X], makes=[f"y{i}" for i in range(10**5)], wanted=["y0"])
    yield "a graph many times", b"\x08\x08" + onnx.field(7, 2, b"\x0a\x00") * 10**5
    yield "a type many times", b"\x08\x08" + onnx.field(7, 2, onnx.field(11, 2, onnx.field(2, 2, onnx.field(1, 2, onnx.field(2, 2, b""))) * 10**5))
    yield "unknown fields", b"\x08\x08" + onnx.field(100, 0, 1) * 10**6
    yield "operator sets", one("Relu", [X]) + onnx.field(8, 2, b"") * 10**5
    groups = b"\x3b" * 10**5
    yield "groups", b"\x08\x08" + groups
    nested = b""
    for _ in range(1000):
        nested = onnx.field(6, 2, onnx.field(1, 2, onnx.field(5, 2, nested)))
    yield "nested graphs", b"\x08\x08" + onnx.field(7, 2, onnx.field(1, 2, onnx.field(5, 2, nested)))
    for depth in (10, 19, 20, 21, 22, 64):
        inner = graph([onnx.node("Relu", ["x"], ["t"])], {}, ["t"])
        for _ in range(depth):
            inner = graph([onnx.node("If", ["c"], ["t"], then_branch=inner, else_branch=inner if depth < 3 else graph([], {}, []))], {}, ["t"])
        yield f"If {depth} deep", model([onnx.node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)], {"x": X}, ["y"],
                                        {"c": number(True, "BOOL")})


def odd_names():
    for name in ("", "\x1b[31m", "%s%n", "a" * 300, "../../etc/passwd", "x\ny", "é", "main", "network", "-", "1", "{i}", "a.b/c:0", '"', "\\"):
        yield f"a value called {name!r:.20}", model([onnx.node("Relu", [name], ["y"], name=name)], {name: X}, ["y"])
        yield f"an output called {name!r:.20}", model([onnx.node("Relu", ["x"], [name], name=name)], {"x": X}, [name])
        yield f"weights called {name!r:.20}", model([onnx.node("Conv", ["x", name], ["y"])], {"x": X}, ["y"], {name: Constant([1, 4, 1, 1])})
    yield "NUL in a name", model([onnx.node("Relu", ["x\0y"], ["y"])], {"x\0y": X}, ["y"])
    yield "bytes that are no text", model([onnx.node(b"\xff\xfe", [b"\x80"], ["y"])], {"x": X}, ["y"])
    yield "names that differ in case", model([onnx.node("Relu", ["x"], ["y"]), onnx.node("Abs", ["x"], ["Y"])], {"x": X}, ["y", "Y"])
    yield "no nodes", model([], {"x": X}, ["x"])
    yield "no outputs", model([onnx.node("Relu", ["x"], ["y"])], {"x": X}, [])
    yield "nothing", b""
    yield "eight", b"\x08"
    yield "an empty graph", b"\x08\x08\x3a\x00"
    yield "zeros", bytes(1000)
    yield "a constant output", model([], {}, ["c"], {"c": Constant([3])})


def sound():
    """A small model with a bit of everything, for cuts and changed bytes."""
    branch = graph([onnx.node("Mul", ["a", "k"], ["t"])], {}, ["t"], {"k": Constant([1])})
    inner = {"name": "g", "domain": "f", "input": ["p"], "output": ["q"], "attribute": ["alpha"],
             "node": [dict(onnx.node("LeakyRelu", ["p"], ["q"]), attribute=[{"name": "alpha", "ref_attr_name": "alpha", "type": 1}])],
             "opset_import": [{"domain": "", "version": 17}]}
    nodes = [onnx.node("Conv", ["x", "w", "b"], ["c"], name="conv", pads=[1, 0, 1, 0], strides=[1, 2]),
             onnx.node("g", ["c"], ["a"], domain="f", alpha=0.25),
             onnx.node("If", ["yes"], ["d"], then_branch=branch, else_branch=branch),
             onnx.node("Reshape", ["d", "s"], ["e"]), onnx.node("Transpose", ["e"], ["y"], perm=[1, 0, 2])]
    return model(nodes, {"x": [1, 2, 4, 4]}, ["y"], {"w": Constant([2, 2, 3, 2]), "b": Constant([2], [1.0, 2.0], raw=False),
                 "s": Constant([3], [2, -1, 2], "INT64", raw=False), "yes": number(True, "BOOL")}, functions=[inner])


def mutations(seed, count):
    """Sound models with bytes changed, cut, doubled or put elsewhere."""
    rng = random.Random(f"mutations {seed}")
    seeds = [sound(), *[data for name, data in odd_names()][:3], *[data for _, data in list(extreme_inputs())[:60]]]
    for i in range(count):
        data = bytearray(rng.choice(seeds[:1] * 40 + seeds))
        for _ in range(rng.choice([1, 1, 2, 4, 16])):
            at, size = rng.randrange(len(data)), rng.choice([1, 1, 1, 2, 4, 8])
            kind = rng.randrange(5)
            if kind == 0:
                data[at] = rng.choice([0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)])
            elif kind == 1:
                data[at] ^= 1 << rng.randrange(8)
            elif kind == 2:
                del data[at:at + size]
            elif kind == 3:
                data[at:at] = data[at:at + size]
            else:
                data[at:at + size] = rng.randbytes(size)
            if not data:
                break
        yield f"mutation {i} of seed {seed}", bytes(data)


def cuts():
    data = sound()
    for length in range(len(data)):
        yield f"cut to {length} bytes", data[:length]


def changes():
    data = sound()
    for at in range(len(data)):
        for value in (0, 0x7f, 0x80, 0xff, data[at] ^ 1, data[at] ^ 8):
            if value != data[at]:
                yield f"byte {at} is {value}", data[:at] + bytes([value]) + data[at + 1:]


def small():
    for part in (odd_names, wrong_types, empty_constants, extreme_attributes, extreme_inputs, extreme_indices, extreme_numbers, cuts, changes):
        yield from part()
