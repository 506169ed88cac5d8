"""Networks compiled by cnnc, as functions of NumPy arrays.

    net = cnnc.Network("lenet.so")         # of `cnnc --emit=shared lenet.cnn`
    net = cnnc.compile("lenet.cnn")        # the same, in one step
    scores = net(image)
    net.top(scores, 3)                     # [("shirt", 0.9), ...]

The library says what the network takes and gives; arrays are checked against that. This file is all that
there is to it: it may be copied, and needs nothing but NumPy. x86-64 Linux."""

from __future__ import annotations

import ctypes
import itertools
import math
import mmap
import operator
import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import warnings
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np

__all__ = ["CompileError", "Field", "Layer", "Network", "RunError", "Tensor", "compile"]


class CompileError(Exception):
    """cnnc refused; the text is what it said. `code` is its exit code: 1 the network is wrong, 2 usage, 3 a limit,
    4 a file cannot be read or written, 5 memory, 70 an internal error."""

    def __init__(self, messages: str, code: int):
        super().__init__(messages)
        self.code = code


class RunError(Exception):
    """A network did not run; nothing was computed. `code` is what its run function returned."""

    MEANINGS = {
        1: "an address is NULL",
        2: "the workspace is not aligned to ALIGNMENT, or a tensor not to its type",
        3: "the workspace has fewer bytes than are wanted",
        4: "an output or the workspace overlaps another buffer",
        5: "the weights are not those of this compilation",
        6: "the executor has no run function, or parts are not 1 to 1024",
    }

    def __init__(self, code: int):
        super().__init__(self.MEANINGS.get(code, f"the run function returned {code}"))
        self.code = code


# --- what a network tells of itself ---

@dataclass(frozen=True)
class Tensor:
    """An input or output.

    shape: of its arrays, in the order of memory: height, width, channels, or with the layout "chw" channels, height,
    width; the batch in front if it is not one. What is 1x1 along height and width is a vector of channels.
    range: between what raw values an input lies, if the network says so.
    labels: the names of an output's channels, if it has some."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    layout: str
    range: tuple[float, float] | None
    labels: tuple[str, ...] = field(repr=False)
    _shapes: frozenset[tuple[int, ...]] = field(repr=False)

    def _array(self, value: Any) -> np.ndarray:
        """The value as an array whose memory the network can read; copied only if it must be."""
        array = np.asarray(value)
        casting = "same_kind" if self.dtype == np.float32 else "safe"  # floats are rounded, bytes would wrap around
        if not np.can_cast(array.dtype, self.dtype, casting):
            raise TypeError(f"{self.name}: an array of {array.dtype}, where the network takes {self.dtype}")
        if array.shape not in self._shapes:
            raise ValueError(f"{self.name}: an array of shape {array.shape}, where the network takes {self.shape}, "
                             f"{self.layout}")
        return np.require(array, self.dtype, ["C_CONTIGUOUS", "ALIGNED"])


@dataclass(frozen=True)
class Field:
    """What a unit sees of an input: along height and width, in pixels; None where no one formula holds."""

    input: str
    size: tuple[int | None, int | None]
    stride: tuple[float | None, float | None]  # from a unit to the next
    offset: tuple[int | None, int | None]      # first pixel of unit 0


@dataclass(frozen=True)
class Layer:
    """A layer of the network file."""

    name: str
    word: str                         # what the language calls it
    shape: tuple[int, int, int, int]  # of its result: batch, height, width, channels
    parameters: int                   # learned numbers
    macs: int                         # multiply-accumulates
    receptive_field: Field | None     # in the first input it depends on


def _struct(fields: str) -> np.dtype:
    """A struct of runtime/info.h: fields of int64_t, double where * is in front, in brackets how many."""
    described = []
    for kind, name, count in re.findall(r"(\*?)(\w+)(?:\[(\d)\])?", fields):
        described.append((name, "<f8" if kind else "<i8", (int(count),)) if count else (name, "<f8" if kind else "<i8"))
    return np.dtype(described)


_MAGIC = b"cnninfo1"
_HEAD = np.dtype([("magic", "V8"), ("bytes", "<i8"), ("identity", "V16")])
_FACTS = _struct("network compiler target cpu inputs input_count outputs output_count layers layer_count parameters "
                 "macs workspace_bytes alignment weights_bytes part_bytes")
_TENSOR = _struct("name type layout shape[4] has_range *range[2] labels label_count")
_LAYER = _struct("name word shape[4] parameters macs input *field[2] *stride[2] *offset[2]")


class _Info:
    """The block of bytes that NAME_info() returns, read. Texts and lists in it are told by their distance from its
    beginning."""

    def __init__(self, block: bytes):
        self.block = block
        self.identity = bytes(np.frombuffer(block, _HEAD, 1)[0]["identity"]).decode("ascii")
        self.facts = np.frombuffer(block, _FACTS, 1, _HEAD.itemsize)[0]

    def text(self, at: int) -> str:
        return self.block[at:self.block.index(b"\0", at)].decode("utf-8", "replace")

    def part_bytes(self) -> int:
        if self.facts["network"] < _HEAD.itemsize + _FACTS.itemsize:  # the first text, right behind the facts
            raise ValueError("compiled by an older version of cnnc, which does not tell what memory threads= takes")
        return int(self.facts["part_bytes"])

    def list(self, name: str, kind: np.dtype) -> np.ndarray:
        return np.frombuffer(self.block, kind, self.facts[f"{name}_count"], self.facts[f"{name}s"])

    def tensors(self, name: str) -> tuple[Tensor, ...]:
        return tuple(self.tensor(row) for row in self.list(name, _TENSOR))

    def tensor(self, row: np.void) -> Tensor:
        n, h, w, c = row["shape"].tolist()
        planes = bool(row["layout"])
        picture = (c, h, w) if planes else (h, w, c)
        alone = [(h, w)] * (c == 1) + [(c,)] * (h == w == 1)
        shapes = [(n, *axes) for axes in (picture, *alone)]
        shapes += [shape[1:] for shape in shapes if n == 1]
        labels = np.frombuffer(self.block, "<i8", row["label_count"], row["labels"])
        return Tensor(
            name=self.text(row["name"]), shape=(n,) * (n > 1) + ((c,) if h == w == 1 else picture),
            dtype=np.dtype(np.uint8 if row["type"] else np.float32), layout="chw" if planes else "hwc",
            range=tuple(row["range"].tolist()) if row["has_range"] else None,
            labels=tuple(self.text(label) for label in labels), _shapes=frozenset(shapes))

    def layers(self, inputs: Sequence[Tensor]) -> tuple[Layer, ...]:
        def figures(pair):
            return tuple(None if math.isnan(x) else int(x) if x == int(x) else x for x in pair.tolist())

        def layer(row):
            seen = Field(inputs[row["input"]].name, figures(row["field"]), figures(row["stride"]),
                         figures(row["offset"])) if row["input"] >= 0 else None
            return Layer(self.text(row["name"]), self.text(row["word"]), tuple(row["shape"].tolist()),
                         int(row["parameters"]), int(row["macs"]), seen)

        return tuple(layer(row) for row in self.list("layer", _LAYER))


# --- libraries ---

def _symbols(path: str) -> list[str]:
    """What a shared library defines: the table of dynamic symbols of an ELF file."""
    section, symbol, dynamic = struct.Struct("<IIQQQQIIQQ"), struct.Struct("<IBBHQQ"), 11
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:6] != b"\x7fELF\x02\x01":
                raise ValueError("no ELF file of 64 bits")
            start, = struct.unpack_from("<Q", data, 0x28)
            count, = struct.unpack_from("<H", data, 0x3c)
            sections = [section.unpack_from(data, start + i * section.size) for i in range(count)]
            names = []
            for _, kind, _, _, offset, size, link, *_ in sections:
                if kind == dynamic:
                    texts = sections[link][4]
                    names += [texts + name for name, _, _, defined, _, _ in symbol.iter_unpack(data[offset:offset + size])
                              if defined]
            return [data[at:data.find(b"\0", at)].decode("utf-8", "replace") for at in names]
    except (struct.error, ValueError, IndexError) as error:
        raise ValueError(f"{path}: not a shared library: {error}") from error


def _find_network(path: str, name: str | None) -> tuple[str, str]:
    """The name of the library's network, and its run function: NAME_run_ and the identity of the compilation."""
    symbols = set(_symbols(path))
    found = {}
    for symbol in symbols:
        if (match := re.fullmatch(r"(.+)_run_[0-9a-f]{16}", symbol)) and f"{match[1]}_info" in symbols:
            found[match[1]] = symbol
    names = ", ".join(sorted(found))
    if not found:
        raise ValueError(f"{path}: no network in it; `cnnc --emit=shared FILE.cnn` makes such libraries")
    if name is None and len(found) > 1:
        raise ValueError(f"{path}: several networks: {names}; name= tells which")
    if name is not None and name not in found:
        raise ValueError(f"{path}: no network {name} in it, but {names}")
    name = name or names
    return name, found[name]


def _load(path: str, symbol: str) -> ctypes.CDLL:
    """The library at a path. The dynamic linker takes what it has already loaded from the same spelling of a path,
    even where the file is another one by now; so a library without the file's symbol asks for another spelling."""
    folder, name = os.path.split(os.path.abspath(path))
    for _ in range(100):
        library = ctypes.CDLL(os.path.join(folder, name), use_errno=True)
        if hasattr(library, symbol):
            return library
        _unload(library._handle)
        folder = os.path.join(folder, ".")
    raise OSError(f"{path}: changed while an older version of it is in use")


def _unload(handle: int, pools: _Pools | None = None) -> None:
    if pools:
        pools.end()
    ctypes.CDLL(None).dlclose(ctypes.c_void_p(handle))


def _aligned(size: int, alignment: int) -> np.ndarray:
    memory = np.empty(size + alignment, np.uint8)
    start = -memory.ctypes.data % alignment
    return memory[start:start + size]


class _Pools:
    """Makes pools of threads, those of runtime/threads.h in the library, and ends all that are left."""

    def __init__(self, path: str, library: ctypes.CDLL, threads: int):
        self._threads, self._open, self._process = threads, set(), os.getpid()
        self._lock = threading.RLock()  # nobody unloads the library while a thread is in it
        try:
            self._begin, self._executor, self._end = (library[f"cnn_threads_{word}"] for word in ("open", "executor", "close"))
        except AttributeError:
            raise ValueError(f"{path}: no pool of threads in it; `cnnc --emit=shared FILE.cnn`, of a cnnc that is installed with "
                             "its libraries, puts one there") from None
        self._begin.argtypes, self._begin.restype = [ctypes.c_int64, ctypes.c_int], ctypes.c_void_p
        self._executor.argtypes, self._executor.restype = [ctypes.c_void_p], ctypes.c_void_p
        self._end.argtypes, self._end.restype = [ctypes.c_void_p], None

    def executor(self, owner: object) -> int:
        """The address of one, whose threads end with the owner."""
        with self._lock:
            pool = self._begin(self._threads, 0)
            if not pool:
                raise OSError(ctypes.get_errno(), f"{self._threads} threads do not start")
            self._open.add(pool)
        weakref.finalize(owner, self._end_one, pool).atexit = False
        return self._executor(pool)

    def has_threads(self) -> bool:
        """A forked process has none of its parent's."""
        return os.getpid() == self._process

    def _end_one(self, pool: int) -> None:
        with self._lock:
            if pool in self._open and self.has_threads():
                self._end(pool)
            self._open.discard(pool)

    def end(self) -> None:
        with self._lock:
            while self._open:
                self._end_one(next(iter(self._open)))


class _Mine(threading.local):
    """What each thread that runs the network has: a workspace, and an executor or None. Who makes the network has them at once,
    others when they first run it."""

    class Owner:
        pass

    def __init__(self, size: int, alignment: int, pools: _Pools | None):
        self.owner = _Mine.Owner()
        self.workspace = _aligned(size, alignment)
        self.pools = pools
        self.address = pools and pools.executor(self.owner)

    def executor(self) -> int | None:
        return self.address if self.pools and self.pools.has_threads() else None


class Network:
    """A compiled network, to be called with its inputs.

    name, identity, compiler, target, cpu: texts; the identity is a hash that tells compilations apart.
    inputs, outputs: of Tensor. layers: of Layer, in the file's order. labels: those of the first output that has some.
    parameters, macs: of all layers. workspace_bytes: what each thread that calls the network holds. threads: how many share a
    call.

    Threads may call one network at once. It is unloaded when nobody refers to it any more."""

    def __init__(self, library: str | os.PathLike[str], weights: str | os.PathLike[str] | None = None, *,
                 name: str | None = None, threads: int = 1):
        """library: a shared library made by `cnnc --emit=shared`. weights: the file of --weights-out, which is mapped.
        name: which network, if the library has several. threads: 1 to 1024 that share each call, the caller among them;
        results are the same to the bit. As many as there are cores is a good number, more are not.

        ValueError: no such network in it, wrong weights or threads. OSError: a file cannot be read or loaded, or threads do
        not start, which other callers than the maker are told by their first call."""
        path = os.fspath(library)
        threads = operator.index(threads)
        if not 1 <= threads <= 1024:
            raise ValueError(f"{threads} threads; 1 to 1024 are possible")
        self.name, symbol = _find_network(path, name)
        self.threads = threads
        self._library = _load(path, symbol)
        try:
            pools = _Pools(path, self._library, threads) if threads > 1 else None
        except ValueError:
            _unload(self._library._handle)
            raise
        weakref.finalize(self, _unload, self._library._handle, pools).atexit = False
        self._describe(self._read_info(path), pools)
        self._weights = self._map_weights(path, weights)
        self._run = self._library[symbol if threads == 1 else f"{self.name}_run_parallel_{symbol[-16:]}"]
        addresses = len(self.inputs) + len(self.outputs) + len(self._weights) + 1
        self._run.argtypes = [ctypes.c_void_p] * addresses + [ctypes.c_size_t] + [ctypes.c_void_p] * (threads > 1)
        self._run.restype = ctypes.c_int

    def _read_info(self, path: str) -> _Info:
        function = self._library[f"{self.name}_info"]
        function.restype = ctypes.c_void_p
        address = function()
        head = np.frombuffer(ctypes.string_at(address, _HEAD.itemsize), _HEAD)[0]
        if bytes(head["magic"]) != _MAGIC:
            raise ValueError(f"{path}: compiled by another version of cnnc: {bytes(head['magic'])!r}, not {_MAGIC!r}")
        return _Info(ctypes.string_at(address, int(head["bytes"])))

    def _describe(self, info: _Info, pools: _Pools | None) -> None:
        facts = info.facts
        self.identity = info.identity
        self.compiler, self.target, self.cpu = (info.text(facts[name]) for name in ("compiler", "target", "cpu"))
        self.inputs, self.outputs = info.tensors("input"), info.tensors("output")
        self.layers = info.layers(self.inputs)
        self.labels = next((output.labels for output in self.outputs if output.labels), ())
        self.parameters, self.macs = int(facts["parameters"]), int(facts["macs"])
        self.workspace_bytes, self._weights_bytes = int(facts["workspace_bytes"]), int(facts["weights_bytes"])
        if self.threads > 1:
            self.workspace_bytes += (self.threads - 1) * info.part_bytes()
        self._mine = _Mine(self.workspace_bytes, int(facts["alignment"]), pools)

    def _map_weights(self, path: str, weights: str | os.PathLike[str] | None) -> list[np.ndarray]:
        """What the run function takes as weights: none if they are in the library, or a mapped file."""
        if weights is None and self._weights_bytes:
            raise ValueError(f"{path}: the weights of {self.name} are in a file of their own, of {self._weights_bytes} "
                             "bytes; weights= tells which")
        if weights is None:
            return []
        if not self._weights_bytes:
            raise ValueError(f"{path}: the weights of {self.name} are in the library; it takes no others")
        size = os.path.getsize(weights)
        if size != self._weights_bytes:
            raise ValueError(f"{os.fspath(weights)}: {size} bytes; the weights of {self.name} have {self._weights_bytes}")
        mapped = np.memmap(weights, np.uint8, "r")
        if mapped[:32].tobytes() != b"cnnc weights 1\0\0" + self.identity.encode():
            raise ValueError(f"{os.fspath(weights)}: not the weights of this compilation, {self.identity}")
        return [mapped]

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Runs the network on its inputs, in their order or by their names. An axis of one may be left out: a batch of
        one, one channel, height and width of a vector. Returns an array, or for several outputs a dict of them by name.

        Values are used as they are. Numbers of every type, such as a picture's bytes, go to an input of floats; to an input
        of bytes go bytes only.

        TypeError, ValueError: an input does not fit, and why. RunError: it did not run."""
        inputs = [tensor._array(value) for tensor, value in zip(self.inputs, self._in_order(arrays, named))]
        outputs = [np.empty(tensor.shape, tensor.dtype) for tensor in self.outputs]
        buffers = [*inputs, *outputs, *self._weights, self._mine.workspace]
        executor = [self._mine.executor()] * (self.threads > 1)
        if code := self._run(*(buffer.ctypes.data for buffer in buffers), self.workspace_bytes, *executor):
            raise RunError(code)
        return outputs[0] if len(outputs) == 1 else {t.name: y for t, y in zip(self.outputs, outputs)}

    def _in_order(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        names = [tensor.name for tensor in self.inputs]
        rest = names[len(arrays):]
        if len(arrays) > len(names) or set(rest) != set(named):
            given = [f"{len(arrays)} in order"] * bool(arrays) + [f"{name}=" for name in named]
            raise TypeError(f"{self.name} takes {', '.join(names)}, not {', '.join(given) or 'nothing'}")
        return [*arrays, *(named[name] for name in rest)]

    def top(self, scores: np.ndarray, k: int = 5) -> list[tuple[str, float]]:
        """The k best labels of one result, with their scores, best first."""
        scores = np.ravel(scores)
        if len(scores) != len(self.labels):
            raise ValueError(f"{len(scores)} scores for the {len(self.labels)} labels of {self.name}")
        return [(self.labels[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")[:k]]

    def __repr__(self) -> str:
        def tell(tensors):
            return ", ".join(f"{t.name} {'x'.join(map(str, t.shape))} {t.dtype}" for t in tensors)

        return f"<cnnc.Network {self.name}: {tell(self.inputs)} -> {tell(self.outputs)}>"


# --- the compiler ---

def _find_compiler(path: str | os.PathLike[str] | None) -> str:
    """The one named; that of the prefix this file is installed in; or the one in PATH."""
    if path is not None:
        return os.fspath(path)
    folders = Path(__file__).resolve().parents
    installed = folders[min(3, len(folders) - 1)] / "bin" / "cnnc"
    if found := str(installed) if os.access(installed, os.X_OK) else shutil.which("cnnc"):
        return found
    raise FileNotFoundError(f"the compiler cnnc is neither in PATH nor at {installed}; compiler= tells where it is")


def _expression(value: Any) -> str:
    """A parameter's value as the language writes it."""
    return str(bool(value)).lower() if isinstance(value, (bool, np.bool_)) else str(value)


def compile(source: str | os.PathLike[str], *, weights: str | os.PathLike[str] | None = None, cpu: str | None = None,
            define: Mapping[str, Any] | None = None, network: str | None = None, batch: int | None = None, threads: int = 1,
            options: Sequence[str] = (), output: str | os.PathLike[str] | None = None, compiler: str | os.PathLike[str] | None = None) -> Network:
    """Compiles a network file, and loads the result.

    weights: a file, or "random:SEED". cpu: the processor, this one if not given. define: parameters of the network by
    name: numbers, truth values, or a str with an expression of the language. network: which one of the file. batch:
    how many images at once. threads: how many share a call, as for Network. options: others of cnnc. output: where the library shall stay, and its header beside it; it is
    temporary if not given. compiler: the path of cnnc.

    CompileError: cnnc refused, and what it said; its warnings become Python's."""
    words = [_find_compiler(compiler), "--emit=shared", *options]
    named = {"--weights": weights, "--cpu": cpu, "--network": network, "--batch": None if batch is None else str(batch)}
    words += [f"{option}={os.fspath(value)}" for option, value in named.items() if value is not None]
    words += [f"-D{name}={_expression(value)}" for name, value in (define or {}).items()]
    with tempfile.TemporaryDirectory(prefix="cnnc-") as folder:
        library = os.path.abspath(output) if output is not None else os.path.join(folder, "network.so")
        done = subprocess.run([*words, "-o", library, "--", source], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=False)
        if done.returncode:
            raise CompileError(done.stderr.rstrip() or f"cnnc ended with {done.returncode}", done.returncode)
        if done.stderr:
            warnings.warn(done.stderr.rstrip(), stacklevel=2)
        return Network(library, threads=threads)
