#!/usr/bin/env python3
"""The zoo's programs against PyTorch: each network with made-up parameters, written by PyTorch as safetensors, compiled
by cnnc, and both run on one made-up picture. Prints the table of docs/zoo.md, a row for each network: its learned
parameters, which both count alike; the largest error of an output value, of cnnc and of PyTorch in single precision, as a
part of the largest output; and how much of what is allowed the worst value of cnnc takes. What PyTorch computes in
double precision is right, y; from it a value may be 1e-4 |y| + 1e-5 max|y| away, or all of them twice as far as the worst one of
PyTorch: rounding grows through sixty narrow layers, in whatever order it adds. The last column is the difference
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


def picture(depth, height, width):
    """One image of smooth spots, so that means over it differ; raw values 0 to 255, N C H W."""
    spots = torch.rand(1, depth, 8, 8)
    smooth = torch.nn.functional.interpolate(spots, (height, width), mode="bicubic").clamp(0, 1)
    return (smooth + 0.2 * torch.rand(1, depth, height, width)) / 1.2 * 255


def normalized(name, raw):
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in pytorch.NETWORKS[name][1])
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


def report_by_cnnc(name):
    return json.loads(run([tools.CNNC, "--report=json", "-w", tools.ROOT / "examples" / f"{name}.cnn"]))


def read_output(path):
    """C, or C H W."""
    shape, values = tools.read_npy(path)
    output = torch.tensor(values).reshape(shape)
    return output.permute(2, 0, 1) if len(shape) == 3 else output


def compiled_output(name, net, raw, outputs, folder):
    """What the compiled program makes of the picture, all its outputs in one row."""
    size = pytorch.NETWORKS[name][0]
    write_safetensors(folder / "net.safetensors", pytorch.parameters(net))
    tools.write_npy(folder / "in.npy", raw[0].permute(1, 2, 0).shape, raw[0].permute(1, 2, 0).flatten().tolist())
    define = [] if isinstance(size, tuple) else ["-D", f"size={size}"]
    run([tools.CNNC, "-w", "--weights", folder / "net.safetensors", *define, "-o", folder / "net",
         tools.ROOT / "examples" / f"{name}.cnn"])
    files = [folder / f"{output}.npy" for output in outputs]
    run([folder / "net", folder / "in.npy", *(word for path in files for word in ("-o", f"{path.stem}={path}"))])
    return in_one_row([read_output(path)[None] for path in files])


def in_one_row(outputs):
    """A module's output, or several."""
    return torch.cat([y.flatten(1) for y in ([outputs] if isinstance(outputs, torch.Tensor) else outputs)], 1)


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
    report = report_by_cnnc(name)
    raw = [picture(*pytorch.shape(name)) for _ in range(5)]
    settle(net, normalized(name, torch.cat(raw[1:])))
    ours = compiled_output(name, net, raw[0], [output["name"] for output in report["outputs"]], folder)
    seen, unseen = normalized(name, raw[0]), normalized(name, raw[1])
    single, other = in_one_row(net(seen)), in_one_row(net(unseen))
    exact = in_one_row(net.double()(seen.double()))
    if ours.shape != exact.shape:
        sys.exit(f"{name}: outputs of {ours.numel()} values and, in PyTorch, {exact.numel()}")
    learned, counted = pytorch.learned(net), report["totals"]["params"]
    if learned != counted:
        sys.exit(f"{name}: {counted} parameters and, in PyTorch, {learned}")
    part, depends = allowed_part(ours, exact), error(other, single.double())
    mine, theirs = error(ours, exact), error(single, exact)
    print(f"| {name} | {learned:,} | {mine:.1e} | {theirs:.1e} | {part:.1%} | {depends:.0%} |", flush=True)
    return (part <= 1 or mine <= 2 * theirs) and depends > DEPENDS


def main():
    print("| " + " | ".join(TITLES) + " |\n" + "| --- " * len(TITLES) + "|", flush=True)
    with torch.no_grad(), tools.temporary_folder() as folder:
        wrong = [name for name in sys.argv[1:] or pytorch.NETWORKS if not compare(name, Path(folder))]
    if wrong:
        sys.exit(f"not within what is allowed: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
