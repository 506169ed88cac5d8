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
    """Pinned to as many cores as it has threads, or to those of `on`. `log` is a file for what it prints besides its answers."""

    def __init__(self, words, threads, log, on=None):
        self.log = log
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        with open(log, "wb") as errors:
            self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, text=True, env=environment, start_new_session=True,
                                            preexec_fn=lambda: os.sched_setaffinity(0, on or cores(threads)))

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            lines = self.log.read_text(errors="replace").split("\n")
            raise Failed(next((line for line in reversed(lines) if line.strip()), f"ended with {self.process.returncode}"))
        return line.strip()

    def send(self, question):
        try:
            self.process.stdin.write(f"{question}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer tells

    def ask(self, question):
        self.send(question)
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


def runs_in_slice(seconds):
    """How many runs of so many seconds, or not yet known (infinity), are timed at once."""
    return max(1, int(0.03 / seconds) if seconds < float("inf") else 0)


class Contestant(Worker):
    """One that runs a network. version: what it calls itself. processor and wall: its best times of a run, in seconds. One that
    is not ready within `patience` seconds fails."""

    PATIENCE = 600

    def __init__(self, title, words, threads, log, patience=PATIENCE, on=None):
        super().__init__(words, threads, log, on)
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
        runs = runs_in_slice(self.seconds)
        if runs > 1:
            self.ask("time 1")
        self.time(runs)

    @property
    def seconds(self):
        """With one thread of a processor, so that others who use the core do not count."""
        return self.processor if self.threads == 1 else self.wall


class Copies:
    """As many processes of one thread as there could be threads, each on a core of its own, that run at once and share nothing. seconds:
    of all for one run, by the clock on the wall: less than threads that share a run can take on the same machine at the same time."""

    def __init__(self, title, words, count, log):
        self.title, self.threads, self.seconds, self.all = title, count, float("inf"), []
        try:
            for core in cores(count):
                self.all.append(Contestant(title, words, 1, log.with_suffix(f".{core}.log"), on={core}))
        except BaseException:
            self.kill()
            raise
        self.version = self.all[0].version

    def time(self, runs):
        for copy in self.all:
            copy.send(f"time {runs}")
        return [float(copy.answer().split()[1]) for copy in self.all]

    def round(self):
        runs = runs_in_slice(self.threads * self.seconds)
        if runs > 1:
            self.time(1)
        self.seconds = min(self.seconds, 1 / sum(1 / wall for wall in self.time(runs)))

    def ask(self, question):
        return self.all[0].ask(question)

    def end(self):
        for copy in self.all:
            copy.end()

    def kill(self):
        for copy in self.all:
            copy.kill()
