"""A study end to end on the tiny model: what runs, what does not run again, what a change of the plan touches, and that
kills and Ctrl-C lose nothing. Standard library only. Run: study_test.py BERTVISION SOURCE_FOLDER"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from kill_test import squad
from program import MODEL, PROGRAM, read, refused, run

PLAN = """
title = "A tiny study"
out = "{out}"
delete-stores = {delete}
[[experiment]]
name = "spans"
model = "{model}"
[experiment.data]
train = "train.json"
dev = "dev.json"
max-length = 48
doc-stride = 8
[experiment.finetune]
checkpoints = [0, 0.5, 1]
batch-size = 8
[[experiment.heads]]
names = {heads}
seeds = [1, 2]
epochs = {epochs}
[[experiment.heads]]
names = ["last-layer"]
checkpoints = [1]
fractions = [0.5]
epochs = {epochs}
[[experiment.ensembles]]
name = "both"
members = ["bert", "last-layer"]
[[experiment.transfers]]
heads = ["last-layer"]
from = 0.5
to = [1]
[experiment.analyses]
what = ["has-no-answer", "layers", "layer-ablation"]
checkpoints = [1]
[experiment.report]
resamples = 50
"""


class Study(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="bertvision-study-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.out = self.folder / "out"
        squad(self.folder / "train.json", 12, 1)
        squad(self.folder / "dev.json", 4, 2)
        self.write()

    def write(self, heads=("last-layer", "learned-pooling"), epochs=1, delete=False, more=""):
        text = PLAN.format(out="out", model=MODEL, heads=json.dumps(list(heads)), epochs=epochs, delete=str(delete).lower())
        (self.folder / "plan.toml").write_text(text + more)

    def study(self, *arguments):
        return run("study", "plan.toml", *arguments, cwd=self.folder)

    def states(self):
        steps = json.loads(self.study("--dry-run", "--json"))["steps"]
        return {step["step"].removeprefix("spans/"): step["state"] for step in steps}

    def not_done(self):
        return {name: state for name, state in self.states().items() if state != "done"}

    def stamps(self):
        return {path: path.stat().st_mtime_ns for path in self.out.rglob("*.safetensors")}

    def test_the_whole_and_what_a_change_touches(self):
        before = self.states()
        self.assertEqual(set(before.values()), {"to do"})
        output = self.study()
        self.assertIn("spans\n", output)
        self.assertIn("learned-pooling", output)
        for made in (
            "finetune/seed-1/epoch-0.5/model.safetensors",
            "states/epoch-0/tokens/train/index.json",
            "heads/bert-1/epoch-1/seed-2/learned-pooling/head.safetensors",
            "heads/bert-1/epoch-1/seed-1-fraction-0.5/last-layer/head.safetensors",
            "ensembles/bert-1/epoch-0.5/seed-2/both/predictions.json",
            "transfers/bert-1/epoch-0.5/seed-1/last-layer/to-epoch-1/all_results.json",
            "analyses/bert-1/epoch-1/analysis.json",
            "report/report.html",
        ):
            self.assertTrue((self.out / "spans" / made).exists(), made)
        self.assertEqual(set(self.states()), set(before))
        self.assertEqual(self.not_done(), {})

        stamps = self.stamps()
        self.assertEqual(self.study(), output)
        self.assertEqual(self.stamps(), stamps, "a finished study was worked on again")

        self.write(heads=("last-layer", "learned-pooling", "layer-0"))
        self.assertEqual(
            self.not_done(),
            {
                "heads/epoch-0/seed-1": "more heads",
                "heads/epoch-0/seed-2": "more heads",
                "heads/bert-1/epoch-0.5/seed-1": "more heads",
                "heads/bert-1/epoch-0.5/seed-2": "more heads",
                "heads/bert-1/epoch-1/seed-1": "more heads",
                "heads/bert-1/epoch-1/seed-2": "more heads",
                "analyses/bert-1/epoch-1": "again, changed",
                "report": "again, changed",
            },
        )
        self.assertIn("layer-0", self.study())
        kept = {path: stamp for path, stamp in self.stamps().items() if path in stamps and "heads" in path.parts}
        self.assertEqual(kept, {path: stamps[path] for path in kept}, "heads that were there were trained again")
        self.assertEqual(self.not_done(), {})

        self.write(heads=("last-layer", "learned-pooling", "layer-0"), epochs=2)
        changed = self.not_done()
        self.assertEqual(set(changed.values()), {"again, changed"})
        self.assertFalse([name for name in changed if name.startswith(("finetune", "states"))])
        self.study()
        self.assertEqual(self.not_done(), {})

    def test_commands_are_those_that_could_be_typed(self):
        commands = self.study("--commands").splitlines()
        self.assertFalse(self.out.exists(), "printing commands made a folder")
        self.assertEqual(commands[0].split()[:2], ["bertvision", "finetune"])
        for command in commands:
            run(*command.split()[1:], cwd=self.folder)
        self.assertTrue((self.out / "spans/report/report.html").exists())

    def test_lists_of_runs_may_be_longer_than_a_word_of_a_command(self):
        out = pathlib.Path(*["x" * 200] * 14)
        plan = f"""
out = "{out}"
[[experiment]]
name = "spans"
model = "{MODEL}"
[experiment.data]
train = "train.json"
dev = "dev.json"
max-length = 48
doc-stride = 8
[[experiment.heads]]
names = ["last-layer", "learned-pooling", "layers"]
seeds = {list(range(1, 14))}
[[experiment.ensembles]]
name = "all"
members = ["heads"]
[experiment.report]
resamples = 0
"""
        (self.folder / "plan.toml").write_text(plan)
        command = max(self.study("--commands").splitlines(), key=len)
        self.assertIn("bertvision report", command)
        self.assertGreater(len(command), 128 << 10)
        self.study()
        systems = read(self.folder / out / "spans/report/report.json")
        self.assertGreater(len(systems), 13 * 3)
        self.assertEqual(len(systems), len(list((self.folder / out).rglob("all_results.json"))))

    def test_stores_are_deleted_when_told_to_and_made_again_when_needed(self):
        self.write(delete=True)
        self.study()
        self.assertEqual(list(self.out.glob("spans/states/**/index.json")), [])
        self.assertEqual(self.not_done(), {})
        self.write(delete=True, heads=("last-layer", "learned-pooling", "layer-1"))
        self.assertEqual(self.states()["states/epoch-0/tokens/train"], "again, was deleted")
        self.study()
        self.assertEqual(list(self.out.glob("spans/states/**/index.json")), [])
        self.assertEqual(self.not_done(), {})

    def end_early(self, number, seconds):
        process = subprocess.Popen([PROGRAM, "study", "plan.toml", "--quiet"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)  # fmt: skip
        time.sleep(seconds)
        process.send_signal(number)
        messages = process.communicate(timeout=60)[1]
        return process.returncode, messages

    def test_killed_and_interrupted_it_goes_on(self):
        begin = time.monotonic()
        self.study("--out", "whole")
        whole = time.monotonic() - begin
        ended = 0
        for number in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            code, messages = self.end_early(number, whole / 5)
            ended += code != 0
            if number != signal.SIGKILL and code:
                self.assertIn(code, (130, -number), messages)
            self.wait_for_the_lock()
        self.assertGreater(ended, 0, "no signal came in time")
        self.study()
        self.assertEqual(self.not_done(), {})
        for name in ("heads/bert-1/epoch-1/seed-2/last-layer/head.safetensors", "finetune/seed-1/epoch-1/model.safetensors"):
            left, right = (self.folder / out / "spans" / name for out in ("whole", "out"))
            self.assertEqual(left.read_bytes(), right.read_bytes(), name)

    def wait_for_the_lock(self):
        """Until the step's process, which ends with its study, is gone."""
        for _ in range(1000):
            if not any(self.works_here(process) for process in pathlib.Path("/proc").glob("[0-9]*")):
                return
            time.sleep(0.02)
        self.fail("a process of the ended study goes on")

    def works_here(self, process):
        try:
            return os.readlink(process / "cwd") == str(self.folder) and process.name != str(os.getpid())
        except OSError:
            return False

    def test_slips_are_found_before_anything_runs(self):
        for more, message in (
            ("[experiment.finetune2]\nx = 1\n", "unknown key 'finetune2'"),
            ("[[experiment.heads]]\nnames = ['no-such-head']\n", "no-such-head"),
            ("[[experiment.heads]]\nnames = ['last-layer']\nlabel = 'x'\nepoch = 3\n", "--epochs"),
            ("[[experiment.heads]]\nnames = ['last-layer']\nlabel = 'x'\nepochs = 0\n", "--epochs"),
            ("[[experiment.ensembles]]\nname = 'x'\nmembers = ['bert']\nmode = 'min'\n", "--mode"),
        ):
            self.write(more=more)
            os.chdir(self.folder)
            line = refused(2, "study", "plan.toml")
            self.assertIn(message, line)
            self.assertFalse(self.out.exists(), "a refused plan made a folder")
        os.chdir(self.folder.parent)

    def test_a_step_that_fails_is_named_and_done_later(self):
        good = (self.folder / "dev.json").read_text()
        (self.folder / "dev.json").write_text(good[: len(good) // 2])
        done = subprocess.run([PROGRAM, "study", "plan.toml"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("dev.json: not valid JSON", done.stderr)
        (self.folder / "dev.json").write_text(good)
        self.study()
        self.assertEqual(self.not_done(), {})

    def test_two_processes_do_not_work_on_one_study(self):
        process = subprocess.Popen([PROGRAM, "study", "plan.toml", "--quiet"], cwd=self.folder, stdout=subprocess.DEVNULL)
        try:
            while not (self.out / "study.json").exists():
                time.sleep(0.01)
            second = subprocess.run([PROGRAM, "study", "plan.toml", "--quiet"], cwd=self.folder, capture_output=True, text=True)
            self.assertEqual(second.returncode, 1, second.stderr)
            self.assertIn("another process", second.stderr)
        finally:
            process.wait(300)
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    unittest.main(argv=sys.argv[:1], verbosity=1)
