"""Networks of many branches, each one layer with a corner of its attributes and its own output."""

import random

CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64]
MODES = ["zeros", "zeros", "zeros", "reflect", "replicate", "wrap"]


class Case:
    """One layer: its call, the shapes of its parameters, and whether small integers stay exact."""

    def __init__(self, call, parameters=None, exact=True, operands=1):
        self.call, self.parameters, self.exact = call, parameters or {}, exact
        self.operands = operands


class Corners:
    """Makes cases for an input of n images of height h, width w and c channels; `turn` numbers those of a generator, on through
    all networks."""

    def __init__(self, rng, n, h, w, c):
        self.rng, self.n, self.h, self.w, self.c, self.turn = rng, n, h, w, c, 0

    def pick(self, *values):
        return self.rng.choice(values)

    def deal(self, *values):
        """One after the other, from network to network too, so that few seeds have them all."""
        return values[self.turn % len(values)]

    def window(self, largest=5, mode="zeros", pool=False, strides=(1, 1, 1, 2, 2, 3)):
        """kernel, stride, padding, dilation that fit, as attribute texts and numbers."""
        rng = self.rng
        while True:
            kernel = [rng.randint(1, largest), rng.randint(1, largest)]
            stride = [rng.choice(strides), rng.choice(strides)]
            dilation = [rng.choice([1, 1, 1, 2, 3]), rng.choice([1, 1, 1, 2])]
            reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
            word = rng.choice(["number", "number", "pair", "sides", "same", "same_lower", "valid"])
            if word in ("same", "same_lower") and mode == "reflect":
                continue
            if word == "number":
                n = rng.randint(0, 2)
                sides, text = [n, n, n, n], str(n)
            elif word == "pair":
                a, b = rng.randint(0, 3), rng.randint(0, 2)
                sides, text = [a, b, a, b], f"{a}x{b}"
            elif word == "sides":
                sides = [rng.randint(0, 3) for _ in range(4)]
                text = str(sides)
            else:
                sides, text = [0, 0, 0, 0], word
            fits = word in ("same", "same_lower") or (
                reach[0] <= self.h + sides[0] + sides[2] and reach[1] <= self.w + sides[1] + sides[3])
            if mode == "reflect" and (max(sides[0], sides[2]) >= self.h or max(sides[1], sides[3]) >= self.w):
                continue
            if pool and (dilation[0] > self.h or dilation[1] > self.w):
                continue  # a window could step over the whole picture
            if pool and (max(sides[0], sides[2]) >= reach[0] or max(sides[1], sides[3]) >= reach[1]):
                continue
            if fits:
                text = (f"kernel = {kernel[0]}x{kernel[1]}, stride = {stride[0]}x{stride[1]}, "
                        f"padding = {text}, dilation = {dilation[0]}x{dilation[1]}")
                return text, kernel

    def groups(self):
        return self.rng.choice([g for g in range(1, self.c + 1) if self.c % g == 0])

    def conv(self):
        mode = self.pick(*MODES)
        text, (r, s) = self.window(mode=mode)
        groups = self.pick(1, 1, self.groups())
        depth = groups * self.pick(1, 2, 3, 4, 7, 8, 16, 17, 33) if groups < 5 else groups * self.pick(1, 2)
        bias = self.pick(True, False)
        parameters = {"weight": (depth, self.c // groups, r, s)}
        if bias:
            parameters["bias"] = (depth,)
        return Case(f"conv({text}, depth = {depth}, groups = {groups}, padding_mode = {mode}, "
                    f"bias = {str(bias).lower()})", parameters)

    def pointwise(self):
        depth = self.pick(1, 3, 8, 16, 20, 32, 48, 65)
        return Case(f"conv(1, {depth})", {"weight": (depth, self.c, 1, 1), "bias": (depth,)})

    def winograd(self):
        """What may be computed in tiles: kernels of 3x3 and more channels than the rest has."""
        sides = [self.rng.randint(0, 2) for _ in range(4)]
        if self.h + sides[0] + sides[2] < 3 or self.w + sides[1] + sides[3] < 3:
            sides = [1, 1, 1, 1]
        depth, mode = self.pick(16, 20, 32, 33, 64), self.pick("zeros", "zeros", "replicate", "wrap")
        first, last = self.pick(16, 24, 33, 64), self.pick("", "", " -> relu", " -> clip(-4, 9)")
        tail = f" -> LABEL: conv(3, {depth}, padding = {sides}, padding_mode = {mode}){last}"
        widened = " -> tile(channels, {0})".format(-(-first // self.c))
        return Case(f"x{widened}{tail}", {"weight": (depth, self.c * -(-first // self.c), 3, 3), "bias": (depth,)}, operands=2)

    def depthwise(self):
        mode = self.pick(*MODES)
        text, (r, s) = self.window(mode=mode)
        m = self.pick(1, 1, 2, 3)
        return Case(f"depthwise({text}, multiplier = {m}, padding_mode = {mode})",
                    {"weight": (self.c * m, 1, r, s), "bias": (self.c * m,)})

    def deconv(self):
        rng = self.rng
        kernel = [rng.randint(1, 4), rng.randint(1, 4)]
        stride = [rng.randint(1, 3), rng.randint(1, 3)]
        dilation = rng.choice([1, 1, 2])
        reach = [dilation * (k - 1) + 1 for k in kernel]
        padding = [rng.randint(0, (r - 1) // 2) for r in reach]
        extra = [rng.randint(0, s - 1) for s in stride]
        groups = self.pick(1, 1, self.groups())
        depth = groups * self.pick(1, 2, 5)
        if min((self.h - 1) * stride[0] - 2 * padding[0] + reach[0] + extra[0],
               (self.w - 1) * stride[1] - 2 * padding[1] + reach[1] + extra[1]) < 1:
            return self.deconv()
        return Case(f"deconv(kernel = {kernel[0]}x{kernel[1]}, depth = {depth}, "
                    f"stride = {stride[0]}x{stride[1]}, padding = {padding[0]}x{padding[1]}, "
                    f"output_padding = {extra[0]}x{extra[1]}, dilation = {dilation}, groups = {groups})",
                    {"weight": (self.c, depth // groups, *kernel), "bias": (depth,)})

    def dense(self):
        depth = self.pick(1, 5, 10, 16, 33)
        order = self.pick("chw", "hwc")
        return Case(f"flatten(order = {order}) -> LABEL: dense({depth})",
                    {"weight": (depth, self.h * self.w * self.c), "bias": (depth,)})

    def maxpool(self):
        text, _ = self.window(4, pool=True)
        return Case(f"maxpool({text}, ceil = {self.pick('true', 'false')})")

    def indices(self):
        """Of a pool, and what unpool makes of them; or of indices that may be anything, and the same ones."""
        text, _ = self.window(4, pool=True)
        call = f"maxpool({text}, ceil = {self.pick('true', 'false')}"
        size = f"{self.rng.randint(1, 2 * self.h)}x{self.rng.randint(1, 2 * self.w)}"
        tail = self.pick("", " -> relu", " -> mul(2)")
        return Case(self.deal(f"x -> {call}, result = indices){tail}", f"unpool(x -> {call}), x -> {call}, result = indices), {self.h}x{self.w}){tail}",
                              f"unpool(x, y, {size}){tail}", f"unpool(x, abs(y) * 0.5 -> round, {size}){tail}",
                              "x -> maxpool(global, result = indices)"), operands=2)

    def avgpool(self):
        text, _ = self.window(4, pool=True)
        return Case(f"avgpool({text}, ceil = {self.pick('true', 'false')}, "
                    f"count_padding = {self.pick('true', 'false')})", exact=False)

    def lppool(self):
        text, _ = self.window(4, pool=True)
        tail = self.pick("", " -> relu", " -> add(1)")
        return Case(self.pick(f"lppool({text}, ceil = {self.pick('true', 'false')}, p = {self.pick(1, 2, 2, 3, 1.5)}){tail}",
                              f"lppool(global, p = {self.pick(1, 2, 4)})"), exact=False)

    def reduction(self):
        call = self.deal("maxpool(global)", "avgpool(global)", "mean", "sum", "reduce_max")
        return Case(call, exact=not call.startswith(("avg", "mean")))

    def axes(self):
        words = self.rng.sample(["batch", "height", "width", "channels"], self.rng.randint(1, 4))
        return ", ".join(words)

    def exact_reduction(self):
        name = self.deal("sum", "reduce_max", "reduce_min", "reduce_l1", "reduce_sum_square")
        tail = self.pick("", "", " -> relu", " -> add(2)")
        return Case(f"{name}({self.axes()}){tail}")

    def rounded_reduction(self):
        name = self.deal("mean", "reduce_prod", "reduce_l2", "reduce_log_sum_exp", "abs -> reduce_log_sum")
        tail = self.pick("", "", " -> sigmoid", " -> mul(3)")
        return Case(f"{name}({self.axes()}){tail}", exact=False)

    def batchnorm(self):
        c = (self.c,)
        return Case("batchnorm", {"weight": c, "bias": c, "running_mean": c, "running_var": c}, False)

    def norm(self):
        sizes = {"channels": self.c, "height": self.h, "width": self.w}
        kind = self.deal("instancenorm", "layernorm", "groupnorm", "layernorm")
        tail = self.pick("", "", " -> relu")
        words = [word for word in sizes if self.rng.random() < 0.5] or ["channels"]
        shape = tuple(sizes[word] for word in words) if kind == "layernorm" else (self.c,)
        first = {"instancenorm": "", "layernorm": f"axes = [{', '.join(self.rng.sample(words, len(words)))}], ",
                 "groupnorm": f"groups = {self.groups()}, "}[kind]
        form = self.pick("", "", "bias = false, ", "affine = false, ")
        parameters = {"weight": shape, "bias": shape}
        if form:
            parameters = {"weight": shape} if form.startswith("bias") else {}
        return Case(f"{kind}({first}{form}epsilon = {self.pick('1e-5', '1e-3', '0.5')}){tail}", parameters, False)

    def topk(self):
        axis, size = self.pick(("height", self.h), ("width", self.w), ("channels", self.c))
        last, tail = self.pick("", ", last = true"), self.pick("", " -> mul(2)")
        return Case(self.deal(f"argmax({axis}{last}){tail}", f"argmin({axis}{last}){tail}",
                              f"topk({self.rng.randint(1, size)}, {axis}, {self.pick('values', 'indices')}, "
                              f"largest = {self.pick('true', 'false')}){tail}"))

    def l2norm(self):
        words = self.rng.sample(["channels", "height", "width"], self.rng.randint(1, 3))
        return Case(self.pick("l2norm", f"l2norm({', '.join(words)}, p = {self.pick(1, 2)})",
                              f"l2norm({words[0]}, epsilon = 2) -> mul(3)"), exact=False)

    def lrn(self):
        size = self.rng.randint(1, 7)
        return Case(self.pick(f"lrn({size})", f"lrn({size}, alpha = 0.5, beta = {self.pick(0.5, 0.75, 1.2)}, bias = 2)",
                              f"lrn(size = {size}, alpha = 2) -> tanh"), exact=False)

    def exact_function(self):
        return Case(self.deal("relu", "relu6", "abs", "clip(-2, 3)", "threshold(1, -5)", "negate", "x ^ 2",
                              "x ^ 3", "dropout", "identity", "leaky_relu(slope = 2)", "LABEL + 3",
                              "2 - LABEL", "LABEL * 3", "min(LABEL, 2)", "max(LABEL, 0)",
                              "clip(low = 1)", "clip(high = 1)", "sign", "shrink(1, 1)", "shrink(2)", "isnan(1 / LABEL)",
                              "isinf(1 / LABEL)", "isnan(LABEL / LABEL)"))

    def halves(self):
        """Rounding, of values whose bits behind the point are few."""
        return Case(self.deal("floor", "ceil", "round") + self.pick("(x * 0.5)", "(x / 4)", "(x * 1.5)"), operands=2)

    def pair(self):
        """Two operands that are compared, divided or powers; a number or a tensor of a size that is repeated."""
        word = self.deal("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "mod", "fmod", "power")
        other = self.pick("y", "v", "row", "column", "plane", "x", self.pick("1", "2", "-3"))
        if word in ("mod", "fmod"):
            other = self.pick(f"({other} * 2 + 1)", "3", "-2") if other[-1].isalpha() else "2"
        if word == "power":
            return Case(f"power(abs(x) + 1, {other})", exact=False, operands=2)
        left, right = self.pick(("x", other), (other, "x"))
        if word in ("mod", "fmod") and right == "x":
            left, right = right, left
        return Case(f"{word}({left}, {right})", operands=2)

    def where(self):
        """The condition, the first or the second choice is what the loop reads; the others numbers or repeated."""
        a, b = self.pick("x", "y", "v", "row", "plane", "2"), self.pick("x", "y", "column", "v", "-1")
        condition = self.pick("x", "less(x, 0)", "less(v, 0)", "plane", "equal(x, y)", "greater(x, y)")
        value = f"where({condition}, {a}, {b})"
        return Case(self.pick(value, f"{value} -> relu", f"x + {value}", f"where(less({value}, 1), {value}, x * 2)"),
                    operands=2)

    def function(self):
        return Case(self.deal("leaky_relu", "leaky_relu(0.2)", "elu", "elu(0.5)", "selu", "celu(2)", "sigmoid",
                              "hard_sigmoid", "tanh", "softplus", "softsign", "silu", "hard_swish", "gelu",
                              "gelu(tanh)", "mish", "exp", "1 / (abs(LABEL) + 0.5)", "sqrt(abs(LABEL))",
                              "log(abs(LABEL) + 1)", "abs(LABEL) ^ 0.5", "(abs(LABEL) + 0.1) ^ 1.3", "2 ^ LABEL",
                              "hard_sigmoid(0.2)", "hard_sigmoid(alpha = 0.3, beta = 0.1)", "selu(2, 3)", "shrink(0.5, 0.25)"),
                    exact=False)

    def transcendental(self):
        word = self.deal("erf", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh")
        inside = {"asin": "(x * 0.3)", "acos": "(x * 0.3)", "atanh": "(x * 0.3)", "acosh": "(abs(x) + 1)"}
        return Case(f"{word}{inside.get(word, '(x)')}",
                    exact=False, operands=2)

    def separable(self):
        depth = self.pick(1, 5, 16)
        weights = {"depthwise.weight": (self.c, 1, 3, 3), "pointwise.weight": (depth, self.c, 1, 1)}
        return Case(f"separable(3, {depth}, padding = same, bias = false)", weights)

    def colour(self):
        return Case(self.deal("photo -> grayscale", "plane -> grayscale", "photo -> normalize([1, 0, -2], 0.5)",
                              "x -> normalize(0.5, 2)"), exact=False, operands=2)

    def prelu(self):
        each = self.pick(True, False)
        return Case(f"prelu(per_channel = {str(each).lower()})", {"weight": (self.c if each else 1,)})

    def parameter(self):
        """A tensor of the weights file, of the input's size or a part of it, as an operand and by itself."""
        h, w, c = self.pick((self.h, self.w, self.c), (1, 1, self.c), (1, 1, self.c), (1, 1, 1),
                            (self.h, 1, 1), (1, self.w, self.c), (self.h, self.w, 1))
        form = self.pick("x + {0}", "{0} + x", "x - {0}", "{0} - x", "x * {0}", "{0} * x", "min(x, {0})",
                         "{0}", "{0} -> relu", "v * {0} + x", "concat({0}, {0})", "{0} -> pad(1)", "{0} * {0}",
                         f"{{0}} -> reshape(1x1x{h * w * c})", f"{{0}} -> slice(channels, 0..{c // 2})")
        value = f"({h}x{w}x{c} -> LABEL: parameter(shared = true))"
        return Case(form.format(value), {"": (c, h, w)}, operands=2)

    def scaled_conv(self):
        """Layers with weights, and what is added and multiplied behind them by channel."""
        depth, one = self.pick(3, 8, 17), self.pick(True, False, False)
        layer, weight = self.pick((f"conv(3, {depth}, padding = 1)", (depth, self.c, 3, 3)),
                                  (f"deconv(2, {depth}, stride = 2)", (self.c, depth, 2, 2)))
        shape = (1 if one else depth, 1, 1)
        form = self.pick("LAYER + shift", "LAYER * scale", "(LAYER - shift) * scale", "shift - LAYER * scale",
                         "(LAYER + shift -> relu)")
        parameters = {"weight": weight, "bias": (depth,)}
        for name in ("shift", "scale"):
            if name in form:
                form = form.replace(name, f'(1x1x{shape[0]} -> "LABEL.{name}": parameter)')
                parameters[name] = shape
        return Case(form.replace("LAYER", f"(x -> LABEL: {layer})"), parameters, operands=2)

    def softmax(self):
        return Case(f"{self.deal('softmax', 'log_softmax')}({self.pick('height', 'width', 'channels')})",
                    exact=False)

    def binary(self):
        op = self.deal("+", "-", "*", "min", "max")
        other = self.pick("y", "v", "row", "column", "plane")
        left, right = self.pick(("x", other), (other, "x"))
        return Case(f"{op}({left}, {right})" if op in ("min", "max") else f"{left} {op} {right}", operands=2)

    def movement(self):
        rng = self.rng
        h, w, c = self.h, self.w, self.c
        kind = self.turn % 20
        if kind == 0:
            axis, size = self.pick(("batch", self.n), ("height", h), ("width", w), ("channels", c))
            first, last = rng.randrange(size), rng.randrange(size)
            step = rng.randint(1, 3) * (1 if first < last else -1)
            return Case(f"slice({axis}, {first}..{last}, step = {step})")
        if kind == 1:
            t, l = rng.randrange(h), rng.randrange(w)
            return Case(f"crop([{t}, {l}, {rng.randrange(h - t)}, {rng.randrange(w - l)}])")
        if kind == 2:
            mode = self.pick("zeros", "reflect", "replicate", "wrap")
            top = [n if mode != "reflect" else n - 1 for n in (h, w, h, w, c, c, self.n, self.n)]
            sides = [rng.randint(0, min(3, n)) for n in top]
            more = "".join(f", {word} = {ends}" for word, ends in (("channels", sides[4:6]), ("batch", sides[6:]))
                           if rng.random() < 0.3)
            value = f", value = {rng.randint(-3, 3)}" if mode == "zeros" else ""
            return Case(f"pad({sides[:4]}, mode = {mode}{value}{more})")
        if kind == 3:
            return Case(f"upsample(factor = {rng.randint(1, 3)}x{rng.randint(1, 3)})")
        if kind == 4:
            return Case(f"upsample(size = {rng.randint(1, 2 * h)}x{rng.randint(1, 2 * w)})")
        if kind == 5:
            return Case(f"upsample(size = {rng.randint(1, 2 * h)}x{rng.randint(1, 2 * w)}, mode = {self.pick('bilinear', 'bicubic')}, "
                        f"align = {self.pick('half_pixel', 'corners')})", exact=False)
        if kind == 6:
            return Case(f"concat(x, y, {self.pick('batch', 'height', 'width', 'channels')})", operands=2)
        if kind == 7:
            factors = [f for f in (1, 2, 3, 4) if c % (f * f) == 0]
            return Case(f"pixel_shuffle({rng.choice(factors)})")
        if kind == 8:
            rows, columns = (rng.choice([f for f in range(1, 6) if size % f == 0]) for size in (h, w))
            return Case(f"pixel_unshuffle({rows}{'' if rows == columns else f'x{columns}'})")
        if kind == 9:
            return Case(f"channel_shuffle({self.groups()})")
        if kind == 10:
            axes = ["batch", "height", "width", "channels"]
            first = self.pick(0, 1, 1)
            return Case(f"permute({rng.sample(axes[first:], 4 - first)})".replace("'", ""))
        if kind == 11:
            n = self.n
            size = self.pick((h, n, w, c), (1, n * h, w, c), (c, h, 1, n * w), (w, 1, 1, h * c * n), (n * h * w, 1, 1, c))
            return Case(f"reshape({'x'.join(map(str, size))}, order = {self.pick('chw', 'hwc')})")
        if kind == 12:
            return Case(f"tile({self.pick('batch', 'height', 'width', 'channels')}, {rng.randint(1, 3)})")
        if kind == 13:
            name, size = self.pick(("v", (h, w)), ("row", (h, w)), ("column", (h, w)), ("plane", (h, w, rng.randint(1, 9))),
                                   ("x", (h, w)), ("v", (self.n, rng.randint(1, 3), w, c)))
            return Case(f"{name} -> expand({'x'.join(map(str, size))})", operands=2)
        if kind == 14:
            axis, size = self.pick(("batch", self.n), ("height", h), ("width", w), ("channels", c))
            cut = rng.randrange(size)
            parts = f"[{cut}, {size - cut}]" if cut else size if size < 4 else 1
            return Case(f"concat(x -> split({axis}, {parts}), {self.pick('x', 'x -> relu')}, {axis})", operands=2)
        if kind in (15, 16, 17):
            return self.resize()
        if kind == 18:
            return Case(f"reshape({w}x{c}x{h}, order = {self.pick('chw', 'hwc')})")
        return Case(f"flatten(order = {self.pick('chw', 'hwc')})")

    def resize(self):
        rng = self.rng
        mode = self.pick("nearest", "bilinear", "bicubic")
        factors = [self.pick(0.5, 0.75, 1.25, 1.5, 2, 3) for _ in range(2)]
        sizes = [max(1, int(n * f)) for n, f in zip((self.h, self.w), factors)]
        fits = all(n * f >= 1 for n, f in zip((self.h, self.w), factors))
        words = [self.pick(f"size = {rng.randint(1, 2 * self.h)}x{rng.randint(1, 2 * self.w)}",
                           f"size = {sizes[0]}x{sizes[1]}", f"factor = {factors}" if fits else "size = 2x3",
                           f"size = {sizes[0]}x{sizes[1]}, factor = {factors}"), f"mode = {mode}"]
        align = self.pick("half_pixel", "half_pixel", "corners", "asymmetric", "pytorch_half_pixel",
                          "half_pixel_symmetric", "tf_half_pixel", "crop")
        words.append(f"align = {align}")
        if align == "crop":
            words.append(f"region = {self.pick([0.25, 0, 0.75, 1], [-0.5, 0.125, 1, 1.5], [1, 1, 0, 0])}, value = 3")
        if mode == "nearest":
            words.append(f"rounding = {self.pick('prefer_floor', 'prefer_ceil', 'floor', 'ceil')}")
        else:
            words += [f"{word} = true" for word in ("antialias", "exclude_outside")
                      if rng.random() < 0.3 and not (word == "exclude_outside" and align != "half_pixel")]
        if mode == "bicubic" and rng.random() < 0.5:
            words.append("coefficient = -0.5")
        return Case(f"resize({', '.join(words)})", exact=mode == "nearest")

    def chain(self):
        """Layers that are fused, folded and placed into each other's memory."""
        depth = self.pick(3, 8, 16)
        weights = {"weight": (depth, self.c, 3, 3), "bias": (depth,)}
        tail = self.pick("relu", "clip(-4, 9)", "maxpool(2, stride = 1, padding = 1) -> relu",
                         "pad(1, value = 2) -> relu")
        return Case(f"relu -> LABEL: conv(3, {depth}, padding = 1) -> {tail}", weights)

    def planar(self):
        """An input whose channels lie plane by plane."""
        depth = self.pick(1, 4, 9)
        weights = {"weight": (depth, self.c, 3, 3), "bias": (depth,)}
        return self.pick(Case("q + x", operands=2), Case("relu(q)", operands=2),
                         Case("abs(q - q)", operands=2), Case("q", operands=2),
                         Case("concat(q, x, q)", operands=2), Case("maxpool(q, 1)", operands=2),
                         Case(f"flatten(q, order = {self.pick('chw', 'hwc')})", operands=2),
                         Case(f"pad(q, 1, value = {self.pick(0, 3)})", operands=2),
                         Case(f"q -> LABEL: conv(3, {depth}, padding = 1)", weights, operands=2))

    def scaled(self):
        """An input of a range, which a convolution's padding must not see."""
        depth = self.pick(1, 4, 16)
        weights = {"weight": (depth, self.c, 3, 3), "bias": (depth,)}
        sides = self.pick("0", "1", "same", "[2, 0, 0, 1]") if min(self.h, self.w) > 2 else "1"
        return self.pick(Case("r", exact=False, operands=2), Case("r * x", exact=False, operands=2),
                         Case(f"r -> LABEL: conv(3, {depth}, padding = {sides})", weights, False, 2),
                         Case("r -> LABEL: depthwise(3, padding = 1, bias = false)",
                              {"weight": (self.c, 1, 3, 3)}, False, 2))


GENERATORS = [(Corners.conv, 8), (Corners.winograd, 4), (Corners.pointwise, 2), (Corners.depthwise, 4), (Corners.deconv, 3),
              (Corners.dense, 1), (Corners.maxpool, 2), (Corners.indices, 5), (Corners.avgpool, 2), (Corners.lppool, 2), (Corners.reduction, 1),
              (Corners.exact_reduction, 3), (Corners.rounded_reduction, 3),
              (Corners.norm, 3), (Corners.l2norm, 1), (Corners.topk, 3), (Corners.lrn, 1),
              (Corners.batchnorm, 1), (Corners.exact_function, 8), (Corners.function, 8),
              (Corners.transcendental, 6), (Corners.halves, 3), (Corners.pair, 6), (Corners.where, 4),
              (Corners.separable, 1), (Corners.colour, 1),
              (Corners.parameter, 5), (Corners.scaled_conv, 3), (Corners.prelu, 1), (Corners.softmax, 1), (Corners.binary, 2), (Corners.movement, 5),
              (Corners.chain, 2), (Corners.planar, 3), (Corners.scaled, 3)]


def expression(case, label):
    """The case as an expression of x, its layer under `label`."""
    call = case.call
    if "LABEL:" in call and case.operands == 2:
        return call.replace("LABEL", label)
    if case.operands == 2 or "x ^" in call:
        return call
    if "LABEL:" in call:
        return f"x -> {call.replace('LABEL', label)}"
    if "LABEL" in call:
        return call.replace("LABEL", "x")
    return f"x -> {label}: {call}"


def network(seed, exact):
    """A network text, its inputs as (name, shape), its parameters as name -> shape, its cases."""
    rng = random.Random(seed)
    n, h, w, c = rng.choice([1, 1, 1, 2]), rng.randint(1, 13), rng.randint(1, 19), rng.choice(CHANNELS)
    corners = Corners(rng, n, h, w, c)
    inputs = [("x", (n, h, w, c)), ("y", (n, h, w, c)), ("v", (n, 1, 1, c)), ("row", (n, 1, w, c)),
              ("column", (n, h, 1, c)), ("plane", (n, h, w, 1)),
              ("photo", (n, h, w, 3)), ("q", (n, h, w, c)), ("r", (n, h, w, c))]
    extras = {"q": ", layout = chw", "r": f", layout = {rng.choice(['hwc', 'chw'])}, " + rng.choice(
        ["range = -2..5", "mean = 0.5, std = 2", f"mean = {[i % 3 for i in range(c)]}, std = 0.5"])}
    lines, parameters, cases = [f"network layers {{"], {}, []
    lines += [f"    input {name}: {'x'.join(map(str, shape))}{extras.get(name, '')}"
              for name, shape in inputs]
    for generator, count in GENERATORS:
        for i in range(count):
            corners.turn = seed * count + i
            case = generator(corners)
            if exact and not case.exact:
                continue
            label = f"l{len(cases)}"
            lines.append(f"    output o{len(cases)} = {expression(case, label)}")
            parameters.update({f"{label}.{name}".rstrip("."): shape for name, shape in case.parameters.items()})
            cases.append(case)
    return "\n".join(lines + ["}"]) + "\n", inputs, parameters, cases
