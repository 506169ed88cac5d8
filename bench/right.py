"""What is right: an ONNX model that cnnc wrote, computed by the definitions of its operators in double precision. The tests'
naive twins do the same and are slow; tests/bench_test.py compares the two."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import tools  # of tests/, which bench/networks.py puts into the path
import onnx_files


def padded(x, pads, value=0.0):
    top, left, bottom, right = pads or (0, 0, 0, 0)
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=value)


def windows(x, kernel, strides, dilations=(1, 1)):
    """N, C, and for each row and column of the result the kernel's rows and columns."""
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    return sliding_window_view(x, reach, (2, 3))[:, :, ::strides[0], ::strides[1], ::dilations[0], ::dilations[1]]


def conv(node, x, w, bias=None):
    seen = windows(padded(x, node.get("pads")), w.shape[2:], node["strides"], node["dilations"])
    n, _, height, width = seen.shape[:4]
    filters = np.split(w, node["group"])
    parts = [part.transpose(0, 2, 3, 1, 4, 5).reshape(n * height * width, -1) @ kernels.reshape(len(kernels), -1).T
             for part, kernels in zip(np.split(seen, node["group"], 1), filters)]
    y = np.concatenate(parts, 1).reshape(n, height, width, -1).transpose(0, 3, 1, 2)
    return y if bias is None else y + bias[:, None, None]


def deconv(node, x, w, bias=None):
    """Each value meets the whole kernel, of one group; what falls on the padding is cut off."""
    (high, wide), (down, across), (top, left, bottom, right) = w.shape[2:], node["strides"], node["pads"]
    n, _, height, width = x.shape
    y = np.zeros((n, w.shape[1], (height - 1) * down + high, (width - 1) * across + wide))
    for i in range(high):
        for j in range(wide):
            met = np.tensordot(w[:, :, i, j], x, (0, 1)).transpose(1, 0, 2, 3)
            y[:, :, i:i + (height - 1) * down + 1:down, j:j + (width - 1) * across + 1:across] += met
    y = y[:, :, top:y.shape[2] - bottom, left:y.shape[3] - right]
    return y if bias is None else y + bias[:, None, None]


def maxpool(node, x):
    """A window that reaches beyond the end, as ceil_mode has them, sees what there is."""
    pads, kernel, strides = list(node.get("pads") or (0, 0, 0, 0)), node["kernel_shape"], node["strides"]
    if node.get("ceil_mode"):
        for axis in (0, 1):
            rest = (x.shape[2 + axis] + pads[axis] + pads[2 + axis] - kernel[axis]) % strides[axis]
            pads[2 + axis] += (strides[axis] - rest) % strides[axis]
    return windows(padded(x, pads, -np.inf), kernel, strides).max((4, 5))


def avgpool(node, x):
    seen = windows(padded(x, node.get("pads")), node["kernel_shape"], node["strides"])
    if node.get("count_include_pad"):
        return seen.mean((4, 5))
    there = windows(padded(np.ones_like(x), node.get("pads")), node["kernel_shape"], node["strides"])
    return seen.sum((4, 5)) / there.sum((4, 5))


def batchnorm(node, x, scale, shift, mean, variance):
    factor = scale / np.sqrt(variance + node["epsilon"])
    shape = (-1, *(1,) * (x.ndim - 2))
    return x * factor.reshape(shape) + (shift - mean * factor).reshape(shape)


def resize(node, x, region, factors, size=None):
    high, wide = factors[2:] if size is None else (size[2] / x.shape[2], size[3] / x.shape[3])
    if node["mode"] != b"nearest" or high % 1 or wide % 1:
        raise NotImplementedError("Resize other than to whole multiples")
    return x.repeat(int(high), 2).repeat(int(wide), 3)


def softmax(node, x):
    powers = np.exp(x - x.max(node["axis"], keepdims=True))
    return powers / powers.sum(node["axis"], keepdims=True)


def hard_sigmoid(x, alpha=1 / 6, beta=0.5):
    return np.clip(alpha * x + beta, 0, 1)


OPERATORS = {
    "Add": lambda node, x, y: x + y,
    "Sub": lambda node, x, y: x - y,
    "Mul": lambda node, x, y: x * y,
    "Div": lambda node, x, y: x / y,
    "Conv": conv,
    "ConvTranspose": deconv,
    "Gemm": lambda node, x, w, bias=0.0: x @ w.T + bias,
    "BatchNormalization": batchnorm,
    "MaxPool": maxpool,
    "AveragePool": avgpool,
    "GlobalAveragePool": lambda node, x: x.mean((2, 3), keepdims=True),
    "Resize": resize,
    "Concat": lambda node, *parts: np.concatenate(parts, node["axis"]),
    "Flatten": lambda node, x: x.reshape(len(x), -1),
    "Softmax": softmax,
    "Relu": lambda node, x: np.maximum(x, 0),
    "LeakyRelu": lambda node, x: np.where(x < 0, node["alpha"] * x, x),
    "Clip": lambda node, x, low, high: np.clip(x, low, high),
    "Sigmoid": lambda node, x: 1 / (1 + np.exp(-x)),
    "HardSigmoid": lambda node, x: hard_sigmoid(x, node["alpha"], node["beta"]),
    "HardSwish": lambda node, x: x * hard_sigmoid(x),
    "Identity": lambda node, x: x,
    "Dropout": lambda node, x, *rates: x,
}


def constant(tensor):
    """Of floats, or what an operator wants to know in integers."""
    kind = onnx_files.ELEMENTS[onnx_files.TYPES[tensor["data_type"]]]
    values = np.frombuffer(tensor["raw_data"], "<" + kind[0]) if "raw_data" in tensor else np.array(tensor.get(kind[1], []))
    return values.reshape(tensor.get("dims", [])).astype(np.float64)


def outputs(path, inputs):
    """What the model makes of these arrays, all in double precision, in its order."""
    graph = onnx_files.read_model(path)["graph"]
    values = {tensor["name"]: constant(tensor) for tensor in graph.get("initializer", [])}
    given = [port["name"] for port in graph["input"] if port["name"] not in values]
    values.update({name: np.asarray(array, np.float64) for name, array in zip(given, inputs)}, **{"": None})
    readers = {name: i for i, node in enumerate(graph["node"]) for name in node["input"]}
    wanted = [port["name"] for port in graph["output"]]
    for i, node in enumerate(graph["node"]):
        arguments = [values[name] for name in node["input"]]
        values[node["output"][0]] = OPERATORS[node["op_type"]](onnx_files.attributes(node), *arguments)
        for name in set(node["input"]) - set(wanted):
            if readers[name] == i:
                del values[name]  # nobody needs it any more
    return [values[name] for name in wanted]
