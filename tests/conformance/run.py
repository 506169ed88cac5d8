#!/usr/bin/env python3
"""Runs the ONNX backend tests, two at a time.

usage: tests/conformance/run.py             all; writes results.tsv and docs/conformance.md
       tests/conformance/run.py WORD...     those with a word in their name or as an operator; shows each

./dev conformance installs what it needs. The exit code is 1 if one fails, crashes or hangs, or if one that was right in
results.tsv no longer is: then nothing is written. Where that is meant, its line of results.tsv goes first."""

import concurrent.futures
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import tools
from conformance import cases, table


def main(words):
    found = list(cases.all_cases(words))
    if not found:
        sys.exit("no such model" if words else f"no models at {cases.DATA}: apt-get install libonnx-testdata")
    results = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(cases.run_case, found):
            results.append(result)
            if words or result.outcome in ("fail", "crash", "hang"):
                print(f"{result.outcome:9} {result.case}  {result.detail or f'{result.error:.1e}'}", flush=True)
    print(table.by_operator(results), table.summary(results), sep="\n\n")
    known = {result.case for result in table.load() if result.is_right()}
    lost = [result for result in results if result.case in known and not result.is_right()]
    for result in lost:
        print(f"no longer right: {result.case}: {result.outcome}  {result.detail}", file=sys.stderr)
    if not words and not lost:
        table.save(results)
        (tools.ROOT / "docs" / "conformance.md").write_text(table.document(table.load()))
    sys.exit(bool(lost) or any(result.outcome in ("fail", "crash", "hang") for result in results))


if __name__ == "__main__":
    main(sys.argv[1:])
