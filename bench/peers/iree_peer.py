"""IREE, compiled for this processor, with convolutions as products of matrices that are laid out in tiles, or as it comes where its
compiler cannot do that; with one thread on the caller's own."""

import sys
from importlib import metadata
from pathlib import Path

import iree.runtime as iree
import onnx

from command import must

AS_PRODUCTS = "--iree-opt-data-tiling", "--iree-global-opt-use-im2col-for-convs"


class Peer:
    def __init__(self, folder, inputs, threads, place):
        self.version = f"IREE {metadata.version('iree-base-compiler')}"
        module = compiled(folder / "net.onnx", place)
        driver = "local-sync" if threads == 1 else "local-task"
        if threads > 1:
            iree.flags.parse_flags(f"--task_topology_group_count={threads}")
        config = iree.Config(driver)
        context = iree.SystemContext(config=config)
        context.add_vm_module(iree.VmModule.mmap(context.instance, str(module)))
        self.function = getattr(context.modules.module, onnx.load(folder / "net.onnx").graph.name)
        self.inputs = [iree.asdevicearray(config.device, values) for values in inputs]
        self.results = []

    def run(self):
        results = self.function(*self.inputs)
        self.results = results if isinstance(results, tuple) else (results,)

    def outputs(self):
        return [result.to_host() for result in self.results]


def compiled(model, place):
    text, module = place / "net.mlir", place / "net.vmfb"
    tools = Path(sys.executable).parent
    must([tools / "iree-import-onnx", model, "-o", text])
    words = [tools / "iree-compile", text, "-o", module, "--iree-hal-target-device=local",
             "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]
    try:
        must([*words, *AS_PRODUCTS])
    except RuntimeError:
        must(words)
    return module
