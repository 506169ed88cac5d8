"""What `cnnc --report=json --units` must say of a network file, from docs/language.md, docs/reports.md
and docs/receptive-fields.md: report(text) walks the file as the interpreter does, with layers in place of
values.

MACs are counted one by one: which products there are, not how many there should be."""

from itertools import product
from math import prod

from oracle import fields
from oracle import operators as ops
from oracle.interpreter import OPERATORS, Arguments, Filter, Interpreter, pad_ends, pair, part_sizes, permuted_axes, resize_tables, sides, whole_size
from oracle.operators import AXES, Tensor

# Layers that read value by value and so may write over their input.
IN_PLACE = {"relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "sigmoid", "hard_sigmoid", "tanh", "sqrt",
            "abs", "exp", "log", "softplus", "softsign", "silu", "hard_swish", "gelu", "mish", "clip", "threshold", "add",
            "sub", "mul", "div", "min", "max", "power", "negate", "batchnorm", "normalize", "grayscale", "dropout",
            "identity", "flatten", "reshape", "where", "shrink", *ops.PAIRS, *ops.WHOLE, *ops.ROUNDED}
SIGNS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "^": "power", "min": "min", "max": "max"}


class Node(Tensor):
    """A network input or a layer; a tensor without values."""

    def __init__(self, shape, word, name, inputs=()):
        super().__init__(shape, [])
        self.word, self.name, self.inputs = word, name, list(inputs)
        self.kernel = self.stride = self.dilation = self.groups = self.padding = None
        self.macs, self.parameters, self.shared, self.views = 0, [], False, {}


class Window:
    """The attributes of a layer with a window, resolved for its input."""

    def __init__(self, x, kernel, stride, padding, dilation, ceil=False):
        self.kernel, self.stride, self.dilation = pair(kernel), pair(stride), pair(dilation)
        self.padding = ops.resolve_padding(sides(padding), x.shape[1:3], self.kernel, self.stride, self.dilation)
        self.size = tuple(ops.output_size(x.shape[1 + axis], self.padding[axis], self.padding[2 + axis], self.kernel[axis],
                                          self.stride[axis], self.dilation[axis], ceil) for axis in (0, 1))

    def readings(self, x, mode="zeros"):
        return [fields.window(x.shape[1 + axis], self.kernel[axis], self.stride[axis], self.dilation[axis],
                              self.padding[axis], mode) for axis in (0, 1)]


def count_macs(pixels, kernel, inputs, outputs, groups):
    """For each pixel and tap, the pairs of channels that meet."""
    pairs = sum(c // (inputs // groups) == k // (outputs // groups) for c, k in product(range(inputs), range(outputs)))
    return sum(pairs for _ in product(*map(range, pixels)) for _ in product(*map(range, kernel)))


class Reader(Interpreter):
    def __init__(self):
        super().__init__({}, None, False)
        self.network_inputs, self.nodes, self.declared, self.layouts = [], [], [], []

    # --- nodes ---

    def add(self, word, path, shape, operands, readings=None, shares=None):
        """readings[i][axis] and shares[i][axis] of operand i; by default every unit reads itself, or what is repeated,
        and the operands count alike."""
        assert min(shape) > 0, "nothing is left"
        node = Node(shape, word, ".".join(path), operands)
        self.nodes.append(node)
        shares = shares or [[1 / len(operands)] * 2] * len(operands)
        if readings is None:
            readings = [[fields.each(x.shape[i]) if x.shape[i] == shape[i] else fields.repeated(x.shape[i]) for i in (1, 2)]
                        for x in operands]
        for x in operands:
            for source in x.views:
                if source not in node.views:
                    self.see(node, source, readings, shares)
        return node

    @staticmethod
    def see(node, source, readings, shares):
        views = []
        for axis in (0, 1):
            operands = [(reading[axis], x.views[source][axis] if source in x.views else None, share[axis])
                        for reading, x, share in zip(readings, node.inputs, shares)]
            views.append(fields.view(node.shape[1 + axis], operands, source.shape[1 + axis]))
            if not any(views[-1].sets):
                return
        node.views[source] = views

    def weight_and_bias(self, oihw, hwio, depth, bias):
        return [("weight", oihw if self.order == "oihw" else hwio)] + [("bias", (depth,))] * bias

    def parameters(self, node, path, tensors, shared=False):
        node.parameters = [(".".join((*path, name)), shape, not name.startswith("running")) for name, shape in tensors]
        node.shared = shared

    # --- statements ---

    def do_input(self, scope, name, size, named):
        size = tuple(self.value(size, scope))
        shape = {2: (1, *size, 1), 3: (1, *size), 4: size}[len(size)]
        named = {key: self.word(value, scope) for key, value in named.items()}
        node = Node(shape, "input", name)
        node.views[node] = [fields.input_view(shape[1]), fields.input_view(shape[2])]
        self.network_inputs.append(node)
        bounds = named.get("range")
        self.declared.append({"name": name, "shape": list(shape), "layout": str(named.get("layout", "hwc")),
                              "type": str(named.get("type", "f32")),
                              "range": None if bounds is None else list(bounds)})
        if {"mean", "std", "range"} & set(named):
            node = self.add("normalize", (name, "normalize"), shape, [node])
        scope.names[name] = node

    def laid_out(self, value, layout):
        self.layouts.append(str(layout))
        return value

    # --- expressions ---

    def of_unary(self, scope, op, operand):
        value = self.value(operand, scope)
        if op == "not":
            return not value
        return self.add("negate", scope.part(None, "negate"), value.shape, [value]) if isinstance(value, Tensor) else -value

    def of_binary(self, scope, op, left, right):
        if op not in SIGNS:
            return super().of_binary(scope, op, left, right)
        a, b = self.value(left, scope), self.value(right, scope)
        if isinstance(a, Tensor) or isinstance(b, Tensor):
            return self.arithmetic(SIGNS[op], scope.part(None, SIGNS[op]), a, b)
        return super().of_binary(scope, op, ("number", a), ("number", b))

    def arithmetic(self, word, path, a, b):
        operands = [v for v in (a, b) if isinstance(v, Tensor)]
        shape = tuple(max(sizes) for sizes in zip(*(v.shape for v in operands)))
        assert all(n in (1, m) for v in operands for n, m in zip(v.shape, shape)), "sizes differ"
        return self.add(word, path, shape, operands)

    def call_layer(self, name, scope, label, values, named):
        if not any(isinstance(v, Tensor) for v in values):
            return super().call_layer(name, scope, label, values, named)
        if name in ("channels", "height", "width"):
            return values[0].shape[AXES[name]]
        path = scope.part(label, name)
        if name in OPERATORS:
            result = values[0]
            for other in values[1:]:
                result = self.arithmetic(name, path, result, other)
            return result
        if name == "where" or name in ops.PAIRS:
            operands = [v for v in values if isinstance(v, Tensor)]
            shape = tuple(max(sizes) for sizes in zip(*(v.shape for v in operands)))
            return self.add(name, path, shape, operands)
        make = getattr(self, "layer_" + name, None)
        if name in ops.KEPT or name in ops.ROUNDED or name in ops.WHOLE or name in ("gelu", "dropout", "identity", "normalize"):
            return self.add(name, path, values[0].shape, values[:1])
        if name in ops.REDUCTIONS:
            return self.reduction(name, path, Arguments(values, named))
        return make(path, Arguments(values, named))

    def layer_parameter(self, path, a):
        size, shared = a.take(["size", "shared"], {"shared": False})
        n, h, w, c = shape = {2: (1, *size, 1), 3: (1, *size), 4: tuple(size)}[len(size)]
        node = Node(shape, "parameter", ".".join(path))
        self.nodes.append(node)
        stored = (n, c, h, w) if self.order == "oihw" else shape
        node.parameters, node.shared = [(node.name, stored[n == 1:], True)], shared
        return node

    # --- windows ---

    def windowed(self, word, path, x, window, depth, groups, mode):
        node = self.add(word, path, (x.shape[0], *window.size, depth), [x], [window.readings(x, mode)])
        node.kernel, node.stride, node.dilation = window.kernel, window.stride, window.dilation
        node.padding, node.groups = window.padding, groups
        return node

    def convolution(self, word, path, x, first, rest, depth, groups, bias, mode, shared):
        filters = [first] if isinstance(first, Filter) else first if isinstance(first, list) else None
        if filters:
            first = (len(filters[0][0]), len(filters[0][0][0]))
            single = len(filters[0]) == 1
            groups = x.shape[3] if single else 1
            word = "depthwise" if single else word
            depth = len(filters) * x.shape[3] if single else len(filters)
        window = Window(x, first, *rest)
        assert mode != "reflect" or all(p < n for p, n in zip(window.padding, x.shape[1:3] * 2)), "too small to mirror"
        node = self.windowed(word, path, x, window, depth, groups, mode)
        node.macs = count_macs((x.shape[0], *window.size), window.kernel, x.shape[3], depth, groups)
        if not filters:
            r, s = window.kernel
            part = x.shape[3] // groups
            oihw = (depth, part, r, s)
            hwio = (r, s, x.shape[3], depth // x.shape[3]) if word == "depthwise" else (r, s, part, depth)
            self.parameters(node, path, self.weight_and_bias(oihw, hwio, depth, bias), shared)
        return node

    WINDOW = {"stride": 1, "padding": 0, "dilation": 1, "bias": True, "padding_mode": "zeros", "shared": False}

    def layer_conv(self, path, a):
        first, depth, *rest, groups, bias, mode, shared = a.take(
            ["kernel", "depth", "stride", "padding", "dilation", "groups", "bias", "padding_mode", "shared"],
            {"groups": 1, **self.WINDOW})
        return self.convolution("conv", path, a.tensors[0], first, rest, depth, groups, bias, mode, shared)

    def layer_depthwise(self, path, a):
        x = a.tensors[0]
        first, multiplier, *rest, bias, mode, shared = a.take(
            ["kernel", "multiplier", "stride", "padding", "dilation", "bias", "padding_mode", "shared"],
            {"multiplier": 1, **self.WINDOW})
        return self.convolution("depthwise", path, x, first, rest, x.shape[3] * multiplier, x.shape[3], bias, mode, shared)

    def layer_separable(self, path, a):
        kernel, depth, *rest, bias, mode, shared = a.take(
            ["kernel", "depth", "stride", "padding", "dilation", "bias", "padding_mode", "shared"], self.WINDOW)
        named = {"bias": bias, "shared": shared}
        middle = self.layer_depthwise((*path, "depthwise"), Arguments([a.tensors[0], kernel, 1, *rest],
                                                                      {"padding_mode": mode, **named}))
        return self.layer_conv((*path, "pointwise"), Arguments([middle, 1, depth], named))

    def layer_deconv(self, path, a):
        x = a.tensors[0]
        kernel, depth, stride, padding, extra, dilation, groups, bias, shared = a.take(
            ["kernel", "depth", "stride", "padding", "output_padding", "dilation", "groups", "bias", "shared"],
            {"output_padding": 0, "groups": 1, **self.WINDOW})
        kernel, stride, extra, dilation, padding = pair(kernel), pair(stride), pair(extra), pair(dilation), sides(padding)
        size, resolved, readings = [], [0, 0, 0, 0] if padding == "valid" else padding, []
        for axis in (0, 1):
            n, span = x.shape[1 + axis], ops.reach(kernel[axis], dilation[axis]) + extra[axis]
            if padding == "same":
                total = max(span - stride[axis], 0)
                resolved = [0, 0, 0, 0] if axis == 0 else resolved
                resolved[axis], resolved[axis + 2] = total // 2, total - total // 2
                size.append(n * stride[axis])
            else:
                size.append((n - 1) * stride[axis] + span - resolved[axis] - resolved[axis + 2])
            readings.append(fields.transposed(n, kernel[axis], stride[axis], dilation[axis], resolved[axis]))
        node = self.add("deconv", path, (x.shape[0], *size, depth), [x], [readings])
        node.kernel, node.stride, node.dilation, node.groups, node.padding = kernel, stride, dilation, groups, resolved
        node.macs = count_macs(x.shape[:3], kernel, x.shape[3], depth, groups)
        part = depth // groups
        tensors = self.weight_and_bias((x.shape[3], part, *kernel), (*kernel, part, x.shape[3]), depth, bias)
        self.parameters(node, path, tensors, shared)
        return node

    def pool(self, word, path, a):
        x = a.tensors[0]
        if a.positional == ["global"]:
            node = self.add(word, path, (x.shape[0], 1, 1, x.shape[3]), [x], [[fields.all_of(n) for n in x.shape[1:3]]])
            node.kernel = node.stride = x.shape[1:3]
            node.dilation, node.groups, node.padding = (1, 1), 1, [0, 0, 0, 0]
            return node
        kernel, stride, padding, dilation, ceil, _ = a.take(
            ["kernel", "stride", "padding", "dilation", "ceil", "count_padding"], {"padding": 0, "dilation": 1, "ceil": False})
        window = Window(x, kernel, kernel if stride is None else stride, padding, dilation, ceil)
        return self.windowed(word, path, x, window, x.shape[3], 1, "zeros")

    def layer_maxpool(self, path, a):
        a.named.pop("result", None)
        return self.pool("maxpool", path, a)

    def layer_unpool(self, path, a):
        x = a.tensors[0]
        one = x.shape[1:3] == (1, 1)
        readings = None if one else [[fields.everything(n) for n in x.shape[1:3]]] * 2
        return self.add("unpool", path, (x.shape[0], *a.take(["size"], {})[0], x.shape[3]), a.tensors, readings)

    def layer_avgpool(self, path, a):
        return self.pool("avgpool", path, a)

    def layer_lppool(self, path, a):
        a.named.pop("p", None)
        return self.pool("lppool", path, a)

    def layer_dense(self, path, a):
        x = a.tensors[0]
        depth, bias, shared = a.take(["depth", "bias", "shared"], {"bias": True, "shared": False})
        node = self.add("dense", path, (*x.shape[:3], depth), [x])
        node.macs = count_macs(x.shape[:3], (1, 1), x.shape[3], depth, 1)
        self.parameters(node, path, self.weight_and_bias((depth, x.shape[3]), (x.shape[3], depth), depth, bias), shared)
        return node

    # --- by channel ---

    def layer_batchnorm(self, path, a):
        x = a.tensors[0]
        node = self.add("batchnorm", path, x.shape, [x])
        self.parameters(node, path, [(name, x.shape[3:]) for name in ("weight", "bias", "running_mean", "running_var")])
        return node

    def layer_prelu(self, path, a):
        x = a.tensors[0]
        every, = a.take(["per_channel"], {"per_channel": False})
        node = self.add("prelu", path, x.shape, [x])
        self.parameters(node, path, [("weight", (x.shape[3] if every else 1,))])
        return node

    def layer_grayscale(self, path, a):
        x = a.tensors[0]
        return self.add("grayscale", path, (*x.shape[:3], 1), [x])

    # --- over axes ---

    def along(self, word, path, x, axes, shape):
        """Reads all units along `axes`."""
        return self.add(word, path, shape, [x], [[(fields.all_of if i in axes else fields.each)(x.shape[i]) for i in (1, 2)]])

    def mixed(self, word, path, x, shape):
        """Values in another order: every pixel, unless there is only one."""
        one = x.shape[1:3] == (1, 1)
        return self.add(word, path, shape, [x], None if one else [[fields.everything(n) for n in x.shape[1:3]]])

    def layer_softmax(self, path, a, logarithm=False):
        axis, = a.take(["axis"], {"axis": "channels"})
        return self.along("log_softmax" if logarithm else "softmax", path, a.tensors[0], [AXES[axis]], a.tensors[0].shape)

    def reduction(self, name, path, a):
        x, axes = a.tensors[0], [AXES[word] for word in a.positional] or [1, 2]
        return self.along(name, path, x, axes, tuple(1 if i in axes else n for i, n in enumerate(x.shape)))

    def norm(self, word, path, x, over, axes, affine, bias):
        node = self.along(word, path, x, over, x.shape)
        inner = [axis for axis in (1, 2) if axis in axes]
        order = [3] * (3 in axes) + inner if self.order == "oihw" else inner + [3] * (3 in axes)
        shape = tuple(x.shape[axis] for axis in order)
        self.parameters(node, path, [(name, shape) for name in ["weight"] * affine + ["bias"] * (affine and bias)])
        return node

    def layer_instancenorm(self, path, a):
        _, affine, bias = a.take(["epsilon", "affine", "bias"], {"affine": True, "bias": True})
        return self.norm("instancenorm", path, a.tensors[0], [1, 2], [3], affine, bias)

    def layer_groupnorm(self, path, a):
        _, _, affine, bias = a.take(["groups", "epsilon", "affine", "bias"], {"affine": True, "bias": True})
        return self.norm("groupnorm", path, a.tensors[0], [1, 2, 3], [3], affine, bias)

    def layer_layernorm(self, path, a):
        axes = self.axes_first(a, [3])
        _, affine, bias = a.take(["epsilon", "affine", "bias"], {"affine": True, "bias": True})
        return self.norm("layernorm", path, a.tensors[0], axes, axes, affine, bias)

    def layer_l2norm(self, path, a):
        return self.along("l2norm", path, a.tensors[0], self.axes_first(a, [3]), a.tensors[0].shape)

    def layer_argmax(self, path, a, word="argmax"):
        axis, _ = a.take(["axis", "last"], {"axis": "channels"})
        x, axis = a.tensors[0], AXES[axis]
        return self.along(word, path, x, [axis], ops.replaced(x.shape, axis, 1))

    def layer_argmin(self, path, a):
        return self.layer_argmax(path, a, "argmin")

    def layer_topk(self, path, a):
        k, axis, _, _ = a.take(["k", "axis", "result", "largest"], {"axis": "channels"})
        x, axis = a.tensors[0], AXES[axis]
        return self.along("topk", path, x, [axis], ops.replaced(x.shape, axis, k))

    def layer_lrn(self, path, a):
        return self.add("lrn", path, a.tensors[0].shape, a.tensors)

    def layer_concat(self, path, a):
        axis, = a.take(["axis"], {"axis": "channels"})
        axis, start, readings = AXES[axis], 0, []
        for x in a.tensors:
            readings.append([fields.placed(x.shape[i], start) if i == axis else fields.each(x.shape[i]) for i in (1, 2)])
            start += x.shape[axis]
        shares = [[x.shape[axis] / start] * 2 if axis in (0, 3) else [1 if i == axis else 1 / len(a.tensors) for i in (1, 2)]
                  for x in a.tensors]
        assert len({ops.replaced(x.shape, axis, 0) for x in a.tensors}) == 1, "sizes differ"
        return self.add("concat", path, ops.replaced(a.tensors[0].shape, axis, start), a.tensors, readings, shares)

    def layer_slice(self, path, a):
        axis, bounds, step = a.take(["axis", "range", "step"], {"step": 1})
        x, axis = a.tensors[0], AXES[axis]
        assert max(bounds) < x.shape[axis], "beyond the end"
        shape = ops.replaced(x.shape, axis, len(ops.picked_units(*bounds, step)))
        readings = [fields.moved(x.shape[i], bounds[0], step) if i == axis else fields.each(x.shape[i]) for i in (1, 2)]
        return self.add("slice", path, shape, [x], [readings])

    def layer_split(self, path, a):
        x, (axis, parts) = a.tensors[0], a.take(["axis", "parts"], {})
        first, results = 0, []
        for i, size in enumerate(part_sizes(x.shape[AXES[axis]], parts)):
            bounds = Arguments([x, axis, (first, first + size - 1)], {})
            results.append(self.layer_slice((*path, str(i)), bounds))
            first += size
        return tuple(results)

    # --- arrangement ---

    def layer_expand(self, path, a):
        x, size = a.tensors[0], a.take(["size"], {})[0]
        shape = (*whole_size(x, size)[:3], x.shape[3] if len(size) == 2 else size[-1])
        assert all(m in (1, n) for n, m in zip(shape, x.shape)), "not 1"
        return self.add("expand", path, shape, [x])

    def layer_tile(self, path, a):
        x, (axis, times) = a.tensors[0], a.take(["axis", "times"], {})
        axis = AXES[axis]
        readings = [fields.tiled(x.shape[i], times) if i == axis else fields.each(x.shape[i]) for i in (1, 2)]
        return self.add("tile", path, ops.replaced(x.shape, axis, x.shape[axis] * times), [x], [readings])

    def layer_flatten(self, path, a):
        x = a.tensors[0]
        return self.mixed("flatten", path, x, (x.shape[0], 1, 1, prod(x.shape[1:])))

    def layer_reshape(self, path, a):
        x, size = a.tensors[0], a.take(["size", "order"], {})[0]
        shape = whole_size(x, size)
        assert prod(shape) == prod(x.shape), "another number of values"
        return self.mixed("reshape", path, x, shape)

    def layer_permute(self, path, a):
        x, axes = a.tensors[0], permuted_axes(a)
        shape = tuple(x.shape[axis] for axis in axes)
        readings = [fields.everything(n) if axes[i] != i and n > 1 else fields.each(n) if shape[i] == n else
                    fields.repeated(n) for i, n in list(enumerate(x.shape))[1:3]]
        return self.add("permute", path, shape, [x], [readings])

    def layer_crop(self, path, a):
        x, (top, left, bottom, right) = a.tensors[0], sides(a.take(["sides"], {})[0])
        n, h, w, c = x.shape
        return self.add("crop", path, (n, h - top - bottom, w - left - right, c), [x],
                        [[fields.moved(h, top), fields.moved(w, left)]])

    def layer_pad(self, path, a):
        x, (ends, mode, _) = a.tensors[0], pad_ends(a)
        assert mode != "reflect" or all(max(two) < n for n, two in zip(x.shape, ends)), "too small to mirror"
        node = self.add("pad", path, tuple(n + sum(two) for n, two in zip(x.shape, ends)), [x],
                        [[fields.moved(x.shape[i], -ends[i][0], mode=mode) for i in (1, 2)]])
        node.padding = [ends[1][0], ends[2][0], ends[1][1], ends[2][1]]
        return node

    def layer_upsample(self, path, a):
        x = a.tensors[0]
        factor, size, mode, align = a.take(["factor", "size", "mode", "align"], {"mode": "nearest", "align": "half_pixel"})
        if size is None:
            size = [n * f for n, f in zip(x.shape[1:3], pair(factor))]
        readings = [fields.nearest(n, out) if mode == "nearest" else
                    fields.around(n, out, align == "corners", 2 if mode == "bicubic" else 1)
                    for n, out in zip(x.shape[1:3], size)]
        return self.add("upsample", path, (x.shape[0], *size, x.shape[3]), [x], [readings])

    def layer_resize(self, path, a):
        x = a.tensors[0]
        tables = resize_tables(x, a)[:2]
        readings = [fields.weighted(n, table) for n, table in zip(x.shape[1:3], tables)]
        return self.add("resize", path, (x.shape[0], len(tables[0]), len(tables[1]), x.shape[3]), [x], [readings])

    def layer_pixel_shuffle(self, path, a):
        x, f = a.tensors[0], a.take(["factor"], {})[0]
        n, h, w, c = x.shape
        return self.add("pixel_shuffle", path, (n, h * f, w * f, c // (f * f)), [x],
                        [[fields.shuffled(h, f), fields.shuffled(w, f)]])

    def layer_pixel_unshuffle(self, path, a):
        x, f = a.tensors[0], pair(a.take(["factor"], {})[0])
        n, h, w, c = x.shape
        assert h % f[0] == 0 and w % f[1] == 0, "no multiple"
        return self.add("pixel_unshuffle", path, (n, h // f[0], w // f[1], c * f[0] * f[1]), [x],
                        [[fields.unshuffled(h, f[0]), fields.unshuffled(w, f[1])]])

    def layer_channel_shuffle(self, path, a):
        x, groups = a.tensors[0], a.take(["groups"], {})[0]
        assert x.shape[3] % groups == 0, "groups do not divide"
        return self.add("channel_shuffle", path, x.shape, [x])


# --- the report ---

def used(outputs):
    """Layers that an output depends on."""
    found, waiting = set(), list(outputs)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += node.inputs
    return found


def field(source, views):
    rows, columns = map(fields.figures, views)
    result = {key: [rows[key], columns[key]] for key in ("size", "stride", "offset", "center", "seen", "effective", "units")}
    result["border"] = [rows["border"][0], columns["border"][0], rows["border"][1], columns["border"][1]]
    return {"input": source.name, **result}


def numbered(nodes):
    """Names made unique."""
    counts = {}
    for node in nodes:
        counts[node.name] = counts.get(node.name, 0) + 1
        node.unique = node.name if counts[node.name] == 1 else f"{node.name}#{counts[node.name]}"


def size(node):
    """What a parameter layer holds is counted with the weights."""
    return 0 if node.word == "parameter" else 4 * prod(node.shape)


def most_alive(inputs, layers, outputs):
    last = {x: i for i, layer in enumerate(layers) for x in layer.inputs}
    alive = set(inputs)
    most = sum(map(size, alive))
    for i, layer in enumerate(layers):
        free = {x for x in alive if last.get(x, i) == i and x not in outputs and (x in last or x not in inputs)}
        over = [x for x in free & set(layer.inputs) if layer.word in IN_PLACE and size(x) == size(layer)]
        alive |= {layer}
        running = sum(map(size, alive - (free - set(layer.inputs))))
        most = max(most, running - (size(layer) if over else 0))
        alive -= free
    return most


def report(text, definitions=None):
    reader = Reader()
    outputs = reader.run(text, definitions or {})
    live = used(outputs.values())
    layers = [node for node in reader.nodes if node in live]
    numbered(reader.network_inputs + layers)
    counted, listed = {}, []
    for node in layers:
        new = {name: (prod(shape), learned) for name, shape, learned in node.parameters if name not in counted}
        counted.update(new)
        seen = [field(source, views) for source, views in node.views.items()]
        listed.append({
            "name": node.unique, "layer": node.word, "inputs": [x.unique for x in node.inputs], "output": list(node.shape),
            **{key: None if getattr(node, key) is None else list(getattr(node, key))
               for key in ("kernel", "stride", "dilation", "padding")}, "groups": node.groups,
            "params": sum(count for count, learned in new.values() if learned), "macs": node.macs,
            "parameters": [{"name": name, "shape": list(shape), "learned": learned}
                           for name, shape, learned in node.parameters],
            "receptive_field": {k: v for k, v in seen[0].items() if k != "units"} if seen else None,
            "receptive_fields": seen})
    macs, weights = sum(node.macs for node in layers), 4 * sum(count for count, _ in counted.values())
    traffic = weights + sum(size(node) + sum(map(size, node.inputs)) for node in layers)
    return {"inputs": reader.declared,
            "outputs": [{"name": name, "layer": node.unique, "shape": list(node.shape), "layout": layout}
                        for (name, node), layout in zip(outputs.items(), reader.layouts)],
            "layers": listed,
            "totals": {"layers": len(layers), "params": sum(layer["params"] for layer in listed), "macs": macs,
                       "weight_bytes": weights,
                       "activation_bytes": most_alive(reader.network_inputs, layers, set(outputs.values())),
                       "traffic_bytes": traffic, "intensity": 2 * macs / traffic if traffic else 0}}
