"""For tests of the whole program: runs it on the tiny model. The test's command line is BERTVISION SOURCE_FOLDER. Standard
library only."""

import json
import os
import pathlib
import subprocess
import sys

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
MODEL = SOURCE / "tests/fixtures/bert/qa"
WINDOWS = ["--max-length", "48", "--doc-stride", "8"]
# Tests share the processors: threads that wait must not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def start(*arguments, **more):
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **more)


def run(*arguments, **more):
    done = start(*arguments, "--quiet", **more)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def refused(code, *arguments):
    done = start(*arguments, "--quiet")
    lines = done.stderr.splitlines()
    assert done.returncode == code and len(lines) == 1, f"{arguments}: {done.returncode}, {done.stderr}"
    return lines[0]


def read(path):
    return json.loads(path.read_text())
