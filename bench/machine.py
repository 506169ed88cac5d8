"""What the machine can do, measured beside the networks in the same run: bench/machine.c, and what it is called."""

import platform
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPUINFO = Path("/proc/cpuinfo")


def flags():
    return set(re.search(r"^flags\s*:(.*)", CPUINFO.read_text(), re.M).group(1).split())


def describe():
    model = re.search(r"^model name\s*:\s*(.*)", CPUINFO.read_text(), re.M).group(1)
    vectors = next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags()), "SSE")
    cores = len(re.findall(r"^processor\s*:", CPUINFO.read_text(), re.M))
    return f"{model}, {vectors}, {cores} cores, Linux {platform.release().split('-')[0]}"


def program(folder):
    """Compiles it, for the widest vectors there are."""
    width, cpu = (16, "skylake-avx512") if "avx512f" in flags() else (8, "haswell")
    path = folder / "machine"
    words = ["cc", "-O3", "-std=gnu17", "-I", ROOT, f"-march={cpu}", "-mprefer-vector-width=512", f"-DWIDTH={width}",
             f"-DPEAK=peak_{width}", *(ROOT / "bench" / f"{name}.c" for name in ("machine", "peak", "bandwidth")), "-o", path]
    subprocess.run(words, check=True)
    return path


def runner_command(build, name, report, object_file):
    """Compiles bench/runner.c for a network that has this report and the prefix NAME; its header is net.h beside the object."""
    arguments = ",".join(f"t[{i}]" for i in range(len(report["inputs"] + report["outputs"])))
    return ["cc", "-O2", "-I", object_file.parent, "-I", ROOT, '-DHEADER="net.h"', f"-DRUN={name}_run_parallel", f"-DINFO={name}_info",
            f"-DPART_BYTES={name.upper()}_PART_BYTES", f"-DARGUMENTS={arguments}", ROOT / "bench/runner.c", object_file,
            build / "runtime/libcnnc-runtime.a", "-lm"]
