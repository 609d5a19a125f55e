"""Logits, ensembles, analyses, transfer and fractions of the data end to end on the tiny model. Standard library
only. Run: analysis_test.py BERTVISION SOURCE_FOLDER"""

import json
import math
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import unittest

from heads_test import MODEL, WINDOWS, other_model, read, refused, run
from kill_test import squad

HEADS = ["learned-pooling", "adapter-64-unshared", "layer-0", "layer-2"]
FORMATS = {"F32": "f", "I32": "i", "I64": "q"}


def tensors(path):
    """{name: flat list of numbers} and the metadata of a safetensors file."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    metadata = header.pop("__metadata__")
    values = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        letter = FORMATS[entry["dtype"]]
        values[name] = list(struct.unpack(f"<{(end - begin) // struct.calcsize(letter)}{letter}", content[begin:end]))
    return values, metadata


def log_softmax(values):
    top = max(values)
    total = math.log(sum(math.exp(value - top) for value in values))
    return [value - top - total for value in values]


def best_places(values, begin, end):
    return sorted(range(begin, end), key=lambda i: (-values[i], i))[:20]


def decode(files, contexts, combine):
    """{question: answer} of several logits files, by the rules of docs/ensembles.md and docs/scoring.md."""
    first = files[0]
    found, null = {}, {}
    for w, example in enumerate(first["example"]):
        begin, end = first["offsets"][w : w + 2]
        one = {
            side: [combine(column) for column in zip(*(log_softmax(file[side][begin:end]) for file in files))]
            for side in ("start", "end")
        }
        null[example] = min(null.get(example, math.inf), one["start"][0] + one["end"][0])
        context = first["context"][2 * w : 2 * w + 2]
        for s in best_places(one["start"], *context):
            for e in best_places(one["end"], *context):
                score = one["start"][s] + one["end"][e]
                if s <= e < s + 30 and score > found.get(example, (-math.inf,))[0]:
                    place = first["ranges"][2 * (begin + s)], first["ranges"][2 * (begin + e) + 1]
                    found[example] = (score, *place)
    return {
        example: "" if null[example] > score else contexts[example].encode()[begin:end].decode()
        for example, (score, begin, end) in found.items()
    }


def log_sum(values):
    return math.log(sum(math.exp(value) for value in values))


class Analysis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-analysis-"))
        cls.dev = cls.folder / "dev.json"
        squad(cls.folder / "train.json", 40, 1)
        squad(cls.dev, 12, 2)
        for part in ("train", "dev"):
            cls.extract(part, cls.folder / f"{part}.states")
        cls.stores = ["--states", cls.folder / "train.states", "--dev-states", cls.folder / "dev.states"]
        cls.heads, cls.tuned = cls.folder / "heads", cls.folder / "ft"
        run("train", *cls.stores, "--head", ",".join(HEADS), "--epochs", "2", "--out", cls.heads)
        run("finetune", "--model", MODEL, "--train", cls.folder / "train.json", "--dev", cls.dev, "--epochs", "1",
            "--checkpoints", "0.5", "--out", cls.tuned, *WINDOWS)  # fmt: skip
        cls.runs = f"{cls.heads / HEADS[0]},{cls.heads / HEADS[1]},{cls.tuned}"

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def extract(cls, part, out, model=MODEL):
        run("extract", "--model", model, "--data", cls.folder / f"{part}.json", "--out", out, "--codec", "f32",
            "--precision", "fp32", *WINDOWS)  # fmt: skip

    def ids_and_contexts(self):
        paragraphs = [part for article in read(self.dev)["data"] for part in article["paragraphs"]]
        return zip(*((question["id"], part["context"]) for part in paragraphs for question in part["qas"]))

    def test_the_file_says_whose_logits_it_holds(self):
        values, metadata = tensors(self.heads / HEADS[0] / "logits.safetensors")
        self.assertEqual(metadata["format"], "bertvision-logits")
        self.assertEqual((metadata["max_length"], metadata["doc_stride"]), ("48", "8"))
        self.assertEqual(metadata["data"], str(self.dev))
        self.assertEqual(metadata["data_xxh3"], read(self.heads / HEADS[0] / "run.json")["inputs"]["dev_data_hash"])
        self.assertEqual(read(self.heads / HEADS[0] / "run.json")["inputs"]["dev_data"], str(self.dev))
        self.assertEqual(metadata["examples"], "24")
        self.assertEqual(values["offsets"][-1], len(values["start"]))
        self.assertEqual(values["window"], list(range(len(values["example"]))))
        self.assertGreater(len(values["window"]), 24, "no question has several windows")

    def test_ensembles_are_what_the_formulas_say(self):
        ids, contexts = self.ids_and_contexts()
        folders = [self.heads / HEADS[0], self.heads / HEADS[1], self.tuned / "epoch-0.5", self.tuned / "epoch-1"]
        files = [tensors(folder / "logits.safetensors")[0] for folder in folders]
        for mode, combine in (("max", max), ("add", log_sum)):
            out = self.folder / f"by-{mode}"
            run("ensemble", "--runs", self.runs, "--mode", mode, "--out", out)
            expected = decode(files, contexts, combine)
            self.assertEqual(read(out / "predictions.json"), {ids[example]: text for example, text in expected.items()})

    def test_an_ensemble_of_a_run_and_its_copy_is_the_run(self):
        copy = self.folder / "copy"
        shutil.copytree(self.heads / HEADS[0], copy)
        out = self.folder / "twice"
        # Windows of one question are compared by probability: only questions of one window must agree.
        windows = tensors(copy / "logits.safetensors")[0]["example"]
        ids, _ = self.ids_and_contexts()
        run("ensemble", "--runs", f"{self.heads / HEADS[0]},{copy}", "--out", out)
        before, after = read(copy / "null_odds.json"), read(out / "null_odds.json")
        single = [name for example, name in enumerate(ids) if windows.count(example) == 1]
        self.assertGreater(len(single), 5)
        for name in single:
            self.assertEqual(read(out / "predictions.json")[name], read(copy / "predictions.json")[name])
            self.assertAlmostEqual(after[name], before[name], places=4)

    def test_an_ensemble_is_a_run(self):
        out = self.folder / "ensemble"
        command = ["ensemble", "--runs", self.runs, "--mode", "add", "--out-of-sample", "--out", out]
        said = json.loads(run(*command, "--json"))
        self.assertEqual(said, json.loads(run(*command, "--json")))
        results = read(out / "all_results.json")
        self.assertEqual(results["eval_f1"], said["ensemble"]["f1"])
        self.assertEqual(results["out_of_sample_f1"], said["out_of_sample"][-1]["f1"])
        files = [f"--{name.replace('_', '-')}={out / name}.json" for name in ("predictions", "null_odds")]
        scores = json.loads(run("eval", "--data", self.dev, *files, "--null-threshold", "0", "--json"))
        self.assertAlmostEqual(scores["f1"], said["ensemble"]["f1"], places=9)
        rows = json.loads(run("report", "--runs", f"{out},{self.tuned}", "--json"))
        self.assertEqual(rows[0]["kind"], "ensemble")
        self.assertEqual(rows[0]["metrics"]["eval_f1"], said["ensemble"]["f1"])
        self.assertIn("ensemble", run("report", "--runs", out))
        run("analyze", "--runs", f"{out},{self.tuned}", "--resamples", "100")
        run("ensemble", "--runs", f"{out},{self.heads / HEADS[2]}")
        self.assertIn("another run", refused(2, *command[:4], "max", "--out", out))

    def test_weights_are_found_on_the_other_half(self):
        said = json.loads(run("ensemble", "--runs", self.runs, "--mode", "weighted", "--out-of-sample", "--json"))
        self.assertAlmostEqual(sum(said["weights"]), 1)
        names = [scores["name"] for scores in said["out_of_sample"]]
        self.assertEqual(names, [one["name"] for one in said["runs"]] + ["ensemble"])
        halves = said["out_of_sample"][-1]["halves"]
        self.assertEqual(sum(half["questions"] for half in halves), 24)
        for half in halves:
            self.assertAlmostEqual(sum(half["weights"]), 1)
        table = run("ensemble", "--runs", self.runs, "--mode", "weighted", "--weights", "1,0,0,0", "--out-of-sample")
        self.assertIn("out of sample", table)
        self.assertIn("McNemar", table)

    def test_questions_that_moved_or_changed_are_noticed(self):
        copies = [self.folder / f"moved-{head}" for head in HEADS[:2]]
        moved = self.folder / "elsewhere" / "dev.json"
        moved.parent.mkdir()
        shutil.copy(self.dev, moved)
        for head, copy in zip(HEADS, copies):
            shutil.copytree(self.heads / head, copy)
            path = copy / "logits.safetensors"
            # As if the file had been somewhere else then.
            path.write_bytes(path.read_bytes().replace(str(self.dev).encode(), str(self.dev).encode()[:-8] + b"vnd.json"))
        ensemble = ["ensemble", "--runs", ",".join(map(str, copies))]
        self.assertIn("which is not there; name the file with --data", refused(1, *ensemble))
        run(*ensemble, "--data", moved)
        moved.write_text(moved.read_text() + "\n")
        self.assertIn("is another file than the one", refused(1, *ensemble, "--data", moved))

    def test_damaged_and_foreign_logits_are_refused(self):
        copy = self.folder / "damaged"
        shutil.copytree(self.heads / HEADS[0], copy)
        path = copy / "logits.safetensors"
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        both = f"{self.heads / HEADS[0]},{copy}"
        self.assertIn("does not fit its checksum", refused(1, "ensemble", "--runs", both))
        run("predict", "--run", self.heads / HEADS[0], "--data", self.dev, "--max-length", "32", "--out", self.folder / "short")
        says = refused(1, "analyze", "--runs", f"{self.heads / HEADS[0]},{self.folder / 'short'}")
        self.assertIn("the longest window is 48 in", says)
        says = refused(1, "analyze", "--runs", self.folder / "dev.states")
        self.assertIn("it was never evaluated", says)

    def test_analyses_agree_with_the_runs_scores(self):
        out = self.folder / "analysis"
        said = json.loads(run("analyze", "--runs", self.runs, "--resamples", "200", "--json", "--out", out))
        self.assertEqual(said, read(out / "analysis.json"))
        for name in ("has-no-answer", "second-best", "context-length", "calibration", "risk-coverage", "layers"):
            self.assertIn(name, said)
        for folder, one in zip((self.heads / HEADS[0], self.heads / HEADS[1]), said["has-no-answer"]):
            results = read(folder / "all_results.json")
            self.assertAlmostEqual(100 * one["answerable_right"] / one["answerable"], results["eval_HasAns_exact"])
            self.assertAlmostEqual(100 * one["unanswerable_right"] / one["unanswerable"], results["eval_NoAns_exact"])
        for one in said["compare"]:
            self.assertEqual(sum(one[key] for key in ("both_right", "only_this_right", "only_other_right", "both_wrong")), 24)
        for one in said["calibration"]:
            self.assertEqual(sum(each["questions"] for each in one["bins"]), 24)
        self.assertEqual(said["layers"][0]["layers"], [0, 1, 2])
        page = self.folder / "report.html"
        run("report", "--runs", self.heads / HEADS[0], "--resamples", "0", "--out", page)
        data = json.loads(page.read_text().split('id="report-data">')[1].split("</script>")[0])
        (chart,) = [one for one in data["charts"] if one["id"] == "layer-weights"]
        pooling = said["layers"][0]["pooling"]
        for point, weight in zip(chart["series"][0]["points"], pooling, strict=True):
            self.assertAlmostEqual(point["y"], weight / sum(map(abs, pooling)))
        self.assertIn("## Calibration", (out / "analysis.md").read_text())

    def test_layers_are_read_from_heads_alone(self):
        said = json.loads(run("analyze", "--runs", self.heads, "--what", "layers", "--json"))["layers"]
        probes = {one["probe"]: one["f1"] for one in said if "probe" in one}
        self.assertEqual(probes, {k: read(self.heads / f"layer-{k}" / "all_results.json")["eval_f1"] for k in (0, 2)})
        self.assertIn("no head among the runs", refused(1, "analyze", "--runs", self.tuned, "--what", "layers"))

    def test_a_layer_that_a_head_does_not_read_costs_it_nothing(self):
        command = ["analyze", "--runs", self.heads, "--what", "layer-ablation", "--states", self.folder / "dev.states"]
        for substitute in ("mean", "zero"):
            said = json.loads(run(*command, "--substitute", substitute, "--json"))["layer-ablation"]
            self.assertEqual([one["run"] for one in said], sorted(HEADS))
            for one in said:
                results = read(self.heads / one["run"] / "all_results.json")
                self.assertEqual(one["f1"], results["eval_f1"])
                for without in one["without"]:
                    if one["run"].startswith("layer-") and one["run"] != f"layer-{without['layer']}":
                        self.assertEqual(without["f1"], one["f1"])

    def test_a_head_on_its_own_states_gives_its_own_logits(self):
        out = self.folder / "again"
        run("eval", "--run", self.heads / HEADS[0], "--states", self.folder / "dev.states", "--out", out)
        for name in ("logits.safetensors", "predictions.json", "nbest_predictions.json", "null_odds.json"):
            self.assertEqual((out / name).read_bytes(), (self.heads / HEADS[0] / name).read_bytes(), name)

    def test_a_head_on_another_backbones_states(self):
        other = other_model(self.folder / "other")
        self.extract("dev", self.folder / "other.states", model=other)
        out = self.folder / "transfer"
        command = ["eval", "--run", self.heads / HEADS[0], "--states", self.folder / "other.states"]
        self.assertIn("--allow-other-backbone", refused(1, *command))
        scores = json.loads(run(*command, "--allow-other-backbone", "--out", out, "--json"))
        self.assertEqual(read(out / "all_results.json")["eval_f1"], scores["f1"])
        rows = json.loads(run("report", "--runs", f"{out},{self.heads / HEADS[0]}", "--json"))
        self.assertEqual([row["kind"] for row in rows], ["eval", "head"])
        self.assertEqual(rows[0]["parameters"], rows[1]["parameters"])
        run("analyze", "--runs", f"{out},{self.heads / HEADS[0]}", "--what", "compare", "--resamples", "100")

    def test_a_fine_tuned_model_is_kept_like_its_own_evaluation(self):
        out = self.folder / "kept"
        run("eval", "--run", self.tuned / "epoch-1", "--data", self.dev, "--out", out)
        self.assertEqual(read(out / "predictions.json"), read(self.tuned / "epoch-1" / "predictions.json"))
        self.assertEqual(read(out / "run.json")["inputs"]["dev_data"], str(self.dev))

    def test_fractions_are_parts_of_each_other(self):
        steps = {}
        for fraction in ("0", "0.1", "0.5", "1"):
            out = self.folder / f"fraction-{fraction}"
            run("train", *self.stores, "--head", HEADS[0], "--fraction", fraction, "--batch-size", "4", "--out", out)
            steps[fraction] = read(out / HEADS[0] / "trainer_state.json")["global_step"]
        windows = read(self.folder / "train.states" / "index.json")["windows"]
        for fraction, found in steps.items():
            kept = int(float(fraction) * windows + 0.5)
            self.assertEqual(found, (kept + 3) // 4, fraction)
        self.assertIsNone(read(self.folder / "fraction-0" / HEADS[0] / "all_results.json")["train_loss"])
        whole = self.folder / "no-fraction"
        run("train", *self.stores, "--head", HEADS[0], "--batch-size", "4", "--out", whole)
        weights = [(folder / HEADS[0] / "head.safetensors").read_bytes() for folder in (whole, self.folder / "fraction-1")]
        self.assertEqual(*weights)
        text = ["--data", self.folder / "train.json", "--dev-data", self.dev, "--model", MODEL, "--precision", "fp32", *WINDOWS]
        run("train", *text, "--head", HEADS[0], "--fraction", "0.5", "--batch-size", "4", "--out", self.folder / "half-text")
        self.assertEqual(read(self.folder / "half-text" / HEADS[0] / "trainer_state.json")["global_step"], steps["0.5"])
        self.assertIn("--fraction is 0.1, there it is 0.5", refused(2, "train", *self.stores, "--head", HEADS[0], "--fraction", "0.1",
                      "--batch-size", "4", "--out", self.folder / "fraction-0.5"))  # fmt: skip


if __name__ == "__main__":
    # Tests share the processors: threads that wait must not spin.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
