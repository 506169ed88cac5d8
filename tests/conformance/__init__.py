"""The ONNX backend tests: cases.py runs them, table.py tells of them."""
