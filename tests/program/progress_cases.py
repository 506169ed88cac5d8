"""The line on stderr that tells how far it is: only on a terminal, only for long work, never left behind."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time

from program.pictures import npy_floats
from program.programs import Programs

LINE = re.compile(r"(\d+)/(\d+) (\w+) +(\d+) %( \[(#*) *\])? ([\d.]+)/s, (\d+:\d\d) left$")


class Progress(Programs):
    """Run with stderr at a pseudo-terminal."""

    def setUp(self):
        super().setUp()
        self.slow = self.program(1, 1, 2, MICROSECONDS=40000)
        self.batch = self.file("batch.npy", npy_floats((30, 2), range(60)))

    def terminal(self, program, *words, columns=80, term="xterm", stdout=subprocess.PIPE, code=0):
        """What reaches the terminal, and stdout."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([str(w) for w in (program, *words)], stderr=slave, cwd=self.folder,
                                   stdout=slave if stdout is None else stdout, stdin=subprocess.DEVNULL,
                                   env=dict(os.environ, TERM=term))
        os.close(slave)
        pieces = []
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # nobody has the other end any more
                break
            if not piece:
                break
            pieces.append(piece)
        out = process.communicate()[0] or b""
        os.close(master)
        self.assertEqual(process.returncode, code)
        return b"".join(pieces).decode(), out.decode()

    def lines(self, text):
        """The lines drawn; each goes over the one before, and the last one is erased."""
        parts = re.split(r"\r([^\r]*)\x1b\[K", text)
        drawn = [part for part in parts[1::2] if part]
        self.assertEqual(parts[-2], "")
        self.assertEqual([part for part in parts[0::2] if part], [])
        return drawn

    def test_a_batch(self):
        start = time.monotonic()
        text, out = self.terminal(self.slow, self.batch)
        elapsed = time.monotonic() - start
        lines = self.lines(text)
        self.assertEqual(len(out.splitlines()), 30)
        self.assertGreater(len(lines), 2)
        self.assertLess(len(lines), elapsed / 0.1)
        shown = [LINE.match(line) for line in lines]
        self.assertTrue(all(shown), lines)
        done = [int(match[1]) for match in shown]
        self.assertEqual(done, sorted(done))
        for match in shown:
            count, total, share, rate = int(match[1]), int(match[2]), int(match[4]), float(match[7])
            self.assertEqual((total, match[3], share), (30, "images", round(100 * count / 30)))
            # 40 ms each at least: how long it takes so far follows from count and rate
            self.assertGreaterEqual(count / rate, 0.45)
            minutes, seconds = map(int, match[8].split(":"))
            left = (total - count) / rate
            self.assertLessEqual(abs(60 * minutes + seconds - left), 1.1)
            self.assertLessEqual(len(match[0]), 79)
            bar = len(match[5]) - 3
            self.assertLessEqual(abs(len(match[6]) - bar * count / 30), 1)

    def test_files(self):
        names = [self.file(f"{i}.npy", npy_floats((2,), [i, 0])).name for i in range(25)]
        lines = self.lines(self.terminal(self.slow, *names)[0])
        self.assertTrue(all(LINE.match(line).group(2, 3) == ("25", "files") for line in lines))
        self.assertGreater(len(lines), 1)

    def test_runs(self):
        for words in ["--bench=25"], ["--profile", "--bench=25"]:
            lines = self.lines(self.terminal(self.slow, *words)[0])
            self.assertTrue(lines and all(LINE.match(line).group(2, 3) == ("25", "runs") for line in lines))

    def test_narrow_terminals(self):
        for columns in 60, 45, 20, 5:
            for line in self.lines(self.terminal(self.slow, self.batch, columns=columns)[0]):
                self.assertLess(len(line), columns)

    def test_nothing(self):
        quick = self.file("quick.npy", npy_floats((5, 2), range(10)))
        self.assertEqual(self.terminal(self.slow, quick)[0], "")
        self.assertEqual(self.terminal(self.slow, self.batch, "--quiet")[0], "")
        self.assertEqual(self.terminal(self.slow, self.batch, term="dumb")[0], "")
        done = subprocess.run([self.slow, self.batch], capture_output=True)
        self.assertEqual(done.stderr, b"")

    def test_messages_stand_alone(self):
        names = [self.file(f"{i}.npy", npy_floats((2,), [i, 0])).name for i in range(25)]
        text, _ = self.terminal(self.slow, *names, "gone.npy", *names, code=1)
        message = "net: error: cannot open 'gone.npy': No such file or directory\r\n"
        self.assertIn("\r\x1b[K" + message, text)
        self.assertTrue(text.endswith("\r\x1b[Knet: error: 1 of 51 files could not be used\r\n"), text[-200:])

    def test_summaries_stand_alone(self):
        """Of outputs that are no vectors, each printed when its file is done."""
        program = self.program(1, 2, 1, MICROSECONDS=40000)
        names = [self.file(f"{i}.npy", npy_floats((1, 2), [i, 0])).name for i in range(25)]
        text, _ = self.terminal(program, *names, stdout=None)
        rows = re.findall(r"(?:^|\n|\r\x1b\[K)(\d+)\.npy: [^\r\n]*(?=\r\n)", text)
        self.assertEqual([int(row) for row in rows], list(range(25)))
        drawn = re.findall(r"\r\d+/25 files", text)
        self.assertTrue(1 < len(drawn) < 20, drawn)  # a tenth of a second apart, of one

    def test_results_stand_alone(self):
        """stdout at the same terminal: no result is drawn over."""
        text, _ = self.terminal(self.slow, self.batch, stdout=None)
        rows = re.findall(r"(?:^|\n|\r\x1b\[K)(\d+)\t1\t1\t\d+(?=\r\n)", text)
        self.assertEqual([int(row) for row in rows], list(range(30)))
        self.assertIn("images", text)
