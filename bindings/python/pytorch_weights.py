"""PyTorch's checkpoints, .pt and .pth, as safetensors files, which cnnc reads.

    python3 pytorch_weights.py CHECKPOINT -o FILE.safetensors [--key KEY] [--strip PREFIX]

CHECKPOINT is what torch.save wrote: a state_dict, or a dict with one in it, such as {"epoch": 7, "state_dict": {...}}.
Where it holds several, --key says which, with a dot from dict to dict: --key ema.state_dict. --strip PREFIX takes the
tensors whose names begin with PREFIX only, and removes it: `--strip module.` for a model that was trained in parallel,
`--strip backbone.` for a part.

Tensors of floats are written, in their own precision; others, such as counters, are not. The file is written whole or not at
all. Nothing in the checkpoint is run: it is read by torch.load(weights_only=True).

As a module: write_safetensors(path, tensors)."""

import argparse
import json
import os
import struct
import sys
import tempfile

import torch

TYPES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64"}


class Unusable(Exception):
    """The checkpoint is not what this reads, and why."""


def tensor_bytes(tensor):
    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes()


def write_safetensors(path, tensors):
    """Writes {name: tensor of floats}, whole or not at all. OSError: it cannot be written."""
    header, end = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    folder, name = os.path.split(os.path.abspath(path))
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder) as place:
        written = os.path.join(place, name)
        with open(written, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for tensor in tensors.values():
                file.write(tensor_bytes(tensor))
        os.replace(written, path)


def read_checkpoint(path):
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds
        raise Unusable(f"torch.load does not read it: {error}") from error


def is_state_dict(value):
    return isinstance(value, dict) and any(isinstance(item, torch.Tensor) for item in value.values())


def state_dicts(value, path=()):
    """Those in nested dicts, by their keys joined with dots; what is inside one is not looked at."""
    if is_state_dict(value):
        return {".".join(path): value}
    found = {}
    for key, item in value.items() if isinstance(value, dict) else ():
        found.update(state_dicts(item, (*path, str(key))))
    return found


def find_state_dict(checkpoint, key):
    found = state_dicts(checkpoint)
    names = ", ".join(found)
    if key is None and len(found) == 1:
        return next(iter(found.values()))
    if key in found:
        return found[key]
    if not found:
        raise Unusable(f"no state_dict in it, but {type(checkpoint).__name__}")
    raise Unusable(f"several state_dicts in it: {names}; --key says which" if key is None else
                   f"no state_dict {key} in it, but {names or 'one without a key'}")


def float_tensors(state, prefix):
    """{name without prefix: tensor of floats} of those with it, and how many others there are with it."""
    tensors, others = {}, 0
    for name, value in state.items():
        if not name.startswith(prefix):
            continue
        if isinstance(value, torch.Tensor) and value.dtype in TYPES and value.layout == torch.strided:
            tensors[name.removeprefix(prefix)] = value
        else:
            others += 1
    if not tensors:
        begin = f" whose name begins with {prefix}" if prefix else ""
        raise Unusable(f"no tensor of floats{begin}; its first name is {next(iter(state), 'missing')}")
    return tensors, others


def main():
    parser = argparse.ArgumentParser(description="PyTorch's checkpoints as safetensors files.")
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="what torch.save wrote, .pt or .pth")
    parser.add_argument("-o", metavar="FILE", dest="output", required=True, help="the safetensors file to write")
    parser.add_argument("--key", help="where in nested dicts the state_dict is: KEY.KEY")
    parser.add_argument("--strip", metavar="PREFIX", default="",
                        help="only tensors whose names begin with PREFIX, without it")
    given = parser.parse_args()
    try:
        tensors, others = float_tensors(find_state_dict(read_checkpoint(given.checkpoint), given.key), given.strip)
        write_safetensors(given.output, tensors)
    except Unusable as error:
        sys.exit(f"{given.checkpoint}: {error}")
    except OSError as error:
        print(f"{given.output}: {error.strerror}", file=sys.stderr)
        sys.exit(4)
    values = sum(tensor.numel() for tensor in tensors.values())
    left = f"; {others} that hold no floats are left out" if others else ""
    print(f"{given.output}: {len(tensors)} tensors with {values:,} values{left}")


if __name__ == "__main__":
    main()
