"""Forms of operators: models whose results the interpreter tells, exactly where their values are small integers."""

import itertools
from math import inf, nan

import onnx_files as onnx
from importing import volumes
from importing.models import Constant, Form, graph, integers, model, number, single


def convolutions():
    x, w, b = [2, 4, 7, 9], Constant([6, 4, 3, 2]), Constant([6])
    yield single("Conv", [x, w, b], pads=[2, 0, 1, 1], strides=[2, 1])
    yield single("Conv", [x, w], pads=[0, 1, 2, 3], strides=[1, 3], dilations=[2, 1])
    for auto, strides, dilations in itertools.product(("SAME_UPPER", "SAME_LOWER", "VALID"), ([1, 1], [2, 3], [3, 2]), ([1, 1], [2, 2])):
        yield single("Conv", [x, w], auto_pad=auto, strides=strides, dilations=dilations)
    yield single("Conv", [x, Constant([6, 2, 3, 2]), b], group=2, kernel_shape=[3, 2])
    yield single("Conv", [x, Constant([4, 1, 3, 3])], group=4, pads=[1, 1, 1, 1])
    yield single("Conv", [x, Constant([8, 1, 3, 3]), Constant([8])], group=4, strides=[2, 2])
    yield single("Conv", [[1, 1, 5, 5], Constant([3, 1, 2, 2])], group=1)
    row = [2, 4, 11]
    yield single("Conv", [row, Constant([3, 4, 3]), Constant([3])], pads=[2, 1], strides=[2], dilations=[2])
    yield single("Conv", [row, Constant([4, 1, 4])], group=4)
    for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield single("Conv", [row, Constant([3, 4, 4])], auto_pad=auto, strides=[3])
    for kind in ("DOUBLE", "FLOAT16"):
        yield single("Conv", [x, Constant([1, 4, 1, 1], kind=kind)])
    yield single("Conv", [[1, 1, 1, 1], Constant([1, 1, 1, 1])])
    yield single("Conv", [[1, 4, 1, 6], Constant([2, 4, 1, 3])])


def transposed():
    x, w, b = [2, 4, 3, 5], Constant([4, 3, 3, 2]), Constant([3])
    yield single("ConvTranspose", [x, w, b], strides=[2, 3], pads=[1, 0, 0, 1])
    yield single("ConvTranspose", [x, w], strides=[2, 3], output_padding=[1, 2])
    yield single("ConvTranspose", [x, w], strides=[2, 2], dilations=[2, 1], pads=[1, 1, 1, 1])
    yield single("ConvTranspose", [x, Constant([4, 3, 3, 3]), Constant([6])], group=2, strides=[2, 2])
    yield single("ConvTranspose", [x, Constant([4, 1, 3, 3])], group=4)
    yield single("ConvTranspose", [[1, 4, 6], Constant([4, 2, 3])], strides=[2], pads=[1, 0], output_padding=[1])
    for auto in ("NOTSET", "SAME_UPPER", "SAME_LOWER"):
        for sizes in ([7, 15], [6, 14], [5, 13], [8, 16]):
            yield single("ConvTranspose", [x, w], strides=[2, 3], output_shape=sizes, auto_pad=auto)
    for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield single("ConvTranspose", [x, Constant([4, 2, 4, 3])], strides=[2, 2], auto_pad=auto)
        yield single("ConvTranspose", [[1, 4, 6], Constant([4, 2, 5])], strides=[2], auto_pad=auto)


def pools():
    x = [1, 3, 7, 8]
    for op, more in (("MaxPool", {}), ("AveragePool", {}), ("AveragePool", {"count_include_pad": 1})):
        yield single(op, [x], False, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 2, 1], **more)
        yield single(op, [x], False, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, **more)
        yield single(op, [x], False, kernel_shape=[2, 2], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1, **more)
        for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            yield single(op, [x], False, kernel_shape=[2, 3], strides=[2, 3], auto_pad=auto, **more)
        yield single(op, [[2, 3, 10]], False, kernel_shape=[3], strides=[2], pads=[1, 0], **more)
    yield single("MaxPool", [x], kernel_shape=[2, 2], dilations=[2, 3])
    for order, kernel in itertools.product((0, 1), ([3, 2], [2, 3])):
        for more in ({"strides": [2, 1], "pads": [1, 0, 1, 1]}, {"ceil_mode": 1, "strides": [3, 2]}, {"dilations": [2, 3], "pads": [1, 1, 0, 1]}):
            yield single("MaxPool", [[2, 3, 7, 8]], makes=("y", "i"), kernel_shape=kernel, storage_order=order, **more)
    yield single("MaxPool", [[1, 1, 5, 6]], makes=("y", "i"), kernel_shape=[2, 2], auto_pad="SAME_UPPER")
    yield single("MaxPool", [[2, 3, 9]], makes=("y", "i"), kernel_shape=[3], pads=[1, 1])
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        yield single(op, [x], False)
        yield single(op, [[2, 3, 10]], False)


def unpools():
    for dims, kernel, fields in (([2, 3, 6, 8], [2, 2], {"strides": [2, 2]}), ([1, 2, 5, 7], [3, 3], {"strides": [2, 2]}),
                                 ([2, 2, 5, 6], [3, 2], {"strides": [2, 2], "pads": [1, 0, 1, 0]}), ([2, 3, 9], [3], {"strides": [3]})):
        nodes = [onnx.node("MaxPool", ["x"], ["p", "i"], kernel_shape=kernel, **fields),
                 onnx.node("MaxUnpool", ["p", "i"], ["y"], kernel_shape=kernel, **fields)]
        yield Form(f"MaxUnpool of MaxPool {dims} {kernel} {fields}", model(nodes, {"x": dims}, ["y"]))
        larger = [onnx.node("MaxUnpool", ["p", "i", "s"], ["y"], kernel_shape=kernel, **fields)]
        yield Form(f"MaxUnpool larger of MaxPool {dims} {kernel} {fields}",
                   model(nodes[:1] + larger, {"x": dims}, ["y"], {"s": integers(*dims[:2], *[size + 1 + i for i, size in enumerate(dims[2:])])}))
    indices = Constant([2, 1, 2, 2], [0, 5, 15, 5, 16, 31, 20, 16], "INT64")
    yield single("MaxUnpool", [[2, 1, 2, 2], indices], kernel_shape=[2, 2], strides=[2, 2])
    yield single("MaxUnpool", [[2, 1, 2, 2], indices, integers(2, 1, 5, 4)], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0])


def products():
    for a, b in itertools.product((0, 1), repeat=2):
        for c in (None, [], [1], [4], [1, 4], [3, 1], [3, 4], [1, 1]):
            inputs = [[5, 3] if a else [3, 5], Constant([4, 5] if b else [5, 4])]
            for known in (True, False) if c else (True,):
                more = [] if c is None else [Constant(c) if known else c]
                yield single("Gemm", inputs + more, transA=a, transB=b)
                yield single("Gemm", inputs + more, transA=a, transB=b, alpha=0.5, beta=2.0)
    yield single("Gemm", [[1, 5], Constant([5, 1]), Constant([1])])
    yield single("Gemm", [[3, 5], Constant([5, 3]), Constant([3, 1])], beta=0.0)
    yield single("Gemm", [Constant([3, 5]), Constant([5, 4]), [4]])
    for dims in ([4], [3, 4], [1, 4], [2, 3, 4], [1, 3, 4], [2, 1, 4], [2, 5, 3, 4], [2, 1, 3, 4], [2, 5, 1, 4]):
        yield single("MatMul", [dims, Constant([4, 6])])
        yield single("MatMul", [dims, Constant([4, 1])])
    for dims in ([4], [4, 3], [4, 1], [2, 4, 3], [2, 5, 4, 3], [1, 5, 4, 3], [2, 5, 4, 1]):
        yield single("MatMul", [Constant([6, 4]), dims])
    nodes = [onnx.node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]), onnx.node("MatMul", ["t", "w"], ["y"])]
    for a, b in (([2, 3, 5, 4], [2, 3, 4, 6]), ([2, 3, 2, 5, 4], [3, 1, 4, 2]), ([3, 5, 4], [2, 3, 4, 6]), ([2, 2, 3, 1, 4], [2, 3, 4, 5])):
        yield single("MatMul", [a, b])
    yield Form("MatMul of what shares axes", model(
        [onnx.node("Transpose", ["b"], ["t"], perm=[0, 1, 3, 2]), onnx.node("MatMul", ["a", "t"], ["m"]),
         onnx.node("Softmax", ["m"], ["s"], axis=-1), onnx.node("MatMul", ["s", "c"], ["y"])],
        {"a": [2, 3, 4, 5], "b": [2, 3, 6, 5], "c": [2, 3, 6, 7]}, ["y"]), exact=False)
    yield Form("MatMul of channels last", model(nodes, {"x": [2, 4, 3, 5]}, ["y"], {"w": Constant([4, 6])}))


def layouts():
    first, last = [0, 3, 1, 2], [0, 2, 3, 1]
    conv = onnx.node("Conv", ["t", "w"], ["c"], pads=[1, 1, 1, 1])
    w = {"w": Constant([2, 3, 3, 3])}
    nodes = [onnx.node("Transpose", ["x"], ["t"], perm=first), conv, onnx.node("Transpose", ["c"], ["y"], perm=last)]
    yield Form("channels last in and out", model(nodes, {"x": [1, 5, 6, 3]}, ["y"], w))
    yield Form("channels last in, and read as it is", model([*nodes[:2], onnx.node("Relu", ["x"], ["z"])], {"x": [1, 5, 6, 3]}, ["c", "z"], w))
    yield Form("channels last of one row", model(nodes, {"x": [1, 1, 6, 3]}, ["y"], w))
    for axis in range(4):
        joined = [onnx.node("Transpose", ["x"], ["t"], perm=last), onnx.node("Concat", ["t", "z", "t"], ["y"], axis=axis)]
        yield Form(f"Concat of channels last along {axis}", model(joined, {"x": [2, 3, 4, 5], "z": [2, 4, 5, 3]}, ["y"]))
        yield Form(f"Concat with a constant along {axis}", model([onnx.node("Concat", ["x", "k"], ["y"], axis=axis - 4)], {"x": [2, 3, 4, 5]},
                                                                  ["y"], {"k": Constant([2, 3, 4, 5])}))
    for dims in ([3], [1, 3], [2, 3], [2, 1, 4], [2, 3, 4]):
        for axis in range(len(dims)):
            yield single("Concat", [dims, dims, Constant(dims)], axis=axis)
    yield single("Concat", [[2, 3], [2, 1], [2, 4]], axis=1)
    for perm in itertools.permutations(range(4)):
        yield single("Transpose", [[2, 3, 4, 5]], perm=list(perm))
        nodes = [onnx.node("Transpose", ["x"], ["t"], perm=list(perm)), onnx.node("Reshape", ["t", "s"], ["y"])]
        yield Form(f"Transpose {perm} and Reshape", model(nodes, {"x": [2, 3, 4, 5]}, ["y"], {"s": integers(6, 20)}))
        yield Form(f"Transpose {perm} and Flatten", model([nodes[0], onnx.node("Flatten", ["t"], ["y"], axis=2)], {"x": [2, 3, 4, 5]}, ["y"]))
        bias = [nodes[0], onnx.node("Add", ["t", "k"], ["y"])]
        size = [[2, 3, 4, 5][p] for p in perm]
        for k in (size[3:], size[1:2] + [1, 1], size[1:], [size[0], 1, 1, size[3]]):
            yield Form(f"Transpose {perm} and Add {k}", model(bias, {"x": [2, 3, 4, 5]}, ["y"], {"k": Constant(k)}))
    yield single("Transpose", [[2, 3]])
    yield single("Transpose", [[2, 3, 4]], perm=[2, 0, 1])
    yield single("Flatten", [[2, 3, 4, 5]], axis=0)
    yield single("Flatten", [[2, 3, 4, 5]], axis=4)
    yield single("Flatten", [[2, 3, 4, 5]], axis=-1)


def shuffled(dims, split, perm, joined):
    nodes = [onnx.node("Reshape", ["x", "a"], ["r"]), onnx.node("Transpose", ["r"], ["t"], perm=perm), onnx.node("Reshape", ["t", "b"], ["y"])]
    return Form(f"{dims} to {split}, {perm}, {joined}",
                model(nodes, {"x": dims}, ["y"], {"a": integers(*split), "b": integers(*joined)}))


def shuffles():
    yield shuffled([2, 6, 4, 5], [2, 2, 3, 4, 5], [0, 2, 1, 3, 4], [2, 6, 4, 5])
    yield shuffled([2, 6, 4, 5], [2, 3, 2, 4, 5], [0, 2, 1, 3, 4], [2, -1, 4, 5])
    yield shuffled([1, 6, 4, 5], [1, 2, 3, 4, 5], [0, 2, 1, 3, 4], [1, 6, 4, 5])
    yield shuffled([1, 6, 1, 1], [1, 2, 3, 1, 1], [0, 2, 1, 3, 4], [1, 6, 1, 1])
    yield shuffled([1, 12, 2, 3], [1, 3, 2, 2, 2, 3], [0, 1, 4, 2, 5, 3], [1, 3, 4, 6])
    yield shuffled([1, 12, 2, 3], [1, 2, 2, 3, 2, 3], [0, 3, 4, 1, 5, 2], [1, 3, 4, 6])
    yield shuffled([1, 3, 4, 6], [1, 3, 2, 2, 3, 2], [0, 1, 3, 5, 2, 4], [1, 12, 2, 3])
    yield shuffled([1, 3, 4, 6], [1, 3, 2, 2, 3, 2], [0, 3, 5, 1, 2, 4], [1, 12, 2, 3])
    yield shuffled([1, 2, 3, 4], [1, 1, 2, 3, 4], [0, 1, 2, 3, 4], [1, 2, 3, 4])
    yield shuffled([1, 6, 2, 2], [1, 3, 2, 4], [0, 3, 1, 2], [1, 8, 3])
    yield shuffled([1, 12, 4, 5], [1, 3, 4, 4, 5], [0, 1, 3, 4, 2], [1, 60, 4])
    yield shuffled([1, 4, 3, 3], [1, 2, 2, 3, 3], [0, 1, 3, 4, 2], [1, 18, 2])
    for mode in ("DCR", "CRD"):
        yield single("DepthToSpace", [[2, 8, 3, 2]], blocksize=2, mode=mode)
    yield single("SpaceToDepth", [[2, 3, 4, 6]], blocksize=2)
    heads, nodes = [(4, 3), (6, 2), (4, 1)], []
    for i, (boxes, size) in enumerate(heads):
        nodes += [onnx.node("Transpose", [f"h{i}"], [f"t{i}"], perm=[0, 2, 3, 1]), onnx.node("Reshape", [f"t{i}", "s"], [f"r{i}"])]
    nodes += [onnx.node("Concat", ["r0", "r1", "r2"], ["all"], axis=1), onnx.node("Softmax", ["all"], ["y"], axis=-1)]
    inputs = {f"h{i}": [1, 3 * boxes, size, size] for i, (boxes, size) in enumerate(heads)}
    yield Form("heads of a detector", model(nodes, inputs, ["y", "all"], {"s": integers(1, -1, 3)}), False)
    for first, second in itertools.product(([24, 5], [2, 60], [2, 3, 20], [6, 4, 5], [120], [2, 12, 5, 1], [1, 2, 3, 20], [4, 5, 6]), repeat=2):
        nodes = [onnx.node("Reshape", ["x", "a"], ["r"]), onnx.node("Relu", ["r"], ["u"]), onnx.node("Reshape", ["u", "b"], ["y"])]
        yield Form(f"Reshape to {first}, then {second}", model(nodes, {"x": [2, 3, 4, 5]}, ["y", "u"], {"a": integers(*first), "b": integers(*second)}))


def infinities():
    nodes = [onnx.node("Greater", ["x", "zero"], ["c"]), onnx.node("Where", ["c", "k", "x"], ["t"])]
    constants = {"zero": number(0), "k": Constant([2, 3], [inf, -inf, nan, 1, inf, -inf])}
    for negative, positive in itertools.product((0, 1), repeat=2):
        test = onnx.node("IsInf", ["t"], ["y"], detect_negative=negative, detect_positive=positive)
        yield Form(f"IsInf {negative} {positive}", model([*nodes, test], {"x": [4, 2, 3]}, ["y"], constants))
    yield Form("IsNaN", model([*nodes, onnx.node("IsNaN", ["t"], ["y"])], {"x": [4, 2, 3]}, ["y"], constants))


def small_integers():
    """Which wrap; casts give them all their values of the inputs' few."""
    for kind, (low, count) in {"UINT8": (0, 1 << 8), "INT8": (-128, 1 << 8), "UINT16": (0, 1 << 16), "INT16": (-32768, 1 << 16)}.items():
        values = [low, low + 1, low + count - 1, low + count - 2, 3, 7, low + count // 3]
        left, right = [v for v in values for _ in values], [v or 5 for _ in values for v in values]
        for op in ("Add", "Sub", "Div", "Mul")[:3 + (count == 1 << 8)]:
            # the input chooses: constants alone would be folded
            nodes = [onnx.node("Greater", ["x", "zero"], ["c"]), onnx.node("Where", ["c", "k", "m"], ["t"]), onnx.node(op, ["t", "m"], ["y"])]
            constants = {"zero": number(0), "k": Constant([49], left, kind), "m": Constant([49], right, kind)}
            yield Form(f"{op} of {kind}", model(nodes, {"x": [4, 49]}, ["y"], constants))


def diagonals():
    for upper, k in itertools.product((0, 1), (None, 0, 2, -1, -9, 2**62)):
        more = [] if k is None else [number(k, "INT64")]
        yield single("Trilu", [[4, 5], *more], upper=upper)
        yield single("Trilu", [[2, 3, 5, 4], *more], upper=upper)
    yield single("Trilu", [[1, 5]])
    yield single("Trilu", [[2, 5, 1]], upper=0)
    for k in (0, 1, -2, 7, -2**63):
        nodes = [onnx.node("EyeLike", ["x"], ["e"], k=k), onnx.node("Add", ["x", "e"], ["y"])]
        yield Form(f"EyeLike {k}", model(nodes, {"x": [3, 5]}, ["y"]))
    nodes = [onnx.node("EyeLike", ["x"], ["e"], dtype=6), onnx.node("Cast", ["e"], ["f"], to=1), onnx.node("Mul", ["x", "f"], ["y"])]
    yield Form("EyeLike of integers", model(nodes, {"x": [5, 3]}, ["y"]))


def dropouts():
    for training in (0, 1):
        yield single("Dropout", [[2, 3], number(0.0), Constant([], [training], "BOOL")], makes=("y", "m"))


def broadcasts():
    shapes = [[], [1], [5], [4, 5], [4, 1], [1, 5], [3, 4, 5], [3, 1, 1], [1, 4, 1], [2, 3, 4, 5], [2, 1, 1, 5], [1, 3, 1, 1], [2, 1, 4, 1]]
    for left, right in itertools.product(shapes, repeat=2):
        yield single("Sub", [left, right])
        yield single("Sub", [left, Constant(right)])
        yield single("Sub", [Constant(left), right])
    yield single("Max", [[4, 5], [5], Constant([4, 1])])
    yield single("Mean", [[4, 5], [4, 5]])
    yield single("Sum", [[4, 5], [5], [1]])
    yield single("Min", [[3]])
    yield single("Sum", [[2, 3, 4], Constant([4]), Constant([3, 1]), Constant([2, 1, 1])])
    for dims in ([4, 5], [2, 3, 4, 5], [1, 5], [1]):
        yield single("Expand", [dims, integers(2, 3, 4, 5)])
    yield single("Expand", [[3, 1], integers(3, 4)])
    yield single("Expand", [[3, 4], integers(1, 1)])
    yield single("Tile", [[2, 3, 4], integers(2, 1, 3)])
    yield single("PRelu", [[2, 3, 4, 5], Constant([3, 1, 1], [0.5, 0.25, 2.0])])
    yield single("PRelu", [[2, 3], Constant([3], [0.5, 0.25, 2.0])])
    yield single("PRelu", [[2, 3, 4], Constant([4], [0.5, 0.25, 2.0, 4.0])])
    yield single("PRelu", [[2, 3, 4, 4], Constant([4], [0.5, 0.25, 2.0, 4.0])])


def parts():
    x = [2, 5, 6, 7]
    for axis, size in enumerate(x):
        for start, end, step in ((0, size, 2), (-1, -2**63, -1), (-2, 2**63 - 1, 1), (1, -1, 1), (2**31, -2**31, -2), (size - 1, 0, -3)):
            if len(range(size)[slice(start, end, step)]):
                yield single("Slice", [x, integers(start), integers(end), integers(axis - 4), integers(step)])
        for at in (integers(size - 1, 0), integers(-1, -2), integers(0, 0, 1), number(1, "INT64"), integers(1, 1), number(-1, "INT32")):
            yield single("Gather", [x, at], axis=axis)
    yield single("Slice", [x, integers(1, 2), integers(3, -1), integers(-1, 1)])
    yield single("Slice", [x], opset=9, starts=[0, 1], ends=[1, 100], axes=[0, 3])
    yield single("Slice", [x], opset=9, starts=[1, 1], ends=[2, 3])
    yield single("Split", [x], axis=1, opset=11, split=[2, 3], makes=("y", "z"))
    yield single("Split", [x], axis=2, opset=11, makes=("y", "z", "u"))
    yield single("Split", [x, integers(1, 4)], axis=-3, makes=("y", "z"))
    yield single("Split", [x], axis=3, opset=18, num_outputs=3, makes=("y", "z", "u"))
    for mode in ("constant", "reflect", "edge", "wrap"):
        yield single("Pad", [x, integers(0, 0, 1, 2, 0, 0, 3, 1)], mode=mode, opset=19)
    yield single("Pad", [x, integers(1, 0, 0, 2, 0, 2, 1, 0), number(3.0)])
    yield single("Pad", [x, integers(0, -1, 1, -2, 0, 0, -3, 1)])
    yield single("Pad", [[3], integers(1, 2)])
    yield single("Pad", [[1, 3, 1], integers(1, 0, 2, 0, 1, 1)])
    for axes in ([0], [2], [1, 3], [-1], [0, 1, 2, 3]):
        for keep in (0, 1):
            for op in ("ReduceSum", "ReduceMax"):
                fields = {"axes": axes} if op == "ReduceMax" else {}
                yield single(op, [x, *([integers(*axes)] if op == "ReduceSum" else [])], keepdims=keep, **fields)
    yield single("ReduceMean", [[2, 4, 8]], axes=[2], keepdims=0)
    yield single("Squeeze", [[1, 3, 1, 2]])
    yield single("Squeeze", [[1, 3, 1, 2], integers(-2)])
    yield single("Squeeze", [[1, 3, 1, 2]], opset=11, axes=[0])
    yield single("Unsqueeze", [[3, 2], integers(0, -1)])
    yield single("Unsqueeze", [[3, 2]], opset=11, axes=[1])


def softmaxes():
    for dims in ([5], [3, 5], [2, 3, 4], [2, 3, 4, 5], [1, 3, 1, 5], [2, 1, 4]):
        for axis in range(-len(dims), len(dims)):
            for opset in (11, 13):
                yield single("Softmax", [dims], False, opset=opset, axis=axis)
        yield single("LogSoftmax", [dims], False, opset=13, axis=-1)


def ports():
    relu, x = onnx.node("Relu", ["x"], ["y"]), {"x": [1, 2, 3, 4]}
    yield Form("an output that is an input", model([relu], x, ["y", "x"]))
    yield Form("an output used twice", model([relu, onnx.node("Neg", ["y"], ["z"]), onnx.node("Identity", ["y"], ["i"])], x, ["y", "z", "i"]))
    yield Form("an output that is a constant", model([relu], x, ["y", "c"], {"c": Constant([2, 3])}))
    yield Form("an output that is folded", model([relu, onnx.node("Shape", ["x"], ["s"]), onnx.node("Cast", ["s"], ["f"], to=1)], x, ["y", "f"]))
    yield Form("three inputs", model([onnx.node("Add", ["a", "b"], ["d"]), onnx.node("Mul", ["d", "c"], ["y"])],
                                     {"a": [2, 3], "b": [3], "c": [2, 1]}, ["y", "d"]))
    yield Form("names that differ in case", model([onnx.node("Relu", ["x"], ["A"]), onnx.node("Neg", ["x"], ["a"])], x, ["A", "a"]))
    listed = graph([onnx.node("Add", ["x", "w"], ["y"])], {"x": [3], "w": [3]}, ["y"], {"w": Constant([3])})
    yield Form("an initializer among the inputs", onnx.model(listed))
    for dims in ([], [1], [7], [1, 1, 1, 1], [2, 1, 1, 1, 3], [1, 2, 1, 3, 1, 2]):
        yield single("Relu", [dims])
    open_ports = model([onnx.node("Relu", ["x"], ["y"])], {"x": onnx.value("x", ["N", 2, "W"])}, ["y"])
    yield Form("-D", open_ports, options=["-D", "N=2", "-D", "W=3"])
    yield Form("--shape", open_ports, options=["--shape", "x=2x2x3"])
    yield Form("--shape without a name", model([relu], {"x": onnx.value("x", None)}, ["y"]), options=["--shape", "3x2"])
    yield Form("--shape and -D", model([onnx.node("Add", ["x", "z"], ["y"])], {"x": onnx.value("x", ["N", 2]), "z": onnx.value("z", [None, 2])}, ["y"]),
               options=["--shape", "z=2x2", "-D", "N=2"])
    yield Form("--constant", model([onnx.node("Reshape", ["x", "s"], ["y"])], {"x": [2, 6], "s": onnx.value("s", [2], "INT64")}, ["y"]),
               options=["--constant", "s=s.npy"], known={"s": ("<i8", [2], [3, 4])})
    yield Form("--constant of weights", model([onnx.node("Conv", ["x", "w"], ["y"])], {"x": [1, 1, 3, 3], "w": onnx.value("w", [1, 1, "K", "K"])},
                                              ["y"]), options=["--constant", "w=w.npy"], known={"w": ("<f4", [1, 1, 2, 2], [1.0, 2.0, 3.0, 4.0])})


def stored():
    """All forms in which a file keeps a tensor."""
    add = [onnx.node("Cast", ["w"], ["f"], to=1), onnx.node("Add", ["x", "f"], ["y"])]
    for kind in onnx.ELEMENTS:
        values = [True, False, True] if kind == "BOOL" else [0x4000, 0x3f80, 0xc040] if kind == "BFLOAT16" else \
            [1, 2, 250] if kind == "UINT8" else [1, -2, 3] if kind[0] != "U" else [1, 2, 60000]
        for raw in (True, False):
            yield Form(f"{kind}, raw {raw}", model(add, {"x": [3]}, ["y"], {"w": Constant([3], values, kind, raw)}))
    for offset, size in ((0, 12), (8, 12), (4096, 12)):
        outside = {"name": "w", "dims": [3], "data_type": 1, "data_location": 1, "external_data": [
            {"key": "location", "value": "folder/data.bin"}, {"key": "offset", "value": str(offset)}, {"key": "length", "value": str(size)}]}
        yield Form(f"in a file, at {offset}", model([onnx.node("Add", ["x", "w"], ["y"])], {"x": [3]}, ["y"], {"w": outside}),
                   files={"folder/data.bin": bytes(offset) + onnx.encode_elements("FLOAT", [1.0, 2.5, -3.0])})
    yield Form("Constant nodes", model([onnx.node("Constant", [], ["a"], value=Constant([2]).tensor("")), onnx.node("Constant", [], ["b"], value_float=2.0),
                                        onnx.node("Constant", [], ["c"], value_floats=[1.0, 3.0]), onnx.node("Constant", [], ["d"], value_ints=[1, 2]),
                                        onnx.node("Sum", ["x", "a", "b", "c"], ["e"]), onnx.node("Reshape", ["e", "d"], ["y"])], {"x": [2]}, ["y"]))


def folded():
    """Sizes computed from sizes."""
    nodes = [onnx.node("Shape", ["x"], ["s"]), onnx.node("Gather", ["s", "zero"], ["n"]), onnx.node("Unsqueeze", ["n", "axis"], ["u"]),
             onnx.node("Concat", ["u", "rest"], ["shape"], axis=0), onnx.node("Reshape", ["x", "shape"], ["y"])]
    yield Form("a view as PyTorch writes it", model(nodes, {"x": [2, 3, 4, 5]}, ["y"],
               {"zero": number(0, "INT64"), "axis": integers(0), "rest": integers(-1)}))
    ops = [onnx.node("Shape", ["x"], ["s"], start=1), onnx.node("Slice", ["s", "a", "b"], ["t"]), onnx.node("Mul", ["t", "two"], ["u"]),
           onnx.node("ReduceProd", ["u"], ["p"], keepdims=1), onnx.node("Concat", ["minus", "p"], ["shape"], axis=0),
           onnx.node("Tile", ["x", "reps"], ["v"]), onnx.node("Reshape", ["v", "shape"], ["y"])]
    yield Form("products of sizes", model(ops, {"x": [2, 3, 4]}, ["y"], {"a": integers(0), "b": integers(1), "two": integers(2), "minus": integers(-1),
                                                                          "reps": integers(1, 2, 1)}))
    where = [onnx.node("ConstantOfShape", ["one"], ["ones"], value=Constant([1], [-1], "INT64").tensor("")), onnx.node("Equal", ["want", "ones"], ["e"]),
             onnx.node("Where", ["e", "three", "want"], ["shape"]), onnx.node("Expand", ["x", "shape"], ["y"])]
    yield Form("Expand as PyTorch writes it", model(where, {"x": [3, 1]}, ["y"], {"one": integers(2), "want": integers(-1, 4), "three": integers(3, 3)}))
    for op, values in (("Transpose", [0, 1]), ("Neg", []), ("Abs", [])):
        nodes = [onnx.node(op, ["k"], ["t"], **({"perm": [1, 0]} if values else {})), onnx.node("Add", ["x", "t"], ["y"])]
        yield Form(f"{op} of a constant", model(nodes, {"x": [2, 2]}, ["y"], {"k": Constant([2, 2], [1.0, -2.0, 3.0, -4.0])}))
    nodes = [onnx.node("Transpose", ["w"], ["t"], perm=[1, 0]), onnx.node("MatMul", ["x", "t"], ["y"])]
    yield Form("MatMul with transposed weights", model(nodes, {"x": [3, 4]}, ["y"], {"w": Constant([5, 4])}))


def inlined():
    leaky = dict(onnx.node("LeakyRelu", ["p"], ["r"]), attribute=[{"name": "alpha", "ref_attr_name": "slope", "type": 1}])
    inner = {"name": "inner", "domain": "f", "input": ["p"], "output": ["q"], "attribute": ["slope"],
             "node": [leaky, onnx.node("Add", ["r", "p"], ["q"])], "opset_import": [{"domain": "", "version": 17}]}
    call = dict(onnx.node("inner", ["a"], ["c"], domain="f"), attribute=[{"name": "slope", "ref_attr_name": "steep", "type": 1}])
    outer = {"name": "outer", "domain": "f", "input": ["a", "b"], "output": ["d", "c"], "attribute": ["steep"],
             "node": [call, onnx.node("Mul", ["c", "b"], ["d"])], "opset_import": [{"domain": "", "version": 17}, {"domain": "f", "version": 1}]}
    x = {"x": [2, 3]}
    yield Form("a function", model([onnx.node("inner", ["x"], ["y"], domain="f", slope=0.5)], x, ["y"], functions=[inner]))
    yield Form("a function without its attribute", model([onnx.node("inner", ["x"], ["y"], domain="f")], x, ["y"], functions=[inner]), False)
    twice = [onnx.node("outer", ["x", "x"], ["y", "z"], domain="f", steep=0.25), onnx.node("outer", ["z", "y"], ["u", "v"], domain="f", steep=2.0)]
    yield Form("functions in functions", model(twice, x, ["u", "v", "z"], functions=[inner, outer]))
    optional = {"name": "g", "domain": "f", "input": ["a", "w", "b"], "output": ["c"], "node": [onnx.node("Conv", ["a", "w", "b"], ["c"])],
                "opset_import": [{"domain": "", "version": 17}]}
    yield Form("a function with an input left out", model([onnx.node("g", ["x", "w"], ["y"], domain="f")], {"x": [1, 1, 2, 2]}, ["y"],
               {"w": Constant([1, 1, 1, 1])}, functions=[optional]))
    branches = {"then_branch": graph([onnx.node("Add", ["x", "k"], ["t"])], {}, ["t"], {"k": Constant([3])}),
                "else_branch": graph([onnx.node("Mul", ["x", "x"], ["e"])], {}, ["e"])}
    for yes in (True, False):
        yield Form(f"If {yes}", model([onnx.node("If", ["c"], ["y"], **branches)], x, ["y"], {"c": number(yes, "BOOL")}))
    computed = [onnx.node("Shape", ["x"], ["s"]), onnx.node("Gather", ["s", "i"], ["n"]), onnx.node("Equal", ["n", "two"], ["c"]),
                onnx.node("If", ["c"], ["y"], **branches)]
    yield Form("If of sizes", model(computed, x, ["y"], {"i": number(0, "INT64"), "two": number(2, "INT64")}))


def forms():
    for part in (convolutions, transposed, pools, unpools, products, layouts, shuffles, infinities, small_integers, dropouts, diagonals, broadcasts, parts,
                 softmaxes, ports, stored, folded, inlined, volumes.forms):
        yield from part()
