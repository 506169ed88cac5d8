"""An interpreter of ONNX models in plain Python, operator by operator from the text of the specification; it shares nothing
with the import. Values are exact where those of the model are small integers."""

import itertools
from math import exp, inf, isfinite, log, prod, sqrt, tanh

import onnx_files as onnx

INTEGERS = {"INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64"}


class Tensor:
    def __init__(self, dims, values, kind=None):
        self.dims, self.values, self.kind = list(dims), list(values), kind
        assert prod(self.dims) == len(self.values), (self.dims, len(self.values))

    def __getitem__(self, index):
        return self.values[offset(self.dims, index)]

    def of(self, kind):
        return Tensor(self.dims, self.values, kind)

    def ints(self):
        return [int(value) if isfinite(value) else value for value in self.values]


def offset(dims, index):
    at = 0
    for size, i in zip(dims, index):
        at = at * size + i
    return at


def indices(dims):
    return itertools.product(*map(range, dims))


def made(dims, function):
    """A tensor whose element at an index is what the function says."""
    return Tensor(dims, [function(index) for index in indices(dims)])


# --- broadcasting ---

def joint(*shapes):
    rank = max(map(len, shapes))
    padded = [[1] * (rank - len(shape)) + list(shape) for shape in shapes]
    dims = [max(sizes) if 0 not in sizes else 0 for sizes in zip(*padded)]
    assert all(size in (1, whole) for shape in padded for size, whole in zip(shape, dims))
    return dims


def at_broadcast(tensor, index):
    own = index[len(index) - len(tensor.dims):]
    return tensor[[0 if size == 1 else i for size, i in zip(tensor.dims, own)]]


def elementwise(function, *tensors):
    return made(joint(*(t.dims for t in tensors)), lambda index: function(*(at_broadcast(t, index) for t in tensors)))


# --- windows ---

def window_attributes(node, spatial, kernel):
    rank = len(kernel)
    strides = node.get("strides", [1] * rank)
    dilations = node.get("dilations", [1] * rank)
    pads = node.get("pads", [0] * 2 * rank)
    auto = node.get("auto_pad", b"NOTSET").decode()
    if auto == "VALID":
        pads = [0] * 2 * rank
    if auto.startswith("SAME"):
        begins, ends = [], []
        for size, k, stride, dilation in zip(spatial, kernel, strides, dilations):
            total = max(0, ((size + stride - 1) // stride - 1) * stride + (k - 1) * dilation + 1 - size)
            less = total // 2
            begins.append(less if auto == "SAME_UPPER" else total - less)
            ends.append(total - begins[-1])
        pads = begins + ends
    return strides, dilations, pads


def out_sizes(spatial, kernel, strides, dilations, pads, ceil=False):
    sizes = []
    for i, (size, k, stride, dilation) in enumerate(zip(spatial, kernel, strides, dilations)):
        free = size + pads[i] + pads[i + len(kernel)] - ((k - 1) * dilation + 1)
        count = (free + (stride - 1 if ceil else 0)) // stride + 1
        if ceil and (count - 1) * stride >= size + pads[i]:  # a window must begin in the input or in what is before it
            count -= 1
        sizes.append(count)
    return sizes


def taps(place, kernel, strides, dilations, pads):
    """(tap of the kernel, position in the input) of a window."""
    for tap in indices(kernel):
        yield tap, [p * s + t * d - pad for p, s, t, d, pad in zip(place, strides, tap, dilations, pads)]


def inside(position, spatial):
    return all(0 <= p < size for p, size in zip(position, spatial))


def conv(node, x, w, bias=None):
    spatial, kernel, groups = x.dims[2:], w.dims[2:], node.get("group", 1)
    strides, dilations, pads = window_attributes(node, spatial, kernel)
    each_in, each_out = w.dims[1], w.dims[0] // groups

    def value(index):
        n, m, *place = index
        total = bias.values[m] if bias else 0
        for tap, at in taps(place, kernel, strides, dilations, pads):
            if inside(at, spatial):
                for c in range(each_in):
                    total += w[[m, c, *tap]] * x[[n, m // each_out * each_in + c, *at]]
        return total
    return made([x.dims[0], w.dims[0], *out_sizes(spatial, kernel, strides, dilations, pads)], value)


def conv_transpose(node, x, w, bias=None):
    spatial, kernel, groups = x.dims[2:], w.dims[2:], node.get("group", 1)
    rank = len(kernel)
    strides, dilations = node.get("strides", [1] * rank), node.get("dilations", [1] * rank)
    more, auto = node.get("output_padding", [0] * rank), node.get("auto_pad", b"NOTSET").decode()
    whole = [s * (size - 1) + p + (k - 1) * d + 1 for s, size, p, k, d in zip(strides, spatial, more, kernel, dilations)]
    pads, sizes = node.get("pads", [0] * 2 * rank), node.get("output_shape")
    if auto.startswith("SAME") and not sizes:
        sizes = [size * s for size, s in zip(spatial, strides)]
    if sizes:
        # Where more is wanted than all of it, the rest is at the end, as the backend's test of output_shape has it.
        more = [max(0, size - full) for full, size in zip(whole, sizes)]
        whole = [full + rest for full, rest in zip(whole, more)]
        totals = [full - size for full, size in zip(whole, sizes)]
        first = [total // 2 if auto == "SAME_UPPER" else total - total // 2 for total in totals]
        pads = first + [total - begin for total, begin in zip(totals, first)]
    elif auto == "VALID":
        pads = [0] * 2 * rank
    sizes = [full - pads[i] - pads[i + rank] for i, full in enumerate(whole)]
    depth, each_in = w.dims[1], w.dims[0] // groups
    result = made([x.dims[0], depth * groups, *sizes], lambda index: bias.values[index[1]] if bias else 0)
    for index in indices(x.dims):
        n, c, *place = index
        for tap in indices(kernel):
            at = [p * s + t * d - pad for p, s, t, d, pad in zip(place, strides, tap, dilations, pads)]
            if inside(at, sizes):
                for m in range(depth):
                    result.values[offset(result.dims, [n, c // each_in * depth + m, *at])] += x[index] * w[[c, m, *tap]]
    return result


def pool(node, x, summary):
    """`summary` of the values in a window, and of how many places it has."""
    spatial, kernel = x.dims[2:], node["kernel_shape"]
    strides, dilations, pads = window_attributes(node, spatial, kernel)
    sizes = out_sizes(spatial, kernel, strides, dilations, pads, node.get("ceil_mode", 0))
    padded = [size + pads[i] + pads[i + len(kernel)] for i, size in enumerate(spatial)]

    def value(index):
        n, c, *place = index
        positions = [at for _, at in taps(place, kernel, strides, dilations, pads)]
        values = [x[[n, c, *at]] for at in positions if inside(at, spatial)]
        counted = [at for at in positions if inside([a + p for a, p in zip(at, pads)], padded)]
        return summary(values, len(counted) if node.get("count_include_pad", 0) else len(values))
    return made([*x.dims[:2], *sizes], value)


def largest_places(node, x):
    """Where the first largest value of each window is, of the whole tensor, its pictures counted by rows or by columns."""
    spatial, kernel = x.dims[2:], node["kernel_shape"]
    strides, dilations, pads = window_attributes(node, spatial, kernel)
    order = -1 if node.get("storage_order", 0) else 1

    def value(index):
        n, c, *place = index
        positions = [at for _, at in taps(place, kernel, strides, dilations, pads) if inside(at, spatial)]
        best = max(positions, key=lambda at: x[[n, c, *at]])
        return (n * x.dims[1] + c) * prod(spatial) + offset(spatial[::order], best[::order])
    return made([*x.dims[:2], *out_sizes(spatial, kernel, strides, dilations, pads, node.get("ceil_mode", 0))], value)


def unpool(node, x, at, shape=None):
    spatial, kernel = x.dims[2:], node["kernel_shape"]
    strides, pads = node.get("strides", [1] * len(kernel)), node.get("pads", [0] * 2 * len(kernel))
    before = [*x.dims[:2], *[(n - 1) * s + k - a - b for n, s, k, a, b in zip(spatial, strides, kernel, pads, pads[len(kernel):])]]
    flat = Tensor(before, [0.0] * prod(before))
    for place, value in zip(at.ints(), x.values):
        flat.values[place] = value
    return made(shape.ints() if shape else before, lambda index: flat[index] if inside(index, before) else 0.0)


def power_mean(node):
    p = node.get("p", 2)
    return lambda values, count: sum(abs(v)**p for v in values)**(1 / p)


POOLS = {"MaxPool": lambda node: lambda values, count: max(values), "AveragePool": lambda node: lambda values, count: sum(values) / count,
         "LpPool": power_mean}


def resize(node, x, scales):
    """By one weight a value along each dimension."""
    sizes = [int(size * scale) for size, scale in zip(x.dims, scales)]

    def weights(i, size, scale, new):
        rule = node.get("coordinate_transformation_mode", b"half_pixel").decode()
        at = {"asymmetric": i / scale, "half_pixel": (i + 0.5) / scale - 0.5,
              "align_corners": i * (size - 1) / (new - 1) if new > 1 else 0.0}[rule]
        if node.get("mode", b"nearest") == b"nearest":  # rounding down
            return [(min(max(int(at // 1), 0), size - 1), 1.0)]
        low = int(at // 1)
        return [(min(max(low + k, 0), size - 1), abs(1 - k - (at - low))) for k in (0, 1)]

    def value(index):
        places = [weights(*each) for each in zip(index, x.dims, scales, sizes)]
        return sum(prod(w for _, w in taken) * x[[i for i, _ in taken]] for taken in itertools.product(*places))
    return made(sizes, value)


# --- products ---

def matmul(a, b):
    left = Tensor([1, *a.dims], a.values) if len(a.dims) == 1 else a
    right = Tensor([*b.dims, 1], b.values) if len(b.dims) == 1 else b
    batch = joint(left.dims[:-2], right.dims[:-2])

    def value(index):
        *rest, r, c = index
        own = lambda t: [0 if size == 1 else i for size, i in zip(t.dims[:-2], rest[len(rest) - len(t.dims) + 2:])]
        return sum(left[[*own(left), r, k]] * right[[*own(right), k, c]] for k in range(left.dims[-1]))
    result = made([*batch, left.dims[-2], right.dims[-1]], value)
    dims = result.dims
    if len(b.dims) == 1:
        dims = dims[:-1]
    if len(a.dims) == 1:
        dims = [*dims[:len(batch)], *dims[len(batch) + 1:]]
    return Tensor(dims, result.values)


def gemm(node, a, b, c=None):
    turned = lambda t, yes: transpose(t, [1, 0]) if yes else t
    product = matmul(turned(a, node.get("transA", 0)), turned(b, node.get("transB", 0)))
    alpha, beta = node.get("alpha", 1.0), node.get("beta", 1.0)
    return made(product.dims, lambda i: alpha * product[i] + (beta * at_broadcast(c, i) if c else 0))


# --- moves ---

def transpose(x, perm):
    def value(index):
        source = [0] * len(perm)
        for i, p in zip(index, perm):
            source[p] = i
        return x[source]
    return made([x.dims[p] for p in perm], value)


def reshape(x, shape, allowzero=0):
    dims = [x.dims[i] if size == 0 and not allowzero else size for i, size in enumerate(shape)]
    if -1 in dims:
        dims[dims.index(-1)] = len(x.values) // -prod(dims)
    return Tensor(dims, x.values)


def concat(tensors, axis):
    first = tensors[0]
    axis %= len(first.dims)
    spans = [(t, k) for t in tensors for k in range(t.dims[axis])]
    dims = [*first.dims[:axis], len(spans), *first.dims[axis + 1:]]
    return made(dims, lambda i: spans[i[axis]][0][[*i[:axis], spans[i[axis]][1], *i[axis + 1:]]])


def sliced(x, axis, chosen):
    chosen = list(chosen)
    dims = [*x.dims[:axis], len(chosen), *x.dims[axis + 1:]]
    return made(dims, lambda i: x[[*i[:axis], chosen[i[axis]], *i[axis + 1:]]])


def slices(x, starts, ends, axes=None, steps=None):
    axes = axes or range(len(starts))
    for start, end, axis, step in zip(starts, ends, axes, steps or [1] * len(starts)):
        x = sliced(x, axis % len(x.dims), range(x.dims[axis])[slice(start, end, step)])
    return x


def gather(x, at, axis):
    axis %= len(x.dims)
    dims = [*x.dims[:axis], *at.dims, *x.dims[axis + 1:]]

    def value(index):
        where = int(at[index[axis:axis + len(at.dims)]])
        return x[[*index[:axis], where % x.dims[axis], *index[axis + len(at.dims):]]]
    return made(dims, value)


def split(node, x, count, sizes=None):
    axis = node.get("axis", 0) % len(x.dims)
    each = -(-x.dims[axis] // count)
    sizes = sizes or [min(each, x.dims[axis] - i * each) for i in range(count)]
    starts = [sum(sizes[:i]) for i in range(count)]
    return [sliced(x, axis, range(start, start + size)) for start, size in zip(starts, sizes)]


def depth_to_space(node, x):
    n, c, h, w = x.dims
    b = node["blocksize"]
    if node.get("mode", b"DCR") == b"DCR":
        return reshape(transpose(reshape(x, [n, b, b, c // b**2, h, w]), [0, 3, 4, 1, 5, 2]), [n, c // b**2, h * b, w * b])
    return reshape(transpose(reshape(x, [n, c // b**2, b, b, h, w]), [0, 1, 4, 2, 5, 3]), [n, c // b**2, h * b, w * b])


def space_to_depth(node, x):
    n, c, h, w = x.dims
    b = node["blocksize"]
    return reshape(transpose(reshape(x, [n, c, h // b, b, w // b, b]), [0, 3, 5, 1, 2, 4]), [n, c * b * b, h // b, w // b])


def padded(node, x, pads, value=0.0):
    rank, mode = len(x.dims), node.get("mode", b"constant").decode()

    def source(i, size):
        if 0 <= i < size:
            return i
        if mode == "edge":
            return min(max(i, 0), size - 1)
        if mode == "wrap":
            return i % size
        return abs(i) if i < 0 else 2 * (size - 1) - i

    def element(index):
        at = [i - pads[k] for k, i in enumerate(index)]
        if mode == "constant" and not inside(at, x.dims):
            return value
        return x[[source(i, size) for i, size in zip(at, x.dims)]]
    return made([size + pads[i] + pads[i + rank] for i, size in enumerate(x.dims)], element)


# --- along axes ---

def softmax(node, x, opset, finish):
    axis = node.get("axis", -1 if opset >= 13 else 1) % len(x.dims)
    if opset < 13:
        flat = reshape(x, [prod(x.dims[:axis]), prod(x.dims[axis:])])
        return Tensor(x.dims, softmax({"axis": 1}, flat, 13, finish).values)

    def value(index):
        row = [x[[*index[:axis], k, *index[axis + 1:]]] for k in range(x.dims[axis])]
        top = max(row)
        return finish(x[index] - top, sum(exp(v - top) for v in row))
    return made(x.dims, value)


def reduced(node, x, function, axes=None):
    axes = [a % len(x.dims) for a in axes or node.get("axes", [])] or list(range(len(x.dims)))
    kept = [1 if i in axes else size for i, size in enumerate(x.dims)]

    def value(index):
        ranges = [range(size) if i in axes else [index[i]] for i, size in enumerate(x.dims)]
        return function([x[at] for at in itertools.product(*ranges)])
    result = made(kept, value)
    return result if node.get("keepdims", 1) else Tensor([s for i, s in enumerate(kept) if i not in axes], result.values)


UNARY = {"Relu": lambda x: max(x, 0), "Abs": abs, "Neg": lambda x: -x, "Sqrt": sqrt, "Exp": exp, "Tanh": tanh, "Floor": lambda x: x // 1,
         "Sigmoid": lambda x: 1 / (1 + exp(-x)), "Identity": lambda x: x, "Not": lambda x: not x, "Log": log,
         "Reciprocal": lambda x: 1 / x}
BINARY = {"Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b, "Div": lambda a, b: a / b,
          "Pow": lambda a, b: a**b, "Equal": lambda a, b: a == b, "Less": lambda a, b: a < b, "Greater": lambda a, b: a > b}
BITS = {"INT8": 8, "UINT8": 8, "INT16": 16, "UINT16": 16}
VARIADIC = {"Max": max, "Min": min, "Sum": lambda *v: sum(v), "Mean": lambda *v: sum(v) / len(v)}
REDUCE = {"ReduceSum": sum, "ReduceMean": lambda v: sum(v) / len(v), "ReduceMax": max, "ReduceMin": min, "ReduceProd": prod,
          "ReduceL1": lambda v: sum(map(abs, v)), "ReduceSumSquare": lambda v: sum(a * a for a in v)}


def wrapped(value, kind):
    """Towards zero, then what the type's bits keep of it."""
    kept = int(value) % (1 << BITS[kind])
    return kept - (1 << BITS[kind]) if kind[0] == "I" and kept >> (BITS[kind] - 1) else kept


def kept(node, index, k=(0,)):
    above = index[-1] - index[-2] - k[0]
    return above >= 0 if node.get("upper", 1) else above <= 0


def shape_of(node, x):
    return Tensor([len(x.dims[node.get("start", 0):node.get("end")])], x.dims[node.get("start", 0):node.get("end")])


class Interpreter:
    """Runs a model, as a dict; `known` are values given from outside, by name."""

    def __init__(self, model):
        self.graph = model["graph"]
        self.functions = {(f.get("domain", ""), f["name"]): f for f in model.get("functions", [])}
        self.opset = model["opset_import"][0]["version"]
        self.folder = None

    def constant(self, tensor):
        if tensor.get("data_location"):
            entries = {entry["key"]: entry["value"] for entry in tensor["external_data"]}
            start = int(entries.get("offset", 0))
            tensor = dict(tensor, raw_data=(self.folder / entries["location"]).read_bytes()[start:start + int(entries["length"])])
        return Tensor(tensor.get("dims", []), onnx.tensor_values(tensor), onnx.TYPES[tensor["data_type"]])

    def run(self, known):
        values = {t["name"]: self.constant(t) for t in self.graph.get("initializer", [])} | known
        self.nodes(self.graph["node"], values, {})
        return [values[port["name"]] for port in self.graph["output"]]

    def nodes(self, nodes, values, attributes):
        for node in nodes:
            given = {}
            for attribute in node.get("attribute", []):
                if "ref_attr_name" not in attribute:
                    given.update(onnx.attributes({"attribute": [attribute]}))
                elif attribute["ref_attr_name"] in attributes:
                    given[attribute["name"]] = attributes[attribute["ref_attr_name"]]
            inputs = [values[name] if name else None for name in node.get("input", [])]
            while inputs and inputs[-1] is None:
                inputs.pop()
            results = self.node(node, given, inputs, values)
            values.update(zip(node["output"], results if isinstance(results, list) else [results]))

    def node(self, node, attributes, inputs, values):
        function = self.functions.get((node.get("domain", ""), node["op_type"]))
        if function:
            inner = dict(itertools.zip_longest(function["input"], inputs))
            self.nodes(function["node"], inner, attributes)
            return [inner[name] for name in function["output"]]
        if node["op_type"] == "If":
            branch = attributes["then_branch" if inputs[0].values[0] else "else_branch"]
            inner = values | {t["name"]: self.constant(t) for t in branch.get("initializer", [])}
            self.nodes(branch["node"], inner, {})
            return [inner[port["name"]] for port in branch["output"]]
        return self.operator(node["op_type"], attributes, inputs, len(node["output"]))

    def operator(self, op, node, inputs, output_count):
        x, *rest = inputs or [None]
        ints = [t.ints() if t else None for t in rest]
        if op in UNARY:
            return elementwise(UNARY[op], x)
        if op in BINARY and x.kind in BITS:
            return elementwise(lambda a, b: wrapped(BINARY[op](a, b), x.kind), *inputs)
        if op in BINARY:
            return elementwise(BINARY[op], *inputs)
        if op in VARIADIC:
            return elementwise(lambda *v: VARIADIC[op](*v) if len(v) > 1 else v[0], *inputs)
        if op.removeprefix("Global") in POOLS:
            whole = {**node, "kernel_shape": x.dims[2:]} if op.startswith("Global") else node
            values = pool(whole, x, POOLS[op.removeprefix("Global")](node))
            return [values, largest_places(node, x)] if output_count > 1 else values
        if op in REDUCE:
            return reduced(node, x, REDUCE[op], *ints)
        return {
            "Conv": lambda: conv(node, *inputs), "ConvTranspose": lambda: conv_transpose(node, *inputs),
            "MaxUnpool": lambda: unpool(node, *inputs), "Resize": lambda: resize(node, x, inputs[2].values),
            "MatMul": lambda: matmul(*inputs), "Gemm": lambda: gemm(node, *inputs),
            "Transpose": lambda: transpose(x, node.get("perm", list(range(len(x.dims)))[::-1])),
            "Reshape": lambda: reshape(x, *ints), "Concat": lambda: concat(inputs, node["axis"]),
            "Flatten": lambda: reshape(x, [prod(x.dims[:node.get("axis", 1)]), prod(x.dims[node.get("axis", 1):])], 1),
            "Squeeze": lambda: self.squeeze(x, node.get("axes") or (ints[0] if ints else None)),
            "Unsqueeze": lambda: self.unsqueeze(x, node.get("axes") or ints[0]),
            "Slice": lambda: slices(x, *(ints or [node["starts"], node["ends"], node.get("axes")])),
            "Gather": lambda: gather(x, rest[0], node.get("axis", 0)),
            "Split": lambda: split(node, x, output_count, node.get("split") or (ints[0] if ints else None)),
            "Softmax": lambda: softmax(node, x, self.opset, lambda v, total: exp(v) / total),
            "LogSoftmax": lambda: softmax(node, x, self.opset, lambda v, total: v - log(total)),
            "DepthToSpace": lambda: depth_to_space(node, x), "SpaceToDepth": lambda: space_to_depth(node, x),
            "Pad": lambda: padded(node, x, ints[0], rest[1].values[0] if len(rest) > 1 else 0.0),
            "Expand": lambda: elementwise(lambda a, b: a, x, Tensor(ints[0], [0] * prod(ints[0]))),
            "Tile": lambda: made([s * r for s, r in zip(x.dims, ints[0])], lambda i: x[[k % s for k, s in zip(i, x.dims)]]),
            "Cast": lambda: Tensor(x.dims, [int(v) if onnx.TYPES[node["to"]] in INTEGERS else float(v) for v in x.values]),
            "Shape": lambda: shape_of(node, x), "Constant": lambda: self.constant_node(node),
            "ConstantOfShape": lambda: Tensor(x.ints(), (onnx.tensor_values(node["value"]) if "value" in node else [0.0]) * prod(x.ints())),
            "Where": lambda: elementwise(lambda c, a, b: a if c else b, *inputs).of(rest[0].kind),
            "Dropout": lambda: [x, Tensor(x.dims, [1] * len(x.values))], "IsNaN": lambda: elementwise(lambda v: v != v, x),
            "IsInf": lambda: elementwise(lambda v: v == inf and node.get("detect_positive", 1) or v == -inf and node.get("detect_negative", 1), x),
            "EyeLike": lambda: made(x.dims, lambda i: float(i[1] - i[0] == node.get("k", 0))),
            "Trilu": lambda: made(x.dims, lambda i: x[i] if kept(node, i, *ints) else 0.0),
            "Clip": lambda: elementwise(lambda v, *b: v, Tensor(x.dims, [self.clipped(v, node, rest) for v in x.values])),
            "LeakyRelu": lambda: elementwise(lambda v: v if v >= 0 else v * node.get("alpha", 0.01), x),
            "PRelu": lambda: elementwise(lambda v, s: v if v >= 0 else v * s, *inputs),
            "BatchNormalization": lambda: self.batchnorm(node, *inputs),
            "InstanceNormalization": lambda: self.normalised(node, x, range(2, len(x.dims)), *(self.by_channel(x, t) for t in rest)),
            "LayerNormalization": lambda: self.normalised(node, x, range(node.get("axis", -1) % len(x.dims), len(x.dims)), *rest),
        }[op]()

    @staticmethod
    def clipped(value, node, bounds):
        low = bounds[0].values[0] if bounds and bounds[0] else node.get("min", value)
        high = bounds[1].values[0] if len(bounds) > 1 and bounds[1] else node.get("max", value)
        return min(max(value, low), high) if high != value or "max" in node or len(bounds) > 1 else max(value, low)

    @staticmethod
    def by_channel(x, vector):
        return Tensor([len(vector.values), *[1] * (len(x.dims) - 2)], vector.values)

    @staticmethod
    def normalised(node, x, axes, scale, bias=Tensor([], [0.0])):
        mean = lambda t: reduced({}, t, lambda values: sum(values) / len(values), list(axes))
        off = elementwise(lambda v, m: v - m, x, mean(x))
        variance = mean(Tensor(x.dims, [v * v for v in off.values]))
        return elementwise(lambda v, d, s, b: v / sqrt(d + node.get("epsilon", 1e-5)) * s + b, off, variance, scale, bias)

    @staticmethod
    def batchnorm(node, x, scale, bias, mean, variance):
        over = lambda t: Interpreter.by_channel(x, t)
        return elementwise(lambda v, s, b, m, d: (v - m) / sqrt(d + node.get("epsilon", 1e-5)) * s + b,
                           x, over(scale), over(bias), over(mean), over(variance))

    def constant_node(self, node):
        (key, value), = node.items()
        return self.constant(value) if key == "value" else Tensor([len(value)] if isinstance(value, list) else [],
                                                                  value if isinstance(value, list) else [value])

    @staticmethod
    def squeeze(x, axes):
        gone = [a % len(x.dims) for a in axes or []] or [i for i, size in enumerate(x.dims) if size == 1]
        return Tensor([size for i, size in enumerate(x.dims) if i not in gone], x.values)

    @staticmethod
    def unsqueeze(x, axes):
        rank = len(x.dims) + len(axes)
        added, left = {a % rank for a in axes}, iter(x.dims)
        return Tensor([1 if i in added else next(left) for i in range(rank)], x.values)
