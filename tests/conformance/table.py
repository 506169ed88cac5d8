"""Results of the backend tests: a file with a line for each case, and docs/conformance.md, which it becomes."""

from collections import Counter, defaultdict
from pathlib import Path

from .cases import ABSOLUTE, OUTCOMES, RELATIVE, WRONG_DATA, Result

RESULTS = Path(__file__).with_name("results.tsv")

TEXT = """# ONNX backend tests

What becomes of the models of the ONNX project's backend tests, as Debian's libonnx-testdata has them, when `cnnc` compiles
and runs them. `./dev conformance` runs them and writes this file; `./dev conformance WORD` shows those with the word in
their name or as an operator.

A model is compiled, and run on the inputs that come with it. The outputs are right where each float is within
{relative:g} of what is wanted, relative to it, plus {absolute:g}, which are the bounds of ONNX's own runner; integers and
truth values are equal. Each run lies between guard pages, as in all tests. Left out are {left_out} models of CastLike
with bfloat16, whose data are not of the shapes that they declare.

The backend tests give everything as inputs, weights, shapes and axes too, whose values a compiler must know. A model that
is refused as it is gets its integers behind the first input as constants (`--constant NAME=FILE.npy`), then all inputs
behind the first, then, of ConstantOfShape and Range, all inputs.

| outcome | models | |
| --- | --- | --- |
{outcomes}

## What convolutional networks are made of

{groups}

Refused among them:

{refused}

## By operator

*Spelt out* are functions of ONNX as the graph of simpler operators that defines them; *several* are models of three
operators or more. The error is the largest of the models that are right, as a part of the output's largest value.

{operators}
{problems}"""


GOOD = ("pass", "constants", "refused")

# Operators by what they are for. A model of several counts where all of them belong.
GROUPS = {
    "convolution": "Conv ConvTranspose ConvInteger QLinearConv",
    "pooling": "AveragePool GlobalAveragePool GlobalMaxPool MaxPool MaxUnpool",
    "normalisation": "BatchNormalization InstanceNormalization LayerNormalization LRN MeanVarianceNormalization",
    "activation": "Celu Clip Elu Hardmax HardSigmoid HardSwish LeakyRelu LogSoftmax PRelu Relu Selu Shrink Sigmoid Softmax Softplus "
                  "Softsign Tanh ThresholdedRelu",
    "padding": "Pad",
    "resizing": "Resize Upsample",
    "shape": "Concat ConstantOfShape DepthToSpace Expand Flatten Identity Reshape Shape Size Slice SpaceToDepth Split Squeeze Tile "
             "Transpose Unsqueeze",
    "quantisation": "DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearMatMul QuantizeLinear",
}
# Those of GROUPS that are refused, and why.
NO_VALUES = "a tensor without values"
REFUSED = {
    "node/constantofshape_int_shape_zero": NO_VALUES,
    "node/identity_opt": "an optional value",
    "node/identity_sequence": "a sequence",
    "node/reshape_allowzero_reordered": NO_VALUES,
    "node/slice_start_out_of_bounds": NO_VALUES,
    "node/split_zero_size_splits": NO_VALUES,
}


def save(results):
    """Why a model was refused is not kept: messages change."""
    lines = ["\t".join((r.case, r.operator, r.outcome, f"{r.error:.1e}", r.detail * (r.outcome not in GOOD)))
             for r in results]
    RESULTS.write_text("".join(f"{line}\n" for line in lines))


def load():
    results = []
    for line in RESULTS.read_text().splitlines():
        case, operator, outcome, error, detail = line.split("\t")
        results.append(Result(case, operator, outcome, float(error), detail))
    return results


def by_operator(results):
    """A table; columns without an outcome are left out."""
    groups = defaultdict(list)
    for result in results:
        groups[result.operator].append(result)
    shown = [name for name in OUTCOMES if any(r.outcome == name for r in results)]
    titles = ["operator", "models", *shown, "error"]
    rows = ["| " + " | ".join(titles) + " |", "| --- " * len(titles) + "|"]
    for operator, group in sorted(groups.items(), key=lambda item: (item[0] == "several", item[0].lower())):
        counts, error = Counter(result.outcome for result in group), max(result.error for result in group)
        cells = [operator, len(group), *(counts[name] or "" for name in shown), f"{error:.0e}" if error else ""]
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def of_group(results, operators):
    return [r for r in results if set(r.operator.removesuffix(", spelt out").split(" + ")) <= set(operators.split())]


def by_group(results):
    rows = ["| | models | right | refused |", "| --- | --- | --- | --- |"]
    for group, operators in GROUPS.items():
        found = of_group(results, operators)
        right = sum(result.is_right() for result in found)
        rows.append(f"| {group} | {len(found)} | {right} | {len(found) - right or ''} |")
    return "\n".join(rows)


def refused(results):
    """[(case, why)] of GROUPS; None where no reason is known."""
    return [(r.case, REFUSED.get(r.case)) for operators in GROUPS.values() for r in of_group(results, operators) if not r.is_right()]


def problems(results):
    """What is neither right nor refused, one by one."""
    bad = [r for r in results if r.outcome not in GOOD]
    lines = [f"- `{r.case}`, {r.outcome}: {r.detail}" for r in bad]
    return "\n## Not as it should be\n\n" + "\n".join(lines) + "\n" if bad else ""


def document(results):
    counts = Counter(result.outcome for result in results)
    outcomes = "\n".join(f"| {name} | {counts[name]:,} | {text} |" for name, text in OUTCOMES.items())
    return TEXT.format(relative=RELATIVE, absolute=ABSOLUTE, left_out=len(WRONG_DATA), outcomes=outcomes,
                       groups=by_group(results), refused="\n".join(f"- `{case}`: {why}" for case, why in refused(results)),
                       operators=by_operator(results), problems=problems(results))


def summary(results):
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{counts[name]} {name}" for name in OUTCOMES if counts[name])
