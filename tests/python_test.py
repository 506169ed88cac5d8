#!/usr/bin/env python3
"""The Python module, bindings/python/cnnc.py: what it tells of a network against the report, its results against those of
the network's program bit for bit, and what it says to arrays, files and networks that are wrong.

usage: python_test.py [PART...]     with a Python that has NumPy; goes on in Debian's where this one has not"""

import concurrent.futures
import gc
import json
import os
import re
import select
import shutil
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import tools

PYTHON = tools.python_with("numpy")
if PYTHON != sys.executable:
    if PYTHON is None:
        print("skipped: NumPy is not here (Debian: apt-get install python3-numpy)")
        sys.exit(77)
    os.execv(PYTHON, [PYTHON, *sys.argv])

import numpy as np

MODULE = tools.ROOT / "bindings" / "python" / "cnnc.py"
sys.path.insert(0, str(MODULE.parent))
import cnnc
from png import read_png

LENET = tools.ROOT / "examples" / "lenet"
PAIR = """network pair {
    input photo: 6x7x3, type = u8, range = 0..255
    input class: 3x6x7x2, layout = chw
    a = photo -> conv(3, 4, stride = 2, padding = 1) -> relu
    b = class -> depthwise(3, padding = 1)
    output planes = a -> conv(1, 5), layout = chw
    output lambda = b * 2
    output means = a -> avgpool(global)
    labels ["é", "b\\"", "c", "d"]
}
"""


class Bench:
    """A folder, the counter, and shorthands."""

    def __init__(self, counter, folder):
        self.counter, self.folder = counter, folder
        self.check = counter.check

    def cnnc(self, *words):
        done = tools.cnnc(*words, cwd=self.folder)
        self.check(done.returncode == 0, f"cnnc {' '.join(map(str, words))}", done.stderr)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def library(self, name, text, *words):
        """A network file, and the library made of it; its weights are made up."""
        self.write(f"{name}.cnn", text)
        self.cnnc("--emit=shared", f"{name}.cnn", "--weights=random:1", "-w", *words)
        return self.folder / f"{name}.so"

    def raises(self, kind, parts, function, *words, **named):
        """The call raises exactly this kind, and says these parts."""
        what = f"{kind.__name__}: {parts}"
        try:
            result = function(*words, **named)
        except Exception as error:
            missing = [part for part in parts if part not in str(error)]
            self.check(type(error) is kind and not missing, what, f"{type(error).__name__}: {error}")
            return error
        self.check(False, what, f"got {result}"[:300])
        return None


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def values(shape, dtype=np.float32, seed=1):
    return np.random.RandomState(seed).randint(0, 256, shape).astype(dtype)


def picture(name):
    height, width, _, samples = read_png(LENET / name)
    return np.array(list(samples), np.uint8).reshape(height, width)


def program_results(bench, source, arrays, names):
    """What the network's program writes for these inputs."""
    program = bench.folder / "program"
    bench.cnnc(source, "-o", program, "-w", *([] if "lenet" in str(source) else ["--weights=random:1"]))
    words = []
    for name, array in arrays.items():
        np.save(bench.folder / f"{name}.in.npy", array)
        words.append(f"{name}={bench.folder / name}.in.npy")
    words += [word for name in names for word in ("-o", f"{name}={bench.folder / name}.out.npy")]
    done = tools.run([program, *words])
    bench.check(done.returncode == 0, f"{source}: the program runs", done.stderr)
    return {name: np.load(bench.folder / f"{name}.out.npy") for name in names}


def results(bench):
    """The same bits as the program's, for every type, layout and number of inputs and outputs."""
    bench.cnnc("--emit=shared", LENET / "lenet.cnn")
    net = cnnc.Network(bench.folder / "lenet.so")
    for name in ("shirt.png", "trousers.png"):
        wanted = program_results(bench, LENET / "lenet.cnn", {"image": picture(name)}, ["class"])["class"]
        bench.check(same(net(picture(name)), wanted), f"LeNet on {name}", str(wanted))
        label, score = net.top(net(picture(name)), 1)[0]
        bench.check(label == name.removesuffix(".png") and score == float(wanted.max()), f"top 1 of {name}", label)
    scores = np.array([3, 1, 3, float("nan"), 7, 2, 0, 0, 0, 5], np.float32)
    labels = (LENET / "fashion.txt").read_text().split("\n")
    bench.check([pair[0] for pair in net.top(scores, 4)] == [labels[i] for i in (4, 9, 0, 2)] and
                len(net.top(scores)) == 5 and net.top(scores, 10)[9][0] == labels[3], "best first, what is no number last")
    bench.raises(ValueError, ["9 scores", "10 labels", "lenet"], net.top, scores[:9])

    net = cnnc.Network(bench.library("pair", PAIR))
    inputs = {"photo": values((6, 7, 3), np.uint8), "class": values((3, 2, 6, 7))}
    wanted = program_results(bench, "pair.cnn", inputs, ["planes", "lambda", "means"])
    for how, found in {"in order": net(*inputs.values()), "by name": net(**dict(reversed(inputs.items()))),
                       "both": net(inputs["photo"], **{"class": inputs["class"]})}.items():
        bench.check(list(found) == ["planes", "lambda", "means"], f"three outputs, {how}", str(found))
        for name, array in found.items():
            bench.check(same(array, wanted[name]) and np.ptp(array) > 0, f"{name}, inputs {how}", f"{array}\n{wanted[name]}")
    shapes = {tensor.name: tensor.shape for tensor in net.outputs}
    bench.check(shapes == {name: array.shape for name, array in wanted.items()} ==
                {"planes": (5, 3, 4), "lambda": (3, 6, 7, 2), "means": (4,)}, "shapes of outputs", str(shapes))


def tells(bench):
    """What the module tells of a network is what the report says."""
    net = cnnc.Network(bench.library("pair", PAIR, "--cpu=x86-64"))
    report = json.loads(tools.cnnc("--report=json", "pair.cnn", "-w", cwd=bench.folder).stdout)
    first, second = net.inputs
    bench.check((first.name, first.shape, first.dtype, first.layout, first.range, first.labels) ==
                ("photo", (6, 7, 3), np.uint8, "hwc", (0, 255), ()), "the first input", str(first))
    bench.check((second.name, second.shape, second.dtype, second.layout, second.range) ==
                ("class", (3, 2, 6, 7), np.float32, "chw", None), "the second input", str(second))
    planes, _, means = net.outputs
    bench.check((planes.shape, planes.layout, planes.dtype, planes.labels) == ((5, 3, 4), "chw", np.float32, ()),
                "an output", str(planes))
    bench.check(means.labels == net.labels == ("é", 'b"', "c", "d"), "labels", str(net.labels))
    header = (bench.folder / "pair.h").read_text()
    constants = dict(re.findall(r"PAIR_(\w+) = (\d+)", header))
    bench.check(net.workspace_bytes == int(constants["WORKSPACE_BYTES"]), "the workspace", str(net.workspace_bytes))
    bench.check(f"pair_run_{net.identity}(" in header and net.name == "pair" and net.cpu == "x86-64" and
                net.target in header and f"cnnc {net.compiler} " in header, "names", f"{vars(net)}")
    totals = report["totals"]
    bench.check((net.parameters, net.macs, len(net.layers)) == (totals["params"], totals["macs"], totals["layers"]),
                "totals", str(totals))
    for layer, row in zip(net.layers, report["layers"]):
        field = row["receptive_field"]
        wanted = (row["name"], row["layer"], tuple(row["output"]), row["params"], row["macs"], field["input"],
                  *(tuple(field[key]) for key in ("size", "stride", "offset")))
        seen = layer.receptive_field
        found = (layer.name, layer.word, layer.shape, layer.parameters, layer.macs, seen.input, seen.size, seen.stride,
                 seen.offset)
        bench.check(found == wanted, f"layer {layer.name}", f"{found}\n{wanted}")
    bench.check(all(part in repr(net) for part in ("pair", "photo 6x7x3 uint8", "class 3x2x6x7 float32", "planes 5x3x4")),
                "its representation", repr(net))
    odd = cnnc.Network(bench.library("odd", """network odd {
    input x: 5x5x1
    output y = x -> upsample(2) -> conv(3, 2, stride = 3, padding = 1)
    output z = y -> dropout
    labels ["a", "b"]
}
"""))
    report = json.loads(tools.cnnc("--report=json", "odd.cnn", "-w", cwd=bench.folder).stdout)
    strides = [list(layer.receptive_field.stride) for layer in odd.layers]
    bench.check(strides == [row["receptive_field"]["stride"] for row in report["layers"]] and [0.5, 0.5] in strides,
                "strides that are fractions", str(strides))


def arrays(bench):
    """Every array that fits gives the same bits; the others are told with what fits. Nothing given is written."""
    net = cnnc.Network(bench.library("two", """network two {
    input a: 5x6x1
    input b: 1x1x4
    c = a -> conv(3, 4) -> avgpool(global)
    output y = c * b
}
"""))
    a, b = values((5, 6)), values(4, seed=2)
    wanted = net(a, b)
    wide = np.zeros((10, 18), np.float32)
    wide[::2, ::3] = a
    unaligned = np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(np.float32).reshape(5, 6)
    locked = a.copy()
    locked.flags.writeable = False
    bench.check(not unaligned.flags.aligned, "the unaligned array is none")
    forms = {"5x6x1": a.reshape(5, 6, 1), "1x5x6x1": a.reshape(1, 5, 6, 1), "1x5x6": a.reshape(1, 5, 6),
             "strided": wide[::2, ::3], "Fortran's order": np.asfortranarray(a), "backwards": a[::-1].copy()[::-1],
             "double": a.astype(np.float64), "half": a.astype(np.float16), "bytes": a.astype(np.uint8),
             "int64": a.astype(np.int64), "big-endian": a.astype(">f4"), "a list": a.tolist(), "unaligned": unaligned,
             "read-only": locked}
    for name, form in forms.items():
        before = np.array(form).tobytes()
        bench.check(same(net(form, b), wanted) and np.array(form).tobytes() == before, f"an input: {name}")
    for shape in ((4,), (1, 4), (1, 1, 4), (1, 1, 1, 4)):
        bench.check(same(net(a, b.reshape(shape)), wanted), f"a vector as {shape}")
    booleans = net(a > 128, b)
    bench.check(same(booleans, net((a > 128).astype(np.float32), b)), "truth values are 0 and 1")
    for shape in ((5,), (6, 5), (5, 6, 2), (5, 6, 1, 1), (30,), (2, 5, 6, 1), (1, 1, 5, 6), ()):
        bench.raises(ValueError, ["a:", f"{shape}", "(5, 6, 1)"], net, np.zeros(shape, np.float32), b)
    for dtype in (np.complex64, object, "U1", "M8[s]"):
        bench.raises(TypeError, ["b:", str(np.dtype(dtype)), "float32"], net, a, np.zeros(4, dtype))
    bench.raises(TypeError, ["b:", "object", "float32"], net, a, None)
    for words, named, said in (((a,), {}, "two takes a, b, not 1 in order"), ((), {}, "not nothing"),
                               ((a, b, b), {}, "not 3 in order"), ((a,), {"a": a}, "not 1 in order, a="),
                               ((a,), {"c": b}, "c="), ((a, b), {"b": b}, "not 2 in order, b=")):
        bench.raises(TypeError, [said], net, *words, **named)

    pair = cnnc.Network(bench.library("pair", PAIR))
    photo, batch = values((6, 7, 3), np.uint8), values((3, 2, 6, 7))
    for dtype in (np.float32, np.float64, np.int8, np.int64, np.uint16):
        bench.raises(TypeError, ["photo:", np.dtype(dtype).name, "uint8"], pair, photo.astype(dtype), batch)
    for shape in ((3, 6, 7, 2), (2, 6, 7), (1, 2, 6, 7), (2, 3, 6, 7)):
        bench.raises(ValueError, ["class:", f"{shape}", "(3, 2, 6, 7)", "chw"], pair, photo, np.zeros(shape))
    mine = pair(photo[:, ::-1], batch[:, ::-1])
    copied = pair(photo[:, ::-1].copy(), batch[:, ::-1].copy())
    bench.check(all(same(mine[name], copied[name]) for name in mine), "views of bytes and planes")


def threads(bench):
    """Eight threads on one network: each result has the bits of a call alone; each thread has a workspace."""
    net = cnnc.Network(bench.library("pair", PAIR))
    inputs = [(values((6, 7, 3), np.uint8, i), values((3, 2, 6, 7), seed=i)) for i in range(5)]
    alone = [net(*pair) for pair in inputs]
    barrier, workspaces = threading.Barrier(8), set()

    def work(number):
        barrier.wait()
        wrong = 0
        for turn in range(200):
            i = (number + turn) % 5
            wrong += any(not same(y, alone[i][name]) for name, y in net(*inputs[i]).items())
        workspaces.add(net._mine.workspace.ctypes.data)
        barrier.wait()
        return wrong

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wrong = sum(pool.map(work, range(8)))
    bench.check(wrong == 0, "results of eight threads", f"{wrong} of 1600 differ")
    bench.check(len(workspaces) == 8 and all(at % 64 == 0 for at in workspaces), "eight workspaces", str(workspaces))
    bench.check(not same(alone[0]["planes"], alone[1]["planes"]), "inputs differ")


WIDE = """network wide {
    input x: [40, 40, 16]
    a = x -> conv(3, 64, padding = same) -> relu
    output y = a -> conv(5, 32) -> softmax
    output z = a -> mean(height, width)
}
"""


def system_threads():
    return len(os.listdir("/proc/self/task"))


def wait_for(condition):
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.01)
    return False


# The last reference goes while another thread, which has called the network, ends: nothing else keeps the library loaded.
DROPPED = """import queue, sys, threading
import numpy as np
sys.path.insert(0, sys.argv[1])
import cnnc

def call(net):
    net(np.zeros((40, 40, 16), np.float32))
    del net
    called.put(True)

called = queue.Queue()
for _ in range(600):
    net = cnnc.Network(sys.argv[2], threads=2)
    caller = threading.Thread(target=call, args=(net,))
    caller.start()
    called.get()
    caller._args = None
    del net
"""


def in_a_fork(net, x):
    """The first output as a child of this process computes it; nothing if it does not end."""
    net(x)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, net(x)["y"].tobytes())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        ready = select.select([pipe], [], [], 60)[0]
        found = pipe.read() if ready else b""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return np.frombuffer(found, np.float32).reshape(net.outputs[0].shape) if found else np.zeros(1)


def shared_calls(bench):
    """Calls that threads share have the bits of others; their threads end with the caller's thread, or with the network."""
    path, x = bench.library("wide", WIDE), values((40, 40, 16))
    alone, before = cnnc.Network(path), system_threads()
    wanted = alone(x)
    for count in (2, 3, 7):
        net = cnnc.Network(path, threads=count)
        bench.check(net.threads == count and system_threads() == before + count - 1, f"{count} threads", str(system_threads()))
        bench.check(all(same(y, wanted[name]) for name, y in net(x).items()), f"{count} threads: the same bits")
        found = []
        caller = threading.Thread(target=lambda: found.append((net(x), system_threads())))
        caller.start()
        caller.join()
        bench.check(all(same(y, wanted[name]) for name, y in found[0][0].items()) and
                    found[0][1] == before + 1 + 2 * (count - 1), f"{count} threads for another caller", str(found[0][1]))
        bench.check(wait_for(lambda: system_threads() == before + count - 1), "they end with the caller", str(system_threads()))
        del net
        gc.collect()
        bench.check(wait_for(lambda: system_threads() == before), "and with the network", str(system_threads()))
    done = tools.run([sys.executable, "-c", DROPPED, Path(cnnc.__file__).parent, path])
    bench.check(done.returncode == 0, "dropped while a caller ends", f"{done.returncode} {done.stderr}")
    bench.check(same(in_a_fork(cnnc.Network(path, threads=2), x), wanted["y"]), "a forked process has no threads, and the same bits")
    bench.raises(TypeError, ["float"], cnnc.Network, path, threads=2.0)
    net = cnnc.compile(bench.folder / "wide.cnn", threads=2, weights="random:1", compiler=tools.CNNC)
    bench.check(net.threads == 2 and net.workspace_bytes >= alone.workspace_bytes and
                all(same(y, wanted[name]) for name, y in net(x).items()), "compile(threads=2)")
    for count in (0, -1, 1025):
        bench.raises(ValueError, [f"{count} threads", "1024"], cnnc.Network, path, threads=count)
    bench.cnnc("-c", "wide.cnn", "--weights=random:1")
    bare = bench.folder / "bare.so"
    tools.run(["cc", "-shared", "-o", bare, bench.folder / "wide.o", "-lm"])
    bench.raises(ValueError, ["bare.so", "no pool of threads", "--emit=shared"], cnnc.Network, bare, threads=2)
    bench.check(same(cnnc.Network(bare)(x)["y"], wanted["y"]), "one thread needs no pool")
    block = bytearray(net._read_info("").block)
    at = cnnc._HEAD.itemsize  # of the text `network`: as if part_bytes were not there
    block[at:at + 8] = (cnnc._HEAD.itemsize + cnnc._FACTS.itemsize - 8).to_bytes(8, "little")
    bench.raises(ValueError, ["older version"], cnnc._Info(bytes(block)).part_bytes)


def weights(bench):
    """Weights in a file are mapped and give the same bits; others, and none, are refused."""
    inside = cnnc.Network(bench.library("pair", PAIR))
    apart = bench.library("apart", PAIR, "--weights-out=apart.bin")
    inputs = values((6, 7, 3), np.uint8), values((3, 2, 6, 7))
    file = bench.folder / "apart.bin"
    net = cnnc.Network(apart, weights=file)
    bench.check(all(same(y, inside(*inputs)[name]) for name, y in net(*inputs).items()), "the same bits as from inside")
    bench.check("apart.bin" in Path("/proc/self/maps").read_text(), "the file is mapped")
    size = file.stat().st_size
    bench.raises(ValueError, ["pair", f"{size} bytes", "weights="], cnnc.Network, apart)
    bench.raises(ValueError, ["in the library", "pair"], cnnc.Network, bench.folder / "pair.so", file)
    bench.raises(FileNotFoundError, ["absent.bin"], cnnc.Network, apart, "absent.bin")
    bench.library("other", PAIR, "--weights=random:2", "--weights-out=other.bin")
    for name in ("short", "long", "empty"):
        data = {"short": file.read_bytes()[:-1], "long": file.read_bytes() + b"x", "empty": b""}[name]
        (bench.folder / name).write_bytes(data)
        bench.raises(ValueError, [name, f"{len(data)} bytes", str(size)], cnnc.Network, apart, bench.folder / name)
    bench.raises(ValueError, ["other.bin", net.identity], cnnc.Network, apart, bench.folder / "other.bin")
    net._weights = [np.memmap(bench.folder / "other.bin", np.uint8, "r")]
    bench.raises(cnnc.RunError, ["the weights are not those of this compilation"], net, *inputs)


def run_errors(bench):
    """What a run function returns is told in the words of the header."""
    rows = re.findall(r'^RESULT\(\w+, (\d+), "(.*)"\)', (tools.ROOT / "runtime" / "results.def").read_text(), re.M)
    bench.check({int(value): meaning for value, meaning in rows[1:]} == cnnc.RunError.MEANINGS and rows[0][0] == "0",
                "the meanings of results.def", str(rows))
    net = cnnc.Network(bench.library("one", "network one { input x: 2x2 output y = x -> relu }\n"))
    net.workspace_bytes = 0
    error = bench.raises(cnnc.RunError, ["the workspace has fewer bytes"], net, np.zeros((2, 2)))
    bench.check(error and error.code == 3, "its code")


def libraries(bench):
    """Files that are no library, hold no network or several, or were replaced while in use; and what is no longer used."""
    one = "network one {{ input x: 2x2 output y = x * {} }}\n"
    path = bench.library("one", one.format(2))
    x = np.ones((2, 2), np.float32)
    for name in ("old", "new", "sum"):
        bench.cnnc("-c", "one.cnn", "--name", name)
        shutil.copy(bench.folder / "one.o", bench.folder / f"{name}.o")
    both = bench.folder / "both.so"
    done = tools.run(["cc", "-shared", "-o", both, *(bench.folder / f"{name}.o" for name in ("old", "new", "sum"))])
    bench.check(done.returncode == 0, "three networks in a library", done.stderr)
    bench.raises(ValueError, ["several networks: new, old, sum", "name="], cnnc.Network, both)
    bench.raises(ValueError, ["no network one", "new, old, sum"], cnnc.Network, both, name="one")
    bench.check(cnnc.Network(both, name="old")(x)[0, 0, 0] == 2, "one of three, by its name")
    bench.raises(ValueError, ["no network other", "one"], cnnc.Network, path, name="other")
    none = bench.folder / "none.so"
    bench.write("none.c", "int nothing_run(void) { return 0; }\nint nothing_info(void) { return 0; }\n")
    tools.run(["cc", "-shared", "-o", none, bench.folder / "none.c"])
    bench.raises(ValueError, ["none.so", "no network in it", "--emit=shared"], cnnc.Network, none)
    bench.raises(FileNotFoundError, ["absent.so"], cnnc.Network, "absent.so")
    for name in ("one.cnn", "one.h", "one.o", "empty"):
        bench.write("empty", "")
        bench.raises(ValueError, [name], cnnc.Network, bench.folder / name)
    whole = path.read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 200)):
        bench.folder.joinpath("cut.so").write_bytes(whole[:length])
        try:
            cnnc.Network(bench.folder / "cut.so")
            bench.check(False, f"a library of {length} bytes of {len(whole)}")
        except (ValueError, OSError):
            pass
    bench.check(True, "libraries that are cut off")

    first = cnnc.Network(path)
    for factor in (3, 4):
        bench.library("one", one.format(factor))
        bench.check(cnnc.Network(path)(x)[0, 0, 0] == factor, f"a library that was replaced, {factor}")
    bench.check(first(x)[0, 0, 0] == 2, "the older one stays as it was")
    del first
    gc.collect()
    maps = Path("/proc/self/maps").read_text()
    bench.check(str(path) not in maps, "networks that nobody uses are unloaded", maps)
    os.chdir(bench.folder)
    bench.check(cnnc.Network("one.so")(x)[0, 0, 0] == 4, "a name without a folder")
    os.chdir(tools.ROOT)


def compiling(bench):
    """compile() is cnnc: its options, messages, warnings and exit codes."""
    source = bench.write("net.cnn", """network first(scale = 2, twice = false) {
    input x: 2x2
    y = x * scale
    if twice { z = y * 2 } else { z = y }
    output out = z
}
network second { input x: 1x1x3 output y = x -> dense(2) }
""")
    x = np.ones((2, 2), np.float32)
    make = lambda *words, **named: cnnc.compile(*words, compiler=tools.CNNC, **named)
    for define, wanted in (({}, 2), ({"scale": 5}, 5), ({"scale": 0.5, "twice": True}, 1), ({"twice": False}, 2),
                           ({"scale": "3 * 7"}, 21), ({"twice": np.bool_(True)}, 4), ({"scale": np.float32(0.25)}, 0.25)):
        found = make(source, network="first", define=define)(x)
        bench.check(np.all(found == wanted), f"define {define}", str(found))
    found = make(source, network="first", batch=3)(np.stack([x, 2 * x, 3 * x])[..., None])
    bench.check(found.shape == (3, 2, 2, 1) and np.all(found[2] == 6), "batch", str(found))
    second = [make(source, network="second", weights=f"random:{seed}", cpu="x86-64") for seed in (1, 1, 2)]
    ids = [net.identity for net in second]
    bench.check(ids[0] == ids[1] != ids[2] and second[0].cpu == "x86-64", "weights and processor", str(ids))
    folder = set(Path(tools.tempfile.gettempdir()).glob("cnnc-*/network.so"))
    bench.check(not folder, "nothing is left behind", str(folder))
    kept = make(source, network="first", output=bench.folder / "kept.so", options=["-O1"])
    bench.check(cnnc.Network(bench.folder / "kept.so").identity == kept.identity and (bench.folder / "kept.h").exists(),
                "a library that stays")
    error = bench.raises(cnnc.CompileError, ["net.cnn", "first", "second"], make, source)
    bench.check(error and error.code in (1, 2), "several networks", str(error))
    wrong = bench.write("wrong.cnn", "network wrong {\n    input x: 4x4\n    output y = x -> conv(9, 1)\n}\n")
    error = bench.raises(cnnc.CompileError, ["wrong.cnn:3:", "error:", "E0"], make, wrong, weights="random:1")
    bench.check(error and error.code == 1, "a mistake's exit code")
    error = bench.raises(cnnc.CompileError, ["absent.cnn"], make, bench.folder / "absent.cnn")
    bench.check(error and error.code == 4, "a missing file's exit code", str(error))
    bench.raises(cnnc.CompileError, ["no-such-cpu"], make, source, network="first", cpu="no-such-cpu")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make(source, network="first", define={}, options=["--allow=W0108"])
        silent = len(caught)
        make(bench.write("warns.cnn", "network warns(a = 1) { input x: 2x2 output y = x * 2 }\n"))
    bench.check(silent == 0 and len(caught) == 1 and "W0108" in str(caught[0].message) and
                caught[0].filename == __file__, "the compiler's warnings are Python's", str([str(w) for w in caught]))
    os.chdir(bench.folder)
    bench.write("-c.cnn", "network dash { input x: 2x2 output y = x * 2 }\n")
    bench.check(make("-c.cnn").name == "dash", "a file whose name looks like an option")
    os.chdir(tools.ROOT)


def finding(bench):
    """The compiler: by argument, of the prefix the module is installed in, in PATH; or the message where it was sought."""
    bench.write("net.cnn", "network net { input x: 2x2 output y = x * 2 }\n")
    bench.write("user.py", "import sys, cnnc, numpy\nnet = cnnc.compile('net.cnn', **eval(sys.argv[1]))\n"
                           "print(net(numpy.ones((2, 2)))[0, 0, 0])\n")
    prefix = bench.folder / "prefix"
    modules = prefix / "share" / "cnnc" / "python"
    modules.mkdir(parents=True)
    shutil.copy(MODULE, modules)

    def user(path, where, words="{}"):
        environment = {"PATH": f"{path}:/usr/bin:/bin", "PYTHONPATH": str(where), "PYTHONDONTWRITEBYTECODE": "1"}
        return tools.run([PYTHON, "user.py", words], cwd=bench.folder, env=environment)

    has_own = shutil.which("cnnc", path="/usr/bin:/bin")
    if has_own:
        bench.counter.skip("no compiler anywhere", f"{has_own} is installed")
    else:
        done = user("/nowhere", modules)
        bench.check(done.returncode == 1 and "FileNotFoundError" in done.stderr and f"{prefix}/bin/cnnc" in done.stderr,
                    "no compiler anywhere", done.stderr)
    done = user("/nowhere", modules, repr({"compiler": tools.CNNC}))
    bench.check(done.stdout == "2.0\n", "the compiler named", done.stderr)
    done = user(Path(tools.CNNC).parent, MODULE.parent)
    bench.check(done.stdout == "2.0\n", "the compiler in PATH", done.stderr)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "cnnc").symlink_to(tools.CNNC)
    done = user("/nowhere", modules)
    bench.check(done.stdout == "2.0\n", "the compiler of the prefix", done.stderr)


def main():
    counter = tools.Counter()
    for part in (results, tells, arrays, threads, shared_calls, weights, run_errors, libraries, compiling, finding):
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            with tools.temporary_folder() as folder:
                part(Bench(counter, Path(folder).resolve()))
    counter.finish()


main()
