#!/usr/bin/python3
"""Trains lenet.cnn's weights on Fashion-MNIST: python3 train.py

Needs Debian's python3-torch and dataset-fashion-mnist. Writes lenet.safetensors, with the names that
cnnc gives the parameters, and predictions.bin, PyTorch's own class for each of the 10,000 test
pictures, one byte each. The seed is fixed; sums of floats still differ a little between machines."""

import gzip
import json
import pathlib
import struct

import torch
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
EPOCHS, BATCH, PEAK_RATE = 22, 128, 0.005


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.fc1(x.flatten(1)))
        return self.fc3(functional.relu(self.fc2(x)))


def read_idx(name):
    """An IDX file: two zeros, the type, the number of dimensions, the dimensions, the bytes."""
    data = gzip.decompress((DATA / name).read_bytes())
    shape = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
    return torch.frombuffer(bytearray(data[4 + 4 * data[3]:]), dtype=torch.uint8).reshape(shape)


def load(part):
    pictures = read_idx(f"{part}-images-idx3-ubyte.gz").float().unsqueeze(1) / 255
    return pictures, read_idx(f"{part}-labels-idx1-ubyte.gz").long()


def varied(pictures):
    """Half of them mirrored."""
    mirrored = torch.rand(len(pictures)) < 0.5
    return torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)


def train(model, pictures, labels):
    steps = EPOCHS * (len(pictures) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        order = torch.randperm(len(pictures))
        total = 0.0
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start:start + BATCH]
            loss = functional.cross_entropy(model(varied(pictures[chosen])), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / (len(order) // BATCH):.3f}", flush=True)


def write_safetensors(path, tensors):
    """An 8-byte length, a JSON header of names, shapes and offsets, the float32 values."""
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(struct.pack(f"<{tensor.numel()}f", *tensor.flatten().tolist()))


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)  # sums in one order
    model = LeNet()
    train(model, *load("train"))
    pictures, labels = load("t10k")
    with torch.no_grad():
        predictions = model(pictures).argmax(1)
    print(f"right: {(predictions == labels).sum().item()} of {len(labels)}")
    write_safetensors(HERE / "lenet.safetensors", dict(model.state_dict()))
    (HERE / "predictions.bin").write_bytes(bytes(predictions.tolist()))


if __name__ == "__main__":
    main()
