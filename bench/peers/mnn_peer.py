"""MNN, of a model that its converter writes, with weights and sums of single precision. A run overwrites its inputs, so that each
copies them."""

import sys

import MNN
import numpy as np
import onnx

from command import must

# The command mnnconvert would install and send things besides: only what it calls is called.
CONVERT = "import _tools, sys; _tools.mnnconvert(sys.argv)"


class Peer:
    def __init__(self, folder, inputs, threads, place):
        self.version = f"MNN {MNN.version()}"
        self.net = MNN.Interpreter(str(converted(folder / "net.onnx", place)))
        self.session = self.net.createSession({"backend": "CPU", "numThread": threads, "precision": "high"})
        graph = onnx.load(folder / "net.onnx").graph
        self.inputs = [(self.net.getSessionInput(self.session, port.name), host(values.shape, values))
                       for port, values in zip(graph.input, inputs)]
        self.results = [self.net.getSessionOutput(self.session, port.name) for port in graph.output]

    def run(self):
        for tensor, values in self.inputs:
            tensor.copyFrom(values)
        self.net.runSession(self.session)

    def outputs(self):
        for tensor in self.results:
            values = host(tensor.getShape(), np.zeros(tensor.getShape(), np.float32))
            tensor.copyToHostTensor(values)
            yield np.array(values.getNumpyData())


def host(shape, values):
    return MNN.Tensor(shape, MNN.Halide_Type_Float, values, MNN.Tensor_DimensionType_Caffe)


def converted(model, place):
    made = place / "net.mnn"
    said = must([sys.executable, "-c", CONVERT, "-f", "ONNX", "--modelFile", model, "--MNNModel", made, "--bizCode", "bench"])
    if not made.exists():
        raise RuntimeError(f"MNN's converter: {said[-500:]}")
    return made
