"""C that emx-onnx-cgen writes: plain loops, in one thread, which the compiler makes fast as far as it can."""

import ctypes
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import onnx

from command import must


class Peer:
    def __init__(self, folder, inputs, threads, place):
        if threads > 1:
            raise RuntimeError("what it writes has one thread")
        self.version = f"emx-onnx-cgen {metadata.version('emx-onnx-cgen')}"
        graph = onnx.load(folder / "net.onnx").graph
        self.tensors = [*inputs, *(np.empty(shape(port), np.float32) for port in graph.output)]
        self.results = self.tensors[len(inputs):]
        self.function = ctypes.CDLL(compiled(folder / "net.onnx", place)).net
        self.function.restype = None
        self.arguments = [ctypes.c_void_p(values.ctypes.data) for values in self.tensors]

    def run(self):
        self.function(*self.arguments)

    def outputs(self):
        return self.results


def shape(port):
    return [axis.dim_value for axis in port.type.tensor_type.shape.dim]


def compiled(model, place):
    """The path of a shared object with the function net(inputs ..., outputs ...). Weights are in it, other tensors on the stack if
    they are not too large."""
    source, made = place / "net.c", place / "net.so"
    tool = Path(sys.executable).with_name("emx-onnx-cgen")
    must([tool, "compile", model, source, "--model-name", "net", "--restrict-arrays", "--large-weight-threshold", "0",
          "--large-temp-threshold", "100000"])
    must(["cc", "-O3", "-march=native", "-shared", "-fPIC", source, "-o", made, "-lm"])
    return made
