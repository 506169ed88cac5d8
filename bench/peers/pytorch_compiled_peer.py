"""PyTorch, compiled: frozen TorchScript that is optimised for inference, or torch.compile, which came with version 2, with frozen
weights; each in the layout that it prefers. The faster one is taken."""

import torch

import pytorch_peer


class Peer(pytorch_peer.Peer):
    def calls(self, path, inputs):
        self.version += " compiled"
        network, tensors = pytorch_peer.laid_out(path, inputs, torch.contiguous_format)
        traced = torch.jit.freeze(torch.jit.trace(network, tensors, strict=False))
        yield pytorch_peer.call_of(torch.jit.optimize_for_inference(traced), tensors)
        if hasattr(torch, "compile"):
            network, tensors = pytorch_peer.laid_out(path, inputs, torch.channels_last)
            options = {"freezing": True, "max_autotune": True, "cpp_wrapper": True}
            yield pytorch_peer.call_of(torch.compile(network, options=options), tensors)
