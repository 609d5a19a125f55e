"""What the tests of classification, regression and answerability share. Standard library only."""

import json
import pathlib
import random
import shutil
import tempfile
import unittest

from kill_test import squad
from program import MODEL, run

WORDS = "the a of in is was who river tower bridge city year".split()


def texts(path, rows, seed, value=False):
    """Texts with a king or without: told apart by one word. value: how many kings there are, to be predicted."""
    rng = random.Random(seed)
    lines = ["text\tlabel"]
    for _ in range(rows):
        kings = rng.randrange(3)
        words = [rng.choice(WORDS) for _ in range(rng.randrange(4, 12))] + ["king"] * kings
        rng.shuffle(words)
        lines.append(" ".join(words) + "\t" + (str(kings / 2) if value else "royal" if kings else "plain"))
    path.write_text("\n".join(lines) + "\n")


class TaskCase(unittest.TestCase):
    """Data of every kind, and a classifier fine-tuned on it: checkpoints at epochs 4 and 8."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-tasks-"))
        texts(cls.folder / "train.tsv", 120, 1)
        texts(cls.folder / "dev.tsv", 40, 2)
        texts(cls.folder / "train-values.tsv", 120, 3, value=True)
        texts(cls.folder / "dev-values.tsv", 40, 4, value=True)
        squad(cls.folder / "train.json", 30, 1)
        squad(cls.folder / "dev.json", 10, 2)
        cls.tuned = cls.folder / "tuned"
        cls.points = json.loads(cls.finetune(cls.tuned))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def finetune(cls, out, *more):
        return run("finetune", "--model", MODEL, "--train", cls.folder / "train.tsv", "--dev", cls.folder / "dev.tsv",
                   "--max-length", 32, "--epochs", 8, "--checkpoints", "4", "--lr", "3e-3", "--batch-size", 8, "--json",
                   "--out", out, *more)  # fmt: skip

    def stores(self, *more, task="classification", train="train.tsv", dev="dev.tsv", model=None):
        made = []
        for name in (train, dev):
            out = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "store"
            run("extract", "--task", task, "--model", model or MODEL, "--data", self.folder / name, "--max-length", 32,
                "--doc-stride", 8, "--out", out, *more)  # fmt: skip
            run("verify", out)
            made.append(out)
        return made

    def train(self, states, *more):
        out = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "heads"
        results = run("train", "--states", states[0], "--dev-states", states[1], "--out", out, "--json", *more)
        return out, {result["head"]: result["metrics"] for result in json.loads(results)}
