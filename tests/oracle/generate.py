"""Random networks as text: layers with corners of their attributes, applied to tensors made before,
in the forms that the language has for them: chains, blocks, loops, choices, labels, filters.

Sizes are followed here by questions to the interpreter's own arithmetic, so that most networks are
right; the few that are not are left out by the caller."""

import random
from math import prod

from oracle import operators as ops

HEAD = """filter ddx = [ -1 0 1 ]
filter cross = [ 0 1 0 ; 1 -4 1 ; 0 1 0 ]
filter corner = [ 1 2 ; 0 -3 ]
filter planes = [ 1 ; -1 | 0 ; 2 | -3 ; 1 ]
block residual(x, part = relu) {
    y = x -> conv(3, channels(x), padding = 1) -> part
    return x + (y -> clip(-4, 4))
}
block fire(x, small, large = small * 2) {
    s = x -> "squeeze": conv(1, small) -> clip(-3, 3)
    return s -> expand1: conv(1, large), s -> expand3: conv(3, large, padding = same)
}
block gate(x, wide = true) {
    g = x -> maxpool(global) -> conv(1, channels(x)) -> clip(0, 1)
    if wide and height(x) > 1 {
        x = x * g
    } else {
        x = g - x
    }
    return x
}
"""


class Generator:
    """Of networks with successive `turn`s, the first layer is each function in turn, and the second each arithmetic form."""

    def __init__(self, seed, exact, layers, turn=None):
        self.rng, self.exact, self.layers, self.turn = random.Random(seed), exact, layers, turn
        self.lines, self.tensors, self.inputs, self.bytes = [], [], [], set()
        self.labels = 0

    def pick(self, *values):
        return self.rng.choice(values)

    def deal(self, values):
        """A value; for the layers that come first, each of them once before one comes again."""
        return self.rng.choice(values) if self.turn is None else values[self.turn % len(values)]

    def label(self):
        self.labels += 1
        return self.pick("", "", f"part{self.labels}: ", f'"deep.{self.labels}": ')

    def text(self):
        rng = self.rng
        order = self.pick("", "", "", '    weights "none", order = hwio\n', '    weights "none", prefix = "model."\n')
        self.order = "hwc" if "hwio" in order else "chw"
        for i in range(self.pick(1, 1, 2, 3)):
            self.input(i)
        for i in range(self.layers):
            self.statement(i)
        names = [name for name, _ in self.tensors[len(self.inputs):]]
        chosen = set(rng.sample(names, min(len(names), rng.randint(1, 3)))) | {names[-1]}
        for i, name in enumerate(sorted(chosen)):
            self.lines.append(f"output out{i} = {name}" + self.pick("", "", ", layout = chw", ", layout = hwc"))
        self.outputs = [f"out{i}" for i in range(len(chosen))]
        body = "".join(f"    {line}\n" for line in self.lines)
        return f"{HEAD}network random(one = 1) {{\n{order}{body}}}\n"

    def input(self, i):
        rng = self.rng
        shape = (self.pick(1, 1, 1, 2), rng.randint(1, 11), rng.randint(1, 11), self.pick(1, 2, 3, 4, 5, 8, 9, 16, 18))
        if self.inputs and rng.random() < 0.6:
            shape = self.inputs[0][1]
        size = "x".join(map(str, shape if shape[0] > 1 or rng.random() < 0.5 else shape[1:]))
        extra = self.pick("", ", layout = chw", ", layout = hwc")
        if rng.random() < 0.25:
            extra += ", type = u8"
            self.bytes.add(f"in{i}")
        if not self.exact:
            extra += self.pick("", "", ", range = -3..3", ", mean = 0.25, std = 2")
        self.lines.append(f"input in{i}: {size}{extra}")
        self.inputs.append((f"in{i}", shape))
        self.tensors.append((f"in{i}", shape))

    def statement(self, i):
        rng = self.rng
        if i == len(FIRST):
            self.turn = None
        makers = MAKERS if self.turn is None else [FIRST[i]]
        name, shape = rng.choice(self.tensors[-4:] if rng.random() < 0.8 else self.tensors)
        for _ in range(50):
            try:
                made = rng.choice(makers)(self, name, shape)
            except AssertionError:
                continue
            if made and 0 < made[1][1] <= 24 and 0 < made[1][2] <= 24 and 0 < made[1][3] <= 64:
                expression, shape = made
                if self.exact and rng.random() < 0.85:
                    expression = f"clip({expression}, -5, 6)" if "->" not in expression else \
                                 f"{expression} -> clip(-5, 6)"
                self.lines.append(f"t{i} = {expression}")
                self.tensors.append((f"t{i}", shape))
                return
        self.lines.append(f"t{i} = {name} -> relu")
        self.tensors.append((f"t{i}", shape))

    def window(self, shape, mode="zeros", pool=False):
        """Attribute text and the size of the output."""
        rng = self.rng
        kernel = (rng.randint(1, 4), rng.randint(1, 4))
        stride = (self.pick(1, 1, 1, 2, 3), self.pick(1, 1, 1, 2, 3))
        dilation = (self.pick(1, 1, 1, 2), self.pick(1, 1, 1, 2))
        n = rng.randint(0, 2)
        padding, text = self.pick(([n] * 4, str(n)), ([n, 1, n, 1], f"{n}x1"), ([1, 0, n, 2], f"[1, 0, {n}, 2]"),
                                  ("same", "same"), ("same_lower", "same_lower"), ("valid", "valid"))
        sides = ops.resolve_padding(padding, shape[1:3], kernel, stride, dilation)
        ceil = pool and rng.random() < 0.3
        size = []
        for axis in (0, 1):
            before, after = sides[axis], sides[axis + 2]
            assert mode != "reflect" or max(before, after) < shape[1 + axis]
            assert not pool or max(before, after) < ops.reach(kernel[axis], dilation[axis])
            assert not pool or dilation[axis] <= shape[1 + axis]
            size.append(ops.output_size(shape[1 + axis], before, after, kernel[axis], stride[axis],
                                        dilation[axis], ceil))
        kernel_text = f"{kernel[0]}x{kernel[1]}"
        return (f"{kernel_text}, stride = {stride[0]}x{stride[1]}, padding = {text}, "
                f"dilation = {dilation[0]}x{dilation[1]}" + (", ceil = true" if ceil else "")), tuple(size)

    def may_divide(self, count):
        """Whether a mean of so many values is exact."""
        return not self.exact or count & (count - 1) == 0

    def groups(self, channels):
        return self.rng.choice([g for g in range(1, channels + 1) if channels % g == 0])

    def conv(self, name, shape):
        mode = self.pick("zeros", "zeros", "reflect", "replicate", "wrap")
        window, size = self.window(shape, mode)
        groups = self.pick(1, 1, 1, self.groups(shape[3]))
        depth = groups * self.pick(1, 2, 3, 4, 8, 16, 17)
        tail = self.pick("", " -> relu", " -> relu", " -> relu6", " -> abs")
        return (f"{name} -> {self.label()}conv({window}, depth = {depth}, groups = {groups}, "
                f"bias = {self.pick('true', 'false')}, padding_mode = {mode}){tail}"), (shape[0], *size, depth)

    def pointwise(self, name, shape):
        depth = self.pick(1, 2, 7, 8, 16, 20)
        return f"{name} -> {self.label()}conv(1, {depth})", (*shape[:3], depth)

    def depthwise(self, name, shape):
        mode = self.pick("zeros", "zeros", "reflect", "replicate", "wrap")
        window, size = self.window(shape, mode)
        m = self.pick(1, 1, 2)
        return (f"{name} -> {self.label()}depthwise({window}, multiplier = {m}, padding_mode = {mode})",
                (shape[0], *size, shape[3] * m))

    def separable(self, name, shape):
        depth = self.pick(2, 5, 8)
        return f"{name} -> {self.label()}separable(3, {depth}, padding = same)", (*shape[:3], depth)

    def filtered(self, name, shape):
        kernel, count = self.pick(("ddx", 1), ("cross", 1), ("[cross]", 1), ("corner", 1))
        if shape[3] == 3 and self.pick(True, False):
            return f"{name} -> conv([planes, planes])", (shape[0], shape[1] - 1, shape[2], 2)
        return f"{name} -> {self.pick('conv', 'depthwise')}({kernel}, padding = same)", (*shape[:3], shape[3] * count)

    def deconv(self, name, shape):
        rng = self.rng
        k, s, d = rng.randint(1, 4), rng.randint(1, 3), self.pick(1, 1, 2)
        reach = ops.reach(k, d)
        p, extra = rng.randint(0, (reach - 1) // 2), rng.randint(0, s - 1)
        groups = self.pick(1, 1, self.groups(shape[3]))
        depth = groups * self.pick(1, 2, 4)
        if self.pick(True, False, False):
            padding, size = "same", [n * s for n in shape[1:3]]
            extra = 0
        else:
            padding, size = str(p), [(n - 1) * s - 2 * p + reach + extra for n in shape[1:3]]
        return (f"{name} -> {self.label()}deconv({k}, {depth}, stride = {s}, padding = {padding}, "
                f"output_padding = {extra}, dilation = {d}, groups = {groups})"), (shape[0], *size, depth)

    def pool(self, name, shape):
        kind = self.pick("maxpool", "avgpool", *[] if self.exact else ["lppool"])
        if self.pick(True, False, False, False):
            assert kind == "maxpool" or self.may_divide(shape[1] * shape[2])
            return f"{name} -> {kind}(global)", (shape[0], 1, 1, shape[3])
        window, size = self.window(shape, pool=True)
        if kind == "maxpool" and self.exact and self.pick(True, False):
            return self.unpool(name, shape, window)
        if kind == "avgpool" and self.exact:
            assert window.startswith(("1x", "2x", "4x")) and "x3," not in window.split("stride")[0]
            assert "padding = 0," in window or "valid" in window
        count = f", count_padding = {self.pick('true', 'false')}" if kind == "avgpool" else ""
        return f"{name} -> {kind}({window}{count})", (shape[0], *size, shape[3])

    def unpool(self, name, shape, window):
        """In the picture that was pooled, or in one as wide, where places stay."""
        n, h, w, c = shape
        size = (self.pick(h, h + 2), w)
        return f"unpool({name} -> maxpool({window}), {name} -> maxpool({window}, result = indices), {size[0]}x{size[1]})", (n, *size, c)

    def dense(self, name, shape):
        depth = self.pick(1, 4, 10)
        order = self.pick("", "", "chw", "hwc")
        flat = f"flatten(order = {order})" if order else "flatten"
        return f"{name} -> {flat} -> {self.label()}dense({depth})", (shape[0], 1, 1, depth)

    def function(self, name, shape):
        calls = ["relu", "relu6", "abs", "clip(-2, 3)", "threshold(1, -2)", "leaky_relu(slope = 2)", "dropout",
                 "identity", "prelu", "prelu(per_channel = true)", "clip(low = -1)", "clip(high = 2)", "shrink(1, 1)"]
        if self.exact:  # where nothing is rounded, what jumps does so at the same place
            calls += ["sign", "floor", "ceil", "round", "isnan", "isinf"]
        if not self.exact:
            calls += ["leaky_relu", "elu", "selu", "celu(2)", "sigmoid", "hard_sigmoid", "tanh", "softplus",
                      "softsign", "hard_sigmoid(0.2)", "selu(1.5, 1.25)", "erf", "sin", "cos", "atan", "asinh", "silu", "hard_swish", "gelu", "gelu(tanh)", "mish", "batchnorm", "softmax",
                      "log_softmax(width)", "softmax(height)", "normalize(0.5, 2)", "batchnorm(epsilon = 0.1)",
                      "instancenorm(epsilon = 0.1)", "layernorm(epsilon = 0.1)", "layernorm(height, channels, bias = false)",
                      "layernorm(axes = [width, height], epsilon = 0.01)", "layernorm(channels, width, height)",
                      f"groupnorm({self.groups(shape[3])}, epsilon = 0.1)", "instancenorm(affine = false, epsilon = 1)",
                      "l2norm(epsilon = 0.1)", "l2norm(height, width, p = 1, epsilon = 1)", "lrn(3)", "lrn(4, alpha = 0.5)"]
        if self.turn is None and not self.exact and shape[3] == 3 and self.rng.random() < 0.6:
            return f"{name} -> grayscale", (*shape[:3], 1)
        calls = [self.deal(calls), *(self.rng.choice(calls) for _ in range(self.pick(0, 1, 2)))]
        chain = " -> ".join(self.label() + call for call in calls)
        return f"{name} -> {chain}", shape

    def arithmetic(self, name, shape):
        forms = ["-{0}", "{0} * 3", "2 - {0}", "{0} + 1", "{0} ^ 2", "max({0}, 1)", "min({0}, 2, {0} * 2)",
                 "{0} + {0}", "{0} * {0} - {0}", "({0} -> maxpool(global)) + {0}",
                 "{0} * ({0} -> conv(1, one))"]
        if self.exact:
            forms += [f"{word}({{0}}, {number})" for word in ops.PAIRS[:2] for number in (2, -3)]
            forms += [f"{word}({{0}}, {self.pick(0, 1, '({0} -> maxpool(global))')})" for word in ops.PAIRS[3:]]
            forms += ["where({0}, {0} * 2, -1)", "where(less({0}, 1), 2, {0})", "{0} + where({0} -> maxpool(global), {0}, 3)"]
        if not self.exact:
            forms += ["sqrt(abs({0}))", "exp({0} * 0.1)", "log(abs({0}) + 1)", "{0} / (abs({0}) + 1)",
                      "(abs({0}) + 0.5) ^ 1.5", "1 / (exp({0} * 0.1) + 1)", "power(abs({0}) + 0.5, {0} -> maxpool(global) -> sigmoid)",
                      "2 ^ (sin({0}))", "tan(sin({0}))", "asin(sin({0} * 0.1))", "acos(sin({0}) * 0.5)", "sinh(sin({0}))",
                      "cosh(sin({0}))", "acosh(abs({0}) + 1.5)", "atanh(sin({0}) * 0.5)", "({0} -> mean(channels)) - {0}"]
        return self.deal(forms).format(name), shape

    def parameter(self, name, shape):
        """A tensor of the weights file with one made before."""
        rng = self.rng
        part = tuple(n if rng.random() < 0.5 else 1 for n in shape)
        size = "x".join(map(str, self.pick(part, (1, 1, 1, shape[3]))))
        if size.startswith("1x") and rng.random() < 0.8:
            size = size[2:]
        value = self.pick(f"parameter({size})", f"({size} -> {self.label()}parameter)", f"parameter(size = {size})")
        form = self.pick("{0} + {1}", "{1} + {0}", "{0} * {1}", "{1} - {0}", "{0} - {1}", "max({0}, {1})",
                         "({0} -> conv(1, {2})) * {1}", "({0} -> conv(1, {2})) + {1} * 2")
        return form.format(name, value, shape[3]), shape

    def join(self, name, shape):
        same = [other for other, s in self.tensors if s == shape]
        other = self.rng.choice(same)
        op = self.pick("{0} + {1}", "{0} - {1}", "max({0}, {1})", "{0} * {1}", "add({0}, {1}, {0})",
                       "({0} + {1}) -> relu")
        return op.format(name, other), shape

    def concat(self, name, shape):
        axis = self.pick(0, 1, 2, 3, 3, 3)
        fits = [(other, s) for other, s in self.tensors
                if all(s[i] == shape[i] for i in range(4) if i != axis)]
        parts = [self.rng.choice(fits) for _ in range(self.pick(1, 2))] + [(name, shape)]
        self.rng.shuffle(parts)
        total = sum(s[axis] for _, s in parts)
        assert axis or total <= 8
        names = ", ".join(part for part, _ in parts)
        word = ("batch", "height", "width", "channels")[axis]
        text = self.pick(f"concat({names}, {word})", f"concat([{names}], axis = {word})")
        return text, tuple(total if i == axis else n for i, n in enumerate(shape))

    def move(self, name, shape):
        rng = self.rng
        n, h, w, c = shape
        kind = rng.randrange(16)
        if kind == 0:
            axis = rng.choice([0, 1, 2, 3])
            first = rng.randrange(shape[axis])
            last = rng.randrange(shape[axis])
            step = self.pick(1, 1, 2) * (1 if first < last else -1)
            size = len(ops.picked_units(first, last, step))
            word = ("batch", "height", "width", "channels")[axis]
            return (f"{name} -> slice({word}, {first}..{last}, step = {step})",
                    tuple(size if i == axis else m for i, m in enumerate(shape)))
        if kind == 1:
            t, l = rng.randrange(h), rng.randrange(w)
            b, r = rng.randrange(h - t), rng.randrange(w - l)
            return f"{name} -> crop([{t}, {l}, {b}, {r}])", (n, h - t - b, w - l - r, c)
        if kind == 2:
            mode = self.pick("zeros", "reflect", "replicate", "wrap")
            s = [rng.randint(0, 2) for _ in range(4)]
            assert mode != "reflect" or (max(s[0], s[2]) < h and max(s[1], s[3]) < w)
            value = f", value = {rng.randint(-2, 2)}" if mode == "zeros" else ""
            around = self.pick(0, 0, rng.randint(0, 2))
            assert mode != "reflect" or around < c
            more = f", channels = [{around}, {around // 2}]" if around else ""
            return f"{name} -> pad({s}, mode = {mode}{value}{more})", \
                (n, h + s[0] + s[2], w + s[1] + s[3], c + around + around // 2)
        if kind == 3:
            f = (rng.randint(1, 3), rng.randint(1, 3))
            return f"{name} -> upsample({f[0]}x{f[1]})", (n, h * f[0], w * f[1], c)
        if kind == 4:
            size = (rng.randint(1, 2 * h), rng.randint(1, 2 * w))
            rest = "" if self.exact else self.pick("", ", mode = bilinear", ", mode = bilinear, align = corners", ", mode = bicubic")
            return f"{name} -> upsample(size = {size[0]}x{size[1]}{rest})", (n, *size, c)
        if kind == 5:
            f = rng.choice([f for f in (1, 2, 3) if c % (f * f) == 0])
            return f"{name} -> pixel_shuffle({f})", (n, h * f, w * f, c // (f * f))
        if kind == 6:
            f = [rng.choice([f for f in (1, 2, 3, 4) if size % f == 0]) for size in (h, w)]
            return f"{name} -> pixel_unshuffle({f[0]}x{f[1]})", (n, h // f[0], w // f[1], c * f[0] * f[1])
        if kind == 7:
            return f"{name} -> channel_shuffle({self.groups(c)})", shape
        if kind == 8:
            return f"{name} -> reshape({w}x{c}x{h}{self.pick('', ', order = hwc', ', order = chw')})", (n, w, c, h)
        if kind == 9:
            first = rng.randrange(2)
            axes = [0][:first] + rng.sample(range(first, 4), 4 - first)
            words = [("batch", "height", "width", "channels")[axis] for axis in axes[first:]]
            size = tuple(shape[axis] for axis in axes)
            assert size[0] <= 8
            return f"{name} -> permute({self.pick('', 'axes = ')}[{', '.join(words)}])", size
        if kind == 10:
            size = self.pick((h, n, w, c), (1, n * h, w, c), (w, h, c, n))
            assert size[0] <= 8
            return f"{name} -> reshape({'x'.join(map(str, size))}{self.pick('', ', order = hwc', ', order = chw')})", size
        if kind == 11:
            axis, times = rng.randrange(4), rng.randint(1, 3)
            assert axis or n * times <= 8
            word = ("batch", "height", "width", "channels")[axis]
            return f"{name} -> tile({word}, {times})", ops.replaced(shape, axis, shape[axis] * times)
        if kind == 12:
            size = tuple(m if m > 1 else rng.randint(1, 3) for m in shape)
            return f"{name} -> expand({'x'.join(map(str, size))})", size
        if kind == 13:
            axis = rng.randrange(4)
            word, whole = ("batch", "height", "width", "channels")[axis], shape[axis]
            first = rng.randrange(1, whole + 1)
            parts = self.pick([first, whole - first] if first < whole else [whole], whole if whole < 5 else 1)
            return self.pick(f"concat({name} -> split({word}, {parts}), {name}, {word})",
                             f"{name} -> split({word}, parts = {parts}) -> concat({name}, {word})"), \
                ops.replaced(shape, axis, 2 * whole)
        if kind == 14:
            size = (rng.randint(1, 2 * h), rng.randint(1, 2 * w))
            mode = "nearest" if self.exact else self.pick("nearest", "bilinear", "bicubic")
            align = self.pick("half_pixel", "asymmetric", "half_pixel_symmetric", "crop, region = [0.5, -0.5, 1, 1]")
            return f"{name} -> resize({size[0]}x{size[1]}, mode = {mode}, align = {align})", (n, *size, c)
        return f"{name} -> identity -> dropout(0.3)", shape

    def reduction(self, name, shape):
        axes = self.pick((), (1,), (2,), (3,), (1, 2), (0,), (0, 3), (1, 2, 3))
        words = ", ".join(word for word, axis in ops.AXES.items() if axis in axes)
        calls = ["sum", "reduce_max", "reduce_min", "reduce_l1", "reduce_sum_square", "mean"]
        if not self.exact:
            calls += ["reduce_l2", "reduce_log_sum_exp", "clip(0.5, 1.5) -> reduce_prod", "abs -> reduce_log_sum"]
        call = self.rng.choice(calls)
        assert call != "mean" or self.may_divide(prod(shape[axis] for axis in axes or (1, 2)))
        return (f"{name} -> {call}" + (f"({words})" if words else ""),
                tuple(1 if i in (axes or (1, 2)) else m for i, m in enumerate(shape)))

    def topk(self, name, shape):
        axis = self.pick(1, 2, 3, 3)
        word, k = [w for w, i in ops.AXES.items() if i == axis][0], self.rng.randint(1, shape[axis])
        call, k = self.pick((f"argmax({word})", 1), (f"argmin({word}, last = true)", 1), (f"topk({k}, {word})", k),
                            (f"topk({k}, {word}, indices, largest = false)", k))
        assert self.exact or "arg" not in call and "indices" not in call  # places jump where values are rounded
        return f"{name} -> {call}", ops.replaced(shape, axis, k)

    def block(self, name, shape):
        n, h, w, c = shape
        return self.pick((f"{name} -> {self.label()}residual", shape),
                         (f"{name} -> {self.label()}residual(relu6)", shape),
                         (f"{name} -> {self.label()}residual(part = abs)", shape),
                         (f"{name} -> {self.label()}fire(2, large = 3) -> concat", (n, h, w, 6)),
                         (f"concat({name} -> fire(small = 1))", (n, h, w, 4)),
                         (f"{name} -> {self.label()}gate(wide = {self.pick('true', 'false')})", shape))

    def loop(self, name, shape):
        self.labels += 1  # two loops over one tensor must not give their layers one path
        self.lines += [f"x = {name}", f"for i in 1..{self.pick(1, 2, 3)} {{",
                       f'    x = x -> "{name}.{self.pick("stage", "layer")}{self.labels}_{{i}}": residual -> clip(-3, 3)', "}"]
        return "x", shape


FIRST = [Generator.function, Generator.arithmetic]
MAKERS = [Generator.conv, Generator.conv, Generator.conv, Generator.pointwise, Generator.depthwise,
          Generator.separable, Generator.deconv, Generator.pool, Generator.pool, Generator.dense,
          Generator.function, Generator.function, Generator.function, Generator.arithmetic, Generator.arithmetic, Generator.join,
          Generator.parameter,
          Generator.concat, Generator.move, Generator.move, Generator.move, Generator.reduction, Generator.reduction,
          Generator.topk, Generator.block, Generator.loop, Generator.filtered]
