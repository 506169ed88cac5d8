"""ncnn, of a model that pnnx converts with single precision. ncnn has no batches: images are run one after the other."""

import shutil
import sys
from pathlib import Path

import ncnn
import numpy as np

from command import must


class Peer:
    def __init__(self, folder, inputs, threads, place):
        self.version = f"ncnn {ncnn.__version__}"
        converted = convert(folder / "single.onnx", inputs[0].shape, place)
        self.net = ncnn.Net()
        options = self.net.opt
        options.num_threads = threads
        options.use_vulkan_compute = False
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        options.use_bf16_packed = options.use_bf16_storage = False
        if self.net.load_param(f"{converted}.param") or self.net.load_model(f"{converted}.bin"):
            raise RuntimeError("ncnn cannot load what pnnx made")
        self.images = [ncnn.Mat(image).clone() for image in inputs[0]]
        self.results = []

    def run(self):
        self.results = [self.one(image) for image in self.images]

    def one(self, image):
        extractor = self.net.create_extractor()
        extractor.input("in0", image)
        return [extractor.extract(name)[1] for name in self.net.output_names()]

    def outputs(self):
        return [np.stack([np.array(mat) for mat in mats]) for mats in zip(*self.results)]


def convert(model, shape, place):
    """The path that NAME.param and NAME.bin begin with. pnnx writes beside the model; it is a process of its own since it
    loads PyTorch."""
    shutil.copy(model, place / "net.onnx")
    size = ",".join(map(str, (1, *shape[1:])))
    said = must([Path(sys.executable).with_name("pnnx"), "net.onnx", f"inputshape=[{size}]", "fp16=0"], cwd=place)
    if not (place / "net.ncnn.param").exists():
        raise RuntimeError(f"pnnx: {said[-500:]}")
    return place / "net.ncnn"
