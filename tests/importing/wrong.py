"""Broken models, and what is said of each: the text of every message, where it stands, its code. A mistake in a case's
list is (code, line or None, part of the text)."""

import onnx_files as onnx
from importing.models import Constant, graph, integers, model, number, one, outputs

X = [1, 4, 6, 6]
FORM, MODEL, OPERATOR, TENSOR, TOO_LARGE = "E1004", "E1002", "E1003", "E1005", "E1009"


class Case:
    """files: the bytes of those beside the model, or how many zeros."""

    def __init__(self, name, data, mistakes, options=(), files=None):
        self.name, self.data, self.mistakes = name, data, mistakes
        self.options, self.files = list(options), files or {}


def form(text, op, inputs, code=FORM, **fields):
    """A model of one node that is refused at it."""
    return Case(f"{op}: {text}", one(op, inputs, **fields), [(code, 1, text)])


def whole_models():
    """Mistakes of a model that no node is to blame for."""
    relu = [onnx.node("Relu", ["x"], ["y"])]
    yield Case("opset", one("Relu", [X], opset=99), [("E1008", None, "it wants operator set 99; 1 to ")])
    yield Case("no opset", model(relu, {"x": X}, ["y"]).replace(onnx.field(8, 2, b"\x0a\x00\x10\x11"), b""),
               [("E1008", 1, "the model does not say which operator set it wants")])
    twice = graph(relu, {"x": X}, ["y"], {})
    twice["initializer"] = [Constant([1]).tensor("w"), Constant([1]).tensor("w")]
    yield Case("initializers", onnx.model(twice), [(MODEL, None, "two initializers are called `w`")])
    sparse = graph(relu, {"x": X}, ["y"], sparse_initializer=[{"dims": [3]}])
    yield Case("sparse", onnx.model(sparse), [(TENSOR, None, "sparse initializers are not read")])
    yield Case("no graph", onnx.encode("Model", {"ir_version": 8}), [("E1001", None, "it has no graph")])
    yield Case("no output", model(relu, {"x": X}, ["z", "y"]), [(MODEL, 3, "nothing makes the output `z`")])
    yield Case("two inputs of a name", onnx.model(dict(graph(relu, {"x": X}, ["y"]), input=[onnx.value("x", X)] * 2)),
               [(MODEL, 3, "two inputs are called `x`")])
    yield Case("two outputs of a name", model(relu, {"x": X}, ["y", "y"]), [(MODEL, 4, "two outputs are called `y`")])
    yield Case("all at once", model([onnx.node("Quux", ["x"], ["a"]), onnx.node("Relu", ["a"], ["b"]),
                                     onnx.node("Relu", ["q"], ["c"]), onnx.node("Conv", ["x", "w"], ["d"], group=7)],
                                    {"x": X}, ["b", "c", "d", "e"], {"w": Constant([4, 4, 3, 3])}),
               [(OPERATOR, 1, "no operator of that name"), (MODEL, 3, "makes its input `q`"),
                (FORM, 4, "in 7 groups"), (MODEL, 9, "nothing makes the output `e`")])


def ports():
    relu = [onnx.node("Relu", ["x"], ["y"])]

    def case(name, value, mistakes, *options):
        return Case(name, model(relu, {"x": value}, ["y"]), mistakes, options)

    open_one = ("E1006", 2, "dimension 1 `N` of input `x` is open")
    yield case("symbol", onnx.value("x", ["N", 4, 6, 6]), [open_one])
    yield case("unknown", onnx.value("x", [1, None, 6, None]),
               [("E1006", 2, "dimension 2 of input `x` is open")])
    yield case("zero", onnx.value("x", [1, 0, 6, 6]), [("E1006", 2, "dimension 2 of input `x` is open")])
    yield case("huge", onnx.value("x", [1, 1 << 31, 6, 6]), [(FORM, 2, "dimension 2 of input `x` is 2147483648")])
    yield case("no shape", onnx.value("x"), [("E1006", 2, "the model does not say which size input `x` has")])
    yield case("rank 9", onnx.value("x", [1] * 9), [(FORM, 2, "input `x` has 9 dimensions; 8 are read")])
    yield case("too many values", onnx.value("x", [2**31 - 1] * 8), [("E0904", 2, "is too large")])
    yield case("strings", onnx.value("x", X, "STRING"), [(FORM, 2, "input `x` is string; inputs are tensors of numbers")])
    yield case("unknown type", {"name": "x", "type": {"tensor_type": {"elem_type": 77}}}, [(FORM, 2, "is of an unknown type")])
    yield case("no tensor", {"name": "x", "type": {"sequence_type": b""}}, [(FORM, 2, "input `x` is no tensor")])
    yield case("-D of 0", onnx.value("x", ["N", 4, 6, 6]), [("E1010", None, "-D N: not a size of 1 or more")], "-D", "N=0")
    yield case("-D unknown", X, [("E1010", None, "-D M: no input has a dimension of that name")], "-D", "M=1")
    yield case("--shape unknown", X, [("E1010", None, "--shape q: the model has no such input")], "--shape", "q=1x2")
    yield case("--shape of another rank", X, [("E1010", None, "--shape gives input `x` 3 dimensions; it has 4")], "--shape", "1x2x3")
    for text in ("1x0x3x3", "1x", "", "axb", "1x2x3x99999999999999999999", "1x2x3x2147483648", "1x1x1x1x1x1x1x1x1", "-1x2x3x4", "1X2"):
        yield case(f"--shape={text}", X, [("E1010", None, "--shape of input `x` is not a size such as 1x3x224x224")], f"--shape=x={text}")
    yield case("--constant unknown", X, [("E1010", None, "--constant q: the model has no such input")], "--constant", "q=a.npy")


def npy(head, data=b""):
    head = head.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


def array(kind, shape, data=b"", fortran=False):
    return npy(f"{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}}}", data)


def constant_files():
    def case(text, content, kind="FLOAT"):
        data = model([onnx.node("Relu", ["x"], ["y"])], {"x": onnx.value("x", [2], kind)}, ["y"])
        files = {} if content is None else {"c.npy": content}
        return Case(f"--constant: {text}", data, [("E1011", None, f"--constant x=c.npy: {text}")], ["--constant", "x=c.npy"], files)

    yield case("No such file", None)
    yield case("it is too large", 1 << 43)
    yield case("it is no NPY file", b"hello")
    yield case("an array of '<c8' and 1 dimensions is not read", array("<c8", "(2,)", bytes(16)))
    yield case("an array of '>f4' and 1 dimensions is not read", array(">f4", "(2,)", bytes(8)))
    yield case("an array of '<f4' in Fortran order and 2 dimensions is not read", array("<f4", "(2, 2)", bytes(16), True))
    yield case("its values are int32; the input's are float", array("<i4", "(2,)", bytes(8)))
    yield case("its values are float; the input's are int64", array("<f4", "(2,)", bytes(8)), "INT64")
    yield case("[2] of <f4 takes 8 bytes; there are 4", array("<f4", "(2,)", bytes(4)))
    yield case("it is [0, 4611686018427387904]: no tensor is", array("<f4", f"(0, {2**62})"))
    yield case("its head ends at byte 65545; there are 11", b"\x93NUMPY\x01\x00\xff\xff{")


def tensors():
    """Initializers that are broken."""
    def case(text, tensor, code=TENSOR, files=None):
        data = model([onnx.node("Add", ["x", "w"], ["y"])], {"x": [4]}, ["y"], {"w": dict(tensor, name="w")})
        return Case(f"tensor: {text}", data, [(code, None, text)], files=files)

    def external(text, *entries, files=None, code="E1007"):
        kept = {"data_type": 1, "dims": [4], "data_location": 1,
                "external_data": [{"key": key, "value": value} for key, value in entries]}
        return case(text, kept, code, files)

    yield case("tensor `w` is string, which is not read", {"data_type": 8, "dims": [4]})
    yield case("tensor `w` is of an unknown type, which is not read", {"data_type": -1, "dims": [4]})
    yield case("tensor `w` is complex64, which is not read", {"data_type": 14, "dims": [1], "raw_data": bytes(8)})
    yield case("tensor `w` has 9 dimensions; 8 are read", {"data_type": 1, "dims": [1] * 9, "raw_data": bytes(4)})
    yield case("tensor `w` is [-4]: no tensor is", {"data_type": 1, "dims": [-4], "raw_data": bytes(16)})
    for dims in ([1 << 62, 4], [1 << 40, 1 << 40], [0, 1 << 62, 1 << 62], [1 << 62, 1 << 62, 0]):
        yield case(f"tensor `w` is {dims}: no tensor is", {"data_type": 1, "dims": dims, "raw_data": b""})
    yield case("tensor `w` has 15 bytes where its dimensions ask for 16", {"data_type": 1, "dims": [4], "raw_data": bytes(15)})
    yield case("tensor `w` has 3 elements where its dimensions ask for 4", {"data_type": 1, "dims": [4], "float_data": [1.0] * 3})
    yield case("tensor `w` has 0 elements where its dimensions ask for 4", {"data_type": 1, "dims": [4], "int64_data": [1] * 4})
    yield case("tensor `w` has 0 elements where its dimensions ask for 100000000000", {"data_type": 1, "dims": [10**6, 10**5]})
    nowhere = "tensor `w`: it does not say in which file and where its data are"
    yield external(nowhere)
    yield external("cannot read its data in \"d\": it is too large", ("location", "d"), files={"d": 1 << 43})
    yield external(nowhere, ("location", "d"), ("offset", "-1"))
    yield external(nowhere, ("location", "d"), ("length", "99999999999999999999"))
    yield external("tensor `w` has 12 bytes where its dimensions ask for 16", ("location", "d"), ("length", "12"), code=TENSOR)
    yield external("16 bytes from byte 4 on of \"d\", which has 16", ("location", "d"), ("offset", "4"), files={"d": bytes(16)})
    yield external("16 bytes from byte 9223372036854775807 on of", ("location", "d"), ("offset", str(2**63 - 1)), files={"d": bytes(16)})
    for place in ("missing", "../outside", "/etc/hostname", "a/../../b", "folder", "link", "linked/d", "", "fifo", "d\n\x1b"):
        yield external("tensor `w`: cannot read its data in", ("location", place))


def operators():
    """Mistakes of nodes that are the same for all operators."""
    yield form("no operator of that name is supported", "Quux\x1b", [X], OPERATOR)
    yield form("operators of the domain `a.b` are not supported", "Relu", [X], OPERATOR, domain="a.b")
    yield form("it is supported from operator set 20 on", "Gelu", [X], OPERATOR, opset=19)
    yield form("it has 1 inputs; 2 to 3 are wanted", "Conv", [X])
    yield form("it has 2 inputs; 2 to 2 are wanted", "Add", [None, X])
    yield form("it has 2 inputs; 1 to 1 are wanted", "Relu", [X, X])
    yield form("its output 2, `m`, is not supported", "AveragePool", [X], OPERATOR, makes=("y", "m"), wanted=("y",), kernel_shape=[2, 2])
    yield form("it takes no attribute `colour`", "Relu", [X], colour=1)
    yield form("it has 70 attributes", "Relu", [X], **{f"a{i}": 1 for i in range(70)})
    yield form("it has 33 outputs", "Split", [[33]], makes=[f"y{i}" for i in range(33)], wanted=["y0"])
    yield Case("made twice", model([onnx.node("Relu", ["x"], ["y"]), onnx.node("Abs", ["y"], ["y"])], {"x": X}, ["y"]),
               [(MODEL, 2, "`y` is made twice")])
    yield Case("a cycle", model([onnx.node("Add", ["x", "b"], ["a"]), onnx.node("Relu", ["a"], ["b"])], {"x": X}, ["b"]),
               [(MODEL, 1, "nothing before this node makes its input `b`")])
    conv = [X, Constant([4, 4, 3, 3])]
    yield form("attribute `group` is an integer", "Conv", conv, group=1.5)
    yield form("attribute `auto_pad` is a string", "Conv", conv, auto_pad=1)
    yield form("attribute `pads` is a list of integers", "Conv", conv, pads=1)
    yield form("attribute `alpha` is a float", "LeakyRelu", [X], alpha=1)
    yield form("attribute `alpha` is not a number", "LeakyRelu", [X], alpha=float("nan"))
    yield form("axis 4 of a tensor of 4 dimensions", "Concat", [X, X], axis=4)
    yield form("[1, 4, 6, 6] and [1, 3, 6, 6] do not fit together", "Add", [X, [1, 3, 6, 6]])
    yield form("`w` has no values: it is [0]", "Add", [[1], Constant([0])])


def old_broadcasts():
    for axis in (3, 2**63 - 1, -2**63):
        yield form("[4, 6] does not fit [1, 4, 6, 6] from its dimension ", "Add", [X, [4, 6]], opset=6, broadcast=1, axis=axis)


def windows():
    w = Constant([4, 4, 3, 3])
    yield form("`strides` has 3 numbers for 2 axes", "Conv", [X, w], strides=[1, 1, 1])
    yield form("`pads` has 3 numbers for 2 axes", "Conv", [X, w], pads=[1, 1, 1])
    yield form("`auto_pad` is \"SIDEWAYS\"", "Conv", [X, w], auto_pad="SIDEWAYS")
    yield form("it is supported on sequences, pictures and volumes, of 3 to 5 dimensions, not on [4, 6]", "Conv", [[4, 6], w], OPERATOR)
    yield form("it is supported on sequences, pictures and volumes, of 3 to 5 dimensions, not on [1, 2, 3, 3, 3, 3]", "MaxPool", [[1, 2, 3, 3, 3, 3]],
               OPERATOR, kernel_shape=[2] * 4)
    yield form("its weights `w` are known only at run time; --constant w=FILE.npy gives an input's values", "Conv", [X, [4, 4, 3, 3]])
    yield form("weights of [4, 4, 3] on an input of [1, 4, 6, 6]", "Conv", [X, Constant([4, 4, 3])])
    yield form("weights of [0, 4, 3, 3]", "Conv", [X, Constant([0, 4, 3, 3])])
    yield form("its bias `b` is known only at run time; --constant b=FILE.npy gives an input's values", "Conv", [X, w, [4]])
    yield form("a bias of [3] for 4 channels", "Conv", [X, w, Constant([3])])
    yield form("`kernel_shape` is not that of the weights, [4, 4, 3, 3]", "Conv", [X, w], kernel_shape=[2, 3])
    yield form("weights of [4, 4, 3, 3] in 2 groups on 4 channels", "Conv", [X, w], group=2)
    yield form("weights of [4, 4, 3, 3] in 0 groups on 4 channels", "Conv", [X, w], group=0)
    yield form("in 9223372036854775807 groups", "Conv", [X, w], group=2**63 - 1)
    yield form("weights of [3, 4, 3, 3] on 4 channels", "ConvTranspose", [X, Constant([3, 4, 3, 3])])
    for numbers in ([2**63 - 1, 2**63 - 1], [-2**63, -2**63]):
        yield form("its sizes are too large", "ConvTranspose", [X, w], strides=numbers, output_shape=[9, 9])
    yield form("its sizes are too large", "ConvTranspose", [X, w], output_padding=[2**63 - 1] * 2, output_shape=[9, 9])
    yield form("`kernel_shape` has 0 numbers for 2 axes", "MaxPool", [X])
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    yield form("indices in 2 pictures of 16777216 pixels are too large: a float counts to 16777216", "MaxPool", [[1, 2, 4096, 4096]], TOO_LARGE,
               makes=("y", "i"), **pool)
    yield form("its indices are supported on pictures, not on [1, 1, 4, 4, 4]", "MaxPool", [[1, 1, 4, 4, 4]], OPERATOR, makes=("y", "i"),
               kernel_shape=[2, 2, 2])
    yield form("it is supported on pictures and sequences, of 4 and 3 dimensions, not on [1, 1, 4, 4, 4]", "MaxUnpool",
               [[1, 1, 4, 4, 4], [1, 1, 4, 4, 4]], OPERATOR, kernel_shape=[2, 2, 2])
    yield form("it has no `kernel_shape`", "MaxUnpool", [X, X])
    yield form("indices of [1, 4, 6, 5] for [1, 4, 6, 6]", "MaxUnpool", [X, [1, 4, 6, 5]], **pool)
    yield form("6 windows of 2, 2 apart, without pads of 6 and 6, are of no picture", "MaxUnpool", [X, X], pads=[6, 0, 6, 0], **pool)
    yield form("are of no picture", "MaxUnpool", [X, X], kernel_shape=[2, 2], strides=[2**62, 1])
    yield form("its output shape is `b`, which is known only at run time", "MaxUnpool", [X, X, [4]], **pool)
    for shape in ([1, 4, 12, 11], [1, 4, 12], [2, 4, 12, 12], [1, 4, 2**40, 12]):
        yield form(f"an output shape of {shape}, where [1, 4, 6, 6] of 12x12 pixels is unpooled", "MaxUnpool", [X, X, integers(*shape)], **pool)
    yield form("it is supported on floats, not on `x` of int64", "GlobalAveragePool", [onnx.value("x", X, "INT64")], OPERATOR)
    yield form("it is supported on floats, not on `x` of int64", "Relu", [onnx.value("x", X, "INT64")], OPERATOR)


def volumes():
    x, w = [1, 4, 6, 6, 6], Constant([4, 4, 3, 3, 3])
    yield form("`strides` has 2 numbers for 3 axes", "Conv", [x, w], strides=[1, 1])
    yield form("`pads` has 3 numbers for 3 axes", "Conv", [x, w], pads=[1, 1, 1])
    for name, number in (("strides", 0), ("dilations", 2**31), ("strides", -2**63)):
        yield form(f"a number of {number} in `{name}`", "Conv", [x, w], **{name: [1, number, 1]})
    yield form("a number of -1 in `pads`", "AveragePool", [x], kernel_shape=[2, 2, 2], pads=[0, -1, 0, 0, 0, 0])
    yield form("`auto_pad` is \"SIDEWAYS\"", "MaxPool", [x], kernel_shape=[2, 2, 2], auto_pad="SIDEWAYS")
    yield form("`kernel_shape` has 0 numbers for 3 axes", "MaxPool", [x])
    yield form("`kernel_shape` is not that of the weights, [4, 4, 3, 3, 3]", "Conv", [x, w], kernel_shape=[3, 3, 2])
    yield form("its kernel takes 9 planes of 8, padding included", "Conv", [x, w], dilations=[4, 1, 1], pads=[1, 0, 0, 1, 0, 0])
    yield form("a kernel's depth of 300; at most 256 is supported", "Conv", [x, Constant([4, 4, 300, 1, 2])], OPERATOR)
    yield form("a kernel's depth of 300; at most 256 is supported", "ConvTranspose", [x, Constant([4, 4, 300, 1, 2])], OPERATOR)
    yield form("a stride of the depth of 257; at most 256 is supported", "ConvTranspose", [x, w], OPERATOR, strides=[257, 1, 1])
    yield form("its padding leaves nothing of 8", "ConvTranspose", [x, w], pads=[1, 1, 4, 1, 1, 4])
    yield form("weights of [4, 4, 3, 3, 3] in 2 groups on 4 channels", "Conv", [x, w], group=2)


def products():
    matrix = Constant([4, 5])
    yield form("it is supported where one factor is a known matrix; `w` of [4, 5] is not", "Gemm", [[3, 4], [4, 5]], OPERATOR)
    yield form("it is supported on matrices, not on [4] and [4, 5]", "MatMul", [[4], [4, 5]], OPERATOR)
    yield form("more than 67108864 products of two tensors are not supported", "MatMul", [[500, 500], [500, 500]], OPERATOR)
    yield form("3 columns times 4 rows", "Gemm", [[2, 3], matrix])
    yield form("its first factor is [2, 3, 4], no matrix", "Gemm", [[2, 3, 4], matrix])
    yield form("a factor is a single number", "MatMul", [[], matrix])
    yield form("`w` is [3] for an input of [1, 4, 6, 6]", "BatchNormalization", [X, *[Constant([3])] + [Constant([4])] * 3])
    norm = [X, *[Constant([4])] * 4]
    yield form("its output `m` is supported in training mode only", "BatchNormalization", norm, OPERATOR, makes=("y", "m"), wanted=("y",))
    yield form("`spatial` = 0 is not supported", "BatchNormalization", norm, OPERATOR, spatial=0, opset=7)
    yield form("it is supported on 2 dimensions and more, not on [4]", "BatchNormalization", [[4], *norm[1:]], OPERATOR)
    yield form("its input is a single number", "Softmax", [[]], axis=0)


def elementwise():
    yield form("`x` is float, not bool", "And", [X, X])
    yield form("`approximate` is \"roughly\"", "Gelu", [X], opset=20, approximate="roughly")
    yield form("its bound `w` is not one known number", "Clip", [X, [1]])


def normalisations():
    yield form("`num_groups` does not divide the channels", "GroupNormalization", [X, *[Constant([4])] * 2], opset=21, num_groups=3)
    yield form("`w` is not one known number a group", "GroupNormalization", [X, *[Constant([4])] * 2], opset=18, num_groups=2)
    yield form("it normalises nothing", "MeanVarianceNormalization", [X], axes=[0])
    yield form("it is supported on sequences, pictures and volumes", "InstanceNormalization", [[3, 4], *[Constant([4])] * 2], OPERATOR)
    yield form("2 numbers of values", "TopK", [X, integers(1, 2)], makes=("y", "z"))


def resized():
    def resize(text, *inputs, code=FORM, **fields):
        return form(text, "Resize", [X, *inputs], code, **fields)

    scales = Constant([4], [1.0, 1.0, 2.0, 2.0])
    yield resize("5 axes of 4 dimensions", None, scales, axes=[0, 1, 2, 3, 0], opset=18)
    yield resize("its scales, `b`, are no known list", None, [4])
    yield resize("3 scales for 4 dimensions", None, Constant([3]))
    yield resize("a scale of 0 of 6", None, Constant([4], [1.0, 1.0, 0.0, 1.0]))
    yield resize("3 sizes for 4 dimensions", None, None, integers(1, 4, 6))
    yield resize("a size of 0", None, None, integers(1, 4, 0, 6))
    yield resize("`keep_aspect_ratio_policy` is \"never\"", None, None, integers(1, 4, 3, 3), opset=18, keep_aspect_ratio_policy="never")
    yield resize("a scale of ", None, None, integers(1, 1, 1, 1), opset=18, keep_aspect_ratio_policy="not_larger", axes=[0, 1, 2, 3])
    yield resize("a region of 0 numbers for 4 dimensions", None, scales, coordinate_transformation_mode="tf_crop_and_resize")
    yield resize("the region, `w`, are no known list", [8], scales, coordinate_transformation_mode="tf_crop_and_resize")
    for key, value in (("mode", "sinc"), ("coordinate_transformation_mode", "centred"), ("nearest_mode", "up")):
        yield resize(f"\"{value}\" is not supported", None, scales, **{key: value})


def quantised():
    scale, zero, x = number(0.5), number(0, "UINT8"), onnx.value("x", X, "UINT8")
    several = Constant([3], [0.5] * 3)
    yield form("`block_size` is not supported", "QuantizeLinear", [X, scale, zero], OPERATOR, opset=21, block_size=2)
    yield form("quantised values of int64 are not supported", "QuantizeLinear", [X, scale, number(0, "INT64")], OPERATOR)
    weights = Constant([4, 4, 1, 1], [1] * 16, "UINT8")
    yield form("its scale `w` is not one known number", "QLinearConv", [x, several, zero, weights, scale, zero, scale, zero])
    yield form("`w` is [3] for dimension 1 of [1, 4, 6, 6]", "QuantizeLinear", [X, several])
    yield form("`c` is [3] for weights of [4, 4, 1, 1]", "ConvInteger", [x, weights, zero, Constant([3], kind="UINT8")])
    yield form("`x` is float, not bytes", "ConvInteger", [X, weights])
    deep = Constant([2, 20000, 1, 1], [255] * 40000, "UINT8")
    yield form("sums beyond 2^24 in groups are not supported", "ConvInteger", [onnx.value("x", [1, 40000, 1, 1], "UINT8"), deep], OPERATOR, group=2)


def moves():
    yield form("it is in training mode", "Dropout", [X, number(0.5), number(True, "BOOL")])
    yield form("it is in training mode", "Dropout", [X, None, number(True, "BOOL")])
    yield form("it makes a matrix, not [1, 4, 6, 6]", "EyeLike", [X])
    yield form("the type it makes, string, is not supported", "EyeLike", [[3, 3]], OPERATOR, dtype=8)
    yield form("its constant is too large", "EyeLike", [[3000, 3000]], TOO_LARGE)
    yield form("2 diagonals of [1, 4, 6, 6]", "Trilu", [X, integers(1, 2)])
    yield form("0 diagonals of [5]", "Trilu", [[5]])
    yield form("its diagonal is `w`, which is known only at run time", "Trilu", [X, [1]])
    for op, kind in (("Mul", "UINT16"), ("Add", "INT32"), ("Pow", "INT8")):
        yield form(f"it is supported on floats, not on `x` of {kind.lower()}", op, [onnx.value(name, [4], kind) for name in "xw"], OPERATOR)
    yield form("it is in training mode", "Dropout", [X, None, Constant([0], kind="INT64")])
    yield form("the type it casts to, string, is not supported", "Cast", [X], OPERATOR, to=8)
    yield form("the type it casts to, of an unknown type, is not supported", "Cast", [X], OPERATOR, to=2**32 + 1)
    yield form("casts from int64 to int8 may wrap", "Cast", [onnx.value("x", X, "INT64")], OPERATOR, to=3)
    yield form("casts to bfloat16 round more than floats do", "Cast", [X], OPERATOR, to=16)
    yield form("its shape is `w`, which is known only at run time; sizes are fixed here", "Reshape", [X, onnx.value("w", [2], "INT64")])
    yield form("its shape is float of [2]; a list of integers is wanted", "Reshape", [X, Constant([2])])
    yield form("it makes 9 dimensions; 8 are supported", "Reshape", [X, integers(*[1] * 9)])
    yield form("its shape is [-2, 2]", "Reshape", [X, integers(-2, 2)])
    yield form("its shape is [-1, -1]", "Reshape", [X, integers(-1, -1)])
    yield form("[1, 4, 6, 6] into [7, -1]: the numbers of values differ", "Reshape", [X, integers(7, -1)])
    yield form("its shape is [4611686018427387904, 4611686018427387904]", "Reshape", [X, integers(2**62, 2**62)])
    yield form("dimension 1 of [1, 4, 6, 6] is not 1", "Squeeze", [X, integers(1)])
    yield form("it makes 9 dimensions; 8 are supported", "Unsqueeze", [[1] * 8, integers(0)])
    yield form("axis 0 is given twice", "Unsqueeze", [X, integers(0, 0)])
    yield form("`perm` has 2 numbers for 4 dimensions", "Transpose", [X], perm=[1, 0])
    for perm in ([0, 0, 1, 2], [0, 1, 2, 4], [-1, 0, 1, 2], [2**63 - 1, 0, 1, 2]):
        yield form("`perm` is no order of 4 dimensions", "Transpose", [X], perm=perm)
    yield form("[1, 4, 6, 6] and [1, 4, 5, 6] do not fit together along axis 1", "Concat", [X, [1, 4, 5, 6]], axis=1)
    yield form("[1, 4, 6, 6] and nothing do not fit together along axis 1", "Concat", [X, None, X], axis=1)
    yield form("its result is too large", "Concat", [Constant([2**62, 0]), Constant([2**62, 0])], axis=0).__class__(
        "joins nothing", one("Concat", [Constant([0, 2]), Constant([0, 2]), Constant([0, 2], kind="DOUBLE")], axis=0), [(FORM, 1, "it joins nothing")])
    yield form("it makes a tensor of no values", "Slice", [X, integers(3), integers(3), integers(2)])
    yield form("2 starts, 1 ends, 0 axes and 0 steps do not fit together", "Slice", [X, integers(3, 1), integers(3)])
    yield form("a step of 0", "Slice", [X, integers(0), integers(3), integers(2), integers(0)])
    yield form("`num_outputs` is 3 and it has 2", "Split", [X], opset=18, num_outputs=3, axis=1, makes=("y", "z"))
    yield form("a part of -1", "Split", [X, integers(-1, 5)], axis=1, makes=("y", "z"))
    yield form("2 parts of together 5 for 2 outputs and a dimension of 4", "Split", [X, integers(2, 3)], axis=1, makes=("y", "z"))
    yield form("it is supported where the indices are a known list", "Gather", [X, onnx.value("w", [2], "INT64")], OPERATOR, axis=1)
    for index in (4, -5, 2**63 - 1, -2**63):
        yield form(f"index {index} of a dimension of 4", "Gather", [X, integers(0, index)], axis=1)
        yield form(f"index {index} of a dimension of 4", "Gather", [integers(1, 2, 3, 4), integers(0, index)], axis=0)
    yield form("0 indices that are not evenly spaced; 1 to 256 are supported", "Gather", [X, integers()], OPERATOR, axis=1)


def pads():
    yield form("7 pads for 4 dimensions", "Pad", [X, integers(*[0] * 7)])
    for huge in (2**63 - 1, -2**63):
        yield form("its pads are too large", "Pad", [X, integers(0, 0, huge, 0, 0, 0, huge, 0)])
    yield form("it makes a tensor of no values", "Pad", [X, integers(0, 0, -6, 0, 0, 0, 0, 0)])
    yield form("its value `b` is not one known number", "Pad", [X, integers(*[0] * 8), [1]])
    yield form("`mode` is \"mirror\"", "Pad", [X, integers(*[0] * 8)], mode="mirror")
    yield form("a dimension of 0", "Expand", [X, integers(0)])
    yield form("it makes 9 dimensions; 8 are supported", "Expand", [X, integers(*[1] * 9)])
    yield form("2 repeats of 4 dimensions", "Tile", [X, integers(1, 2)])
    yield form("`mode` is \"ABC\"", "DepthToSpace", [X], blocksize=2, mode="ABC")
    yield form("`blocksize` does not fit the channels", "DepthToSpace", [X], blocksize=3)
    yield form("`blocksize` does not fit the channels", "DepthToSpace", [X])
    yield form("its input is [4], no pictures", "SpaceToDepth", [[4]], blocksize=2)


def constants():
    yield form("it has no value that is a tensor or numbers", "Constant", [], OPERATOR, value_string="a")
    yield form("its attribute `value` holds no tensor", "Constant", [], value=1)
    large = integers(2**20, 2**20)
    yield form("it is supported on constants only", "ConstantOfShape", [large], OPERATOR)
    yield Case("Shape", model([onnx.node("Shape", ["x"], ["s"]), onnx.node("Reshape", ["x", "s2"], ["y"])], {"x": X}, ["y"]),
               [(MODEL, 2, "makes its input `s2`")])


def functions():
    def function(name, nodes, ins=("a",), outs=("b",)):
        return {"name": name, "domain": "f", "input": list(ins), "output": list(outs), "node": list(nodes),
                "opset_import": [{"domain": "", "version": 17}]}

    def case(name, mistakes, *made, ins=("x",), outs=("y",)):
        return Case(name, model([onnx.node("f", ins, outs, domain="f")], {"x": X}, outs, functions=made), mistakes)

    call = onnx.node("f", ["a"], ["b"], domain="f")
    yield case("a function that calls itself", [(MODEL, 1, "functions call each other 64 deep")], function("f", [call]))
    yield case("a function of fewer inputs", [(FORM, 1, "2 inputs and 1 outputs of a function that has 1 and 1")],
               function("f", [onnx.node("Relu", ["a"], ["b"])]), ins=("x", "x"))
    yield case("a function of no output", [(MODEL, 1, "nothing in the function makes its output `b`")],
               function("f", [onnx.node("Relu", ["a"], ["c"])]))
    yield case("a node in a function", [(OPERATOR, 1, "no operator of that name is supported")],
               function("f", [onnx.node("Quux", ["a"], ["b"])]))
    branch = graph([onnx.node("Relu", ["x"], ["t"])], {}, ["t"])
    empty = graph([], {}, ["t"])
    yield form("its condition `x` is known only at run time; networks are fixed here", "If", [onnx.value("x", [], "BOOL")],
               then_branch=branch, else_branch=branch)
    missing = "a branch is missing, or makes too few outputs"
    yield form(missing, "If", [number(True, "BOOL")])
    yield form(missing, "If", [number(True, "BOOL")], then_branch=graph([], {}, []), else_branch=branch)
    yield form(missing, "If", [number(True, "BOOL")], then_branch=1, else_branch=branch)
    yield form("nothing in the branch makes its output `t`", "If", [number(True, "BOOL")], MODEL, then_branch=empty, else_branch=branch)


def exponential(depth=40):
    made = [{"name": f"f{i}", "domain": "f", "input": ["a"], "output": ["c"],
             "node": [onnx.node(f"f{i + 1}", ["a"], ["b"], domain="f"), onnx.node(f"f{i + 1}", ["b"], ["c"], domain="f")]}
            for i in range(depth)]
    made.append({"name": f"f{depth}", "domain": "f", "input": ["a"], "output": ["c"], "node": [onnx.node("Identity", ["a"], ["c"])]})
    return model([onnx.node("f0", ["x"], ["y"], domain="f")], {"x": X}, ["y"], functions=made)


def limits():
    yield Case("functions that double", exponential(), [("E1009", None, "it has more than 262144 nodes")])
    made = [{"name": f"f{i}", "domain": "f", "input": ["a"], "output": ["c"],
             "node": [onnx.node(f"f{i + 1}", ["a"], ["b"], domain="f"), onnx.node(f"f{i + 1}", ["b"], ["c"], domain="f")]}
            for i in range(12)]
    made.append({"name": "f12", "domain": "f", "input": ["a"], "output": ["c"], "node": [
        onnx.node("Constant", [], ["k"], value_ints=[1] * 4096), onnx.node("Identity", ["k"], ["c"])]})
    yield Case("constants of functions that double", model([onnx.node("f0", ["x"], ["y"], domain="f")], {"x": X}, ["y"], functions=made),
               [("E1009", 1, "its constant is too large")])
    yield Case("broken bytes", b"\x08\x08\x3a\x7f", [("E1001", None, "not an ONNX model: byte 4: 127 bytes where 0 are left")])


def bytes_of(text, data):
    return Case(f"bytes: {text}", data, [("E1001", None, f"not an ONNX model: {text}")])


def wire():
    yield bytes_of("byte 1: a number runs over the end of its message", b"\x08\x80")
    yield bytes_of("byte 1: a number of more than ten bytes", b"\x08" + b"\xff" * 10 + b"\x01")
    yield bytes_of("byte 4: 200 bytes where 1 are left", b"\x08\x08\x3a\xc8\x01\x00"[:2] + b"\x3a\xc8\x01\x00").__class__(
        "bytes: lengths", b"\x08\x08\x3a\xc8\x01\x00", [("E1001", None, "byte 5: 200 bytes where 1 are left")])
    yield bytes_of("byte 2: a field of an impossible number", b"\x08\x08\x00\x01")
    yield bytes_of("byte 2: a field of an impossible number", b"\x08\x08\xf8\xff\xff\xff\xff\x7f\x01")
    yield bytes_of("byte 2: a field of an unknown wire type", b"\x08\x08\x3b" * 1 + b"\x3c" * 3)
    yield bytes_of("byte 6: a NUL in a name", b"\x08\x08\x12\x03ab\x00" + b"")
    yield bytes_of("a field has another type than ONNX gives it", b"\x08\x08\x38\x01")
    nested = b""
    for level in range(40):
        nested = onnx.field(5, 2, onnx.field(6, 2, onnx.field(1, 2, nested)))
    yield Case("bytes: nesting", b"\x08\x08" + onnx.field(7, 2, onnx.field(1, 2, nested)), [("E1001", None, "messages nest too deeply")])
    yield Case("bytes: messages", b"\x08\x08" + onnx.field(7, 2, b"\x0a\x00" * (1 << 20)), [("E1001", None, "more messages than any model has")])
    yield Case("bytes: a graph twice", b"\x08\x08" + onnx.field(7, 2, b"") * 2, [("E1001", None, "byte 6: a second one of what its message has once")])


def cases():
    for part in (whole_models, ports, constant_files, tensors, operators, old_broadcasts, windows, volumes, products, elementwise, normalisations, resized, quantised, moves, pads, constants,
                 functions, limits, wire):
        yield from part()
