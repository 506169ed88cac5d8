"""What the filter examples compute, in Python: the arithmetic of a correlation, written out.

A plane is a list of rows of floats."""

from math import sqrt


def planes(height, width, channels, samples):
    """The channels of a picture, 0..1."""
    return [[[v / 255 for v in samples[(i * width) * channels + c:(i + 1) * width * channels:channels]]
             for i in range(height)] for c in range(channels)]


def grayscale(picture):
    return [[0.299 * r + 0.587 * g + 0.114 * b for r, g, b in zip(*rows)] for rows in zip(*picture)]


def source(index, size, mode):
    """Where a pixel outside comes from: None is zero."""
    if 0 <= index < size:
        return index
    if mode == "zeros":
        return None
    if mode == "replicate":
        return min(max(index, 0), size - 1)
    return -index if index < 0 else 2 * (size - 1) - index  # reflect


def correlate(plane, kernel, mode="zeros", scale=1.0):
    """y[i][j] = sum of kernel[r][s] * x[i + r - top][j + s - left]; the size stays, an even kernel's
    odd pixel of padding is behind."""
    height, width = len(plane), len(plane[0])
    top, left = (len(kernel) - 1) // 2, (len(kernel[0]) - 1) // 2
    columns = range(-left, width + len(kernel[0]) - 1 - left)
    rows = {}
    for i in range(-top, height + len(kernel) - 1 - top):
        at = source(i, height, mode)
        line = [0.0] * width if at is None else plane[at]
        rows[i] = [0.0 if (j := source(column, width, mode)) is None else line[j] for column in columns]
    result = []
    for i in range(height):
        sums = [0.0] * width
        for r, taps in enumerate(kernel):
            for s, tap in enumerate(taps):
                if tap:
                    sums = [a + tap * b for a, b in zip(sums, rows[i + r - top][s:s + width])]
        result.append([scale * v for v in sums])
    return result


def mapped(function, *operands):
    return [[function(*values) for values in zip(*rows)] for rows in zip(*operands)]


def length(x, y):
    return mapped(lambda a, b: sqrt(a * a + b * b), x, y)


def edges(picture):
    gray = grayscale(picture)
    return {"strength": [length(correlate(gray, [[-1, 0, 1]]), correlate(gray, [[-1], [0], [1]]))]}


def gallery(picture):
    gray = grayscale(picture)
    centred = lambda plane: mapped(lambda v: v + 0.5, plane)
    ones = [1, 4, 6, 4, 1]
    return {
        "derivative": [centred(correlate(gray, [[-1, 1]], "replicate"))],
        "derivative_wide": [centred(correlate(gray, [[-1, 0, 1]], "replicate", 1 / 2))],
        "laplace": [centred(correlate(gray, [[0, -1, 0], [-1, 4, -1], [0, -1, 0]]))],
        "sobel": [length(correlate(gray, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "replicate"),
                         correlate(gray, [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "replicate"))],
        "blurred": [correlate(plane, [[a * b for b in ones] for a in ones], "reflect", 1 / 256)
                    for plane in picture],
        "sharpened": [correlate(plane, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "replicate")
                      for plane in picture],
    }


def samples(result):
    """As an 8-bit picture has it: 255 times the value, rounded and clipped, pixel by pixel."""
    return [min(max(int(255 * v + 0.5), 0), 255) for rows in zip(*result) for pixel in zip(*rows) for v in pixel]
