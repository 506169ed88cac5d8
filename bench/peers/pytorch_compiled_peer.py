"""PyTorch with torch.compile; before version 2, frozen TorchScript that is optimised for inference."""

import torch

import pytorch_peer


class Peer(pytorch_peer.Peer):
    def prepared(self, network):
        self.version += " compiled"
        if hasattr(torch, "compile"):
            return torch.compile(network, mode="max-autotune")
        traced = torch.jit.freeze(torch.jit.trace(network, self.inputs, strict=False))
        return self.warmed(torch.jit.optimize_for_inference(traced))

    def warmed(self, network):
        """TorchScript's first runs look at what it runs."""
        for _ in range(3):
            network(*self.inputs)
        return network
