"""Heads end to end on the tiny model: extract, train from stores and from text, predict, eval, resume after kills,
states that do not belong together. Standard library only. Run: heads_test.py BERTVISION SOURCE_FOLDER"""

import json
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from kill_test import squad
from program import MODEL, PROGRAM, WINDOWS, read, refused, run, start

HEADS = ["learned-pooling", "adapter-64-shared-skip"]
RUN_FILES = {
    "run.json", "head.json", "head.safetensors", "all_results.json", "eval_results.json", "train_results.json",
    "predictions.json", "nbest_predictions.json", "null_odds.json", "trainer_state.json",
    "logits.safetensors",
}  # fmt: skip


def other_model(folder):
    """The model with one weight changed: another backbone of the same shape."""
    shutil.copytree(MODEL, folder)
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    size = struct.unpack("<Q", content[:8])[0]
    entry = json.loads(content[8 : 8 + size])["bert.embeddings.LayerNorm.weight"]
    begin = 8 + size + entry["data_offsets"][0]
    content[begin : begin + 4] = struct.pack("<f", 3.0)
    path.write_bytes(content)
    return folder


class Heads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-heads-"))
        squad(cls.folder / "train.json", 40, 1)
        squad(cls.folder / "dev.json", 10, 2)
        for part in ("train", "dev"):
            cls.extract(part, cls.folder / f"{part}.states")
        cls.stores = ["--states", cls.folder / "train.states", "--dev-states", cls.folder / "dev.states"]
        cls.text = ["--data", cls.folder / "train.json", "--dev-data", cls.folder / "dev.json", "--model", MODEL,
                    "--precision", "fp32", *WINDOWS]  # fmt: skip
        cls.heads = cls.folder / "heads"
        cls.train = ["train", *cls.stores, "--head", ",".join(HEADS), "--epochs", "3", "--out", cls.heads]
        cls.results = json.loads(run(*cls.train, "--json"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def extract(cls, part, out, model=MODEL, precision="fp32"):
        run("extract", "--model", model, "--data", cls.folder / f"{part}.json", "--out", out, "--codec", "f32",
            "--precision", precision, *WINDOWS)  # fmt: skip

    def same_answers(self, a, b):
        """Of two folders; states from other batches may differ in the last bits."""
        self.assertEqual(read(a / "predictions.json"), read(b / "predictions.json"))
        odds = read(b / "null_odds.json")
        for name, value in read(a / "null_odds.json").items():
            self.assertAlmostEqual(value, odds[name], delta=1e-4)

    def test_a_run_folder_has_everything(self):
        self.assertEqual([result["head"] for result in self.results], HEADS)
        for head in HEADS:
            names = {path.name for path in (self.heads / head).iterdir()}
            events = {name for name in names if name.startswith("events.out.tfevents.")}
            self.assertEqual(names - events, RUN_FILES)
            self.assertEqual(len(events), 1)
            state = read(self.heads / head / "trainer_state.json")
            scored = [entry["epoch"] for entry in state["log_history"] if "eval_f1" in entry]
            self.assertEqual(scored, [1, 2, 3])
            inputs = read(self.heads / head / "run.json")["inputs"]
            self.assertEqual(inputs["layers"], [0, 1, 2])
            self.assertEqual((inputs["max_length"], inputs["doc_stride"]), (48, 8))
            self.assertEqual(inputs["precision"], "fp32")
        self.assertEqual({path.name for path in self.heads.iterdir()}, set(HEADS))

    def test_training_lowers_the_loss(self):
        for head in HEADS:
            state = read(self.heads / head / "trainer_state.json")
            losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
            self.assertLess(losses[-1], losses[0])

    def test_the_finished_command_prints_the_results_again(self):
        before = (self.heads / HEADS[0] / "run.json").read_bytes()
        self.assertEqual(json.loads(run(*self.train, "--json")), self.results)
        self.assertEqual((self.heads / HEADS[0] / "run.json").read_bytes(), before)
        table = run(*self.train)
        for head in HEADS:
            self.assertIn(head, table)
        self.assertIn("another run: --epochs is 4, there it is 3", refused(2, *self.train[:-4], "--epochs", "4",
                                                                         "--out", self.heads))  # fmt: skip

    def test_predict_gives_the_answers_of_the_run_itself(self):
        for head in HEADS:
            out = self.folder / f"predicted-{head}"
            run("predict", "--run", self.heads / head, "--data", self.folder / "dev.json", "--out", out)
            self.same_answers(out, self.heads / head)

    def test_eval_gives_the_scores_of_the_run_itself(self):
        for head in HEADS:
            scores = json.loads(run("eval", "--run", self.heads / head, "--data", self.folder / "dev.json", "--json"))
            results = read(self.heads / head / "all_results.json")
            for name in ("exact", "f1", "HasAns_f1", "NoAns_f1", "best_f1"):
                self.assertAlmostEqual(scores[name], results[f"eval_{name}"], places=9)
            files = [f"--{name.replace('_', '-')}={self.heads / head / name}.json" for name in ("predictions", "null_odds")]
            of_files = json.loads(run("eval", "--data", self.folder / "dev.json", *files, "--null-threshold", "0", "--json"))
            self.assertEqual((of_files["exact"], of_files["f1"]), (scores["exact"], scores["f1"]))

    def test_training_from_text_agrees_with_its_predictions(self):
        out = self.folder / "from-text"
        run("train", *self.text, "--head", HEADS[1], "--epochs", "2", "--out", out)
        # The folder above the only run stands for it.
        run("predict", "--run", out, "--data", self.folder / "dev.json", "--out", self.folder / "predicted-from-text")
        self.same_answers(self.folder / "predicted-from-text", out / HEADS[1])

    def test_text_and_store_give_heads_of_like_quality(self):
        out = self.folder / "text-quality"
        run("train", *self.text, "--head", HEADS[1], "--epochs", "3", "--out", out)
        loss = read(out / HEADS[1] / "all_results.json")["eval_loss"]
        stored = read(self.heads / HEADS[1] / "all_results.json")["eval_loss"]
        self.assertAlmostEqual(loss, stored, delta=0.25 * stored)

    def test_a_head_does_not_depend_on_those_beside_it(self):
        alone = self.folder / "alone"
        command = ["train", *self.stores, "--epochs", "3", "--out", alone]
        run(*command, "--head", HEADS[0])
        trained = (alone / HEADS[0] / "run.json").read_bytes()
        run(*command, "--head", ",".join(HEADS))  # adds the second to the folder
        self.assertEqual((alone / HEADS[0] / "run.json").read_bytes(), trained)
        for head in HEADS:
            self.assertEqual(
                (alone / head / "head.safetensors").read_bytes(), (self.heads / head / "head.safetensors").read_bytes()
            )

    def long_training(self, out):
        return ["train", *self.stores, "--head", ",".join(HEADS), "--epochs", "20", "--save-steps", "9", "--out", out]

    def test_kills_change_nothing(self):
        whole, killed = self.folder / "whole", self.folder / "killed"
        begin = time.monotonic()
        run(*self.long_training(whole))
        seconds = time.monotonic() - begin
        command = [PROGRAM, *map(str, self.long_training(killed)), "--quiet"]
        hits = 0
        for share in (0.4, 0.6, 0.8):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(seconds * (share + random.uniform(-0.1, 0.1)))
            process.kill()
            hits += process.wait() == -signal.SIGKILL
        self.assertGreater(hits, 0, "no kill hit the program while it ran")
        run(*self.long_training(killed))
        for head in HEADS:
            for name in ("head.safetensors", "predictions.json", "nbest_predictions.json", "null_odds.json", "logits.safetensors"):
                self.assertEqual((killed / head / name).read_bytes(), (whole / head / name).read_bytes(), name)
            histories = [read(folder / head / "trainer_state.json")["log_history"] for folder in (whole, killed)]
            for entries in histories:
                for entry in entries:
                    for timing in ("eval_runtime", "eval_samples_per_second"):
                        entry.pop(timing, None)
            self.assertEqual(*histories)
        self.assertEqual({path.name for path in killed.iterdir()}, set(HEADS))

    def test_ctrl_c_saves_and_the_same_command_goes_on(self):
        out = self.folder / "stopped"
        command = self.long_training(out)
        process = subprocess.Popen([PROGRAM, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not list(out.glob("checkpoint-*/trainer.json")) and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn("the same command goes on from there", errors.splitlines()[-1])
        says = refused(1, "predict", "--run", out, "--question", "who?", "--context", "the king")
        self.assertIn("an unfinished training?", says)
        others = [value if value != ",".join(HEADS) else HEADS[0] + ",last-layer" for value in command]
        self.assertIn("cannot resume", refused(2, *others))
        done = start(*command)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("going on from the checkpoint at step", done.stderr)

    def test_a_second_process_is_refused_and_harms_nothing(self):
        out = self.folder / "two"
        command = self.long_training(out)
        first = subprocess.Popen([PROGRAM, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not list(out.glob("checkpoint-*/trainer.json")) and first.poll() is None:
            time.sleep(0.005)
        first.send_signal(signal.SIGSTOP)
        try:
            self.assertIn("another process is writing in this folder", refused(1, *command))
            alone = [value if value != ",".join(HEADS) else "last-layer" for value in command]
            self.assertIn("another process is writing in this folder", refused(1, *alone))
        finally:
            first.send_signal(signal.SIGCONT)
        _, errors = first.communicate()
        self.assertEqual(first.returncode, 0, errors)

    def test_states_of_another_backbone_are_refused(self):
        other = other_model(self.folder / "other")
        self.extract("dev", self.folder / "dev.other", model=other)
        self.extract("dev", self.folder / "dev.bf16", precision="bf16")
        train = ["train", "--states", self.folder / "train.states", "--out", self.folder / "transfer", "--dev-states"]
        fingerprints = [read(self.folder / name / "index.json")["backbone_fingerprint"] for name in ("train.states", "dev.other")]
        self.assertNotEqual(*fingerprints)
        message = refused(1, *train, self.folder / "dev.other")
        for value in (*fingerprints, "--allow-other-backbone"):
            self.assertIn(value, message)
        message = refused(1, *train, self.folder / "dev.bf16")
        for value in ("precision", "fp32", "bf16"):
            self.assertIn(value, message)
        run(*train, self.folder / "dev.other", "--allow-other-backbone")
        answer = ["predict", "--run", self.heads / HEADS[0], "--model", other, "--question", "who?", "--context", "the king"]
        message = refused(1, *answer)
        for value in fingerprints:
            self.assertIn(value, message)
        run(*answer, "--allow-other-backbone")

    def test_a_run_with_missing_or_foreign_files_is_refused(self):
        for name, code in (("head.json", 1), ("head.safetensors", 1), ("run.json", 1)):
            folder = self.folder / f"without-{name}"
            shutil.copytree(self.heads / HEADS[0], folder)
            (folder / name).unlink()
            says = refused(code, "predict", "--run", folder, "--question", "who?", "--context", "the king")
            self.assertIn(name, says)
        folder = self.folder / "mixed"
        shutil.copytree(self.heads / HEADS[0], folder)
        shutil.copy(self.heads / HEADS[1] / "head.safetensors", folder)
        says = refused(1, "eval", "--run", folder, "--data", self.folder / "dev.json")
        self.assertIn("head.safetensors", says)
        says = refused(1, "predict", "--run", self.heads, "--question", "who?", "--context", "the king")
        self.assertIn("holds 2 runs", says)

    def test_answers_say_where_they_stand(self):
        lines = [
            {"id": "é", "question": "who was in the tower?", "context": "Ünïcode: the king was in the tower of the city."},
            {"question": "what is the river?", "context": "the river 河 is in the city. " * 12},
        ]
        text = "\n".join(json.dumps(line) for line in lines)
        out = run("predict", "--run", self.heads / HEADS[1], "--data", "-", "--null-threshold", "1000", input=text)
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([answer["id"] for answer in answers], ["é", "2"])
        for line, answer in zip(lines, answers):
            self.assertEqual(line["context"][answer["start"] : answer["end"]], answer["answer"])
            self.assertAlmostEqual(answer["null_odds"], answer["null_score"] - answer["score"], places=6)
            for candidate in answer["n_best"]:
                if candidate["text"]:
                    self.assertEqual(line["context"][candidate["start"] : candidate["end"]], candidate["text"])
            self.assertAlmostEqual(sum(candidate["probability"] for candidate in answer["n_best"]), 1, places=9)
        question = ["--question", lines[0]["question"], "--context", lines[0]["context"], "--null-threshold", "1000"]
        one = json.loads(run("predict", "--run", self.heads / HEADS[1], *question, "--json"))
        self.assertEqual((one["answer"], one["start"]), (answers[0]["answer"], answers[0]["start"]))
        shown = run("predict", "--run", self.heads / HEADS[1], *question)
        self.assertEqual(shown.splitlines()[0], one["answer"])
        self.assertIn(f"{one['start']} to {one['end']} of the context", shown)

    def test_a_fine_tuned_model_predicts_what_its_training_did(self):
        out = self.folder / "tuned"
        run("finetune", "--model", MODEL, "--train", self.folder / "train.json", "--dev", self.folder / "dev.json",
            "--epochs", "1", "--max-answer-length", "5", "--out", out, *WINDOWS)  # fmt: skip
        run("predict", "--run", out, "--data", self.folder / "dev.json", "--out", self.folder / "predicted-tuned")
        self.same_answers(self.folder / "predicted-tuned", out / "epoch-1")
        scores = json.loads(run("eval", "--run", out / "epoch-1", "--data", self.folder / "dev.json", "--json"))
        self.assertAlmostEqual(scores["f1"], read(out / "epoch-1" / "all_results.json")["eval_f1"], places=9)

    def test_predictions_do_not_fall_onto_other_runs(self):
        out = self.folder / "own"
        predict = ["predict", "--data", self.folder / "dev.json", "--run"]
        says = refused(2, *predict, self.heads / HEADS[0], "--out", self.heads / HEADS[0])
        self.assertIn("a run of 'train', not of 'predict'", says)
        run(*predict, self.heads / HEADS[0], "--out", out)
        self.assertIn("another run", refused(2, *predict, self.heads / HEADS[1], "--out", out))

    def test_training_without_dev_data_gives_losses_only(self):
        out = self.folder / "no-dev"
        result = json.loads(run("train", "--states", self.folder / "train.states", "--head", HEADS[0], "--out", out, "--json"))
        self.assertEqual([name for name in result[0]["metrics"] if name.startswith("eval_")], [])
        self.assertGreater(result[0]["metrics"]["train_loss"], 0)
        self.assertFalse((out / HEADS[0] / "predictions.json").exists())
        run("predict", "--run", out, "--question", "who?", "--context", "the king")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
