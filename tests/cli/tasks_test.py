"""Classification, regression and answerability end to end on the tiny model: fine-tune, extract, train heads, eval,
predict. Standard library only. Run: tasks_test.py BERTVISION SOURCE_FOLDER"""

import json
import pathlib
import random
import sys
import tempfile
import time
import unittest

from kill_test import run_with_kills
from program import MODEL, PROGRAM, read, refused, run
from task_case import TaskCase


class Tasks(TaskCase):
    def test_a_fine_tuned_classifier_learns_and_is_a_folder_that_says_its_labels(self):
        self.assertEqual([point["epoch"] for point in self.points], [4, 8])
        self.assertGreater(self.points[-1]["metrics"]["accuracy"], 0.9)
        self.assertEqual(list(self.points[-1]["metrics"])[:3], ["accuracy", "f1", "matthews"])
        config = read(self.tuned / "epoch-8/config.json")
        self.assertEqual(config["architectures"], ["BertForSequenceClassification"])
        self.assertEqual(config["id2label"], {"0": "plain", "1": "royal"})
        predictions = read(self.tuned / "epoch-8/predictions.json")
        golds = [line.split("\t")[1] for line in (self.folder / "dev.tsv").read_text().splitlines()[1:]]
        right = sum(a == b for a, b in zip(predictions.values(), golds)) / len(golds)
        self.assertAlmostEqual(right, self.points[-1]["metrics"]["accuracy"])
        lines = (self.tuned / "epoch-8/predict_results_classification.txt").read_text().splitlines()
        self.assertEqual(lines[0], "index\tprediction")
        self.assertEqual([line.split("\t")[1] for line in lines[1:]], list(predictions.values()))

    def test_eval_and_predict_repeat_what_the_run_scored(self):
        model = self.tuned / "epoch-8"
        scores = json.loads(run("eval", "--run", model, "--data", self.folder / "dev.tsv", "--json"))
        self.assertAlmostEqual(scores["accuracy"], self.points[-1]["metrics"]["accuracy"])
        self.assertLessEqual(scores["accuracy_interval"][0], scores["accuracy"])
        run("predict", "--run", model, "--data", self.folder / "dev.tsv", "--out", self.folder / "predicted")
        self.assertEqual(read(self.folder / "predicted/predictions.json"), read(model / "predictions.json"))
        one = json.loads(run("predict", "--run", model, "--text", "the king was in the tower", "--json"))
        self.assertEqual(one["label"], "royal")
        self.assertAlmostEqual(sum(one["probabilities"].values()), 1, places=6)
        self.assertIn("royal", run("predict", "--run", model, "--text", "the king was in the tower"))

    def test_two_runs_are_alike_to_the_bit(self):
        again = self.folder / "again"
        self.finetune(again)
        for name in ("epoch-4/model.safetensors", "epoch-8/model.safetensors", "epoch-8/predictions.json"):
            self.assertEqual((again / name).read_bytes(), (self.tuned / name).read_bytes(), name)

    def test_every_row_head_trains_on_cls_states(self):
        states = self.stores("--cls-only", model=self.tuned / "epoch-8")
        out, results = self.train(states, "--head", "all", "--epochs", 2)
        self.assertGreaterEqual(len(results), 7)
        for head, metrics in results.items():
            self.assertEqual(read(out / head / "head.json")["kind"], "row")
            self.assertGreaterEqual(metrics["eval_accuracy"], 0.4, head)
        # The states are those of a model that tells them apart.
        out, results = self.train(states, "--head", "cls-last-layer", "--epochs", 40, "--lr", "1e-2", "--batch-size", 16)
        self.assertGreater(results["cls-last-layer"]["eval_accuracy"], 0.9)
        scores = json.loads(run("eval", "--run", out / "cls-last-layer", "--data", self.folder / "dev.tsv", "--json"))
        self.assertAlmostEqual(scores["accuracy"], results["cls-last-layer"]["eval_accuracy"])

    def test_every_text_head_trains_on_all_states_and_from_text_alike(self):
        _, results = self.train(self.stores("--precision", "fp32", "--codec", "f32"), "--head", "all", "--epochs", 2)
        self.assertGreaterEqual(len(results), 2)
        for head, metrics in results.items():
            self.assertGreater(metrics["eval_accuracy"], 0.5, head)
        from_text = json.loads(run("train", "--data", self.folder / "train.tsv", "--dev-data", self.folder / "dev.tsv",
                                   "--model", MODEL, "--precision", "fp32", "--max-length", 32, "--head", "ap", "--epochs", 2,
                                   "--out", self.folder / "from-text", "--json"))  # fmt: skip
        self.assertAlmostEqual(from_text[0]["metrics"]["eval_loss"], results["ap"]["eval_loss"], delta=0.05)

    def test_a_tuned_recipe_says_what_the_run_has_unless_the_user_does(self):
        rows = [f"{i}\tthe king was in the tower\tthe river\t{'not_' * (i % 2)}entailment\n" for i in range(20)]
        data = self.folder / "rte.tsv"
        data.write_text("index\tsentence1\tsentence2\tlabel\n" + "".join(rows))
        common = ["--model", MODEL, "--max-length", 32]
        tuned, heads = self.folder / "rte", self.folder / "rte-heads"
        run("finetune", *common, "--train", data, "--dev", data, "--recipe", "paper-rte-base", "--out", tuned)
        record = read(tuned / "run.json")
        self.assertEqual(record["seeds"], {"seed": 600})
        self.assertEqual(record["inputs"]["task"]["name"], "rte")
        self.assertEqual({key: record["inputs"][key] for key in ("recipe", "lr", "batch_size", "epochs", "metric", "patience")},
                         {"recipe": "paper-rte-base", "lr": 1.222e-5, "batch_size": 16, "epochs": 1, "metric": "accuracy",
                          "patience": 0})  # fmt: skip
        run("train", *common, "--data", data, "--recipe", "paper-ap-rte-base", "--lr", "1e-3", "--out", heads)
        record = read(heads / "ap/run.json")
        self.assertEqual(record["seeds"], {"seed": 926})
        self.assertEqual({key: record["inputs"][key] for key in ("recipe", "lr", "batch_size", "width", "max_length")},
                         {"recipe": "paper-ap-rte-base", "lr": 1e-3, "batch_size": 16, "width": 8, "max_length": 32})
        config = read(MODEL / "config.json")
        hidden, layers = config["hidden_size"], config["num_hidden_layers"] + 1
        self.assertEqual(read(heads / "ap/head.json")["parameters"], hidden * 8 + 8 + 32 * 8 * layers * 2 + 2)
        run("train", *common, "--data", data, "--recipe", "paper-ap-rte-base", "--seed", 5, "--width", 3, "--out", self.folder / "mine")
        self.assertEqual(read(self.folder / "mine/ap/run.json")["seeds"], {"seed": 5})
        self.assertEqual(read(self.folder / "mine/ap/run.json")["inputs"]["width"], 3)

    def test_a_tuned_recipe_takes_stores_of_its_own_task_and_length_alone(self):
        data = self.folder / "rte-store.tsv"
        data.write_text("index\tsentence1\tsentence2\tlabel\n0\tthe king\tthe river\tentailment\n1\ta\tb\tnot_entailment\n")
        store = self.folder / "rte-store"
        run("extract", "--task", "rte", "--model", MODEL, "--data", data, "--max-length", 32, "--out", store)
        command = ["train", "--states", store, "--out", self.folder / "never", "--recipe"]
        self.assertIn("a run on windows of 250 pieces, the states have 32", refused(2, *command, "paper-ap-rte-base"))
        self.assertIn("a run of the task cola, the data is of rte", refused(2, *command, "paper-ap-cola-base"))

    def test_values_are_regressed(self):
        results = self.train(self.stores("--cls-only", task="regression", train="train-values.tsv", dev="dev-values.tsv"),
                             "--head", "tiny-tenney", "--epochs", 20, "--lr", "1e-2")[1]  # fmt: skip
        self.assertIn("eval_pearson", results["tiny-tenney"])
        points = json.loads(run("finetune", "--task", "regression", "--model", MODEL, "--train",
                                self.folder / "train-values.tsv", "--dev", self.folder / "dev-values.tsv", "--max-length", 32,
                                "--epochs", 8, "--checkpoints", 6, "--lr", "3e-3", "--batch-size", 8, "--json", "--out",
                                self.folder / "values"))  # fmt: skip
        self.assertGreater(points[-1]["metrics"]["pearson"], 0.8)
        value = json.loads(run("predict", "--run", self.folder / "values/epoch-8", "--text", "king king the river", "--json"))
        self.assertGreater(value["value"], 0.5)
        values = self.folder / "values"
        self.assertIn("a regression has none", refused(2, "ensemble", "--runs", values))
        run("ensemble", "--runs", values, "--mode", "add", "--out", self.folder / "mean", "--resamples", 100)
        means = read(self.folder / "mean/predictions.json")
        members = [read(values / name / "predictions.json") for name in ("epoch-6", "epoch-8")]
        for name, mean in means.items():
            self.assertAlmostEqual(mean, (members[0][name] + members[1][name]) / 2, places=5)
        said = json.loads(run("analyze", "--runs", values, "--resamples", 50, "--json"))
        self.assertEqual(list(said), ["text-length", "compare"])
        self.assertIn("a regression, which has values", refused(2, "analyze", "--runs", values, "--what", "calibration"))
        self.assertIn("the task is", refused(1, "ensemble", "--runs", f"{values},{self.tuned}", "--mode", "add"))
        run("report", "--runs", values, "--out", self.folder / "values.html", "--resamples", 50)
        self.assertIn("a page is of one task", refused(2, "report", "--runs", f"{values},{self.tuned}", "--out", self.folder / "no.html"))

    def test_answerability_is_judged_by_window_and_merged_by_question(self):
        states = self.stores("--cls-only", task="answerability", train="train.json", dev="dev.json")
        out, results = self.train(states, "--head", "tiny-tenney", "--epochs", 3)
        metrics = results["tiny-tenney"]
        for name in ("eval_accuracy", "eval_f1", "eval_published_accuracy", "eval_published_f1"):
            self.assertIn(name, metrics)
        self.assertEqual(len(read(out / "tiny-tenney/predictions.json")), 20)

    def test_killed_training_of_a_row_head_is_resumed_to_the_bit(self):
        states = self.stores("--cls-only")
        parts = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "heads"
        command = [PROGRAM, "train", "--states", str(states[0]), "--dev-states", str(states[1]), "--head", "xception-abbr",
                   "--epochs", "2", "--save-steps", "1", "--quiet"]  # fmt: skip
        begin = time.monotonic()
        whole, _ = self.train(states, "--head", "xception-abbr", "--epochs", 2)
        run_with_kills(command, parts, (time.monotonic() - begin) / 4, random.Random(1))
        for name in ("head.safetensors", "predictions.json"):
            self.assertEqual((whole / "xception-abbr" / name).read_bytes(), (parts / "xception-abbr" / name).read_bytes())

    def test_what_does_not_belong_together_is_refused_in_one_line(self):
        model, dev = self.tuned / "epoch-8", self.folder / "dev.tsv"
        self.assertIn("--question is given", refused(2, "predict", "--run", model, "--question", "Who?", "--context", "He."))
        self.assertIn("--data or --text is needed", refused(2, "predict", "--run", model))
        self.assertIn("--text is given, but", refused(2, "predict", "--run", MODEL, "--text", "the king"))
        self.assertIn("learned-pooling is a span head", refused(2, "train", "--states", self.stores()[0], "--head",
                                                                "learned-pooling", "--out", self.folder / "wrong"))
        other = self.folder / "other.tsv"
        other.write_text("text\tlabel\nthe king\tregal\nthe river\tplain\n")
        self.assertIn("regal", refused(1, "eval", "--run", model, "--data", other))
        self.assertIn("regal", refused(1, "finetune", "--model", MODEL, "--train", self.folder / "train.tsv", "--dev", other,
                                       "--max-length", 32, "--out", self.folder / "never"))
        self.assertIn("column", refused(1, "eval", "--run", model, "--data", dev, "--text-column", "sentence"))
        self.assertIn("pair", refused(1, "predict", "--run", model, "--text", "the king", "--text-b", "the river"))

    def test_options_of_other_tasks_are_refused_not_passed_over(self):
        model, dev, out = self.tuned / "epoch-8", self.folder / "dev.tsv", self.folder / "never"
        train = self.folder / "train.tsv"
        tuning = ["finetune", "--model", MODEL, "--train", train, "--max-length", 32, "--out", out]
        for verb in ("eval", "predict"):
            self.assertIn("--max-answer-length is given",
                          refused(2, verb, "--run", model, "--data", dev, "--max-answer-length", 5))  # fmt: skip
            self.assertIn("--label-column is given",
                          refused(2, verb, "--run", MODEL, "--data", self.folder / "dev.json", "--label-column", "x"))  # fmt: skip
            self.assertIn("--task rte is given", refused(2, verb, "--run", MODEL, "--data", self.folder / "dev.json", "--task", "rte"))
        self.assertIn("--max-answer-length is given",
                      refused(2, "predict", "--run", model, "--text", "the king", "--max-answer-length", 5))  # fmt: skip
        self.assertIn("--n-best is given", refused(2, *tuning, "--n-best", 5))
        self.assertIn("--skip-bad-rows is given", refused(2, "extract", "--model", MODEL, "--data", self.folder / "dev.json",
                                                          "--skip-bad-rows", "--out", out))  # fmt: skip
        self.assertIn("--reduction is given", refused(2, "train", "--data", train, "--model", MODEL, "--reduction", "mean", "--out",
                                                      out))  # fmt: skip
        self.assertIn("--metric", refused(2, *tuning, "--metric", "accuracy"))
        message = refused(2, *tuning, "--dev", dev, "--metric", "pearson")
        self.assertIn("matthews", message)  # what there is
        self.assertIn("--cls-only", refused(2, "extract", "--model", MODEL, "--data", self.folder / "dev.json", "--cls-only", "--out",
                                            out))  # fmt: skip
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=0)
