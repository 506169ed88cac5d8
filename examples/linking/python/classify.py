#!/usr/bin/env python3
"""Tells what a picture of 28x28 pixels shows: a PGM file in, the label of the best class out.

    cnnc --emit=shared ../../lenet/lenet.cnn
    PYTHONPATH=../../../bindings/python python3 classify.py ../boot.pgm
"""

import sys
from pathlib import Path

import cnnc
import numpy


def read_picture(path, shape):
    header = b"P5\n%d %d\n255\n" % (shape[1], shape[0])
    data = Path(path).read_bytes()
    if not data.startswith(header):
        sys.exit(f"{path}: not a PGM picture of {shape[1]}x{shape[0]} pixels")
    return numpy.frombuffer(data, numpy.uint8, offset=len(header)).reshape(shape)


lenet = cnnc.Network("lenet.so")
scores = lenet(read_picture(sys.argv[1], lenet.inputs[0].shape))
for label, score in lenet.top(scores, 1):
    print(label)
