"""ONNX models made for tests of their import: broken ones, hostile ones, and forms of operators with an interpreter."""
