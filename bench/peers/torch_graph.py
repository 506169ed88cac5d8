"""An ONNX model that cnnc wrote, as a PyTorch module: each node a call of the function that PyTorch has for it."""

import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional


def resize(x, node, region, factors, sizes=None):
    if node["mode"] != b"nearest":
        raise NotImplementedError(f"Resize of mode {node['mode']}")
    return functional.interpolate(x, sizes and sizes[2:], None if sizes else factors[2:], "nearest")


def padded(x, pads, value=0.0):
    """The input and what a window layer is told, where both sides are padded alike; else padding is a layer of its own."""
    top, left, bottom, right = pads or (0, 0, 0, 0)
    if (top, left) == (bottom, right):
        return x, (top, left)
    return functional.pad(x, (left, right, top, bottom), value=value), (0, 0)


def conv(x, node, w, bias=None):
    x, padding = padded(x, node.get("pads"))
    return functional.conv2d(x, w, bias, node["strides"], padding, node["dilations"], node["group"])


def deconv(x, node, w, bias=None):
    return functional.conv_transpose2d(x, w, bias, node["strides"], node["pads"][:2], node["output_padding"], node["group"],
                                       node["dilations"])


def maxpool(x, node):
    x, padding = padded(x, node.get("pads"), float("-inf"))
    return functional.max_pool2d(x, node["kernel_shape"], node["strides"], padding, node["dilations"],
                                 bool(node.get("ceil_mode", 0)))


def avgpool(x, node):
    x, padding = padded(x, node.get("pads"))
    return functional.avg_pool2d(x, node["kernel_shape"], node["strides"], padding, bool(node.get("ceil_mode", 0)),
                                 bool(node.get("count_include_pad", 0)))


FUNCTIONS = {
    "Add": lambda x, node, y: x + y,
    "Sub": lambda x, node, y: x - y,
    "Mul": lambda x, node, y: x * y,
    "Div": lambda x, node, y: x / y,
    "Conv": conv,
    "ConvTranspose": deconv,
    "Gemm": lambda x, node, w, bias=None: functional.linear(x, w, bias),
    "BatchNormalization": lambda x, node, scale, shift, mean, variance: functional.batch_norm(
        x, mean, variance, scale, shift, eps=node["epsilon"]),
    "MaxPool": maxpool,
    "AveragePool": avgpool,
    "GlobalAveragePool": lambda x, node: functional.adaptive_avg_pool2d(x, 1),
    "Resize": resize,
    "Concat": lambda x, node, *more: torch.cat([x, *more], node["axis"]),
    "Flatten": lambda x, node: torch.flatten(x, node["axis"]),
    "Softmax": lambda x, node: functional.softmax(x, node["axis"]),
    "Relu": lambda x, node: functional.relu(x),
    "LeakyRelu": lambda x, node: functional.leaky_relu(x, node["alpha"]),
    "Clip": lambda x, node, low, high: torch.clamp(x, low, high),
    "Sigmoid": lambda x, node: torch.sigmoid(x),
    "HardSigmoid": lambda x, node: functional.hardsigmoid(x),
    "HardSwish": lambda x, node: functional.hardswish(x),
    "Identity": lambda x, node: x,
    "Dropout": lambda x, node, *rates: x,
}


# Of these all but the first input are numbers for PyTorch, not tensors.
OF_NUMBERS = {"Clip", "Resize"}


class Network(torch.nn.Module):
    """Weights are buffers, which PyTorch may lay out anew when it freezes the network."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.numbers, self.buffer_of = {"": None}, {}
        numbers = {name for node in graph.node if node.op_type in OF_NUMBERS for name in node.input[1:]}
        for i, tensor in enumerate(graph.initializer):
            values = numpy_helper.to_array(tensor)
            if tensor.name in numbers:
                self.numbers[tensor.name] = values.tolist()
            else:
                self.buffer_of[tensor.name] = f"weight{i}"
                self.register_buffer(f"weight{i}", torch.tensor(values))
        constants = {*self.numbers, *self.buffer_of}
        self.given = [value.name for value in graph.input if value.name not in constants]
        self.wanted = [value.name for value in graph.output]
        self.calls = [self.call(node) for node in graph.node]

    @staticmethod
    def call(node):
        if node.op_type not in FUNCTIONS:
            raise NotImplementedError(f"{node.op_type} in PyTorch")
        attributes = {given.name: onnx.helper.get_attribute_value(given) for given in node.attribute}
        return FUNCTIONS[node.op_type], attributes, list(node.input), node.output[0]

    def forward(self, *inputs):
        values = {**self.numbers, **dict(zip(self.given, inputs))}
        values.update((name, getattr(self, buffer)) for name, buffer in self.buffer_of.items())
        for function, attributes, names, result in self.calls:
            first, *more = (values[name] for name in names)
            values[result] = function(first, attributes, *more)
        return [values[name] for name in self.wanted]
