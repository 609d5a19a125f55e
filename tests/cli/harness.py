"""Runs the built program on the cases of a table and checks what a person would see.

Each case runs in a fresh folder with the files it asks for. Checked always: the exit code; no signal; for a
failure exactly one line on standard error, "bertvision: error: ...", that holds the expected words; the given
files unchanged; no temporary file left behind. Standard library only.

Usage: run_cases.py PROGRAM [WORDS]   (WORDS: only cases whose command holds them)
"""

import concurrent.futures
import dataclasses
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile

SECONDS = 120


@dataclasses.dataclass
class Case:
    """args are split like a shell does; {name} in them and in `says` is taken from the places given to run()."""

    args: str
    code: int
    says: str  # on standard error; for a success on either output
    files: dict = dataclasses.field(default_factory=dict)  # path: str or bytes, or None for an empty folder
    stdin: bytes = b""
    stdout: str = "pipe"  # "full": a full disk; "closed": a reader that has gone away


def make_files(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)


def start(program, case, folder, places):
    arguments = [part.format(**places) for part in shlex.split(case.args)]
    output = subprocess.PIPE
    if case.stdout == "full":
        output = open("/dev/full", "wb")
    if case.stdout == "closed":
        reader, writer = os.pipe()
        os.close(reader)
        output = os.fdopen(writer, "wb")
    return subprocess.run(
        [program, *arguments], cwd=folder, input=case.stdin, stdout=output, stderr=subprocess.PIPE, timeout=SECONDS
    )


def complaints_about(case, done, places):
    """What is wrong with how the program ended, as a list of sentences."""
    errors = done.stderr.decode(errors="replace")
    output = (done.stdout or b"").decode(errors="replace")
    if case.stdout == "closed":
        quiet = done.returncode in (-signal.SIGPIPE, 0) and not errors
        return [] if quiet else [f"a closed pipe gave exit code {done.returncode}"]
    found = []
    if done.returncode != case.code:
        found.append(f"exit code {done.returncode}, expected {case.code}")
    says = case.says.format(**places)
    if case.code == 0:
        if says not in output + errors:
            found.append(f"the output lacks {says!r}: {output[:400]!r}")
        return found
    lines = errors.splitlines()
    if len(lines) != 1 or not lines[0].startswith("bertvision: error: "):
        found.append(f"standard error must be one line 'bertvision: error: ...', it has {len(lines)}")
    if says not in errors:
        found.append(f"standard error lacks {says!r}")
    return found


def run_case(program, case, places):
    with tempfile.TemporaryDirectory(prefix="bertvision-cli-") as name:
        folder = pathlib.Path(name)
        make_files(folder, case.files)
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        try:
            done = start(program, case, folder, places)
        except subprocess.TimeoutExpired:
            return [f"still running after {SECONDS} s"]
        found = complaints_about(case, done, places)
        for path, content in before.items():
            if not path.is_file() or path.read_bytes() != content:
                found.append(f"{path.relative_to(folder)} was changed")
        found += [f"{path.name} was left behind" for path in folder.rglob("*.partial-*")]
        if found:
            found.append("standard error: " + done.stderr.decode(errors="replace")[:1000].strip())
        return found


def run(program, cases, places, words=""):
    """Runs them, prints what failed, gives back an exit code."""
    chosen = [case for case in cases if words in case.args]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for case, found in zip(chosen, pool.map(lambda case: run_case(program, case, places), chosen)):
            if found:
                failed += 1
                print(f"FAILED: bertvision {case.args}")
                for sentence in found:
                    print(f"    {sentence}")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0
