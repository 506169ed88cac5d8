"""What every unit sees along one axis, from the table of docs/receptive-fields.md, read tap by tap.

A set of pixels is an integer whose bit i says that pixel i is in it; where pixels may be negative it
is a Pixels. Nothing here adds kernels or multiplies strides: the interior is what units far from all
borders are found to see."""

import math
from fractions import Fraction


class Reading:
    """Which units of an input are read: taps(u) as if the input had no end. law = (a, b) says that unit
    u + a reads b units further on than u; without one, `constant` taps are the same for every u,
    and any others follow no law."""

    def __init__(self, taps, units, law=None, constant=False, mode="zeros"):
        self.taps, self.units, self.law, self.constant, self.mode = taps, units, law, constant, mode

    def inside(self, tap):
        """The unit that a tap finds, or None."""
        if 0 <= tap < self.units:
            return tap
        if self.mode == "replicate":
            return 0 if tap < 0 else self.units - 1
        if self.mode == "wrap":
            return tap % self.units
        if self.mode == "reflect":
            found = -tap if tap < 0 else 2 * (self.units - 1) - tap
            return found if 0 <= found < self.units else None
        return None


def each(units):
    return Reading(lambda u: [u], units, (1, 1))


def everything(units):
    taps = list(range(units))
    return Reading(lambda u: taps, units, constant=True)


def all_of(units):
    """The only unit there is, is u."""
    return each(1) if units == 1 else everything(units)


def repeated(units):
    return Reading(lambda u: [0], units, constant=True)


def window(units, kernel, stride, dilation, before, mode="zeros"):
    return Reading(lambda u: [u * stride - before + k * dilation for k in range(kernel)], units, (1, stride), mode=mode)


def transposed(units, kernel, stride, dilation, before):
    def taps(u):
        places = [u + before - k * dilation for k in range(kernel)]
        return [place // stride for place in places if place % stride == 0]
    return Reading(taps, units, (stride, 1))


def nearest(units, out):
    return Reading(lambda u: [u * units // out], units, (out, units))


def around(units, out, corners, near):
    """`near` units on each side of a position; where it is a unit, that alone."""
    if corners and out == 1:
        return nearest(units, 1)
    if corners and units == 1:
        return repeated(units)

    def taps(u):
        at = Fraction(u * (units - 1), out - 1) if corners else (u + Fraction(1, 2)) * units / out - Fraction(1, 2)
        low = math.floor(at)
        return [low] if at.denominator == 1 else list(range(low - near + 1, low + near + 1))
    return Reading(taps, units, (out - 1, units - 1) if corners else (out, units), mode="replicate")


def weighted(units, table):
    """What has a weight; nothing where a crop lies outside."""
    return Reading(lambda u: list(table[u] or ()), units)


def moved(units, first, step=1, mode="zeros"):
    return Reading(lambda u: [first + u * step], units, (1, step) if step > 0 else None, mode=mode)


def tiled(units, times):
    if units == 1 and times > 1:
        return repeated(1)
    return Reading(lambda u: [u], units, (1, 1) if times == 1 else None, mode="wrap")


def shuffled(units, factor):
    return Reading(lambda u: [u // factor], units, (factor, 1))


def unshuffled(units, factor):
    return Reading(lambda u: [u * factor + k for k in range(factor)], units, (1, factor))


def placed(units, start):
    return Reading(lambda u: [u - start] if 0 <= u - start < units else [], units)


class Pixels:
    """A set of pixels of any sign: the first, and an odd integer whose bits are counted from there.
    The empty set has bits 0."""

    def __init__(self, first=0, bits=0):
        shift = (bits & -bits).bit_length() - 1 if bits else 0
        self.first, self.bits = (first + shift, bits >> shift) if bits else (0, 0)

    def last(self):
        return self.first + self.bits.bit_length() - 1

    def length(self):
        return self.bits.bit_length()

    def union(self, other):
        if not self.bits or not other.bits:
            return self if self.bits else other
        first = min(self.first, other.first)
        return Pixels(first, self.bits << self.first - first | other.bits << other.first - first)

    def moved(self, by):
        return Pixels(self.first + by, self.bits)

    def __eq__(self, other):
        return (self.first, self.bits) == (other.first, other.bits)


class Interior:
    """kind "sliding": at(u) for any integer u, and at(u + period) = at(u).moved(jump);
    "fixed": `pixels` for every unit, `repeated` where it is one unit read again and again; "unknown"."""

    def __init__(self, kind, at=None, period=1, jump=1, pixels=None, stride=None, repeated=False):
        self.kind, self.period, self.jump, self.pixels, self.repeated = kind, period, jump, pixels, repeated
        self.known, self.function = {}, at
        self.stride = Fraction(jump, period) if kind == "sliding" else stride

    def at(self, u):
        if u not in self.known:
            self.known[u] = self.function(u)
        return self.known[u]

    def verify(self):
        """The law of repetition, by looking."""
        for u in (-7, -1, 0, 1, 2, 10**6):
            assert self.at(u + self.period) == self.at(u).moved(self.jump)
        return self


UNKNOWN = Interior("unknown")


class View:
    """sets[u]: what unit u sees; weights[u]: its weight on every pixel."""

    def __init__(self, sets, weights, interior):
        self.sets, self.weights, self.interior = sets, weights, interior


def input_view(units):
    return View([1 << u for u in range(units)], [[float(u == i) for i in range(units)] for u in range(units)],
                Interior("sliding", lambda u: Pixels(u, 1)))


def view(units, operands, extent):
    """operands: (reading, View or None where it sees nothing of the input, share of a mean)."""
    sets, weights = [], []
    for u in range(units):
        seen, weight = 0, [0.0] * extent
        for reading, source, share in operands:
            taps = reading.taps(u)
            for tap in taps if source else []:
                found = reading.inside(tap)
                if found is not None:
                    seen |= source.sets[found]
                    weight = [w + v * share / len(taps) for w, v in zip(weight, source.weights[found])]
        sets.append(seen)
        weights.append(weight)
    parts = [one_interior(reading, source, extent) for reading, source, _ in operands if source]
    return View(sets, weights, join(parts, sets) if len(parts) > 1 else parts[0])


def one_interior(reading, source, extent):
    before = source.interior
    if reading.constant:
        seen = 0
        for tap in reading.taps(0):
            seen |= source.sets[tap]
        return Interior("fixed", pixels=Pixels(0, seen), stride=Fraction(extent), repeated=len(reading.taps(0)) == 1)
    if before.kind == "unknown" or not reading.law:
        return UNKNOWN
    a, b = reading.law
    if before.kind == "fixed":
        return Interior("fixed", pixels=before.pixels, stride=before.stride * b / a)

    def at(u):
        result = Pixels()
        for tap in reading.taps(u):
            result = result.union(before.at(tap))
        return result
    times = before.period // math.gcd(before.period, b)
    return Interior("sliding", at, a * times, before.jump * (b * times // before.period)).verify()


def join(parts, sets):
    """Interiors that meet: one that is fixed hides what lies inside it; else strides must be equal."""
    sliding = [part for part in parts if part.kind == "sliding"]
    fixed = [part for part in parts if part.kind == "fixed"]
    if fixed:
        whole = Pixels()
        for part in fixed:
            whole = whole.union(part.pixels)
        outside = any(seen and Pixels(whole.first, 1 | 1 << whole.length() - 1).union(Pixels(0, seen)).length() > whole.length()
                      for seen in sets)
        givers = sliding or [part for part in fixed if not part.repeated] or fixed
        return UNKNOWN if outside else Interior("fixed", pixels=whole, stride=givers[0].stride)
    strides = {part.stride for part in parts}
    if len(strides) > 1 or strides == {None}:
        return UNKNOWN

    def at(u):
        result = Pixels()
        for part in sliding:
            result = result.union(part.at(u))
        return result
    period = math.lcm(*(part.period for part in sliding))
    return Interior("sliding", at, period, int(strides.pop() * period)).verify()


def interval(seen):
    return [(seen & -seen).bit_length() - 1, seen.bit_length() - 1] if seen else None


def figures(view):
    """The JSON's figures along one axis."""
    result = {"units": [interval(seen) for seen in view.sets]}
    interior, n = view.interior, len(view.sets)
    if interior.kind == "unknown":
        size = max(seen.bit_length() - interval(seen)[0] for seen in view.sets if seen)
        result.update(size=size, stride=None, offset=None, center=None, border=(None, None))
    else:
        field = interior.at if interior.kind == "sliding" else lambda u: interior.pixels
        stride = interior.stride
        middles = [Fraction(field(u).first + field(u).last(), 2) - (u * stride if interior.kind == "sliding" else 0)
                   for u in range(interior.period) if field(u).bits]
        result.update(size=max(field(u).length() for u in range(interior.period)), stride=float(stride),
                      offset=field(0).first if field(0).bits else None, center=float(sum(middles) / len(middles)) if middles else None,
                      border=borders(view, field))
    seen, weight = view.sets[n // 2], view.weights[n // 2]
    result["seen"] = seen.bit_count() / Pixels(0, seen).length() if seen else None
    result["effective"] = deviation(weight) if seen else None
    return result


def borders(view, field):
    """How many fields lack their beginning, and how many their end; one cut away whole lacks both."""
    before = after = 0
    for u, seen in enumerate(view.sets):
        whole, left = field(u), Pixels(0, seen)
        if whole.bits:
            before += not seen or left.first > whole.first
            after += not seen or left.last() < whole.last()
    return before, after


def deviation(weight):
    mass = sum(weight)
    mean = sum(i * w for i, w in enumerate(weight)) / mass
    return math.sqrt(sum((i - mean)**2 * w for i, w in enumerate(weight)) / mass)
