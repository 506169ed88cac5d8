"""cnnc run within bounds of time and memory."""

import os
import subprocess
import threading

import tools


class Outcome:
    def __init__(self, code, said, seconds, megabytes):
        self.code, self.said, self.seconds, self.megabytes = code, said, seconds, megabytes

    def __str__(self):
        return f"exit code {self.code}, {self.seconds:.1f} s of processor time, {self.megabytes:.0f} MiB\n{self.said[:2000]}"


def run(words, folder, patience=300):
    """An Outcome, with the seconds of processor time; the command is killed after so many seconds of patience."""
    with open(folder / "stderr", "w+b") as errors:
        process = subprocess.Popen([tools.CNNC, *map(str, words)], cwd=folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=errors)
        timer = threading.Timer(patience, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    return Outcome(process.returncode, said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
