"""PyTorch, as it comes, without gradients, in the faster of its two layouts of memory: channels last, as its documentation advises
for convolutions on processors, and the other one, which older versions prefer."""

import time

import torch

import torch_graph

TRIALS = 3


class Peer:
    def __init__(self, folder, inputs, threads, place):
        torch.set_num_threads(threads)
        self.version = f"PyTorch {torch.__version__}"
        with torch.inference_mode():
            self.run_once = min(self.calls(folder / "net.onnx", inputs), key=seconds)
        self.results = []

    def calls(self, path, inputs):
        """Functions without arguments that run the network, of which the fastest is taken."""
        for layout in (torch.contiguous_format, torch.channels_last):
            yield call_of(*laid_out(path, inputs, layout))

    def run(self):
        with torch.inference_mode():
            self.results = self.run_once()

    def outputs(self):
        return [values.contiguous().numpy() for values in self.results]


def laid_out(path, inputs, layout):
    """The network and tensors of the inputs."""
    network = torch_graph.Network(path).eval().to(memory_format=layout)
    return network, [torch.from_numpy(values).contiguous(memory_format=layout) for values in inputs]


def call_of(network, inputs):
    return lambda: network(*inputs)


def seconds(call):
    """The first runs, which may compile, do not count."""
    for _ in range(TRIALS):
        call()
    return min(timed(call) for _ in range(TRIALS))


def timed(call):
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
