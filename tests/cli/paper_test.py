"""The study's own windows, answers, scores and padding end to end on the tiny model, and what does not go together.
Standard library only. Run: paper_test.py BERTVISION SOURCE_FOLDER"""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest

from kill_test import squad
from program import MODEL, WINDOWS, read, refused, run, start

HEADS = ["learned-pooling", "last-layer"]
CUT = ["--windows", "paper", "--max-length", "32", "--advance", "8", "--question-limit", "5"]
PAD = ["--pad-to", "40"]
BOTH = ("exact", "f1", "HasAns_f1", "NoAns_f1", "piece_exact", "piece_f1", "HasAns_piece_f1", "NoAns_piece_exact")


def with_unfound_answer(path):
    """Adds a question whose answer holds a kind of white space at which the study does not cut words."""
    content = read(path)
    context = "the king was\u2003in the tower"
    content["data"].append({"title": "gap", "paragraphs": [{"context": context, "qas": [
        {"id": "gap", "question": "who?", "is_impossible": False,
         "answers": [{"text": "was\u2003in", "answer_start": 9}]}]}]})
    path.write_text(json.dumps(content))


class Paper(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-paper-"))
        for part, contexts, seed in (("train", 30, 1), ("dev", 10, 2)):
            squad(cls.folder / f"{part}.json", contexts, seed)
            with_unfound_answer(cls.folder / f"{part}.json")
        cls.said = {part: cls.extract(part, cls.folder / f"{part}.states", *CUT, *PAD, "--part", part).stderr
                    for part in ("train", "dev")}  # fmt: skip
        cls.heads = cls.folder / "heads"
        cls.train = ["train", "--states", cls.folder / "train.states", "--dev-states", cls.folder / "dev.states",
                     "--head", ",".join(HEADS), "--epochs", "3"]  # fmt: skip
        cls.results = json.loads(run(*cls.train, "--out", cls.heads, "--json"))
        cls.dev = ["--data", cls.folder / "dev.json"]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def extract(cls, data, out, *options):
        done = start("extract", "--model", MODEL, "--data", cls.folder / f"{data}.json", "--out", out, "--codec", "f32",
                     "--precision", "fp32", *options)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done

    def test_inspect_counts_windows_and_what_training_leaves_out(self):
        report = json.loads(run("inspect", self.folder / "train.json", "--model", MODEL, *CUT, "--json"))
        index = read(self.folder / "train.states/index.json")
        self.assertEqual(report["questions"], 61)
        self.assertEqual(report["dropped_questions"], 1)
        self.assertEqual(report["training_windows"], report["windows"] - 1)
        self.assertEqual(report["training_windows"], index["windows"])
        self.assertEqual(report["cut_questions"], 30)  # "who was in the city?" has six pieces
        counts = report["questions_by_windows"]
        self.assertEqual(sum(counts), 61)
        self.assertEqual(sum(number * count for number, count in enumerate(counts, 1)), report["windows"])
        self.assertGreater(len(counts), 2)
        text = run("inspect", self.folder / "train.json", "--model", MODEL, *CUT)
        self.assertIn("--windows paper --max-length 32 --advance 8 --question-limit 5", text)

    def test_a_store_says_how_it_was_cut_and_holds_the_padding(self):
        for part in ("train", "dev"):
            index = read(self.folder / f"{part}.states/index.json")
            self.assertEqual((index["window_rule"], index["max_length"], index["advance"]), ("paper", 32, 8))
            self.assertEqual((index["question_limit"], index["pad_to"]), (5, 40))
            self.assertEqual(index.get("training", False), part == "train")
            self.assertEqual(index["tokens"], 40 * index["windows"])
            self.assertNotIn("doc_stride", index)
        self.assertIn("1 question is left out of training", self.said["train"])
        self.assertNotIn("left out", self.said["dev"])
        self.assertIn("by the study's rule: 8 apart, questions of at most 5, for training, padded to 40",
                      run("inspect", self.folder / "train.states"))  # fmt: skip

    def test_a_head_has_both_kinds_of_scores_and_eval_and_predict_repeat_them(self):
        for head in HEADS:
            results = read(self.heads / head / "all_results.json")
            self.assertFalse((self.heads / head / "null_odds.json").exists())
            for source in (self.dev, ["--states", self.folder / "dev.states"]):
                scores = json.loads(run("eval", "--run", self.heads / head, *source, "--json"))
                for name in BOTH:
                    self.assertAlmostEqual(scores[name], results[f"eval_{name}"], places=9)
                self.assertNotIn("best_f1", scores)
                self.assertEqual(set(scores["intervals"]) >= set(BOTH), True)
            out = self.folder / f"predicted-{head}"
            run("predict", "--run", self.heads / head, *self.dev, "--out", out)
            self.assertEqual(read(out / "predictions.json"), read(self.heads / head / "predictions.json"))
            self.assertEqual(read(out / "run.json")["inputs"]["window_rule"], "paper")
        table = run("eval", "--run", self.heads / HEADS[0], *self.dev)
        self.assertIn("over WordPieces, as the study scored", table)
        table = run(*self.train, "--out", self.heads)
        self.assertIn("piece EM", table)
        rows = json.loads(run("report", "--runs", self.heads, "--json"))
        self.assertEqual({row["name"]: row["metrics"]["eval_piece_f1"] for row in rows},
                         {result["head"]: result["metrics"]["eval_piece_f1"] for result in self.results})  # fmt: skip

    def test_training_from_text_sees_the_same_windows(self):
        out = self.folder / "from-text"
        done = start("train", "--data", self.folder / "train.json", "--dev-data", self.folder / "dev.json", "--model", MODEL,
                     "--precision", "fp32", *CUT, *PAD, "--head", HEADS[0], "--epochs", "3", "--out", out)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 question is left out of training", done.stderr)
        windows = read(self.folder / "train.states/index.json")["windows"]
        self.assertIn(f"1 head, {3 * windows} windows", done.stderr)
        loss = read(out / HEADS[0] / "all_results.json")["eval_loss"]
        stored = read(self.heads / HEADS[0] / "all_results.json")["eval_loss"]
        self.assertAlmostEqual(loss, stored, delta=0.25 * stored)
        run("predict", "--run", out, *self.dev, "--out", self.folder / "predicted-from-text")
        self.assertEqual(read(self.folder / "predicted-from-text/predictions.json"),
                         read(out / HEADS[0] / "predictions.json"))  # fmt: skip

    def test_the_official_decoder_may_be_asked_for(self):
        scores = json.loads(run("eval", "--run", self.heads / HEADS[0], *self.dev, "--decoder", "hf", "--json"))
        self.assertIn("best_f1", scores)
        self.assertNotIn("piece_f1", scores)
        out = self.folder / "by-hf"
        run(*self.train, "--decoder", "hf", "--out", out)
        results = read(out / HEADS[0] / "all_results.json")
        self.assertEqual(results["eval_f1"], scores["f1"])
        self.assertTrue((out / HEADS[0] / "null_odds.json").exists())
        # What a run was decoded by is what it is evaluated by.
        self.assertEqual(json.loads(run("eval", "--run", out / HEADS[0], *self.dev, "--json"))["f1"], scores["f1"])
        for option in (["--n-best", "5"], ["--max-answer-length", "5"], ["--null-threshold", "1"], ["--null-score", "max"]):
            says = refused(2, "eval", "--run", self.heads / HEADS[0], *self.dev, *option)
            self.assertIn(f"{option[0]} is given, but the study's decoder", says)

    def test_states_of_other_windows_are_refused_with_what_differs(self):
        self.extract("dev", self.folder / "dev.hf", "--max-length", "32", "--doc-stride", "8", *PAD)
        self.extract("dev", self.folder / "dev.plain", *CUT, "--part", "dev")
        self.extract("dev", self.folder / "dev.train", *CUT, *PAD, "--part", "train")
        out = ["--out", self.folder / "never"]
        for dev, says in (("dev.hf", "the rule of windows is paper in"), ("dev.plain", "the padding of windows is 40 in"),
                          ("dev.train", "cut for training, which leaves questions out")):  # fmt: skip
            self.assertIn(says, refused(1, "train", "--states", self.folder / "train.states", "--dev-states", self.folder / dev, *out))
            self.assertIn(says, refused(1, "eval", "--run", self.heads / HEADS[0], "--states", self.folder / dev))
        self.assertIn("cut for evaluation; to train on it, extract it with --part train",
                      refused(1, "train", "--states", self.folder / "dev.states", *out))  # fmt: skip
        self.assertFalse((self.folder / "never").exists())
        predict = ["predict", "--run", self.heads / HEADS[0], "--question", "who?", "--context", "the king"]
        self.assertIn("is a head for windows of at most 32 pieces, by the study's rule", refused(2, *predict, "--windows", "hf"))
        self.assertIn("--pad-to 0 is given, but", refused(2, *predict, "--pad-to", "0"))
        self.assertIn("--doc-stride is given, but the windows are of the rule paper", refused(2, *predict, "--doc-stride", "4"))
        self.assertIn("--pad-to is 40, less than the 41", refused(2, *predict, "--max-length", "41"))
        run(*predict, "--windows", "paper", "--pad-to", "40", "--advance", "4", "--question-limit", "3")

    def test_an_extraction_goes_on_only_with_the_same_windows(self):
        out = self.folder / "dev.states"
        self.assertIn("complete already", self.extract("dev", out, *CUT, *PAD, "--part", "dev").stderr)
        for change, says in ((["--advance", "8"], "advance 8, now it is 7"), (["--question-limit", "5"], "question_limit 5"),
                             (PAD, "pad_to 40, now it is ")):  # fmt: skip
            at = [*CUT, *PAD].index(change[0])
            options = [*CUT, *PAD]
            options[at + 1] = str(int(options[at + 1]) - 1)
            message = refused(2, "extract", "--model", MODEL, "--data", self.folder / "dev.json", "--out", out, "--codec", "f32",
                              "--precision", "fp32", *options, "--part", "dev")  # fmt: skip
            self.assertIn(says, message)

    def test_fine_tuning_and_a_models_windows_may_be_changed(self):
        out = self.folder / "tuned"
        run("finetune", "--model", MODEL, "--train", self.folder / "train.json", "--dev", self.folder / "dev.json", "--epochs", "1",
            *CUT, *PAD, "--out", out)  # fmt: skip
        results = read(out / "epoch-1/all_results.json")
        scores = json.loads(run("eval", "--run", out / "epoch-1", *self.dev, "--json"))
        for name in BOTH:
            self.assertAlmostEqual(scores[name], results[f"eval_{name}"], places=9)
        official = json.loads(run("eval", "--run", out / "epoch-1", *self.dev, "--windows", "hf", *WINDOWS, "--json"))
        self.assertIn("best_f1", official)
        # A model that no run describes takes either rule.
        plain = json.loads(run("eval", "--run", MODEL, *self.dev, *CUT, "--json"))
        self.assertIn("piece_f1", plain)
        self.assertIn("--advance is given, but the windows are of the rule hf", refused(2, "eval", "--run", MODEL, *self.dev, "--advance", "3"))

    def test_an_ensemble_takes_the_probabilities_as_they_are(self):
        out = self.folder / "both"
        report = json.loads(run("ensemble", "--runs", self.heads, "--out", out, "--json"))
        self.assertIn("f1", report["ensemble"])
        self.assertFalse((out / "null_odds.json").exists())
        self.assertIn("no threshold to fit", refused(2, "ensemble", "--runs", self.heads, "--out-of-sample"))
        self.assertIn("--null-threshold is given, but the study's decoder", refused(2, "ensemble", "--runs", self.heads, "--null-threshold", "1"))
        # The most probable start and end of any member decide: of one alone, that member's own answers come back.
        weights = ["--mode", "weighted", "--weights", "1,0", "--out", self.folder / "one"]
        run("ensemble", "--runs", f"{self.heads / HEADS[0]},{self.heads / HEADS[1]}", *weights)
        self.assertEqual(read(self.folder / "one/predictions.json"), read(self.heads / HEADS[0] / "predictions.json"))
        run(*self.train, "--decoder", "hf", "--out", self.folder / "mixed")
        says = refused(2, "ensemble", "--runs", f"{self.heads / HEADS[0]},{self.folder / 'mixed' / HEADS[0]}")
        self.assertIn("have answers by different rules", says)
        text = run("analyze", "--runs", self.heads)
        self.assertIn("Second-best answers", text)

    def test_a_head_of_all_places_is_as_long_as_the_padding(self):
        for part in ("train", "dev"):
            self.extract(part, self.folder / f"{part}.judged", *CUT, *PAD, "--part", part, "--task", "answerability")
        out = self.folder / "judged"
        run("train", "--states", self.folder / "train.judged", "--dev-states", self.folder / "dev.judged", "--head", "ap",
            "--width", "4", "--epochs", "1", "--out", out)  # fmt: skip
        self.assertEqual(read(out / "ap/head.json")["tokens"], 40)
        results = read(out / "ap/all_results.json")
        scores = json.loads(run("eval", "--run", out / "ap", *self.dev, "--json"))
        self.assertEqual(scores["accuracy"], results["eval_accuracy"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
