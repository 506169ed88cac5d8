"""ONNX files, read and written from the definition of their format: protobuf messages, by the public field numbers.

A message is a dict by field names, its repeated fields lists; what is not set is absent when read:

    model = onnx_files.read_model(path)
    for node in model["graph"]["node"]: print(node["op_type"], onnx_files.attributes(node))

    graph = onnx_files.graph([onnx_files.node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
                             [onnx_files.value("x", [1, 3, "height", 8])], [onnx_files.value("y", [1, 4, None, 8])],
                             [onnx_files.tensor("w", [4, 3, 3, 3], values)])
    path.write_bytes(onnx_files.model(graph, opset=17))

To make broken files, every message may be changed before it is encoded; where a message belongs, bytes are taken as they
are, and field() makes any field. Types of tensors are named as in the format: "FLOAT", "INT64"."""

import struct
from pathlib import Path

# Field: its number, and its type: a message's name or a scalar's; in brackets if it is repeated.
MESSAGES = {
    "Model": {"ir_version": (1, "int"), "opset_import": (8, ["OperatorSet"]), "producer_name": (2, "text"),
              "producer_version": (3, "text"), "domain": (4, "text"), "model_version": (5, "int"),
              "doc_string": (6, "text"), "graph": (7, "Graph"), "metadata_props": (14, ["Entry"]),
              "functions": (25, ["Function"])},
    "OperatorSet": {"domain": (1, "text"), "version": (2, "int")},
    "Entry": {"key": (1, "text"), "value": (2, "text")},
    "Function": {"name": (1, "text"), "input": (4, ["text"]), "output": (5, ["text"]), "attribute": (6, ["text"]),
                 "node": (7, ["Node"]), "opset_import": (9, ["OperatorSet"]), "domain": (10, "text")},
    "Graph": {"node": (1, ["Node"]), "name": (2, "text"), "initializer": (5, ["Tensor"]), "doc_string": (10, "text"),
              "input": (11, ["Value"]), "output": (12, ["Value"]), "value_info": (13, ["Value"]),
              "sparse_initializer": (15, ["SparseTensor"])},
    "Node": {"input": (1, ["text"]), "output": (2, ["text"]), "name": (3, "text"), "op_type": (4, "text"),
             "attribute": (5, ["Attribute"]), "doc_string": (6, "text"), "domain": (7, "text")},
    "Attribute": {"name": (1, "text"), "f": (2, "float"), "i": (3, "int"), "s": (4, "bytes"), "t": (5, "Tensor"),
                  "g": (6, "Graph"), "floats": (7, ["float"]), "ints": (8, ["int"]), "strings": (9, ["bytes"]),
                  "tensors": (10, ["Tensor"]), "graphs": (11, ["Graph"]), "doc_string": (13, "text"),
                  "type": (20, "int"), "ref_attr_name": (21, "text"), "sparse_tensor": (22, "SparseTensor")},
    "Tensor": {"dims": (1, ["int"]), "data_type": (2, "int"), "segment": (3, "Segment"),
               "float_data": (4, ["float"]), "int32_data": (5, ["int"]), "string_data": (6, ["bytes"]),
               "int64_data": (7, ["int"]), "name": (8, "text"), "raw_data": (9, "bytes"),
               "double_data": (10, ["double"]), "uint64_data": (11, ["int"]), "doc_string": (12, "text"),
               "external_data": (13, ["Entry"]), "data_location": (14, "int")},
    "Segment": {"begin": (1, "int"), "end": (2, "int")},
    "SparseTensor": {"values": (1, "Tensor"), "indices": (2, "Tensor"), "dims": (3, ["int"])},
    "Value": {"name": (1, "text"), "type": (2, "Type"), "doc_string": (3, "text")},
    "Type": {"tensor_type": (1, "TensorType"), "sequence_type": (4, "bytes"), "map_type": (5, "bytes"),
             "denotation": (6, "text"), "sparse_tensor_type": (8, "bytes"), "optional_type": (9, "bytes")},
    "TensorType": {"elem_type": (1, "int"), "shape": (2, "Shape")},
    "Shape": {"dim": (1, ["Dimension"])},
    "Dimension": {"dim_value": (1, "int"), "dim_param": (2, "text"), "denotation": (3, "text")},
}

VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES = 0, 1, 2, 5

TYPES = ["UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16",
         "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"]
# What the struct module calls an element of raw_data, and the field for values where raw_data is not set.
ELEMENTS = {"FLOAT": ("f", "float_data"), "DOUBLE": ("d", "double_data"), "FLOAT16": ("e", "int32_data"),
            "BFLOAT16": ("H", "int32_data"), "INT8": ("b", "int32_data"), "UINT8": ("B", "int32_data"),
            "INT16": ("h", "int32_data"), "UINT16": ("H", "int32_data"), "INT32": ("i", "int32_data"),
            "UINT32": ("I", "uint64_data"), "INT64": ("q", "int64_data"), "UINT64": ("Q", "uint64_data"),
            "BOOL": ("?", "int32_data")}
ATTRIBUTE_TYPES = {"f": 1, "i": 2, "s": 3, "t": 4, "g": 5, "floats": 6, "ints": 7, "strings": 8, "tensors": 9,
                   "graphs": 10, "sparse_tensor": 11}


# --- the wire format ---

def varint(value):
    """Seven bits a byte, the lowest first; negative numbers are those of 64 bits."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number, wire, payload):
    """One field: its payload is an int for VARINT, otherwise bytes, which get their length in front for LENGTH."""
    head = varint(number << 3 | wire)
    if wire == VARINT:
        return head + varint(payload)
    return head + (varint(len(payload)) if wire == LENGTH else b"") + payload


def _encode_field(number, kind, value):
    if kind == "int":
        return field(number, VARINT, value)
    if kind == "float":
        return field(number, FOUR_BYTES, struct.pack("<f", value))
    if kind == "double":
        return field(number, EIGHT_BYTES, struct.pack("<d", value))
    if kind in MESSAGES:
        return field(number, LENGTH, value if isinstance(value, bytes) else encode(kind, value))
    return field(number, LENGTH, value if isinstance(value, bytes) else value.encode())


def _packed(kind, values):
    """Several numbers in one field."""
    if kind == "int":
        return b"".join(map(varint, values))
    return struct.pack(f"<{len(values)}{kind[0]}", *values)


def encode(name, message, packed=("Tensor", "SparseTensor")):
    """A message's bytes; fields are written in the order of the dict. packed: the messages whose repeated numbers are."""
    out = []
    for key, value in message.items():
        number, kind = MESSAGES[name][key]
        if not isinstance(kind, list):
            out.append(_encode_field(number, kind, value))
        elif name in packed and kind[0] in ("int", "float", "double"):
            out.append(field(number, LENGTH, _packed(kind[0], value)))
        else:
            out += [_encode_field(number, kind[0], item) for item in value]
    return b"".join(out)


def _read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def _fields(data):
    """The number, wire type and payload of every field of a message."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        wire = key & 7
        if wire == VARINT:
            payload, at = _read_varint(data, at)
        else:
            if wire == LENGTH:
                size, at = _read_varint(data, at)
            else:
                size = {EIGHT_BYTES: 8, FOUR_BYTES: 4}[wire]
            payload, at = data[at:at + size], at + size
            assert at <= len(data), "a field is longer than its message"
        yield key >> 3, wire, payload


def _unpacked(kind, payload):
    if kind != "int":
        return [value for value, in struct.iter_unpack("<" + kind[0], payload)]
    values, at = [], 0
    while at < len(payload):
        value, at = _read_varint(payload, at)
        values.append(_signed(value))
    return values


def _decode_field(kind, wire, payload):
    if kind in MESSAGES:
        return decode(kind, payload)
    if kind == "int":
        return _signed(payload)
    if kind in ("float", "double"):
        return struct.unpack("<" + kind[0], payload)[0]
    return bytes(payload).decode() if kind == "text" else bytes(payload)


def decode(name, data):
    """The message with these bytes. Fields that are not in MESSAGES are left out."""
    numbers = {number: (key, kind) for key, (number, kind) in MESSAGES[name].items()}
    message = {}
    for number, wire, payload in _fields(memoryview(data)):
        key, kind = numbers.get(number, (None, None))
        if isinstance(kind, list):
            numeric = kind[0] in ("int", "float", "double")
            several = _unpacked(kind[0], payload) if numeric and wire == LENGTH else \
                [_decode_field(kind[0], wire, payload)]
            message.setdefault(key, []).extend(several)
        elif key:
            message[key] = _decode_field(kind, wire, payload)
    return message


# --- reading ---

def read_model(path):
    return decode("Model", Path(path).read_bytes())


def read_tensor(path):
    """A file of one tensor, as those of test_data_set_0."""
    return decode("Tensor", Path(path).read_bytes())


def attributes(node):
    """{name: value} of a node. A value that is not written is its type's zero, or an empty list."""
    return {attribute["name"]: _attribute_value(attribute) for attribute in node.get("attribute", [])}


def _attribute_value(attribute):
    written = [attribute[key] for key in ATTRIBUTE_TYPES if key in attribute]
    return written[0] if written else {1: 0.0, 2: 0, 3: b""}.get(attribute.get("type"), [])


def type_name(tensor):
    return TYPES[tensor.get("data_type", 0)]


def tensor_values(tensor):
    """A tensor's elements as a flat list of numbers, or of bytes for STRING."""
    kind = type_name(tensor)
    if kind == "STRING":
        return tensor.get("string_data", [])
    code, key = ELEMENTS[kind]
    if "raw_data" in tensor:
        values = [value for value, in struct.iter_unpack("<" + code, tensor["raw_data"])]
    elif kind == "FLOAT16":
        values = [struct.unpack("<e", struct.pack("<H", bits))[0] for bits in tensor.get(key, [])]
    else:
        values = tensor.get(key, [])
    if kind == "BFLOAT16":
        values = [struct.unpack("<f", struct.pack("<I", bits << 16))[0] for bits in values]
    return [bool(value) for value in values] if kind == "BOOL" else values


def dimensions(value):
    """A Value's sizes: numbers, names of symbols or None; None altogether if it has no shape or is no tensor."""
    shape = value.get("type", {}).get("tensor_type", {}).get("shape")
    if shape is None:
        return None
    return [dimension.get("dim_value", dimension.get("dim_param")) for dimension in shape.get("dim", [])]


def is_open(value):
    """Whether a Value has a size that is no number."""
    sizes = dimensions(value)
    return sizes is None or not all(isinstance(size, int) for size in sizes)


# --- writing ---

def encode_elements(kind, values):
    """Values as the bytes of raw_data. BFLOAT16 takes bits."""
    return struct.pack(f"<{len(values)}{ELEMENTS[kind][0]}", *values)


def tensor(name, dims, values, kind="FLOAT", raw=True):
    """A Tensor of a flat list of values; raw: in raw_data, else in the field of its type."""
    out = {"dims": list(dims), "data_type": TYPES.index(kind), "name": name}
    if kind == "STRING":
        return {**out, "string_data": list(values)}
    key, data = ELEMENTS[kind][1], encode_elements(kind, values)
    if raw:
        return {**out, "raw_data": data}
    if kind == "FLOAT16":
        values = struct.unpack(f"<{len(values)}H", data)
    return {**out, key: list(values)}


def value(name, dims=None, kind="FLOAT"):
    """A Value: an input, an output or a tensor between; sizes are numbers, names of symbols, or None where unknown."""
    kinds = {int: "dim_value", str: "dim_param"}
    described = {"elem_type": TYPES.index(kind)}
    if dims is not None:
        described["shape"] = {"dim": [{} if size is None else {kinds[type(size)]: size} for size in dims]}
    return {"name": name, "type": {"tensor_type": described}}


def attribute(name, value):
    """An Attribute, its type that of the Python value: int, float, str, Tensor or Graph, or a list of one of them. An
    empty list is one of ints."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        key = "g" if "node" in first else "t"
    else:
        key = {int: "i", bool: "i", float: "f", str: "s", bytes: "s", list: "i"}[type(first)]
    if isinstance(value, list):
        key = {"g": "graphs", "t": "tensors", "i": "ints", "f": "floats", "s": "strings"}[key]
    return {"name": name, key: value, "type": ATTRIBUTE_TYPES[key]}


def node(op, inputs, outputs, name=None, domain=None, **attributes):
    """A Node; an input that is left out is ""."""
    out = {"input": list(inputs), "output": list(outputs), "op_type": op}
    out.update({key: text for key, text in (("name", name), ("domain", domain)) if text is not None})
    return {**out, "attribute": [attribute(*item) for item in attributes.items()]}


def graph(nodes, inputs, outputs, initializers=(), name="graph", **fields):
    return {"node": list(nodes), "name": name, "initializer": list(initializers), "input": list(inputs),
            "output": list(outputs), **fields}


def model(graph, opset=17, ir_version=8, **fields):
    """The bytes of a Model file; `fields` are further ones of it, or other values."""
    return encode("Model", {"ir_version": ir_version, "opset_import": [{"domain": "", "version": opset}],
                            "graph": graph, **fields})
