"""Commands that make a model ready for a peer."""

import subprocess
from pathlib import Path


def must(words, **options):
    """What it prints; a RuntimeError with its first error if it fails."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error:" in line] or [done.stderr[-500:]]
        raise RuntimeError(f"{Path(words[0]).name}: {lines[0]}")
    return done.stdout
