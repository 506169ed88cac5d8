"""PyTorch, as it comes: channels last, as its documentation advises for convolutions on processors, and no gradients."""

import torch

import torch_graph


class Peer:
    def __init__(self, folder, inputs, threads, place):
        torch.set_num_threads(threads)
        self.version = f"PyTorch {torch.__version__}"
        network = torch_graph.Network(folder / "net.onnx").eval()
        network.use_channels_last()
        self.inputs = [torch.from_numpy(values).contiguous(memory_format=torch.channels_last) for values in inputs]
        with torch.inference_mode():
            self.network = self.prepared(network)
        self.results = []

    def prepared(self, network):
        return network

    def run(self):
        with torch.inference_mode():
            self.results = self.network(*self.inputs)

    def outputs(self):
        return [values.contiguous().numpy() for values in self.results]
