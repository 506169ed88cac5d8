#!/usr/bin/env python3
"""The zoo's programs against PyTorch: each network with made-up parameters, written by PyTorch as safetensors, compiled
by cnnc, and both run on one made-up picture. Prints for each the largest difference of an output value, relative to
the largest output: between the two, and of either to PyTorch in double precision. One above 1e-4 fails. The last
column is the difference between two pictures: a network that hardly depends on its picture would compare little, and
fails too.

usage: tests/zoo/compare.py [NAME...]

Needs torch and torchvision as list_parameters.py does. The compiler is build/cnnc, or what $CNNC names."""

import json
import struct
import sys
from pathlib import Path

import torch

import pytorch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import tools

LIMIT = 1e-4
DEPENDS = 1e-2


def picture(size):
    """One image of smooth spots, so that means over it differ; raw values 0 to 255, N C H W."""
    spots = torch.rand(1, 3, 8, 8)
    smooth = torch.nn.functional.interpolate(spots, (size, size), mode="bicubic").clamp(0, 1)
    return (smooth + 0.2 * torch.rand(1, 3, size, size)) / 1.2 * 255


def normalized(name, raw):
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in pytorch.NETWORKS[name][1])
    return (raw - mean) / std


def settle(net, pictures):
    """Scales and shifts of batch norm that are not its defaults, and then running statistics near those of some
    pictures, as training leaves them: with any others, values grow from layer to layer, and rounding with them."""
    norms = [layer for layer in net.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    for layer in norms:
        layer.weight *= 0.5 + torch.rand_like(layer.weight)
        layer.bias += 0.3 * torch.randn_like(layer.bias)
        layer.train().momentum = 1.0
    net(pictures)
    net.eval()
    for layer in norms:
        layer.running_mean += 0.1 * layer.running_var.sqrt() * torch.randn_like(layer.running_mean)
        layer.running_var *= 0.8 + 0.4 * torch.rand_like(layer.running_var)


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().numpy().tobytes())


def run(words):
    done = tools.run(words, timeout=600)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")


def compiled_output(name, net, raw, folder):
    """What the compiled program makes of the picture: N C, or N C H W."""
    size = raw.shape[-1]
    write_safetensors(folder / "net.safetensors", pytorch.parameters(net))
    tools.write_npy(folder / "in.npy", (size, size, 3), raw[0].permute(1, 2, 0).flatten().tolist())
    run([tools.CNNC, "--weights", folder / "net.safetensors", "-D", f"size={size}", "-o", folder / "net",
         tools.ROOT / "examples" / f"{name}.cnn"])
    run([folder / "net", folder / "in.npy", "-o", folder / "out.npy"])
    shape, values = tools.read_npy(folder / "out.npy")
    output = torch.tensor(values).reshape(shape)
    return (output.permute(2, 0, 1) if len(shape) == 3 else output)[None]


def difference(a, b, largest):
    return ((a.double() - b.double()).abs().max() / largest).item()


def compare(name, folder):
    torch.manual_seed(1)
    net = pytorch.module(name)
    size = pytorch.NETWORKS[name][0]
    raw = [picture(size) for _ in range(5)]
    settle(net, normalized(name, torch.cat(raw[1:])))
    ours = compiled_output(name, net, raw[0], folder)
    seen = normalized(name, raw[0])
    single, other = net(seen), net(normalized(name, raw[1]))
    exact = net.double()(seen.double())
    if ours.shape != exact.shape:
        sys.exit(f"{name}: outputs of {tuple(ours.shape)} and, in PyTorch, {tuple(exact.shape)}")
    largest = exact.abs().max()
    depends = difference(single, other, largest)
    figures = difference(ours, single, largest), difference(ours, exact, largest), difference(single, exact, largest)
    good = max(figures) < LIMIT and depends > DEPENDS
    print("{:18} {:7.1e} {:15.1e} {:18.1e} {:13.1e}  {}".format(name, *figures, depends, "ok" if good else "FAIL"),
          flush=True)
    return good


def main():
    print("network            PyTorch  cnnc to double  PyTorch to double  two pictures")
    good = True
    with torch.no_grad(), tools.temporary_folder() as folder:
        for name in sys.argv[1:] or pytorch.NETWORKS:
            good = compare(name, Path(folder)) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
