"""The layers, as docs/language.md defines them, one value after the other.

A Tensor is [N, H, W, C] in one flat list of Python floats, which are doubles: sums of small integers
are exact in them. In exact mode every tensor knows how many bits its values have behind the point,
and each operation checks that float32 holds every partial sum exactly."""

import math
from itertools import product
from operator import mul


class Inexact(Exception):
    """Float32 would round somewhere: the network is of no use for a test of equality."""


LIMIT = 2.0**24


class Tensor:
    def __init__(self, shape, data, bits=0):
        self.shape, self.data, self.bits = tuple(shape), data, bits

    def at(self, n, h, w, c):
        _, height, width, channels = self.shape
        return self.data[((n * height + h) * width + w) * channels + c]

    def pixel(self, n, h, w):
        _, height, width, channels = self.shape
        start = ((n * height + h) * width + w) * channels
        return self.data[start:start + channels]


def make(shape, function, bits=0):
    """A tensor of function(n, h, w, c)."""
    return Tensor(shape, [function(*at) for at in product(*map(range, shape))], bits)


def check(tensor, magnitude=None):
    """In exact mode (bits is not None): what float32 holds exactly."""
    if tensor.bits is not None:
        largest = max(map(abs, tensor.data), default=0) if magnitude is None else magnitude
        if largest * 2.0**tensor.bits >= LIMIT:
            raise Inexact
    return tensor


def inexact(tensor):
    """For what is rounded whatever its input: impossible in exact mode."""
    if tensor.bits is not None:
        raise Inexact
    return tensor


# --- windows ---

def reach(kernel, dilation):
    return dilation * (kernel - 1) + 1


def resolve_padding(padding, size, kernel, stride, dilation):
    """padding as written, to [top, left, bottom, right]."""
    if padding in ("same", "same_lower"):
        sides = [0, 0, 0, 0]
        for axis in (0, 1):
            out = -(-size[axis] // stride[axis])
            total = max((out - 1) * stride[axis] + reach(kernel[axis], dilation[axis]) - size[axis], 0)
            small, large = total // 2, total - total // 2
            sides[axis], sides[axis + 2] = (small, large) if padding == "same" else (large, small)
        return sides
    return [0, 0, 0, 0] if padding == "valid" else list(padding)


def output_size(size, before, after, kernel, stride, dilation, ceil=False):
    room = size + before + after - reach(kernel, dilation)
    assert room >= 0, "window does not fit"
    if not ceil:
        return room // stride + 1
    count = -(-room // stride) + 1
    if (count - 1) * stride >= size + before:
        count -= 1
    return count


def border_index(i, size, mode):
    """Where padding takes its value from; None: it is zero."""
    if 0 <= i < size:
        return i
    if mode == "zeros":
        return None
    if mode == "replicate":
        return min(max(i, 0), size - 1)
    if mode == "wrap":
        return i % size
    return -i if i < 0 else 2 * (size - 1) - i


def conv(x, weight, bias, kernel, stride, padding, dilation, groups, mode):
    """weight[k] is a list over r, s of vectors of C/groups values."""
    n_, h_, w_, c_ = x.shape
    depth, part = len(weight), c_ // groups
    sides = resolve_padding(padding, (h_, w_), kernel, stride, dilation)
    p_ = output_size(h_, sides[0], sides[2], kernel[0], stride[0], dilation[0])
    q_ = output_size(w_, sides[1], sides[3], kernel[1], stride[1], dilation[1])
    out, largest = [], 0.0
    for n, p, q in product(range(n_), range(p_), range(q_)):
        taps = []
        for r, s in product(range(kernel[0]), range(kernel[1])):
            h = border_index(p * stride[0] - sides[0] + r * dilation[0], h_, mode)
            w = border_index(q * stride[1] - sides[1] + s * dilation[1], w_, mode)
            if h is not None and w is not None:
                taps.append((r * kernel[1] + s, x.pixel(n, h, w)))
        for k in range(depth):
            first = k // (depth // groups) * part
            total = 0.0
            for tap, pixel in taps:
                total += sum(map(mul, pixel[first:first + part], weight[k][tap]))
            if x.bits is not None:
                largest = max(largest, sum(abs(a * b) for tap, pixel in taps for a, b in
                                           zip(pixel[first:first + part], weight[k][tap])) + abs(bias[k]))
            out.append(total + bias[k])
    return check(Tensor((n_, p_, q_, depth), out, x.bits), largest)


def deconv(x, weight, bias, kernel, stride, padding, extra, dilation, groups, depth):
    """Each input pixel adds its kernel to the output: weight[c][k of the group][r][s] by index."""
    n_, h_, w_, c_ = x.shape
    sizes, sides = [], [0, 0, 0, 0]
    for axis, size in enumerate((h_, w_)):
        span = reach(kernel[axis], dilation[axis]) + extra[axis]
        if padding == "same":
            total = max(span - stride[axis], 0)
            sides[axis], sides[axis + 2] = total // 2, total - total // 2
            sizes.append(size * stride[axis])
        else:
            resolved = [0, 0, 0, 0] if padding == "valid" else padding
            sides[axis], sides[axis + 2] = resolved[axis], resolved[axis + 2]
            sizes.append((size - 1) * stride[axis] - sides[axis] - sides[axis + 2] + span)
    out = [float(b) for _ in range(n_ * sizes[0] * sizes[1]) for b in bias]
    magnitude = [abs(v) for v in out]
    for n, h, w, c in product(range(n_), range(h_), range(w_), range(c_)):
        value, group = x.at(n, h, w, c), c // (c_ // groups)
        for r, s in product(range(kernel[0]), range(kernel[1])):
            p = h * stride[0] + r * dilation[0] - sides[0]
            q = w * stride[1] + s * dilation[1] - sides[1]
            if 0 <= p < sizes[0] and 0 <= q < sizes[1]:
                start = ((n * sizes[0] + p) * sizes[1] + q) * depth + group * (depth // groups)
                for k in range(depth // groups):
                    term = value * weight(c, k, r, s)
                    out[start + k] += term
                    magnitude[start + k] += abs(term)
    return check(Tensor((n_, *sizes, depth), out, x.bits), max(magnitude))


def pool(x, kind, kernel, stride, padding, dilation, ceil, count_padding):
    n_, h_, w_, c_ = x.shape
    sides = resolve_padding(padding, (h_, w_), kernel, stride, dilation)
    p_ = output_size(h_, sides[0], sides[2], kernel[0], stride[0], dilation[0], ceil)
    q_ = output_size(w_, sides[1], sides[3], kernel[1], stride[1], dilation[1], ceil)
    out, bits, largest = [], 0, 0.0
    for n, p, q in product(range(n_), range(p_), range(q_)):
        rows = [p * stride[0] - sides[0] + r * dilation[0] for r in range(kernel[0])]
        columns = [q * stride[1] - sides[1] + s * dilation[1] for s in range(kernel[1])]
        real = [x.pixel(n, h, w) for h in rows for w in columns if 0 <= h < h_ and 0 <= w < w_]
        if isinstance(kind, (int, float)):
            out += [sum(abs(v)**kind for v in values)**(1 / kind) for values in zip(*real)]
            continue
        if kind == "max":
            out += [max(values) for values in zip(*real)]
            continue
        if kind == "indices":
            places = [h * w_ + w for h in rows for w in columns if 0 <= h < h_ and 0 <= w < w_]
            out += [float(places[values.index(max(values))]) for values in zip(*real)]
            continue
        count = len(real)
        if count_padding:
            count = (sum(h < h_ + sides[2] for h in rows) * sum(w < w_ + sides[3] for w in columns))
        if x.bits is not None:
            if count & (count - 1):
                raise Inexact
            bits = max(bits, count.bit_length() - 1)
            largest = max(largest, max(sum(map(abs, values)) for values in zip(*real)))
        out += [sum(values) / count for values in zip(*real)]
    result = Tensor((n_, p_, q_, c_), out, None if x.bits is None else x.bits + bits)
    return check(result, largest if kind not in ("max", "indices") else 0)


def unpool(x, places, size):
    put = {}
    for n, h, w, c in product(*map(range, x.shape)):
        put[n, places.at(n, h, w, c), c] = x.at(n, h, w, c)
    return make((x.shape[0], *size, x.shape[3]), lambda n, h, w, c: put.get((n, h * size[1] + w, c), 0.0), x.bits)


# --- element by element ---

def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def softplus(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


def hard_sigmoid(x, alpha=1 / 6, beta=0.5):
    return min(max(alpha * x + beta, 0), 1)


def gelu_tanh(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

# name: (function of x and the layer's numbers, their names and defaults)
ROUNDED = {
    "elu": (lambda x, a: x if x > 0 else a * math.expm1(x), {"alpha": 1}),
    "selu": (lambda x, a, g: g * (x if x > 0 else a * math.expm1(x)), {"alpha": SELU_ALPHA, "gamma": SELU_SCALE}),
    "celu": (lambda x, a: x if x > 0 else a * math.expm1(x / a), {"alpha": 1}),
    "sigmoid": (sigmoid, {}),
    "hard_sigmoid": (hard_sigmoid, {"alpha": 1 / 6, "beta": 0.5}),
    "tanh": (math.tanh, {}),
    "softplus": (softplus, {}),
    "softsign": (lambda x: x / (1 + abs(x)), {}),
    "silu": (lambda x: x * sigmoid(x), {}),
    "hard_swish": (lambda x: x * hard_sigmoid(x), {}),
    "mish": (lambda x: x * math.tanh(softplus(x)), {}),
    "sqrt": (math.sqrt, {}),
    "exp": (math.exp, {}),
    "log": (math.log, {}),
    **{name: (getattr(math, name), {}) for name in ("erf", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
                                                    "asinh", "acosh", "atanh")},
}
KEPT = {
    "relu": (lambda x: max(x, 0.0), {}),
    "relu6": (lambda x: min(max(x, 0.0), 6.0), {}),
    "abs": (abs, {}),
    "clip": (lambda x, low, high: min(max(x, low), high), {"low": -math.inf, "high": math.inf}),
    "shrink": (lambda x, l, bias: x + bias if x < -l else x - bias if x > l else 0.0, {"lambda": 0.5, "bias": 0}),
    "threshold": (lambda x, t, v: x if x > t else v, {"threshold": None, "value": None}),
    "leaky_relu": (lambda x, a: x if x > 0 else a * x, {"slope": 0.01}),
}


# What is whole, whatever it is made of.
WHOLE = {
    "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)),
    "round": lambda x: float(round(x)),
    "sign": lambda x: float((x > 0) - (x < 0)),
    "isnan": lambda x: float(math.isnan(x)),
    "isinf": lambda x: float(math.isinf(x)),
}


def whole(x, name):
    return check(Tensor(x.shape, list(map(WHOLE[name], x.data)), None if x.bits is None else 0))


def elementwise(x, name, numbers):
    function = (KEPT.get(name) or ROUNDED[name])[0]
    result = Tensor(x.shape, [function(v, *numbers) for v in x.data], x.bits)
    if name in ROUNDED or any(math.isfinite(number) and number != int(number) for number in numbers):
        inexact(result)
    return check(result)


BINARY = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": mul, "/": lambda a, b: a / b,
          "min": min, "max": max, "mod": lambda a, b: a % b, "fmod": math.fmod, "power": lambda a, b: a**b,
          "equal": lambda a, b: float(a == b), "not_equal": lambda a, b: float(a != b),
          "less": lambda a, b: float(a < b), "less_equal": lambda a, b: float(a <= b),
          "greater": lambda a, b: float(a > b), "greater_equal": lambda a, b: float(a >= b)}
PAIRS = ("mod", "fmod", "power", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


def binary(op, a, b):
    """Tensors and numbers; axes of size 1 are repeated."""
    exact = a.bits if isinstance(a, Tensor) else b.bits
    a, b = (v if isinstance(v, Tensor) else Tensor((1, 1, 1, 1), [float(v)], exact) for v in (a, b))
    for value in (a, b):
        if exact is not None and any(v * 2.0**value.bits % 1 for v in value.data):
            raise Inexact
    shape = tuple(n if m == 1 else m for n, m in zip(a.shape, b.shape))
    assert all(n in (m, 1) for v in (a, b) for n, m in zip(v.shape, shape)), "sizes differ"

    def value(tensor, at):
        return tensor.at(*(i if n > 1 else 0 for i, n in zip(at, tensor.shape)))

    result = make(shape, lambda *at: BINARY[op](value(a, at), value(b, at)), exact)
    if exact is not None:
        result.bits = a.bits + b.bits if op == "*" else max(a.bits, b.bits)
    return check(inexact(result) if op in ("/", "power") else result)


def where(condition, a, b):
    """condition != 0 ? a : b; numbers and axes of size 1 are repeated."""
    exact = condition.bits
    a, b = (v if isinstance(v, Tensor) else Tensor((1, 1, 1, 1), [float(v)], exact) for v in (a, b))
    shape = tuple(max(sizes) for sizes in zip(condition.shape, a.shape, b.shape))

    def value(*at):
        c, left, right = (t.at(*(i if n > 1 else 0 for i, n in zip(at, t.shape))) for t in (condition, a, b))
        return left if c else right
    return check(make(shape, value, None if exact is None else max(a.bits, b.bits)))


def power(x, exponent):
    result = Tensor(x.shape, [float(v)**exponent for v in x.data], x.bits)
    if exponent != int(exponent) or exponent < 0:
        return inexact(result)
    if x.bits is not None:
        result.bits = x.bits * int(exponent)
    return check(result)


def by_channel(x, scale, shift):
    channels = x.shape[3]
    data = [v * scale[i % channels] + shift[i % channels] for i, v in enumerate(x.data)]
    return inexact(Tensor(x.shape, data, x.bits))


# --- over axes ---

AXES = {"batch": 0, "height": 1, "width": 2, "channels": 3}


def replaced(shape, axis, size):
    return tuple(size if i == axis else n for i, n in enumerate(shape))


def softmax(x, axis, logarithm):
    def value(*at):
        line = [x.at(*replaced(at, axis, i)) for i in range(x.shape[axis])]
        top = max(line)
        total = sum(math.exp(v - top) for v in line)
        own = x.at(*at) - top
        return own - math.log(total) if logarithm else math.exp(own) / total
    return inexact(make(x.shape, value, x.bits))


def log_sum_exp(values):
    top = max(values)
    return top + math.log(sum(math.exp(v - top) for v in values))


# name: (function of the values, or None where float32 rounds it; how large sums on the way are)
REDUCTIONS = {
    "sum": (sum, lambda values: sum(map(abs, values))),
    "reduce_max": (max, lambda values: 0),
    "reduce_min": (min, lambda values: 0),
    "reduce_l1": (lambda values: sum(map(abs, values)), lambda values: sum(map(abs, values))),
    "reduce_sum_square": (lambda values: sum(v * v for v in values), lambda values: sum(v * v for v in values)),
    "mean": (lambda values: sum(values) / len(values), lambda values: sum(map(abs, values))),
    "reduce_prod": (math.prod, None),
    "reduce_l2": (lambda values: math.sqrt(sum(v * v for v in values)), None),
    "reduce_log_sum": (lambda values: math.log(sum(values)), None),
    "reduce_log_sum_exp": (log_sum_exp, None),
}


def reduce(x, axes, name):
    function, magnitude = REDUCTIONS[name]
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))

    def box(at):
        return [x.at(*place) for place in product(*(range(n) if i in axes else [at[i]]
                                                    for i, n in enumerate(x.shape)))]
    boxes = [box(at) for at in product(*map(range, shape))]
    result = Tensor(shape, [float(function(values)) for values in boxes], x.bits)
    if x.bits is None:
        return result
    if magnitude is None or name == "mean" and len(boxes[0]) & (len(boxes[0]) - 1):
        raise Inexact
    result.bits = {"mean": x.bits + len(boxes[0]).bit_length() - 1, "reduce_sum_square": 2 * x.bits}.get(name, x.bits)
    check(Tensor(shape, [], x.bits if name == "mean" else result.bits), max(map(magnitude, boxes)))
    return check(result)


def boxes_of(shape, box):
    """The places of each box, which is box[axis] long along every axis."""
    for first in product(*(range(0, n, m) for n, m in zip(shape, box))):
        yield list(product(*(range(i, i + m) for i, m in zip(first, box))))


def by_boxes(x, box, function):
    """function makes of a box's values as many others."""
    result = {}
    for places in boxes_of(x.shape, box):
        result.update(zip(places, function([x.at(*place) for place in places])))
    return inexact(make(x.shape, lambda *at: result[at], x.bits))


def box_over(x, axes, groups=1):
    return tuple(n // groups if i == 3 and i in axes else n if i in axes else 1 for i, n in enumerate(x.shape))


def normalized(x, box, epsilon):
    def function(values):
        mean = sum(values) / len(values)
        deviation = math.sqrt(sum((v - mean)**2 for v in values) / len(values) + epsilon)
        return [(v - mean) / deviation for v in values]
    return by_boxes(x, box, function)


def l2norm(x, axes, p, epsilon):
    return by_boxes(x, box_over(x, axes),
                    lambda values: [v / max(sum(abs(w)**p for w in values)**(1 / p), epsilon) for v in values])


def topk(x, k, axis, indices, largest, last=False):
    def value(*at):
        line = [x.at(*replaced(at, axis, i)) for i in range(x.shape[axis])]
        order = sorted(range(len(line)), key=lambda i: (-line[i] if largest else line[i], -i if last else i))
        place = order[at[axis]]
        return float(place) if indices else line[place]
    return check(make(replaced(x.shape, axis, k), value, x.bits))


def lrn(x, size, alpha, beta, bias):
    def value(n, h, w, c):
        near = range(max(0, c - (size - 1) // 2), min(x.shape[3], c + size // 2 + 1))
        return x.at(n, h, w, c) / (bias + alpha / size * sum(x.at(n, h, w, k)**2 for k in near))**beta
    return inexact(make(x.shape, value, x.bits))


def concat(parts, axis):
    shape = replaced(parts[0].shape, axis, sum(part.shape[axis] for part in parts))
    assert all(replaced(part.shape, axis, 0) == replaced(shape, axis, 0) for part in parts)

    def value(*at):
        i = at[axis]
        for part in parts:
            if i < part.shape[axis]:
                return part.at(*replaced(at, axis, i))
            i -= part.shape[axis]
    exact = parts[0].bits
    return check(make(shape, value, exact if exact is None else max(part.bits for part in parts)))


def picked_units(first, last, step):
    """Both ends are included, and a step below 0 goes down."""
    return [first + i * step for i in range(abs(last - first) // abs(step) + 1)]


def slice_(x, axis, first, last, step):
    picked = picked_units(first, last, step)
    return make(replaced(x.shape, axis, len(picked)),
                lambda *at: x.at(*replaced(at, axis, picked[at[axis]])), x.bits)


# --- arrangement ---

def positions(shape, order):
    """n, h, w, c of every value, image by image, in order hwc or chw."""
    n_, h_, w_, c_ = map(range, shape)
    if order == "hwc":
        return list(product(n_, h_, w_, c_))
    return [(n, h, w, c) for n, c, h, w in product(n_, c_, h_, w_)]


def reshape(x, shape, order):
    """The values in their linear order, in another shape."""
    assert math.prod(x.shape) == math.prod(shape), "another number of values"
    values = dict(zip(positions(shape, order), (x.at(*at) for at in positions(x.shape, order))))
    return make(shape, lambda *at: values[at], x.bits)


def repeat(x, shape):
    """Copies of x side by side."""
    assert all(n % m == 0 for n, m in zip(shape, x.shape))
    return make(shape, lambda *at: x.at(*(i % n for i, n in zip(at, x.shape))), x.bits)


def permute(x, axes):
    """axes[i] is the axis of x that becomes axis i."""
    return make(tuple(x.shape[axis] for axis in axes),
                lambda *at: x.at(*(at[axes.index(axis)] for axis in range(4))), x.bits)


def crop(x, sides):
    n, h, w, c = x.shape
    top, left, bottom, right = sides
    return make((n, h - top - bottom, w - left - right, c),
                lambda n, h, w, c: x.at(n, h + top, w + left, c), x.bits)


def pad(x, ends, mode, value):
    """ends[axis]: how many units before and after."""
    def read(*at):
        place = [border_index(i - ends[axis][0], x.shape[axis], mode) for axis, i in enumerate(at)]
        return float(value) if None in place else x.at(*place)
    if x.bits is not None and value != int(value):
        raise Inexact
    return check(make(tuple(n + sum(two) for n, two in zip(x.shape, ends)), read, x.bits))


def upsample(x, size, mode, align):
    n_, h_, w_, c_ = x.shape
    shape = (n_, *size, c_)
    if mode == "nearest":
        return make(shape, lambda n, h, w, c: x.at(n, h * h_ // size[0], w * w_ // size[1], c), x.bits)

    def position(o, size_in, size_out):
        if align == "corners":
            at = o * (size_in - 1) / (size_out - 1) if size_out > 1 else 0.0
        else:
            at = max((o + 0.5) * size_in / size_out - 0.5, 0.0)
        low = min(int(at), size_in - 1)
        return low, min(low + 1, size_in - 1), at - low

    def value(n, h, w, c):
        a, b, t = position(h, h_, size[0])
        d, e, u = position(w, w_, size[1])
        top = x.at(n, a, d, c) * (1 - u) + x.at(n, a, e, c) * u
        bottom = x.at(n, b, d, c) * (1 - u) + x.at(n, b, e, c) * u
        return top * (1 - t) + bottom * t
    return inexact(make(shape, value, x.bits))


def resize_position(u, size, out, factor, align, ends):
    """Where unit u of a resized axis lies, by the table of docs/language.md."""
    length = size * factor if factor else out
    centre = ((u + 0.5) / factor if factor else (u + 0.5) * size / out) - 0.5
    if align == "corners":
        return u * (size - 1) / (length - 1) if length != 1 else 0.0
    if align == "asymmetric":
        return u / factor if factor else u * size / out
    if align == "pytorch_half_pixel":
        return centre if length > 1 else 0.0
    if align == "half_pixel_symmetric":
        return size / 2 * (1 - out / length) + (centre + 0.5) - 0.5
    if align == "tf_half_pixel":
        return (u + 0.5) / factor if factor else (u + 0.5) * size / out
    if align == "crop":
        start, end = ends
        way = u * (end - start) * (size - 1) / (length - 1) if length != 1 else (end - start) * (size - 1) / 2
        return way + start * (size - 1)
    return centre


def rounded(x, rounding):
    rest = x - math.floor(x)
    return {"prefer_floor": math.floor(x) + (rest > 0.5), "prefer_ceil": math.floor(x) + (rest >= 0.5),
            "floor": math.floor(x), "ceil": math.ceil(x)}[rounding]


def keys(t, a):
    """The cubic filter."""
    t = abs(t)
    if t < 1:
        return ((a + 2) * t - (a + 3)) * t * t + 1
    return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a if t < 2 else 0.0


def resize_weights(size, out, mode, factor=None, align="half_pixel", rounding="prefer_floor", coefficient=-0.75,
                   exclude_outside=False, antialias=False, ends=(0, 1)):
    """For each unit of a resized axis {unit of the input: weight}; None where a crop lies outside."""
    narrow = min(factor or out / size, 1) if antialias else 1
    result = []
    for u in range(out):
        at, weights = resize_position(u, size, out, factor, align, ends), {}
        if align == "crop" and not 0 <= at <= size - 1:
            result.append(None)
            continue
        if mode == "nearest":
            result.append({min(max(int(rounded(at, rounding)), 0), size - 1): 1.0})
            continue
        reach = math.ceil(2 / narrow) + 1
        for i in range(math.floor(at) - reach, math.floor(at) + reach + 1):
            t = (i - at) * narrow
            weight = max(0.0, 1 - abs(t)) if mode == "bilinear" else keys(t, coefficient)
            unit = min(max(i, 0), size - 1)
            if weight and (unit == i or not exclude_outside):
                weights[unit] = weights.get(unit, 0) + weight
        total = sum(weights.values())
        result.append({unit: weight / total for unit, weight in weights.items() if weight})
    return result


def resize(x, rows, columns, mode, value):
    """By the weights of each row and column."""
    def at(n, h, w, c):
        if rows[h] is None or columns[w] is None:
            return float(value)
        return sum(a * b * x.at(n, i, j, c) for i, a in rows[h].items() for j, b in columns[w].items())
    result = make((x.shape[0], len(rows), len(columns), x.shape[3]), at, x.bits)
    return result if mode == "nearest" and value == int(value) else inexact(result)


def pixel_shuffle(x, f):
    n, h, w, c = x.shape
    return make((n, h * f, w * f, c // (f * f)),
                lambda n, h, w, c: x.at(n, h // f, w // f, c * f * f + h % f * f + w % f), x.bits)


def pixel_unshuffle(x, factor):
    """Channel c of a pixel is channel c // (f0 * f1) of the pixel in row c // f1 % f0 and column c % f1 of its block."""
    n, h, w, c = x.shape
    f0, f1 = factor
    return make((n, h // f0, w // f1, c * f0 * f1),
                lambda n, h, w, c: x.at(n, h * f0 + c // f1 % f0, w * f1 + c % f1, c // (f0 * f1)), x.bits)


def channel_shuffle(x, groups):
    """The first channels of all groups, then the second ones, and so on."""
    c = x.shape[3]
    taken = [channel for first in range(c // groups) for channel in range(first, c, c // groups)]
    return make(x.shape, lambda n, h, w, c: x.at(n, h, w, taken[c]), x.bits)


def grayscale(x):
    if x.shape[3] == 1:
        return x
    n, h, w, _ = x.shape
    return inexact(make((n, h, w, 1), lambda n, h, w, c: 0.299 * x.at(n, h, w, 0) + 0.587 * x.at(n, h, w, 1)
                        + 0.114 * x.at(n, h, w, 2), x.bits))
