"""What ONNX Runtime makes of an ONNX model, tensor by tensor, beside the layers that cnnc imports it as. Needs NumPy and onnxruntime; ./dev peers makes a Python with them."""

import sys
from itertools import permutations

import numpy as np
import onnxruntime

import onnx_files as onnx


def all_tensors(path, arrays):
    """{name: array} of every tensor that a node makes, without optimisations. arrays: one for each input, of its element
    type; flat ones get the model's dimensions."""
    model = onnx.read_model(path)
    graph = model["graph"]
    outputs = {value["name"] for value in graph["output"]}
    made = [name for node in graph["node"] for name in node["output"] if name]
    graph["output"] += [{"name": name} for name in made if name not in outputs]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(onnx.encode("Model", model), options, ["CPUExecutionProvider"])
    given = {port.name: array.reshape(port.shape) if array.ndim == 1 else array
             for port, array in zip(session.get_inputs(), arrays)}
    return dict(zip(made, session.run(made, given)))


def tensors_of_layers(path, report):
    """{layer: tensor}: the line of an imported layer is the number of its node, and the last layer of a node makes what
    the node makes."""
    nodes, found = onnx.read_model(path)["graph"]["node"], {}
    for layer in report["layers"]:
        if 0 < layer["line"] <= len(nodes) and len(nodes[layer["line"] - 1]["output"]) == 1:
            found[nodes[layer["line"] - 1]["output"][0]] = layer["name"]
    return {layer: tensor for tensor, layer in found.items()}


def pixels(array):
    """N, C, H, W or N, C in the order of a layer, N, H, W, C."""
    return (array.transpose(0, 2, 3, 1) if array.ndim == 4 else array).ravel()


def on_axes(array, shape):
    """The array's values in the order of a layer of this shape, [N, H, W, C]: once for each way in which its dimensions of
    more than 1 can lie on the axes, since importing moves dimensions, not values."""
    dims = [size for size in array.shape if size != 1]
    wanted = sorted(size for size in shape if size != 1)
    if sorted(dims) == wanted:
        for axes in permutations([axis for axis in range(4) if shape[axis] != 1]):
            if [shape[axis] for axis in axes] == dims:
                yield array.reshape(dims).transpose(np.argsort(axes)).ravel()


def main(model, folder, *paths):
    """Writes the outputs of a model for these inputs to folder/outputI.npy."""
    graph = onnx.read_model(model)["graph"]
    made = all_tensors(model, [np.load(path) for path in paths])
    for i, value in enumerate(graph["output"]):
        np.save(f"{folder}/output{i}.npy", made[value["name"]])


if __name__ == "__main__":
    main(*sys.argv[1:])
