"""Forms of operators on volumes, and on other values of more than four dimensions that are not 1."""

import itertools
from math import prod

import onnx_files as onnx

from importing.models import Constant, Form, integers, model, single

FIVE, SIX = [2, 3, 4, 2, 5], [2, 3, 2, 2, 3, 2]


def windows():
    """Of two volumes, and of one."""
    for x in ([2, 4, 5, 6, 7], [1, 4, 5, 6, 7], [1, 4, 3, 1, 7]):
        yield single("Conv", [x, Constant([3, 4, 2, 1, 3]), Constant([3])], pads=[1, 0, 2, 0, 1, 1], strides=[1, 2, 1])
        yield single("Conv", [x, Constant([3, 4, 1, 1, 3]), Constant([3])], pads=[1, 0, 1, 0, 0, 1], strides=[2, 1, 2])
        yield single("Conv", [x, Constant([3, 4, 3, 1, 1]), Constant([3])], pads=[1, 0, 0, 2, 0, 0], strides=[2, 1, 1], kernel_shape=[3, 1, 1])
        yield single("Conv", [x, Constant([4, 1, 2, 1, 3])], group=4, strides=[2, 1, 1])
        for p in ({}, {"count_include_pad": 1}):
            yield single("AveragePool", [x], False, kernel_shape=[2, 1, 3], strides=[2, 1, 2], pads=[1, 0, 1, 0, 0, 2], **p)
    x, w, b = [2, 4, 5, 6, 7], Constant([6, 4, 3, 2, 2]), Constant([6])
    yield single("Conv", [x, w, b], pads=[1, 0, 1, 2, 1, 0], strides=[2, 1, 3], dilations=[1, 2, 1])
    yield single("Conv", [x, w], dilations=[2, 3, 1])
    for auto, strides in itertools.product(("SAME_UPPER", "SAME_LOWER", "VALID"), ([1, 1, 1], [2, 3, 1], [3, 2, 2])):
        yield single("Conv", [x, w], auto_pad=auto, strides=strides)
    yield single("Conv", [x, Constant([6, 2, 2, 2, 2]), b], group=2)
    yield single("Conv", [x, Constant([8, 1, 2, 3, 3]), Constant([8])], group=4, pads=[1] * 6)
    yield single("Conv", [x, Constant([4, 1, 3, 1, 1])], group=4)
    yield single("Conv", [[2, 1, 5, 5, 5], Constant([3, 1, 2, 2, 2])])
    yield single("Conv", [x, Constant([1, 4, 5, 6, 7])])
    yield from transposed()
    yield from pools()


def transposed():
    for x in ([2, 4, 3, 2, 3], [1, 4, 3, 2, 3]):
        w, b = Constant([4, 3, 3, 2, 2]), Constant([3])
        yield single("ConvTranspose", [x, w, b])
        yield single("ConvTranspose", [x, w, b], strides=[2, 3, 1], pads=[1, 0, 1, 0, 1, 0])
        yield single("ConvTranspose", [x, w, b], strides=[4, 2, 2], output_padding=[3, 1, 0])
        yield single("ConvTranspose", [x, w], strides=[5, 2, 2])
        yield single("ConvTranspose", [x, w], strides=[2, 1, 2], dilations=[2, 1, 3], pads=[2, 0, 0, 3, 0, 1])
        yield single("ConvTranspose", [x, Constant([4, 3, 3, 1, 1]), b], strides=[2, 1, 1], pads=[1, 0, 0, 0, 0, 0], output_padding=[1, 0, 0])
    yield single("ConvTranspose", [x, Constant([4, 2, 1, 2, 2]), Constant([4])], strides=[3, 1, 1], pads=[1, 0, 0, 1, 0, 0], group=2)
    yield single("ConvTranspose", [[2, 4, 1, 2, 2], Constant([4, 2, 2, 2, 2])], strides=[3, 1, 1], pads=[1, 0, 0, 0, 0, 0])
    for auto, sizes in itertools.product(("NOTSET", "SAME_UPPER", "SAME_LOWER"), ([7, 5, 6], [6, 4, 7], [9, 5, 7])):
        yield single("ConvTranspose", [[2, 4, 3, 2, 3], w], strides=[2, 2, 2], output_shape=sizes, auto_pad=auto)
    for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield single("ConvTranspose", [[2, 4, 3, 2, 3], w], strides=[2, 2, 1], auto_pad=auto)


def pools():
    x = [2, 3, 5, 6, 7]
    for op, more in (("MaxPool", {}), ("AveragePool", {}), ("AveragePool", {"count_include_pad": 1}), ("LpPool", {"p": 1})):
        yield single(op, [x], False, kernel_shape=[3, 2, 2], strides=[2, 1, 3], pads=[1, 0, 1, 2, 1, 0], **more)
        for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            yield single(op, [x], False, kernel_shape=[2, 3, 2], strides=[2, 3, 1], auto_pad=auto, **more)
        if op != "LpPool":
            yield single(op, [x], False, kernel_shape=[2, 2, 2], strides=[3, 3, 2], pads=[1, 1, 0, 1, 1, 0], ceil_mode=1, **more)
            yield single(op, [x], False, kernel_shape=[3, 3, 3], strides=[2, 2, 2], ceil_mode=1, **more)
    yield single("MaxPool", [x], kernel_shape=[2, 2, 2], dilations=[2, 3, 1])
    yield single("AveragePool", [x], False, opset=19, kernel_shape=[2, 2, 2], dilations=[2, 1, 3], pads=[1, 0, 1, 1, 1, 0])
    yield single("LpPool", [x], False, kernel_shape=[2, 2, 3])
    for op in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        yield single(op, [x], False)


def channels():
    """What is done to each channel."""
    x, each = [2, 3, 4, 2, 5], [Constant([3]), Constant([3])]
    yield single("BatchNormalization", [x, *each, *each], False)
    yield single("BatchNormalization", [x, [3], [3], [3], Constant([3])], False)
    yield single("BatchNormalization", [SIX, *each, *each], False)
    yield single("InstanceNormalization", [x, *each], False)
    yield single("InstanceNormalization", [[1, *x[1:]], *each], False)
    for slopes in ([3, 1, 1, 1], [1], [5], [4, 2, 5], [4, 1, 5], [2, 1, 4, 1, 1]):
        yield single("PRelu", [x, Constant(slopes, [2.0**(i % 5 - 3) for i in range(prod(slopes))])])
    nodes = [onnx.node("Conv", ["x", "w"], ["c"], pads=[1] * 6), onnx.node("BatchNormalization", ["c", "s", "s", "s", "s"], ["n"]),
             onnx.node("Relu", ["n"], ["r"]), onnx.node("Conv", ["r", "w"], ["d"], pads=[1] * 6), onnx.node("Add", ["d", "x"], ["y"])]
    for n in (1, 2):
        yield Form(f"a residual block of {n} volumes", model(nodes, {"x": [n, 3, 3, 4, 5]}, ["y"],
                                                                   {"w": Constant([3, 3, 3, 3, 3]), "s": Constant([3])}), False)


def moves():
    """Whatever lies on one axis is taken apart where something is done to a part of it."""
    for axis, size in enumerate(FIVE):
        yield single("Slice", [FIVE, integers(size - 1), integers(-99), integers(axis), integers(-1)])
        yield single("Slice", [FIVE, integers(1), integers(2), integers(axis)])
        yield single("Gather", [FIVE, integers(1, 0, 0)], axis=axis)
        yield single("Concat", [FIVE, Constant(FIVE), FIVE], axis=axis)
        yield single("Split", [FIVE, integers(1, size - 1)], axis=axis, makes=("y", "z"))
        yield single("ReduceSum", [FIVE, integers(axis)])
        yield single("ReduceMax", [FIVE], axes=[axis, (axis + 2) % 5], keepdims=0)
        yield single("Softmax", [FIVE], False, axis=axis)
        yield single("Tile", [FIVE, integers(*[3 if i == axis else 1 for i in range(5)])])
        for mode in ("constant", "reflect", "edge"):
            yield single("Pad", [FIVE, integers(*[1 if i == axis else 0 for i in range(5)], *[i % 2 for i in range(5)])], mode=mode)
        yield single("Unsqueeze", [FIVE, integers(axis)])
        ones = [1 if i == axis else other for i, other in enumerate(FIVE)]
        yield single("Tile", [ones, integers(*[3 if i == axis else 1 for i in range(5)])])
        yield single("Expand", [ones, integers(*FIVE)])
        yield single("Concat", [ones, ones], axis=axis)
        yield single("Flatten", [FIVE], axis=axis)
    for first, last in ((0, 2), (1, 3), (1, 4), (2, 4), (3, 4)):
        yield single("ReduceMean", [FIVE], False, axes=list(range(first, last + 1)))
    yield single("ReduceSum", [SIX, integers(0, 2, 4)])
    yield single("ReduceSum", [[2, 1, 3, 4, 5], integers(1)])
    yield single("Softmax", [[2, 3, 1, 4, 5]], False, axis=2)
    yield single("MatMul", [FIVE, Constant([5, 3])])
    yield single("MatMul", [Constant([3, 2]), FIVE])
    yield single("MatMul", [[2, 3, 4, 5, 1], Constant([1, 3])])
    yield single("LayerNormalization", [FIVE, Constant([2, 5])], False, axis=-2)
    yield single("LayerNormalization", [FIVE, Constant([3, 4, 2, 5])], False, axis=1)
    yield single("Relu", [SIX])
    yield single("Relu", [[2] * 8])
    yield single("Mul", [[2, 3, 4, 5], Constant([2, 1, 1, 1, 1])])


def joins():
    for right in ([5], [2, 5], [4, 1, 5], [4, 1, 1], [3, 1, 1, 1], [3, 1, 2, 1], [2, 1, 4, 1, 5], [2, 1, 1, 1, 1], [1, 3, 1, 2, 1], FIVE, []):
        yield single("Sub", [FIVE, right])
        yield single("Sub", [FIVE, Constant(right)])
        yield single("Sub", [right, FIVE])
    yield single("Add", [[2, 3, 1, 2, 5], [2, 1, 4, 2, 1]])
    yield single("Add", [[2, 2, 2, 2], [3, 1, 1, 1, 1]])
    yield single("Max", [[2, 1, 2, 1, 3, 1], [3, 1, 2, 1, 2], Constant([2, 1, 1, 2, 1, 1])])
    yield single("Where", [Constant([3, 1, 1, 1], [True, False, True], "BOOL"), FIVE, [2, 1]])


def orders():
    for perm in itertools.permutations(range(5)):
        if perm[0] < 3:
            yield single("Transpose", [FIVE], perm=list(perm))
    for perm in ([0, 2, 3, 4, 1], [4, 3, 2, 1, 0], [1, 0, 2, 4, 3], [2, 0, 1, 3, 4]):
        nodes = [onnx.node("Transpose", ["x"], ["t"], perm=perm), onnx.node("Add", ["t", "k"], ["a"]), onnx.node("Reshape", ["a", "s"], ["r"]),
                 onnx.node("ReduceMax", ["a"], ["m"], axes=[1, 3]), onnx.node("Sub", ["a", "m"], ["y"])]
        size = [FIVE[p] for p in perm]
        yield Form(f"Transpose {perm}, Add, Reshape, ReduceMax", model(nodes, {"x": FIVE}, ["r", "y"],
                                                                            {"k": Constant(size[2:]), "s": integers(-1, 8, 5)}))
    for perm in ([5, 4, 3, 2, 1, 0], [1, 3, 5, 0, 2, 4], [0, 3, 1, 4, 2, 5], [2, 1, 0, 5, 4, 3]):
        yield single("Transpose", [SIX], perm=perm)
    yield single("Transpose", [[2, 2, 2, 3, 2, 2, 2, 2]], perm=[7, 5, 3, 1, 6, 4, 2, 0])
    for first, second in itertools.product(([2, 2, 3, 3, 4], [9, 2, 2, 2, 2], [2, 3, 2, 3, 2, 2]), ([36, 4], [3, 3, 2, 2, 4], [4, 6, 6])):
        nodes = [onnx.node("Reshape", ["x", "a"], ["r"]), onnx.node("Relu", ["r"], ["u"]), onnx.node("Reshape", ["u", "b"], ["y"])]
        yield Form(f"Reshape to {first}, then {second}", model(nodes, {"x": [36, 4]}, ["y", "u"], {"a": integers(*first), "b": integers(*second)}))
    for split, perm, joined in (([2, 2, 2, 6, 6], [0, 1, 2, 3, 4], [2, 4, 6, 6]), ([2, 2, 3, 2, 2, 3], [0, 1, 4, 2, 5, 3], [2, 2, 6, 6]),
                                ([2, 3, 4, 2, 3], [4, 0, 3, 1, 2], [6, 24])):
        nodes = [onnx.node("Reshape", ["x", "a"], ["r"]), onnx.node("Transpose", ["r"], ["t"], perm=perm), onnx.node("Neg", ["t"], ["n"]),
                 onnx.node("Reshape", ["t", "b"], ["y"])]
        dims = [split[0], prod(split[1:-2]), *split[-2:]]
        yield Form(f"{split} in the order {perm}", model(nodes, {"x": dims}, ["y", "n"], {"a": integers(*split), "b": integers(*joined)}))


def sizes():
    """Resized along depth, height and width."""
    for x in ([2, 3, 4, 2, 5], [1, 2, 3, 2, 4], [2, 1, 3, 4, 2]):
        for mode, rule in itertools.product(("nearest", "linear"), ("asymmetric", "half_pixel", "align_corners")):
            for scales in ([1.0, 1.0, 2.0, 2.0, 2.0], [1.0, 1.0, 3.0, 1.0, 1.0], [1.0, 1.0, 2.0, 1.0, 3.0]):
                yield single("Resize", [x, None, Constant([5], scales)], False, mode=mode, coordinate_transformation_mode=rule, nearest_mode="floor")
    yield single("Resize", [[2, 3, 3, 2], None, Constant([4], [2.0, 3.0, 2.0, 2.0])], mode="nearest", nearest_mode="floor",
                 coordinate_transformation_mode="asymmetric")


def forms():
    for part in (windows, channels, moves, joins, orders, sizes):
        yield from part()
