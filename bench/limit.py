"""How fast a network could run at most: of a report by `cnnc --report=json` and of what the machine can do, seconds.

A layer takes as long as its multiplications at the multiply-add peak, or as reading its weights once, whichever is longer. Its
multiplications are those of the best algorithm that there is: for a 3x3 convolution of stride 1 the 36 or 64 of Winograd's for a tile of
4x4 or 6x6 outputs, without its transforms, else one for each multiply-accumulate. Layers that multiply no weights are free, since they can
be done with the one before, and what lies between two layers need never leave the nearest cache; the network's inputs and outputs must
move."""

import math

FLOAT = 4  # bytes
TILES, TAPS = (2, 4, 6), 3


def multiplications(layer):
    """Of one run of a layer."""
    fits = layer["kernel"] == [3, 3] and layer["stride"] == layer["dilation"] == [1, 1] and layer["groups"] == 1
    if layer["layer"] != "conv" or not fits:
        return layer["macs"]
    _, height, width, _ = layer["output"]
    for_one = layer["macs"] / (height * width * TAPS * TAPS)
    products = [math.ceil(height / tile) * math.ceil(width / tile) * (tile + TAPS - 1) ** 2 for tile in TILES]
    return min(layer["macs"], for_one * min(products))


def weight_bytes(layer):
    """Batch norms and the like become part of the weights of others."""
    return FLOAT * sum(math.prod(parameter["shape"]) for parameter in layer["parameters"]) if layer["macs"] else 0


def port_bytes(report):
    return FLOAT * sum(math.prod(port["shape"]) for port in report["inputs"] + report["outputs"])


def moved_bytes(report):
    """What a run must read or write, and so what a cache must hold for it not to come from memory."""
    return port_bytes(report) + sum(map(weight_bytes, report["layers"]))


def seconds(report, gflops, gigabytes):
    """gflops: the peak, two operations for each multiply-add. gigabytes: a second, of as many bytes as moved_bytes()."""
    operations, moved = gflops * 1e9 / 2, gigabytes * 1e9
    layers = sum(max(multiplications(layer) / operations, weight_bytes(layer) / moved) for layer in report["layers"])
    return layers + port_bytes(report) / moved
