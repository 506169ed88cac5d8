#!/usr/bin/env python3
"""Writes NAME.tsv beside itself for each network of the zoo: PyTorch's name and shape of each parameter and running
statistic, in its order; before them learned parameters and MACs as counted here, and as published by torchvision.
tests/zoo_test.py compares the .cnn files with these lists.

usage: tests/zoo/list_parameters.py [NAME...]

Needs torch and torchvision 0.15 or later, best in an environment of their own, which the tests do not need:

    python3 -m venv ENVIRONMENT && ENVIRONMENT/bin/pip install torch torchvision
    ENVIRONMENT/bin/python tests/zoo/list_parameters.py"""

import sys
from pathlib import Path

import torchvision

import pytorch


def lines(name):
    size = pytorch.NETWORKS[name][0]
    net = pytorch.module(name)
    source = f"torchvision {torchvision.__version__.split('+')[0]}" if pytorch.published(name) else "pytorch.py"
    yield f"# {name}, {source}, written by list_parameters.py"
    yield f"# size\t{'{1}x{2}x{0}'.format(*size) if isinstance(size, tuple) else size}"
    yield f"# parameters\t{pytorch.learned(net)}"
    yield f"# macs\t{pytorch.macs(net, pytorch.shape(name))}"
    if pytorch.training_only(name):
        yield f"# parameters for training only\t{pytorch.training_only(name)}"
    if pytorch.published(name):
        yield "# published parameters\t{}\n# published gmacs\t{}".format(*pytorch.published(name))
    for key, value in pytorch.parameters(net).items():
        yield f"{key}\t{'x'.join(map(str, value.shape))}"


def main():
    for name in sys.argv[1:] or pytorch.NETWORKS:
        path = Path(__file__).with_name(f"{name}.tsv")
        path.write_text("\n".join(lines(name)) + "\n")
        print(path.name, *path.read_text().splitlines()[2:6], sep="  ")


if __name__ == "__main__":
    main()
