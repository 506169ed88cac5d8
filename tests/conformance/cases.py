"""The ONNX backend tests of Debian's libonnx-testdata: a folder with a model, inputs and the outputs that it must have, to
what becomes of it in cnnc.

Of a network's weights, shapes and axes the compiler must know the values, while the backend tests give all of them as
inputs. So a model that is refused as it is gets its integers behind the first input as constants, then all
inputs behind the first."""

import re
import subprocess
from dataclasses import dataclass
from math import isfinite, isnan, prod
from pathlib import Path

import onnx_files as onnx
import tools
import weight_files
from compiled import CompileError, Compiled

DATA = Path("/usr/share/libonnx-testdata/data")
SETS = ("node", "simple", "pytorch-converted", "pytorch-operator")
# Left out: the data of their input `like` are [1], where the models say [3, 4].
WRONG_DATA = {f"node/castlike_{kinds}" for kinds in ("BFLOAT16_to_FLOAT", "BFLOAT16_to_FLOAT_expanded", "FLOAT_to_BFLOAT16",
                                                     "FLOAT_to_BFLOAT16_expanded")}
SECONDS = 20  # for the compiler, and for a run

# How far from what is wanted a float may be: those of the backend tests' own runner. Other types are exact.
RELATIVE, ABSOLUTE = 1e-3, 1e-7

# What becomes of a model, from good to bad.
OUTCOMES = {
    "pass": "all outputs are right",
    "constants": "they are, with some inputs as constants",
    "refused": "a message names the operator, node or tensor that is not supported",
    "unclear": "refused by a message that names none of these",
    "fail": "an output is wrong",
    "crash": "the compiler or the network ended by a signal or an internal error",
    "hang": f"the compiler or the network took more than {SECONDS} s",
}

DESCR = {"FLOAT": "<f4", "DOUBLE": "<f8", "FLOAT16": "<f2", "INT8": "|i1", "UINT8": "|u1", "INT16": "<i2",
         "UINT16": "<u2", "INT32": "<i4", "UINT32": "<u4", "INT64": "<i8", "UINT64": "<u8", "BOOL": "|b1"}
MAKERS = {"ConstantOfShape", "Range"} # of constants only
FLOATS = ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16")


def element_type(value):
    """The number of a Value's type; 0 if it is no tensor."""
    return value.get("type", {}).get("tensor_type", {}).get("elem_type", 0)


def typed(tensor, value):
    """The tensor with the type that the model gives it: the files have a bfloat16's bits as UINT16."""
    return {**tensor, "data_type": element_type(value)} if onnx.TYPES[element_type(value)] == "BFLOAT16" else tensor


@dataclass
class Result:
    case: str        # SET/NAME, without the "test_" that all begin with
    operator: str
    outcome: str     # one of OUTCOMES
    error: float     # of floats, the largest as a part of the output's largest value; 0 where none was computed
    detail: str      # why, if it did not pass

    def is_right(self):
        return self.outcome in ("pass", "constants")


class Case:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = f"{self.folder.parent.name}/{self.folder.name.removeprefix('test_')}"
        self.model = self.folder / "model.onnx"
        self.graph = onnx.read_model(self.model)["graph"]
        known = {tensor["name"] for tensor in self.graph.get("initializer", [])}
        self.inputs = [value for value in self.graph.get("input", []) if value["name"] not in known]

    @property
    def operators(self):
        return sorted({node["op_type"] for node in self.graph.get("node", [])} - {"Constant"})

    @property
    def operator(self):
        """What the case is about: its operator; that of the case whose function it spells out; or several."""
        origin = self.folder.with_name(self.folder.name.removesuffix("_expanded"))
        if origin != self.folder and (origin / "model.onnx").exists():
            return f"{Case(origin).operator}, spelt out"
        return " + ".join(self.operators) if 0 < len(self.operators) < 3 else "several"

    def sets(self):
        """The inputs and outputs of each set, as Tensors."""
        for folder in sorted(self.folder.glob("test_data_set_*")):
            yield tuple([typed(onnx.read_tensor(folder / f"{kind}_{i}.pb"), value) for i, value in enumerate(values)]
                        for kind, values in (("input", self.inputs), ("output", self.graph["output"])))

    def bindings(self):
        """Which inputs to make constants of, by their numbers: what is tried first."""
        kinds = [onnx.TYPES[element_type(value)] for value in self.inputs]
        rest = tuple(i for i, kind in enumerate(kinds) if i and kind in DESCR)
        integers = tuple(i for i in rest if kinds[i] not in FLOATS)
        whole = [tuple(range(len(kinds)))] if set(self.operators) <= MAKERS else []
        return [list(numbers) for numbers in dict.fromkeys(((), integers, rest, *whole))]


def all_cases(words=()):
    """Those with one of the words in their name or as one of their operators."""
    for name in SETS:
        for path in sorted((DATA / name).glob("*/model.onnx")):
            case = Case(path.parent)
            wanted = not words or any(word in case.name or word in case.operators for word in words)
            if wanted and case.name not in WRONG_DATA:
                yield case


# --- one case ---

class Wrong(Exception):
    """The network ran, and this is wrong."""


def write_constant(tensor, path):
    kind = onnx.type_name(tensor)
    data = onnx.encode_elements(kind, onnx.tensor_values(tensor))
    path.write_bytes(weight_files.npy(DESCR[kind], tensor.get("dims", []), data))


def input_options(case, tensors, numbers, folder):
    """Makes constants of these inputs, from files in the folder, and says the sizes that the model leaves open."""
    for i, (value, tensor) in enumerate(zip(case.inputs, tensors)):
        sizes = tensor.get("dims", [])
        if i in numbers:
            write_constant(tensor, folder / f"constant{i}.npy")
            yield f"--constant={value['name']}={folder / f'constant{i}.npy'}"
        elif onnx.is_open(value) and 0 not in sizes:
            yield f"--shape={value['name']}={'x'.join(map(str, sizes))}"


def check_output(got, tensor):
    """The error of an output, as a part of its largest value. Wrong: one is too large."""
    wanted, floats = onnx.tensor_values(tensor), onnx.type_name(tensor) in FLOATS
    worst, largest = 0, max((abs(v) for v in wanted if isfinite(v)), default=0)
    for i, (value, right) in enumerate(zip(got, wanted)):
        if value == right or (isnan(value) and isnan(right)):
            continue
        difference = abs(value - right)
        if not difference <= (ABSOLUTE + RELATIVE * abs(right) if floats and isfinite(right) else 0):
            raise Wrong(f"{tensor.get('name', 'output')}[{i}] is {value!r}, not {right!r}")
        worst = max(worst, difference)
    return worst / largest if largest else 0


def run_set(case, inputs, outputs, numbers, folder):
    """Compiles the model and runs it once; the largest error of its outputs."""
    options = ["-w", *input_options(case, inputs, numbers, folder)]
    network = Compiled(case.model, folder, options=options, seconds=SECONDS)
    inputs = [tensor for i, tensor in enumerate(inputs) if i not in numbers]
    given = [onnx.tensor_values(tensor) for tensor in inputs]
    wanted = [prod(tensor.get("dims", [])) for tensor in (*inputs, *outputs)]
    if network.counts != wanted:
        raise Wrong(f"inputs and outputs of {network.counts} elements, not {wanted}")
    results = network.run(given, network.counts[len(given):])
    return max(map(check_output, results, outputs), default=0)


def refusal(case, error):
    """The outcome of a message: does it say which operator, node or tensor?"""
    nodes = case.graph.get("node", [])
    names = {*case.operators, *(node["name"] for node in nodes if node.get("name"))}
    tensors = {f"`{value['name']}`" for value in case.inputs} | {f"`{name}`" for node in nodes for name in node["output"]}
    lines = [line for line in str(error).splitlines() if "error:" in line]
    said = (lines[0].partition("error: ")[2] if lines else str(error)).replace(f"{case.model}: ", "")
    clear = any(re.search(rf"\b{re.escape(name)}\b", said) for name in names) or any(name in said for name in tensors)
    return "refused" if clear else "unclear", said


def attempt(case, numbers):
    """What becomes of it with these inputs as constants: an outcome, the error, why."""
    try:
        with tools.temporary_folder() as folder:
            error = max((run_set(case, *tensors, numbers, Path(folder)) for tensors in case.sets()), default=0)
        return "constants" if numbers else "pass", error, ""
    except subprocess.TimeoutExpired as late:
        return "hang", 0, Path(late.cmd[0]).name
    except Wrong as wrong:
        return "fail", 0, str(wrong)
    except CompileError as error:
        program, last = Path(error.words[0]).name, str(error).splitlines()[-1]
        if error.words[0] == tools.CNNC and error.code in (1, 3):
            outcome, why = refusal(case, error)
            return outcome, 0, why
        if error.code < 0 or error.code == 70:
            return "crash", 0, f"{program} ends with {error.code}: {last}"
        return "fail", 0, f"{program}: {last}"


def run_case(case):
    for numbers in case.bindings():
        outcome, error, why = attempt(case, numbers)
        if outcome not in ("refused", "unclear"):
            break
    return Result(case.name, case.operator, outcome, error, " ".join(why.split()))
