"""Kills fine-tuning and extraction with SIGKILL at random moments, several times, and checks that the same
command then ends in what an uninterrupted run leaves, byte for byte. Run: kill_test.py BERTVISION SOURCE_FOLDER"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KILLS = 4
WORDS = "the a of in is was river tower bridge king city year".split()


def squad(path, contexts, seed):
    """Answerable and impossible questions over random contexts of the tiny model's words."""
    rng = random.Random(seed)
    data = []
    for number in range(contexts):
        words = [rng.choice(WORDS) for _ in range(rng.randrange(10, 60))]
        context, answer = " ".join(words), rng.randrange(len(words))
        start = len(" ".join(words[:answer])) + (1 if answer else 0)
        qas = [{"id": f"{number}-a", "question": "what is the river?", "is_impossible": False,
                "answers": [{"text": words[answer], "answer_start": start}]},
               {"id": f"{number}-b", "question": "who was in the city?", "is_impossible": True, "answers": []}]
        data.append({"title": str(number), "paragraphs": [{"context": context, "qas": qas}]})
    path.write_text(json.dumps({"version": "v2.0", "data": data}))


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"


def wait_for_work(process, folder):
    """Until the process has made something in the folder, or has ended."""
    while process.poll() is None and not (folder.exists() and any(folder.iterdir())):
        time.sleep(0.005)


def run_with_kills(command, out, window, rng):
    """Runs the command into `out` until KILLS kills have hit it at work, then lets it finish.

    How long a run takes depends on what else the machine does, so nothing is assumed of it: a kill comes at a random
    moment of `window` seconds after the first file is there; where the run was faster, it begins anew with half the
    window."""
    hits = 0
    while hits < KILLS:
        process = subprocess.Popen([*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_work(process, out)
        time.sleep(rng.uniform(0, 1) * window)
        process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            hits += 1
        else:
            assert process.returncode == 0, f"{command}: exit code {process.returncode}"
            assert window > 1e-3, f"{command}: ends before any kill can hit it"
            shutil.rmtree(out)
            window /= 2
    run([*command, "--out", str(out)])


def files_of(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def same(a, b, names):
    left, right = files_of(a), files_of(b)
    for name in names:
        assert left[name] == right[name], f"{name} differs after kills"
    leftovers = [name for name in right if "partial" in name or "checkpoint-" in name or "unfinished" in name]
    assert not leftovers, f"leftovers: {leftovers}"


def check(program, options, whole, killed, names, rng):
    begin = time.monotonic()
    run([program, *options, "--out", str(whole)])
    # KILLS kills and the work before each must fit into about one run's work, or the later ones come too late.
    run_with_kills([program, *options], killed, (time.monotonic() - begin) / KILLS, rng)
    same(whole, killed, names)
    print(f"{options[0]}: {KILLS} kills hit; the results are byte for byte the same")


def main(program, source):
    model = str(source / "tests/fixtures/bert/qa")
    rng = random.Random(time.time_ns())
    scratch = Path(tempfile.mkdtemp(prefix="bertvision-kill-"))
    try:
        squad(scratch / "train.json", 60, 1)
        squad(scratch / "dev.json", 5, 2)
        windows = ["--model", model, "--max-length", "48", "--doc-stride", "8", "--quiet"]
        check(program, ["finetune", *windows, "--train", str(scratch / "train.json"), "--dev", str(scratch / "dev.json"),
                        "--epochs", "6", "--checkpoints", "0.5,3", "--batch-size", "4", "--save-steps", "7"],
              scratch / "ft-whole", scratch / "ft-killed",
              [f"epoch-{e}/{f}" for e in ("0.5", "3", "6") for f in ("model.safetensors", "predictions.json", "null_odds.json", "logits.safetensors")], rng)
        squad(scratch / "many.json", 6000, 3)
        check(program, ["extract", *windows, "--data", str(scratch / "many.json"), "--shard-mib", "1", "--codec", "f32",
                        "--precision", "fp32"],
              scratch / "st-whole", scratch / "st-killed",
              ["index.json", "examples.jsonl", "shard-00000.safetensors", "shard-00001.safetensors"], rng)
        run([program, "verify", str(scratch / "st-killed")])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    main(sys.argv[1], Path(sys.argv[2]))
