"""Runs a network file on values: evaluate(text, inputs, weights, exact) gives its outputs.

weights(key, shape, kind, order) gives the flat values of a parameter in the file's layout; the
layouts are those of docs/language.md."""

import math
from math import prod

from oracle import operators as ops
from oracle.operators import AXES, Tensor
from oracle.parser import parse


class Block:
    def __init__(self, name, parameters, body, scope):
        self.name, self.parameters, self.body, self.scope = name, parameters, body, scope


class Layer(str):
    """A layer passed as a value."""


class Word(str):
    """A word of an attribute: same, height, chw ..."""


WORDS = {"same", "same_lower", "valid", "global", "values", "indices", "batch", "height", "width", "channels", "hwc", "chw", "zeros",
         "reflect", "replicate", "wrap", "nearest", "bilinear", "bicubic", "half_pixel", "corners", "asymmetric", "pytorch_half_pixel", "half_pixel_symmetric",
         "tf_half_pixel", "crop", "prefer_floor", "prefer_ceil", "floor", "ceil", "none", "tanh", "f32", "u8"}


class Returned(Exception):
    pass


class Scope:
    """Names of a body, the path of its layers and how many of each there were."""

    def __init__(self, names, path=()):
        self.names, self.path, self.counts = dict(names), path, {}

    def part(self, label, word):
        if label is None:
            self.counts[word] = self.counts.get(word, 0) + 1
            label = f"{word}{self.counts[word]}"
        return (*self.path, label)


class Filter(list):
    pass


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def sides(value):
    """A padding, crop or pad as written, to top, left, bottom, right; words stay."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return [value] * 4
    return list(value) if len(value) == 4 else [value[0], value[1], value[0], value[1]]


def whole_size(x, size):
    """A size as written, HxW, HxWxC or NxHxWxC, with all four axes."""
    return {2: (x.shape[0], *size, 1), 3: (x.shape[0], *size), 4: tuple(size)}[len(size)]


def pad_ends(a):
    """Of a pad's arguments: what it puts before and after each axis, with what."""
    amount, mode, value, channels, batch = a.take(["sides", "mode", "value", "channels", "batch"],
                                                  {"mode": "zeros", "value": 0, "channels": 0, "batch": 0})
    top, left, bottom, right = sides(amount)
    return [pair(batch), (top, bottom), (left, right), pair(channels)], mode, value


def resize_tables(x, a):
    """Of a resize's arguments: the weights of rows and of columns, the mode and what a crop finds outside."""
    names = ["size", "mode", "factor", "align", "rounding", "coefficient", "exclude_outside", "antialias", "region", "value"]
    given = dict(zip(names, a.take(names, {"mode": "nearest", "value": 0, "region": [0, 0, 1, 1]})))
    size, mode, factor, region, value = (given.pop(name) for name in ("size", "mode", "factor", "region", "value"))
    factors = factor if isinstance(factor, list) else [factor, factor]
    rest = {name: word for name, word in given.items() if word is not None}
    tables = []
    for axis in (0, 1):
        n = x.shape[1 + axis]
        out = size[axis] if size else math.floor(n * factors[axis])
        assert out > 0, "nothing is left"
        tables.append(ops.resize_weights(n, out, mode, factors[axis], ends=region[axis::2], **rest))
    return (*tables, mode, value)


def part_sizes(whole, parts):
    """Of a split: a number of equal parts, or their sizes."""
    sizes = parts if isinstance(parts, list) else [whole // parts] * parts
    assert sum(sizes) == whole, "not the whole"
    return sizes


def permuted_axes(a):
    """Of a permute's arguments: the input's axis of each axis of the result. Three leave the batch where it is."""
    words = a.named.get("axes") or (a.positional[0] if isinstance(a.positional[0], list) else a.positional)
    axes = [AXES[word] for word in words]
    return axes if len(axes) == 4 else [0, *axes]


class Arguments:
    """What a call was given: tensors, then positional, then named attributes."""

    def __init__(self, values, named):
        self.tensors = []
        while values and isinstance(values[0], Tensor):
            self.tensors.append(values.pop(0))
        self.positional, self.named = values, named

    def take(self, names, defaults):
        """The attributes in their order, positional ones first."""
        given = dict(zip(names, self.positional))
        given.update(self.named)
        assert set(given) <= set(names), f"{given} {names}"
        return [given.get(name, defaults.get(name)) for name in names]


class Interpreter:
    def __init__(self, inputs, weights, exact):
        self.inputs, self.weights, self.exact = inputs, weights, exact
        self.outputs, self.order, self.prefix = {}, "oihw", ""

    # --- statements ---

    def run(self, text, definitions):
        top = Scope({})
        network = None
        for item in parse(text):
            if item[0] == "constant":
                top.names[item[1]] = self.value(item[2], top)
            elif item[0] == "filter":
                top.names[item[1]] = Filter(item[2])
            elif item[0] == "block":
                top.names[item[1]] = Block(item[1], item[2], item[3], top)
            else:
                network = item
        scope = Scope(top.names)
        for name, default in network[2]:
            scope.names[name] = definitions[name] if name in definitions else self.value(default, scope)
        for statement in network[3]:
            if statement[0] == "weights":
                named = {name: self.word(value, scope) for name, value in statement[2].items()}
                self.order, self.prefix = named.get("order", "oihw"), named.get("prefix", "")
        self.body(network[3], scope)
        return self.outputs

    def body(self, statements, scope):
        for statement in statements:
            getattr(self, "do_" + statement[0])(scope, *statement[1:])

    def do_bind(self, scope, name, expression):
        scope.names[name] = self.value(expression, scope)

    def do_output(self, scope, name, expression, named):
        scope.names[name] = value = self.value(expression, scope)
        layout = self.word(named["layout"], scope) if "layout" in named else "hwc"
        self.outputs[name] = self.laid_out(value, layout)

    @staticmethod
    def laid_out(value, layout):
        """A tensor whose flat values are in this order."""
        if layout == "hwc":
            return value
        n, h, w, c = value.shape
        return ops.make((n, c, h, w), lambda n, c, h, w: value.at(n, h, w, c), value.bits)

    def do_for(self, scope, name, bounds, body):
        first, last = self.value(bounds, scope)
        for i in range(first, last + 1):
            scope.names[name] = i
            self.body(body, scope)

    def do_if(self, scope, test, yes, no):
        self.body(yes if self.value(test, scope) else no, scope)

    def do_return(self, scope, expressions):
        values = tuple(self.value(expression, scope) for expression in expressions)
        raise Returned(values[0] if len(values) == 1 else values)

    def do_weights(self, scope, name, named):
        pass

    def do_labels(self, scope, expression):
        pass

    def do_assert(self, scope, condition):
        assert self.value(condition, scope), "assert"

    def do_input(self, scope, name, size, named):
        size = tuple(self.value(size, scope))
        shape = {2: (1, *size, 1), 3: (1, *size), 4: size}[len(size)]
        named = {key: self.word(value, scope) for key, value in named.items()}
        raw, (n_, h_, w_, c_) = self.inputs[name], shape
        if named.get("type") == "u8":
            assert all(v == int(v) and 0 <= v <= 255 for v in raw), "bytes"
        x = Tensor(shape, [float(v) for v in raw], 0 if self.exact else None)
        if named.get("layout") == "chw":
            x = ops.make(shape, lambda n, h, w, c: float(raw[((n * c_ + c) * h_ + h) * w_ + w]), x.bits)
        if "mean" in named or "std" in named:
            mean, std = (v if isinstance(v, list) else [v] * c_
                         for v in (named.get("mean", 0), named.get("std", 1)))
            x = ops.by_channel(x, [1 / s for s in std], [-m / s for m, s in zip(mean, std)])
        elif "range" in named:
            low, high = named["range"]
            x = ops.by_channel(x, [1 / (high - low)] * c_, [-low / (high - low)] * c_)
        scope.names[name] = x

    # --- expressions ---

    def word(self, expression, scope):
        if expression[0] == "name" and expression[1] in WORDS | {"oihw", "hwio"}:
            return Word(expression[1])
        return self.value(expression, scope)

    def value(self, expression, scope):
        return getattr(self, "of_" + expression[0])(scope, *expression[1:])

    def of_number(self, scope, value):
        return value

    def of_bool(self, scope, value):
        return value

    def of_size(self, scope, value):
        return value

    def of_string(self, scope, parts):
        return "".join(part if isinstance(part, str) else str(self.value(part, scope)) for part in parts)

    def of_list(self, scope, items):
        return [self.value(item, scope) for item in items]

    def of_name(self, scope, name):
        return scope.names[name] if name in scope.names else Layer(name)

    def of_range(self, scope, a, b):
        return self.value(a, scope), self.value(b, scope)

    def of_choice(self, scope, test, yes, no):
        return self.value(yes if self.value(test, scope) else no, scope)

    def of_unary(self, scope, op, operand):
        value = self.value(operand, scope)
        if op == "not":
            return not value
        return ops.binary("*", value, -1) if isinstance(value, Tensor) else -value

    def of_binary(self, scope, op, left, right):
        a = self.value(left, scope)
        if op in ("and", "or"):
            return a and self.value(right, scope) if op == "and" else a or self.value(right, scope)
        b = self.value(right, scope)
        if isinstance(a, Tensor) or isinstance(b, Tensor):
            if op == "^":
                return ops.power(a, b) if isinstance(a, Tensor) and not isinstance(b, Tensor) else ops.binary("power", a, b)
            return ops.binary(op, a, b)
        if op == "/":
            return a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b
        return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "%": lambda: a % b,
                "^": lambda: a**b, "<": lambda: a < b, ">": lambda: a > b, "<=": lambda: a <= b,
                ">=": lambda: a >= b, "==": lambda: a == b, "!=": lambda: a != b}[op]()

    def of_stage(self, scope, value, label, name, arguments):
        value = self.value(value, scope)
        label = None if label is None else self.value(label, scope)
        several = isinstance(value, tuple) and isinstance(value[0], Tensor)
        return self.call(scope, name, label, list(value) if several else [value], arguments)

    def of_call(self, scope, name, arguments):
        return self.call(scope, name, None, [], arguments)

    # --- calls ---

    def call(self, scope, name, label, piped, arguments):
        target = scope.names.get(name, Layer(name))
        block = isinstance(target, Block)
        values, named = list(piped), {}
        for key, expression in arguments:
            value = (self.value if block else self.word)(expression, scope)
            if key:
                named[key] = value
            elif isinstance(value, tuple) and value and isinstance(value[0], Tensor):
                values += value
            elif isinstance(value, list) and value and isinstance(value[0], Tensor):
                values += value
            else:
                values.append(value)
        if block:
            return self.call_block(target, scope.part(label, name), values, named)
        return self.call_layer(target, scope, label, values, named)

    def call_block(self, block, path, values, named):
        inside = Scope(block.scope.names, path)
        given = dict(zip((name for name, _ in block.parameters), values), **named)
        for name, default in block.parameters:
            inside.names[name] = given[name] if name in given else self.value(default, inside)
        try:
            self.body(block.body, inside)
        except Returned as result:
            return result.args[0]
        raise AssertionError("a block without return")

    def call_layer(self, name, scope, label, values, named):
        if name in ("min", "max", "sqrt", "abs", "exp", "log") and not any(
                isinstance(v, Tensor) for v in values):
            return {"min": min, "max": max, "sqrt": math.sqrt, "abs": abs, "exp": math.exp,
                    "log": math.log}[name](*values)
        path = scope.part(label, name)
        if name in ops.PAIRS:
            return ops.binary(name, *values)
        if name == "where":
            return ops.where(*values)
        if name in ops.WHOLE:
            return ops.whole(*values, name)
        if name in OPERATORS:
            result = values[0]
            for other in values[1:]:
                result = ops.binary(OPERATORS[name], result, other)
            return result
        arguments = Arguments(values, named)
        self.scope_path = path
        if name in ops.KEPT or name in ops.ROUNDED:
            defaults = (ops.KEPT.get(name) or ops.ROUNDED[name])[1]
            return ops.elementwise(arguments.tensors[0], name, arguments.take(list(defaults), defaults))
        if name in ops.REDUCTIONS:
            return self.reduction(name, arguments)
        return getattr(self, "layer_" + name)(path, arguments)

    def parameter(self, path, name, shape, kind=None):
        """Flat values in the file's layout."""
        return self.weights(self.prefix + ".".join((*path, name)), shape, kind, self.order)

    def layer_parameter(self, path, a):
        size, _ = a.take(["size", "shared"], {})
        n_, h_, w_, c_ = shape = {2: (1, *size, 1), 3: (1, *size), 4: tuple(size)}[len(size)]
        stored = (n_, c_, h_, w_) if self.order == "oihw" else shape
        values = self.weights(self.prefix + ".".join(path), stored[n_ == 1:], None, self.order)
        exact = 0 if self.exact else None
        if self.order == "hwio":
            return Tensor(shape, list(values), exact)
        return ops.make(shape, lambda n, h, w, c: values[((n * c_ + c) * h_ + h) * w_ + w], exact)

    def kernel(self, path, kind, depth, part, kernel):
        """weight[k][r * S + s]: a vector of `part` values."""
        r_, s_ = kernel
        values = self.parameter(path, "weight", (depth, part, r_, s_), kind)
        if self.order == "oihw":
            def at(k, c, r, s):
                return values[((k * part + c) * r_ + r) * s_ + s]
        else:
            def at(k, c, r, s):
                return values[((r * s_ + s) * part + c) * depth + k]
        return [[[at(k, c, r, s) for c in range(part)] for r in range(r_) for s in range(s_)]
                for k in range(depth)]

    def bias(self, path, wanted, depth):
        return self.parameter(path, "bias", (depth,)) if wanted else [0.0] * depth

    def layer_conv(self, path, a):
        x = a.tensors[0]
        first = a.positional[0] if a.positional else a.named.get("kernel")
        filters = [first] if isinstance(first, Filter) else first if isinstance(first, list) else None
        kernel, depth, stride, padding, dilation, groups, bias, mode = a.take(
            ["kernel", "depth", "stride", "padding", "dilation", "groups", "bias", "padding_mode"],
            {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros"})
        rest = (pair(stride), sides(padding), pair(dilation))
        if filters:
            return self.filtered(x, filters, *rest, mode)
        kernel = pair(kernel)
        weight = self.kernel(path, "conv", depth, x.shape[3] // groups, kernel)
        return ops.conv(x, weight, self.bias(path, bias, depth), kernel, *rest, groups, mode)

    @staticmethod
    def filtered(x, filters, stride, padding, dilation, mode):
        channels, planes = x.shape[3], len(filters[0])
        kernel = (len(filters[0][0]), len(filters[0][0][0]))
        if x.bits is not None and any(v != int(v) for f in filters for p in f for row in p for v in row):
            raise ops.Inexact
        taps = [(r, s) for r in range(kernel[0]) for s in range(kernel[1])]
        if planes == 1:
            weight = [[[f[0][r][s]] for r, s in taps] for _ in range(channels) for f in filters]
        else:
            weight = [[[plane[r][s] for plane in f] for r, s in taps] for f in filters]
        groups = channels if planes == 1 else 1
        return ops.conv(x, weight, [0.0] * len(weight), kernel, stride, padding, dilation, groups, mode)

    def layer_depthwise(self, path, a):
        x = a.tensors[0]
        first = a.positional[0] if a.positional else a.named.get("kernel")
        kernel, m, stride, padding, dilation, bias, mode = a.take(
            ["kernel", "multiplier", "stride", "padding", "dilation", "bias", "padding_mode"],
            {"multiplier": 1, "stride": 1, "padding": 0, "dilation": 1, "bias": True, "padding_mode": "zeros"})
        rest = (pair(stride), sides(padding), pair(dilation))
        if isinstance(first, (Filter, list)):
            return self.filtered(x, [first] if isinstance(first, Filter) else first, *rest, mode)
        kernel, c_ = pair(kernel), x.shape[3]
        values = self.parameter(path, "weight", (c_ * m, 1, *kernel), f"depthwise {m}")
        taps = kernel[0] * kernel[1]
        weight = [[[values[k * taps + t] if self.order == "oihw" else values[t * c_ * m + k]]
                   for t in range(taps)] for k in range(c_ * m)]
        return ops.conv(x, weight, self.bias(path, bias, c_ * m), kernel, *rest, c_, mode)

    def layer_separable(self, path, a):
        kernel, depth, stride, padding, dilation, bias, mode = a.take(
            ["kernel", "depth", "stride", "padding", "dilation", "bias", "padding_mode"],
            {"stride": 1, "padding": 0, "dilation": 1, "bias": True, "padding_mode": "zeros"})
        middle = self.layer_depthwise((*path, "depthwise"), Arguments(
            [a.tensors[0], kernel, 1, stride, padding, dilation, bias, mode], {}))
        return self.layer_conv((*path, "pointwise"), Arguments([middle, 1, depth], {"bias": bias}))

    def layer_deconv(self, path, a):
        x = a.tensors[0]
        kernel, depth, stride, padding, extra, dilation, groups, bias = a.take(
            ["kernel", "depth", "stride", "padding", "output_padding", "dilation", "groups", "bias"],
            {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1, "bias": True})
        kernel, part, c_ = pair(kernel), depth // groups, x.shape[3]
        values = self.parameter(path, "weight", (c_, part, *kernel), "deconv")

        def weight(c, k, r, s):
            if self.order == "oihw":
                return values[((c * part + k) * kernel[0] + r) * kernel[1] + s]
            return values[((r * kernel[1] + s) * part + k) * c_ + c]
        return ops.deconv(x, weight, self.bias(path, bias, depth), kernel, pair(stride), sides(padding),
                          pair(extra), pair(dilation), groups, depth)

    def pool(self, a, kind, names, count=False):
        x = a.tensors[0]
        if a.positional == ["global"]:
            return ops.pool(x, kind, x.shape[1:3], (1, 1), [0] * 4, (1, 1), False, False)
        kernel, stride, padding, dilation, ceil, *count = a.take(names, {
            "padding": 0, "dilation": 1, "ceil": False, "count_padding": False})
        return ops.pool(x, kind, pair(kernel), pair(kernel if stride is None else stride), sides(padding),
                        pair(dilation), ceil, bool(count and count[0]))

    def layer_maxpool(self, path, a):
        kind = "indices" if a.named.pop("result", "values") == "indices" else "max"
        return self.pool(a, kind, ["kernel", "stride", "padding", "dilation", "ceil"])

    def layer_unpool(self, path, a):
        return ops.unpool(*a.tensors, a.take(["size"], {})[0])

    def layer_avgpool(self, path, a):
        return self.pool(a, "average", ["kernel", "stride", "padding", "dilation", "ceil", "count_padding"])

    def layer_lppool(self, path, a):
        p = a.named.pop("p", 2)
        return ops.inexact(self.pool(a, p, ["kernel", "stride", "padding", "dilation", "ceil"]))

    def layer_dense(self, path, a):
        x = a.tensors[0]
        depth, bias = a.take(["depth", "bias"], {"bias": True})
        c_ = x.shape[3]
        values = self.parameter(path, "weight", (depth, c_), "dense")
        weight = [[[values[k * c_ + c] if self.order == "oihw" else values[c * depth + k] for c in range(c_)]]
                  for k in range(depth)]
        return ops.conv(x, weight, self.bias(path, bias, depth), (1, 1), (1, 1), [0] * 4, (1, 1), 1, "zeros")

    def default_order(self):
        return "chw" if self.order == "oihw" else "hwc"

    def layer_flatten(self, path, a):
        x = a.tensors[0]
        order, = a.take(["order"], {"order": self.default_order()})
        return ops.reshape(x, (x.shape[0], 1, 1, prod(x.shape[1:])), order)

    def layer_reshape(self, path, a):
        size, order = a.take(["size", "order"], {"order": self.default_order()})
        return ops.reshape(a.tensors[0], whole_size(a.tensors[0], size), order)

    def layer_permute(self, path, a):
        return ops.permute(a.tensors[0], permuted_axes(a))

    def layer_batchnorm(self, path, a):
        x = a.tensors[0]
        epsilon, = a.take(["epsilon"], {"epsilon": 1e-5})
        names = ("weight", "bias", "running_mean", "running_var")
        w, b, m, v = (self.parameter(path, name, (x.shape[3],)) for name in names)
        scale = [i / math.sqrt(j + epsilon) for i, j in zip(w, v)]
        return ops.by_channel(x, scale, [i - j * k for i, j, k in zip(b, m, scale)])

    def layer_prelu(self, path, a):
        x = a.tensors[0]
        each, = a.take(["per_channel"], {"per_channel": False})
        slopes = self.parameter(path, "weight", (x.shape[3] if each else 1,))
        data = [v if v > 0 else v * slopes[i % len(slopes)] for i, v in enumerate(x.data)]
        return ops.check(Tensor(x.shape, data, x.bits))

    def layer_gelu(self, path, a):
        approximate, = a.take(["approximate"], {"approximate": "none"})
        exact = (lambda v: 0.5 * v * math.erfc(-v / math.sqrt(2)))
        x = a.tensors[0]
        return ops.inexact(Tensor(x.shape, list(map(
            ops.gelu_tanh if approximate == "tanh" else exact, x.data)), x.bits))

    def layer_softmax(self, path, a, logarithm=False):
        axis, = a.take(["axis"], {"axis": "channels"})
        return ops.softmax(a.tensors[0], AXES[axis], logarithm)

    def layer_log_softmax(self, path, a):
        return self.layer_softmax(path, a, True)

    def reduction(self, name, a):
        return ops.reduce(a.tensors[0], [AXES[word] for word in a.positional] or [1, 2], name)

    def learned(self, path, x, affine, bias, axes):
        """What a norm multiplies by and adds, a value for each place along `axes`, in files with the channels first or last."""
        if not affine:
            return x
        inner = [axis for axis in (1, 2) if axis in axes]
        order = [3] * (3 in axes) + inner if self.order == "oihw" else inner + [3] * (3 in axes)
        shape = tuple(x.shape[axis] for axis in order)
        tensors = [self.parameter(path, name, shape) for name in ["weight"] + ["bias"] * bias]

        def find(values, at):
            index = 0
            for axis in order:
                index = index * x.shape[axis] + at[axis]
            return values[index]
        return ops.make(x.shape, lambda *at: x.at(*at) * find(tensors[0], at) + (find(tensors[1], at) if bias else 0), x.bits)

    def layer_instancenorm(self, path, a):
        epsilon, affine, bias = a.take(["epsilon", "affine", "bias"], {"epsilon": 1e-5, "affine": True, "bias": True})
        x = ops.normalized(a.tensors[0], ops.box_over(a.tensors[0], [1, 2]), epsilon)
        return self.learned(path, x, affine, bias, [3])

    def layer_groupnorm(self, path, a):
        groups, epsilon, affine, bias = a.take(["groups", "epsilon", "affine", "bias"],
                                               {"epsilon": 1e-5, "affine": True, "bias": True})
        x = ops.normalized(a.tensors[0], ops.box_over(a.tensors[0], [1, 2, 3], groups), epsilon)
        return self.learned(path, x, affine, bias, [3])

    @staticmethod
    def axes_first(a, usual):
        """The axes that are written first; the rest is left."""
        count = sum(isinstance(value, Word) and value in AXES for value in a.positional)
        words, a.positional = a.positional[:count], a.positional[count:]
        return [AXES[word] for word in words + list(a.named.pop("axes", []))] or usual

    def layer_layernorm(self, path, a):
        axes = self.axes_first(a, [3])
        epsilon, affine, bias = a.take(["epsilon", "affine", "bias"], {"epsilon": 1e-5, "affine": True, "bias": True})
        x = ops.normalized(a.tensors[0], ops.box_over(a.tensors[0], axes), epsilon)
        return self.learned(path, x, affine, bias, axes)

    def layer_l2norm(self, path, a):
        axes = self.axes_first(a, [3])
        p, epsilon = a.take(["p", "epsilon"], {"p": 2, "epsilon": 1e-12})
        return ops.l2norm(a.tensors[0], axes, p, epsilon)

    def layer_argmax(self, path, a, largest=True):
        axis, last = a.take(["axis", "last"], {"axis": "channels", "last": False})
        return ops.topk(a.tensors[0], 1, AXES[axis], True, largest, last)

    def layer_argmin(self, path, a):
        return self.layer_argmax(path, a, False)

    def layer_topk(self, path, a):
        k, axis, result, largest = a.take(["k", "axis", "result", "largest"],
                                          {"axis": "channels", "result": "values", "largest": True})
        return ops.topk(a.tensors[0], k, AXES[axis], result == "indices", largest)

    def layer_lrn(self, path, a):
        numbers = a.take(["size", "alpha", "beta", "bias"], {"alpha": 1e-4, "beta": 0.75, "bias": 1})
        return ops.lrn(a.tensors[0], *numbers)

    def layer_concat(self, path, a):
        axis, = a.take(["axis"], {"axis": "channels"})
        return ops.concat(a.tensors, AXES[axis])

    def layer_slice(self, path, a):
        axis, bounds, step = a.take(["axis", "range", "step"], {"step": 1})
        return ops.slice_(a.tensors[0], AXES[axis], *bounds, step)

    def layer_split(self, path, a):
        x, (axis, parts) = a.tensors[0], a.take(["axis", "parts"], {})
        axis, cuts = AXES[axis], [0]
        for size in part_sizes(x.shape[axis], parts):
            cuts.append(cuts[-1] + size)
        return tuple(ops.slice_(x, axis, first, end - 1, 1) for first, end in zip(cuts, cuts[1:]))

    def layer_expand(self, path, a):
        x = a.tensors[0]
        size = a.take(["size"], {})[0]
        shape = (*whole_size(x, size)[:3], x.shape[3] if len(size) == 2 else size[-1])
        assert all(m in (1, n) for n, m in zip(shape, x.shape)), "not 1"
        return ops.repeat(x, shape)

    def layer_tile(self, path, a):
        x, (axis, times) = a.tensors[0], a.take(["axis", "times"], {})
        return ops.repeat(x, ops.replaced(x.shape, AXES[axis], x.shape[AXES[axis]] * times))

    def layer_crop(self, path, a):
        return ops.crop(a.tensors[0], sides(a.take(["sides"], {})[0]))

    def layer_pad(self, path, a):
        ends, mode, value = pad_ends(a)
        return ops.pad(a.tensors[0], ends, mode, value)

    def layer_upsample(self, path, a):
        x = a.tensors[0]
        factor, mode, size, align = a.take(["factor", "mode", "size", "align"],
                                           {"mode": "nearest", "align": "half_pixel"})
        if size is None:
            f = pair(factor)
            size = (x.shape[1] * f[0], x.shape[2] * f[1])
        if mode == "bicubic":
            rows, columns = (ops.resize_weights(n, out, mode, align=align) for n, out in zip(x.shape[1:3], size))
            return ops.resize(x, rows, columns, mode, 0)
        return ops.upsample(x, tuple(size), mode, align)

    def layer_resize(self, path, a):
        x = a.tensors[0]
        rows, columns, mode, value = resize_tables(x, a)
        return ops.resize(x, rows, columns, mode, value)

    def layer_pixel_shuffle(self, path, a):
        return ops.pixel_shuffle(a.tensors[0], a.take(["factor"], {})[0])

    def layer_pixel_unshuffle(self, path, a):
        return ops.pixel_unshuffle(a.tensors[0], pair(a.take(["factor"], {})[0]))

    def layer_channel_shuffle(self, path, a):
        return ops.channel_shuffle(a.tensors[0], a.take(["groups"], {})[0])

    def layer_grayscale(self, path, a):
        return ops.grayscale(a.tensors[0])

    def layer_normalize(self, path, a):
        x = a.tensors[0]
        mean, std = (v if isinstance(v, list) else [v] * x.shape[3] for v in a.take(["mean", "std"], {}))
        return ops.by_channel(x, [1 / s for s in std], [-m / s for m, s in zip(mean, std)])

    def layer_dropout(self, path, a):
        return a.tensors[0]

    layer_identity = layer_dropout

    # --- questions ---

    def layer_channels(self, path, a):
        return a.tensors[0].shape[3]

    def layer_height(self, path, a):
        return a.tensors[0].shape[1]

    def layer_width(self, path, a):
        return a.tensors[0].shape[2]


OPERATORS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "min": "min", "max": "max"}


def evaluate(text, inputs, weights, exact, definitions=None):
    return Interpreter(inputs, weights, exact).run(text, definitions or {})
