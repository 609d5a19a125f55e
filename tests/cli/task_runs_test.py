"""Runs of labels side by side on the tiny model: ensembles, analyses, tables and pages. Standard library only.
Run: task_runs_test.py BERTVISION SOURCE_FOLDER"""

import json
import sys
import unittest

from program import read, refused, run
from task_case import TaskCase


class TaskRuns(TaskCase):
    def test_checkpoints_of_classes_make_an_ensemble_that_is_a_run(self):
        epochs = [self.tuned / "epoch-4", self.tuned / "epoch-8"]
        out = self.folder / "both"
        said = json.loads(run("ensemble", "--runs", self.tuned, "--mode", "add", "--resamples", 200, "--out", out, "--json"))
        self.assertEqual([one["accuracy"] for one in said["runs"]], [point["metrics"]["accuracy"] for point in self.points])
        self.assertEqual(read(out / "all_results.json")["eval_accuracy"], said["ensemble"]["accuracy"])
        shares = [read(folder / "probabilities.json") for folder in (*epochs, out)]
        for name, together in shares[2].items():
            self.assertAlmostEqual(together["royal"], (shares[0][name]["royal"] + shares[1][name]["royal"]) / 2, places=5)
        self.assertIn("mcnemar_exact_p", said["difference"])
        # It is what report, analyze and another ensemble take; a run with itself is itself.
        self.assertIn("both", run("report", "--runs", f"{out},{self.tuned}"))
        self.assertEqual(len(json.loads(run("analyze", "--runs", f"{out},{self.tuned}", "--what", "classes", "--json"))["classes"]), 3)
        weighted = json.loads(run("ensemble", "--runs", self.tuned, "--mode", "weighted", "--out-of-sample", "--json"))
        self.assertEqual(len(weighted["out_of_sample"]["weights"]), 2)
        self.assertAlmostEqual(sum(weighted["weights"]), 1)
        kept = self.folder / "kept"
        run("eval", "--run", epochs[1], "--data", self.folder / "dev.tsv", "--out", kept)
        self.assertEqual(read(kept / "predictions.json"), read(epochs[1] / "predictions.json"))
        same = json.loads(run("analyze", "--runs", f"{kept},{epochs[1]}", "--what", "compare", "--resamples", 50, "--json"))
        self.assertEqual(same["compare"][0]["only_this_right"] + same["compare"][0]["only_other_right"], 0)

    def test_analyses_of_classes_agree_with_the_scores(self):
        out = self.folder / "analysis"
        said = json.loads(run("analyze", "--runs", self.tuned, "--resamples", 100, "--json", "--out", out))
        self.assertEqual(list(said), ["classes", "text-length", "compare", "calibration", "risk-coverage"])
        self.assertEqual(said, read(out / "analysis.json"))
        for point, classes, calibration in zip(self.points, said["classes"], said["calibration"], strict=True):
            right = sum(label["predicted_as"][label["label"]] for label in classes["labels"])
            self.assertAlmostEqual(right / 40, point["metrics"]["accuracy"])
            self.assertAlmostEqual(calibration["accuracy"], point["metrics"]["accuracy"])
        mean = sum(len(line.split("\t")[0]) for line in (self.folder / "dev.tsv").read_text().splitlines()[1:]) / 40
        self.assertAlmostEqual(said["text-length"][0]["mean_characters"], mean)
        self.assertIn("of labels or values, for which there are", refused(2, "analyze", "--runs", self.tuned, "--what", "second-best"))

    def test_layers_of_row_heads_are_read_and_taken_away(self):
        states = self.stores("--cls-only", model=self.tuned / "epoch-8")
        out, results = self.train(states, "--head", "tiny-tenney,cls-last-layer", "--epochs", 2)
        said = json.loads(run("analyze", "--runs", out, "--what", "layers,layer-ablation", "--states", states[1], "--json"))
        pooling = {one["run"]: one for one in said["layers"]}["tiny-tenney"]
        self.assertEqual(len(pooling["pooling"]), len(pooling["layers"]))
        self.assertEqual(pooling["layers"][0], -1)
        for one in said["layer-ablation"]:
            self.assertAlmostEqual(one["accuracy"], results[one["run"]]["eval_accuracy"])
            self.assertEqual([other["layer"] for other in one["without"]], pooling["layers"])
        last = {one["run"]: one for one in said["layer-ablation"]}["cls-last-layer"]
        self.assertEqual(last["without"][1]["accuracy"], last["accuracy"])  # it reads no other layer

    def test_the_page_of_texts_has_intervals_and_examples(self):
        page = self.folder / "report.html"
        run("report", "--runs", self.tuned, "--resamples", 100, "--out", page)
        text = page.read_text()
        self.assertNotIn("No intervals", text)
        data = json.loads(text.split('id="report-data">')[1].split("</script>")[0])
        self.assertEqual(len(data["texts"]["rows"]), 40)
        self.assertIn("classes", [chart["id"] for chart in data["charts"]])

    def test_seeds_share_a_line_and_fractions_are_a_curve(self):
        states, out = self.stores("--cls-only"), self.folder / "seeds"
        for seed in (1, 2, 3):
            for fraction in (0.5, 1):
                run("train", "--states", states[0], "--dev-states", states[1], "--head", "tiny-tenney", "--epochs", 1, "--seed", seed,
                    "--fraction", fraction, "--out", out / f"part-{fraction}" / f"seed-{seed}")  # fmt: skip
        table = run("report", "--runs", out, "--format", "csv").splitlines()
        self.assertEqual([line.split(",")[0] for line in table[1:]], [f"part-{f}/seed-*/tiny-tenney (3 seeds)" for f in ("0.5", "1")])
        self.assertTrue(table[0].startswith("system,fraction,accuracy,accuracy min,accuracy max"))
        singles = json.loads(run("report", "--runs", out, "--json"))
        scores = [one["metrics"]["eval_accuracy"] for one in singles if one["fraction"] == 1]
        shown = [float(field) for field in table[2].split(",")[2:5]]
        for a, b in zip(shown, (sum(scores) / 3, min(scores), max(scores)), strict=True):
            self.assertAlmostEqual(a, b)
        self.assertEqual([one["seeds"] for one in singles if one["fraction"] == 1], [[1], [2], [3]])
        self.assertEqual(len(run("report", "--runs", out, "--single-runs", "--format", "csv").splitlines()), 7)
        run("report", "--runs", out, "--out", self.folder / "seeds.html", "--resamples", 0)
        data = json.loads((self.folder / "seeds.html").read_text().split('id="report-data">')[1].split("</script>")[0])
        (curve,) = [chart for chart in data["charts"] if chart["id"] == "fraction-accuracy"]
        self.assertEqual([(point["x"], point["seeds"]) for point in curve["series"][0]["points"]], [(0.5, 3), (1, 3)])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=0)
