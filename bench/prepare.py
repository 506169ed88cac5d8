"""What a network needs to be timed and judged, in a folder of its own: its text, ONNX models, inputs, the compiled program, and what
is right."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

import machine
from networks import WEIGHTS
import right


def must(words):
    """What a command prints. One that fails ends the run."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def child_seconds(words):
    """What a command takes of a processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    must(words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def made_up_inputs(report):
    """Of each input N, H, W, C: levels of a picture where the network says how it takes them, else numbers about 0."""
    rng = np.random.default_rng(1)
    layers = {layer["name"] for layer in report["layers"]}
    for given in report["inputs"]:
        picture = f"{given['name']}.normalize" in layers
        yield rng.uniform(*((0, 255) if picture else (-1, 1)), given["shape"]).astype("<f4")


class Prepared:
    """A network at a batch. compile_seconds, object_bytes: of its object. report: that of --report=json."""

    def __init__(self, build, network, batch, folder):
        self.cnnc, self.network, self.batch, self.folder = build / "cnnc", network, batch, folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.write_texts()
        self.report = json.loads(must([self.cnnc, "-w", "--report=json", folder / "net.cnn"]))
        self.write_inputs()
        self.write_models()
        self.compile_seconds, self.object_bytes = self.compile("runner")

    def write_texts(self):
        (self.folder / "net.cnn").write_text(self.network.text(self.batch))
        (self.folder / "single.cnn").write_text(self.network.text(1))

    def write_inputs(self):
        """As the object takes them, N, H, W, C, and as models take them, N, C, H, W."""
        self.inputs = list(made_up_inputs(self.report))
        for i, values in enumerate(self.inputs):
            values.tofile(self.folder / f"in{i}.f32")
            np.save(self.folder / f"in{i}.npy", np.ascontiguousarray(values.transpose(0, 3, 1, 2)))

    def write_models(self):
        for name in ("net", "single") if self.batch > 1 else ("net",):
            source, model = self.folder / f"{name}.cnn", self.folder / f"{name}.onnx"
            must([self.cnnc, "-w", "--emit=onnx", source, "--weights", WEIGHTS, "-o", model])
        if self.batch == 1:
            os.link(self.folder / "net.onnx", self.folder / "single.onnx")

    def compile(self, program, *options):
        """Seconds of a processor, and bytes of the object."""
        object_file, name = self.folder / "net.o", self.network.name
        seconds = child_seconds([self.cnnc, "-w", "-c", self.folder / "net.cnn", "--weights", WEIGHTS, "--name", name, *options,
                                 "-o", object_file])
        size = object_file.stat().st_size
        must(machine.runner_command(self.cnnc.parent, name, self.report, object_file) + ["-o", self.folder / program])
        object_file.unlink()
        return seconds, size

    def remove(self):
        shutil.rmtree(self.folder)

    # --- what is right, and what was computed: a row for each image, N, C, H, W ---

    def right(self):
        """{number of an image: its outputs in double}, of the first and the last of the batch."""
        return {i: self.right_of(i) for i in {0, self.batch - 1}}

    def right_of(self, image):
        planes = [values[image:image + 1].transpose(0, 3, 1, 2) for values in self.inputs]
        return np.concatenate([values.ravel() for values in right.outputs(self.folder / "single.onnx", planes)])

    @staticmethod
    def in_planes(values, port, batch):
        _, height, width, depth = port["shape"]
        return values.reshape(batch, height * width, depth).transpose(0, 2, 1).reshape(batch, -1)

    def own_outputs(self):
        """Of the compiled network that ran last."""
        return np.concatenate([self.in_planes(np.fromfile(self.folder / f"out{i}.f32", "<f4"), port, self.batch)
                               for i, port in enumerate(self.report["outputs"])], 1)

    def outputs_of(self, peer):
        paths = [self.folder / peer / f"out{i}.npy" for i in range(len(self.report["outputs"]))]
        return np.concatenate([np.load(path).reshape(self.batch, -1) for path in paths], 1)


def error(outputs, right):
    """The largest difference of an image's outputs, as a part of their largest value, of zeros as it is; infinite where they are
    no numbers."""
    parts = [np.abs(outputs[image] - values).max() / (np.abs(values).max() or 1) for image, values in right.items()]
    return float(np.nan_to_num(max(parts), nan=np.inf))
