"""What was really made, and then: stores that lost or changed a file, forecasts, Ctrl-C in the middle of the work, reports
of runs. Standard library only. Run: lifecycle_test.py BERTVISION SOURCE_FOLDER"""

import csv
import io
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from kill_test import files_of, squad
from program import MODEL, PROGRAM, WINDOWS, read, refused, run, start

HEADS = ["last-layer", "learned-pooling"]
EXTRACT = ["extract", "--model", MODEL, "--codec", "f32", "--precision", "fp32", "--shard-mib", "1", *WINDOWS]


class Scratch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-lifecycle-"))
        squad(cls.folder / "train.json", 100, 1)
        squad(cls.folder / "dev.json", 10, 2)
        cls.make()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)


class Stores(Scratch):
    @classmethod
    def make(cls):
        cls.store = cls.folder / "store"
        run(*EXTRACT, "--data", cls.folder / "train.json", "--out", cls.store)

    def test_int8_is_smaller_certified_and_good_for_heads(self):
        store = self.folder / "new" / "int8"  # whose folder is not there yet
        extract = [part if part != "f32" else "int8" for part in EXTRACT]
        said = json.loads(run(*extract, "--data", self.folder / "train.json", "--out", store, "--json"))
        certificate = said["certificate"]
        self.assertEqual(len(certificate["layer_errors"]), len(certificate["layers"]))
        self.assertTrue(all(0 < error < 0.05 for error in certificate["layer_errors"]), certificate)
        self.assertGreater(certificate["same_answers"], 0.5)
        self.assertLess(said["bytes"], 0.75 * sum(path.stat().st_size for path in self.store.iterdir()))
        self.assertTrue(self.verified(store)["good"])
        run("train", "--states", store, "--dev-states", store, "--head", "last-layer", "--out", self.folder / "int8-heads")
        again = json.loads(run(*extract, "--data", self.folder / "train.json", "--out", store, "--json"))
        self.assertNotIn("certificate", again)  # it is complete

    @unittest.skipUnless("avx512_vnni" in pathlib.Path("/proc/cpuinfo").read_text(), "no AVX512-VNNI: --precision int8 not tested")
    def test_computed_in_int8_it_is_certified_and_serves_heads(self):
        store, run_folder = self.folder / "computed-int8", self.folder / "computed-int8-heads"
        extract = [*EXTRACT[:EXTRACT.index("--precision")], *EXTRACT[EXTRACT.index("--precision") + 2:], "--precision", "int8"]
        said = json.loads(run(*extract, "--data", self.folder / "train.json", "--out", store, "--json"))
        self.assertEqual(said["precision"], "int8")
        errors = dict(zip(said["certificate"]["layers"], said["certificate"]["layer_errors"]))
        self.assertTrue(all(0 < error < 0.08 for layer, error in errors.items() if layer > 0), errors)
        run("train", "--states", store, "--dev-states", store, "--head", "last-layer", "--out", run_folder)
        # The head's own precision is taken again for new texts.
        answer = json.loads(run("predict", "--run", run_folder / "last-layer", "--question", "What is it?", "--context",
                                "It is a bridge.", "--json"))
        self.assertIn("answer", json.dumps(answer))

    def damaged(self, file, change):
        """A copy of the store whose file is gone (change gives None) or holds what change makes of it."""
        copy = self.folder / f"damaged-{self.id()}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.store, copy)
        content = change((copy / file).read_bytes())
        (copy / file).unlink()
        if content is not None:
            (copy / file).write_bytes(content)
        return copy

    def verified(self, store):
        """What verify finds, as it prints it; its exit code and its error must say the same."""
        done = start("verify", store, "--json", "--quiet")
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if report["good"] else 1, done.stderr)
        if not report["good"]:
            count = len(report["problems"])
            self.assertIn(f"found {count} problem{'s' if count > 1 else ''}; the first: {report['problems'][0]}", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
        return report

    def test_verify_counts_what_is_there(self):
        report = self.verified(self.store)
        self.assertEqual((report["good"], report["problems"], report["strangers"]), (True, [], []))
        self.assertEqual(report["files"], len(files_of(self.store)))
        self.assertEqual(report["bytes"], sum(len(content) for content in files_of(self.store).values()))
        self.assertGreater(len(read(self.store / "index.json")["shards"]), 1)

    def test_verify_names_the_file_and_what_happened_to_it(self):
        half = lambda content: content[: len(content) // 2]
        flipped = lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]
        gone = lambda content: None
        for file in ("shard-00000.safetensors", "shard-00001.safetensors", "examples.jsonl"):
            size = (self.store / file).stat().st_size
            for change, says in (
                (gone, "this file of the store is missing"),
                (half, f"it has {size // 2} bytes, the index says {size}"),
                (flipped, "the file was changed or damaged"),
            ):
                problems = self.verified(self.damaged(file, change))["problems"]
                self.assertEqual(len(problems), 1, problems)
                self.assertIn(f"/{file}: ", problems[0])
                self.assertIn(says, problems[0])

    def test_verify_lists_files_that_do_not_belong_to_the_store(self):
        store = self.damaged("examples.jsonl", lambda content: content)
        (store / "notes.txt").write_text("mine")
        report = self.verified(store)
        self.assertEqual((report["good"], report["strangers"]), (True, ["notes.txt"]))

    def test_training_refuses_a_store_that_lost_a_part(self):
        for file in ("shard-00001.safetensors", "examples.jsonl"):
            for change in (lambda content: None, lambda content: content[:-100]):
                store = self.damaged(file, change)
                out = self.folder / "never"
                says = refused(1, "train", "--states", store, "--dev-states", store, "--head", HEADS[0], "--out", out)
                self.assertIn(file, says)
                self.assertFalse((out / HEADS[0] / "head.safetensors").exists())

    def test_the_forecast_is_what_extraction_then_makes_and_writes_nothing(self):
        out = self.folder / "forecast"
        before = files_of(self.folder)
        for shape in (["--layers", "0,2", "--codec", "bf16"], ["--limit", "30", "--codec", "f32"]):
            # The last of an option given twice would be an error, so the common list goes without its codec.
            command = [value for value in EXTRACT if value not in ("--codec", "f32")] + shape + ["--data", self.folder / "train.json"]
            forecast = json.loads(run(*command, "--estimate", "--json"))
            self.assertEqual(files_of(self.folder), before)
            text = run(*command, "--estimate", "--out", out)
            self.assertFalse(out.exists())
            run(*command, "--out", out)
            index = read(out / "index.json")
            for name in ("windows", "tokens", "layers", "codec"):
                self.assertEqual(forecast[name], index[name])
            self.assertGreater(forecast["seconds"], 0)
            shards = sum(shard["bytes"] for shard in index["shards"])
            self.assertAlmostEqual(forecast["bytes"], shards, delta=0.05 * shards)
            for value in ("windows", "tokens", "bytes"):
                self.assertRegex(text, rf"{value} +{forecast[value]:,}\b")
            shutil.rmtree(out)


class Interrupts(Scratch):
    @classmethod
    def make(cls):
        squad(cls.folder / "many.json", 2000, 3)

    def stopped(self, command, out, begun):
        """Runs the command, sends SIGINT as soon as `begun` has appeared in its folder, and gives its last message."""
        process = subprocess.Popen([PROGRAM, *map(str, command), "--out", str(out)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)  # fmt: skip
        while not list(out.glob(begun)) and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, errors)
        return errors.splitlines()[-1]

    def test_finetune_saves_and_the_same_command_goes_on_to_the_same_end(self):
        command = ["finetune", "--model", MODEL, "--train", self.folder / "train.json", "--dev", self.folder / "dev.json",
                   "--epochs", "6", "--batch-size", "4", "--save-steps", "20", *WINDOWS]  # fmt: skip
        whole, out = self.folder / "tuned-whole", self.folder / "tuned"
        self.assertIn("the same command goes on from there", self.stopped(command, out, "checkpoint-*"))
        self.assertEqual(read(out / "run.json")["state"], "running")
        done = start(*command, "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("going on from the checkpoint at step", done.stderr)
        self.assertEqual(read(out / "run.json")["state"], "finished")
        run(*command, "--out", whole)
        for name in ("model.safetensors", "predictions.json"):
            self.assertEqual((out / "epoch-6" / name).read_bytes(), (whole / "epoch-6" / name).read_bytes(), name)

    def test_extract_keeps_its_shards_and_the_same_command_goes_on_to_the_same_end(self):
        command = [*EXTRACT, "--data", self.folder / "many.json"]
        whole, out = self.folder / "many-whole", self.folder / "many"
        says = self.stopped(command, out, "shard-00000.safetensors")
        self.assertIn("the finished shards are kept, and the same command goes on from them", says)
        self.assertFalse((out / "index.json").exists())
        first = (out / "shard-00000.safetensors").stat()
        done = start(*command, "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"going on after [\d,]+ windows that are there")
        self.assertEqual((out / "shard-00000.safetensors").stat().st_mtime_ns, first.st_mtime_ns)
        run(*command, "--out", whole)
        self.assertEqual(files_of(out), files_of(whole))


class Reports(Scratch):
    @classmethod
    def make(cls):
        runs = cls.folder / "runs"
        text = ["--model", MODEL, *WINDOWS]
        run("finetune", *text, "--train", cls.folder / "train.json", "--dev", cls.folder / "dev.json", "--epochs", "1",
            "--checkpoints", "0.5", "--out", runs / "tuned")  # fmt: skip
        run("train", *text, "--data", cls.folder / "train.json", "--dev-data", cls.folder / "dev.json", "--head",
            ",".join(HEADS), "--out", runs / "heads")  # fmt: skip
        cls.runs = runs
        cls.report = ["report", "--runs", f"{runs / 'tuned'},{runs / 'heads'}"]
        cls.names = ["tuned/epoch-0.5", "tuned/epoch-1", *(f"heads/{head}" for head in HEADS)]

    def test_the_numbers_are_those_of_the_runs(self):
        rows = json.loads(run(*self.report, "--json"))
        self.assertEqual([row["name"] for row in rows], self.names)
        self.assertEqual([row["kind"] for row in rows], ["BERT", "BERT", "head", "head"])
        for row in rows:
            results = read(self.runs / row["name"] / "all_results.json")
            scores = {name: value for name, value in results.items() if name.startswith("eval_")}
            self.assertEqual({name: row["metrics"][name] for name in scores}, scores)
            self.assertGreater(row["train_seconds"], 0)
        self.assertEqual(rows[0]["share_percent"], 100)
        # Last layer: a weight for each of 20 columns and a bias, for start and end; pooling: one weight a layer and a scale.
        self.assertEqual([row["parameters"] for row in rows[2:]], [2 * (20 + 1), 2 * (20 + 1) + 3 + 1])

    def test_every_format_holds_the_same_rows(self):
        rows = {row["name"]: row for row in json.loads(run(*self.report, "--json"))}
        table = list(csv.DictReader(io.StringIO(run(*self.report, "--format", "csv"))))
        self.assertEqual([line["system"] for line in table], self.names)
        for line in table:
            metrics = rows[line["system"]]["metrics"]
            for column, name in (("EM", "eval_exact"), ("F1", "eval_f1"), ("HasAns F1", "eval_HasAns_f1"),
                                 ("NoAns", "eval_NoAns_f1"), ("dev loss", "eval_loss")):  # fmt: skip
                self.assertAlmostEqual(float(line[column]), metrics[name], places=9)
        for form, separator in (("text", "  "), ("markdown", "|"), ("latex", "&")):
            lines = run(*self.report, "--format", form).splitlines()
            for name in self.names:
                line = next(line for line in lines if name in line)
                self.assertIn(separator, line)
                self.assertIn(f"{rows[name]['metrics']['eval_f1']:.2f}", line)

    def test_a_file_gets_what_the_terminal_gets(self):
        out = self.folder / "table.md"
        self.assertEqual(run(*self.report, "--format", "markdown", "--out", out), "")
        self.assertEqual(out.read_text(), run(*self.report, "--format", "markdown"))
        says = refused(1, *self.report, "--out", self.folder / "dev.json" / "table.md")
        self.assertIn("dev.json/table.md': Not a directory", says)
        run(*self.report, "--out", self.folder / "pages")
        self.assertIn("<html", (self.folder / "pages" / "report.html").read_text())

    def test_an_unfinished_run_is_left_out_and_said_so(self):
        folder = self.folder / "half"
        shutil.copytree(self.runs / "heads", folder)
        state = read(folder / HEADS[0] / "run.json")
        (folder / HEADS[0] / "run.json").write_text(json.dumps({**state, "state": "running"}))
        done = start("report", "--runs", folder, "--json")
        self.assertEqual([row["name"] for row in json.loads(done.stdout)], [HEADS[1]])
        self.assertIn(f"{HEADS[0]} is not finished and left out", done.stderr)
        shutil.rmtree(folder / HEADS[1])
        done = start("report", "--runs", folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no finished run of finetune, train, ensemble or eval is in it", done.stderr)

    def test_a_run_with_a_broken_file_is_refused_by_name(self):
        for file in ("run.json", "all_results.json"):
            folder = self.folder / f"broken-{file}"
            shutil.copytree(self.runs / "heads", folder)
            (folder / HEADS[0] / file).write_text("{")
            self.assertIn(f"{HEADS[0]}/{file}: not valid JSON", refused(1, "report", "--runs", folder))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
