#!/usr/bin/env python3
"""Includes go one way: lexer <- parser <- ir <- codegen <- driver, and ir <- export <- driver. runtime/ includes
nothing outside itself, nobody but codegen includes LLVM, and every path starts at the project's root."""

import re

import tools

# What each folder may include, besides itself and system headers.
ALLOWED = {
    "lexer": set(),
    "parser": {"lexer"},
    "onnx": {"lexer"},
    "ir": {"lexer", "parser"},
    "import": {"lexer", "onnx", "ir"},
    "export": {"lexer", "parser", "onnx", "ir"},
    "codegen": {"lexer", "ir", "runtime"},
    "driver": {"lexer", "parser", "ir", "import", "export", "codegen", "runtime"},
    "runtime": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
# What others may know of the runtime: descriptions, not primitives.
RUNTIME_DATA = {"runtime/descriptors.h", "runtime/program.h", "runtime/embedded.h", "runtime/info.h", "runtime/results.def", "runtime/steps.h"}
# Made by flex, bison and protoc-c, in the build folder of their own folder.
GENERATED = {"scanner.h", "grammar.h", "onnx.pb-c.h"}


def problem(folder, path, quote, name):
    if "llvm" in name.lower():
        return None if folder == "codegen" else "only codegen may include LLVM"
    if quote == "<":
        return None
    target = name.split("/")[0]
    if target not in ALLOWED:
        return "not a path from the project's root"
    if name.split("/")[-1] not in GENERATED and not (tools.ROOT / name).exists():
        return "no such file"
    if target != folder and target not in ALLOWED[folder]:
        return f"{folder} may not include {target}"
    if folder != "runtime" and target == "runtime" and name not in RUNTIME_DATA:
        return f"{folder} includes runtime's data only"
    return None


def main():
    counter = tools.Counter()
    for folder in ALLOWED:
        files = [p for p in sorted((tools.ROOT / folder).rglob("*")) if p.suffix in
                 {".c", ".h", ".l", ".y", ".def"}]
        counter.check(files, folder, "  holds no source")
        for path in files:
            wrong = [f"  {name}: {why}" for quote, name in INCLUDE.findall(path.read_text())
                     if (why := problem(folder, path, quote, name))]
            counter.check(not wrong, str(path.relative_to(tools.ROOT)), "\n".join(wrong))
    counter.finish()


main()
