"""ONNX Runtime: all optimisations of the graph, buffers bound once, so that a run copies nothing and makes no arrays."""

import onnxruntime


class Peer:
    def __init__(self, folder, inputs, threads, place):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.version = f"ONNX Runtime {onnxruntime.__version__}"
        self.session = onnxruntime.InferenceSession(str(folder / "net.onnx"), options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        for given, values in zip(self.session.get_inputs(), inputs):
            self.binding.bind_ortvalue_input(given.name, onnxruntime.OrtValue.ortvalue_from_numpy(values))
        for output in self.session.get_outputs():
            place = onnxruntime.OrtValue.ortvalue_from_shape_and_type(output.shape, "float32")
            self.binding.bind_ortvalue_output(output.name, place)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        return self.binding.copy_outputs_to_cpu()
