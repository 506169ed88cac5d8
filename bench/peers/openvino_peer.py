"""OpenVINO: its hint for latency, one stream, single precision, tensors that are set once."""

import openvino


class Peer:
    def __init__(self, folder, inputs, threads, place):
        self.version = f"OpenVINO {openvino.__version__.split('-')[0]}"
        core = openvino.Core()
        settings = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": threads,
                    "INFERENCE_PRECISION_HINT": "f32"}
        self.request = core.compile_model(core.read_model(folder / "net.onnx"), "CPU", settings).create_infer_request()
        self.inputs = [openvino.Tensor(values) for values in inputs]
        for i, tensor in enumerate(self.inputs):
            self.request.set_input_tensor(i, tensor)

    def run(self):
        self.request.start_async()
        self.request.wait()

    def outputs(self):
        return [tensor.data.copy() for tensor in self.request.output_tensors]
