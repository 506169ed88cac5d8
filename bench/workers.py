"""Processes that run one network each and wait in between, so that they can be timed in turn: bench/runner.c, bench/machine.c and
bench/peers/worker.py."""

import os
import select
import signal
import subprocess


class Failed(Exception):
    """A worker that ended, and the last line that it wrote."""


def cores(threads):
    """As many of those that there are, the last ones: the first has the interrupts."""
    return set(sorted(os.sched_getaffinity(0))[-threads:])


class Worker:
    """Pinned to as many cores as it has threads. `log` is a file for what it prints besides its answers."""

    def __init__(self, words, threads, log):
        self.log = log
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        with open(log, "wb") as errors:
            self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, text=True, env=environment, start_new_session=True,
                                            preexec_fn=lambda: os.sched_setaffinity(0, cores(threads)))

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            lines = self.log.read_text(errors="replace").split("\n")
            raise Failed(next((line for line in reversed(lines) if line.strip()), f"ended with {self.process.returncode}"))
        return line.strip()

    def ask(self, question):
        try:
            self.process.stdin.write(f"{question}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer tells
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def kill(self):
        """With what it has started, which is of its session."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.end()


class Contestant(Worker):
    """One that runs a network. version: what it calls itself. processor and wall: its best times of a run, in seconds. One that
    is not ready within `patience` seconds fails."""

    SLICE = 0.03  # seconds that are timed at once
    PATIENCE = 600

    def __init__(self, title, words, threads, log, patience=PATIENCE):
        super().__init__(words, threads, log)
        self.title, self.threads = title, threads
        try:
            self.version = self.ready(patience)
        except BaseException:
            self.kill()
            raise
        self.processor = self.wall = float("inf")

    def ready(self, patience):
        if not select.select([self.process.stdout], [], [], patience)[0]:
            raise Failed(f"not ready after {patience} s")
        return self.answer().removeprefix("ready ")

    def time(self, runs):
        processor, wall = map(float, self.ask(f"time {runs}").split())
        self.processor, self.wall = min(self.processor, processor), min(self.wall, wall)

    def round(self):
        """Short ones after a run that does not count: the others have emptied the caches."""
        runs = int(self.SLICE / self.seconds) if self.seconds < float("inf") else 0
        if runs > 1:
            self.ask("time 1")
        self.time(max(1, runs))

    @property
    def seconds(self):
        """With one thread of a processor, so that others who use the core do not count."""
        return self.processor if self.threads == 1 else self.wall
