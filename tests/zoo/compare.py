#!/usr/bin/env python3
"""The zoo's programs against PyTorch: each network with made-up parameters, written by PyTorch as safetensors, compiled
by cnnc, and both run on one made-up picture. Prints the table of docs/zoo.md, a row for each network: its learned
parameters, which both count alike; the largest error of an output value, of cnnc and of PyTorch in single precision, as a
part of the largest output; and how much of what is allowed the worst value of cnnc takes. What PyTorch computes in
double precision is right, y; from it a value may be 1e-4 |y| + 1e-5 max|y| away. The last column is the difference
between two pictures: a network that hardly depends on its picture would compare little, and fails too.

usage: tests/zoo/compare.py [NAME...]      ./dev golden runs it with a Python that has torch and torchvision

The compiler is build/cnnc, or what $CNNC names."""

import json
import sys
from pathlib import Path

import torch

import pytorch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import tools

sys.path.insert(0, str(tools.ROOT / "bindings" / "python"))
from pytorch_weights import write_safetensors

DEPENDS = 1e-2
TITLES = ("network", "parameters", "cnnc", "PyTorch", "of the allowed", "two pictures")


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


def run(words):
    done = tools.run(words, timeout=600)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def counted_by_cnnc(name):
    return json.loads(run([tools.CNNC, "--report=json", tools.ROOT / "examples" / f"{name}.cnn"]))["totals"]["params"]


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


def error(values, exact):
    """The largest, as a part of the largest exact value."""
    return ((values.double() - exact).abs().max() / exact.abs().max()).item()


def allowed_part(values, exact):
    """How much of what is allowed the worst value takes."""
    allowed = 1e-4 * exact.abs() + 1e-5 * exact.abs().max()
    return ((values.double() - exact).abs() / allowed).max().item()


def compare(name, folder):
    torch.manual_seed(1)
    net = pytorch.module(name)
    size = pytorch.NETWORKS[name][0]
    raw = [picture(size) for _ in range(5)]
    settle(net, normalized(name, torch.cat(raw[1:])))
    ours = compiled_output(name, net, raw[0], folder)
    seen, unseen = normalized(name, raw[0]), normalized(name, raw[1])
    single, other = net(seen), net(unseen)
    exact = net.double()(seen.double())
    if ours.shape != exact.shape:
        sys.exit(f"{name}: outputs of {tuple(ours.shape)} and, in PyTorch, {tuple(exact.shape)}")
    learned, counted = pytorch.learned(net), counted_by_cnnc(name)
    if learned != counted:
        sys.exit(f"{name}: {counted} parameters and, in PyTorch, {learned}")
    part, depends = allowed_part(ours, exact), error(other, single.double())
    print(f"| {name} | {learned:,} | {error(ours, exact):.1e} | {error(single, exact):.1e} | {part:.1%} | {depends:.0%} |",
          flush=True)
    return part <= 1 and depends > DEPENDS


def main():
    print("| " + " | ".join(TITLES) + " |\n" + "| --- " * len(TITLES) + "|", flush=True)
    with torch.no_grad(), tools.temporary_folder() as folder:
        wrong = [name for name in sys.argv[1:] or pytorch.NETWORKS if not compare(name, Path(folder))]
    if wrong:
        sys.exit(f"not within what is allowed: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
