#!/usr/bin/env python3
"""A part of the ONNX backend tests, which `./dev conformance` runs all of: of each operator one model that was right in the
last run of all still is. And docs/conformance.md says what that run found."""

import concurrent.futures

import tools
from conformance import cases, table

DOCUMENT = tools.ROOT / "docs" / "conformance.md"


def chosen():
    """Of each operator the model that was right with the largest error, which computes most."""
    best = {}
    for result in sorted(filter(cases.Result.is_right, table.load()), key=lambda result: result.error):
        best[result.operator] = result.case.partition("/")
    return [cases.Case(cases.DATA / folder / f"test_{name}") for folder, _, name in best.values()]


def check_part(counter):
    if not cases.DATA.is_dir():
        counter.skip("backend tests", "libonnx-testdata is not installed")
        return
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(cases.run_case, chosen()):
            counter.check(result.is_right(), result.case, f"{result.outcome}: {result.detail}")


def check_document(counter):
    results = table.load()
    counter.check(DOCUMENT.read_text() == table.document(results), "docs/conformance.md is what the last run found",
                  "./dev conformance writes it anew")
    names = [result.case for result in results]
    counter.check(len(set(names)) == len(names) > 1000, "the last run was of all cases", len(names))
    unknown = [case for case, why in table.refused(results) if not why]
    counter.check(not unknown, "what is refused of convolutional networks has a reason", unknown)
    counter.check({result.outcome for result in results} <= set(cases.OUTCOMES), "each has a known outcome")


def check_comparison(counter):
    """Floats may be a little away, other types not at all."""
    def tensor(kind, *values):
        return cases.onnx.tensor("y", [len(values)], values, kind)

    def wrong(got, tensor):
        try:
            cases.check_output(got, tensor)
            return False
        except cases.Wrong:
            return True

    nan, inf = float("nan"), float("inf")
    counter.check(abs(cases.check_output([4.0, 2.001], tensor("FLOAT", 4, 2)) - 0.00025) < 1e-9, "the error is a part of 4")
    for got, wanted, kind, right in ((2.0021, 2, "FLOAT", False), (0, 1e-7, "FLOAT", True), (0, 1e-6, "FLOAT", False),
                                     (nan, nan, "FLOAT", True), (nan, 1, "FLOAT", False), (1, nan, "FLOAT", False),
                                     (inf, inf, "FLOAT", True), (-inf, inf, "FLOAT", False), (3e38, inf, "FLOAT", False),
                                     (7, 7, "INT64", True), (7.0001, 7, "INT64", False), (1.0, True, "BOOL", True)):
        counter.check(wrong([got], tensor(kind, wanted)) != right, f"{got} for {wanted} of {kind}")


def main():
    counter = tools.Counter()
    check_comparison(counter)
    check_part(counter)
    check_document(counter)
    counter.finish()


if __name__ == "__main__":
    main()
