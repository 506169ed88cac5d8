#!/usr/bin/env python3
"""What layers are called that cnnc import writes: after their weights, or their nodes."""

import re
from pathlib import Path

import onnx_files as onnx
import tools
from importing.models import Constant, model

# The weights' name, the node's name, and the label that the layer is to have.
NAMES = [
    ("layer1.0.conv1.weight", "Conv_12", "layer1.0.conv1"),
    ("conv1/kernel:0", "conv1/Conv2D", "conv1"),
    ("onnx::MatMul_93", "/features/features.1/features.1.0/block/block.3/Conv", "features.1.0.block.3"),
    ("onnx::Conv_94", "/layer1/layer1.0/Conv", "layer1.0"),
    ("onnx::Conv_95", "/layer2/layer2x/Conv_1", "layer2.layer2x.Conv_1"),
    ("onnx::Conv_96", "/head//Conv/Conv", "head.Conv"),
    ("onnx::Conv_97", "/Conv", "Conv"),
    ("onnx::Conv_98", "/layer1/layer1.0/Conv", "layer1.0_2"),
    ("onnx::Conv_99", "model/block_1/expand", "model/block_1/expand"),
    ("kernels", "", "kernels"),
    ("more", "///", "Conv_2"),
]


def convolutions():
    """Of one input, with these names."""
    nodes, constants = [], {}
    for number, (weights, name, _) in enumerate(NAMES):
        nodes.append(onnx.node("Conv", ["x", weights], [f"y{number}"], name=name))
        constants[weights] = Constant([2, 2, 1, 1])
    return model(nodes, {"x": [1, 2, 4, 4]}, [f"y{number}" for number in range(len(NAMES))], constants)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as place:
        folder = Path(place)
        (folder / "m.onnx").write_bytes(convolutions())
        done = tools.cnnc("import", "m.onnx", "-o", "m.cnn", cwd=folder)
        labels = re.findall(r'(?:(\w+)|"([^"]+)"): conv\(', (folder / "m.cnn").read_text())
    for (weights, name, wanted), found in zip(NAMES, map("".join, labels), strict=True):
        counter.check(found == wanted, f"the label of {name!r} with {weights!r}", f"{found!r}, not {wanted!r}\n{done.stderr}")
    counter.finish()


if __name__ == "__main__":
    main()
