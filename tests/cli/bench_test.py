"""bench: every figure is there and is one that can be, what is not asked for is not measured, and nothing is left in the
scratch folder, also after Ctrl-C. Standard library only. Run: bench_test.py BERTVISION SOURCE_FOLDER"""

import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from kill_test import squad
from program import MODEL, PROGRAM, WINDOWS, run

RATES = {"slowest", "fastest", "repeats"}
OF_WINDOWS = {"windows", "tokens", "tokens_per_second", "multiply_adds_per_token", "share_of_limit"} | RATES
SECONDS_TO_END = 60


def numbers(value):
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []
    return [number for part in value for number in numbers(part)]


class Bench(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-bench-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.data = self.folder / "train.json"
        squad(self.data, 20, 1)

    def bench(self, *arguments):
        return run("bench", "--model", MODEL, "--scratch", self.scratch, "--seconds", "1", "--repeats", "2", *arguments)

    def measured(self, *arguments):
        result = json.loads(self.bench("--json", *arguments))
        self.assertEqual(list(self.scratch.iterdir()), [])
        for number in numbers({key: value for key, value in result.items() if key != "machine"}):
            self.assertTrue(math.isfinite(number) and number > 0, result)
        return result

    def test_without_data_it_measures_made_up_windows_and_a_store(self):
        result = self.measured()
        self.assertEqual(set(result), {"model", "layers", "hidden", "intermediate", "machine", "precisions", "store"})
        instructions = set(result["machine"]["instructions"])
        bf16, int8 = {"avx512_bf16", "amx_bf16", "bf16"} & instructions, {"avx512_vnni"} & instructions
        self.assertEqual(set(result["precisions"]), {"fp32"} | ({"bf16"} if bf16 else set()) | ({"int8"} if int8 else set()))
        for rates in result["precisions"].values():
            self.assertEqual(set(rates), {"limit", "lengths"})
            self.assertEqual(set(rates["limit"]), {"multiply_adds_per_second", "rows", "products"})
            self.assertEqual([(of["in"], of["out"]) for of in rates["limit"]["products"]], [(20, 60), (20, 20), (20, 36), (36, 20)])
            self.assertEqual([of["length"] for of in rates["lengths"]], [32])
            for of in rates["lengths"]:
                self.assertEqual(set(of), OF_WINDOWS | {"length"})
                self.assertLessEqual(of["slowest"], of["tokens_per_second"])
                self.assertLessEqual(of["tokens_per_second"], of["fastest"])
        store = result["store"]
        self.assertEqual(set(store), {"windows", "tokens", "bytes", "write", "read", "train"})
        self.assertEqual(set(store["write"]), {"bytes_per_second"} | RATES)
        self.assertEqual(set(store["read"]), {"bytes_per_second"} | RATES)
        self.assertEqual(set(store["train"]), {"head", "windows_per_second"} | RATES)

    def test_with_data_it_forecasts_what_extraction_makes_of_it(self):
        result = self.measured("--data", self.data, "--precision", "fp32", *WINDOWS)
        of_data = result["precisions"]["fp32"]["data"]
        self.assertEqual(set(of_data), OF_WINDOWS)
        forecast = result["forecast"]
        self.assertEqual(set(forecast), {"file", "windows", "tokens", "cut_seconds", "bytes", "codec", "extract_seconds",
                                         "train_epoch_seconds"})  # fmt: skip
        self.assertEqual(set(forecast["extract_seconds"]), {"fp32"})
        extract = json.loads(run("extract", "--model", MODEL, "--data", self.data, "--estimate", "--json", *WINDOWS))
        for name in ("windows", "tokens", "bytes", "codec"):
            self.assertEqual(forecast[name], extract[name])
        limited = self.measured("--data", self.data, "--only", "data", "--limit", "3", *WINDOWS)["forecast"]
        self.assertLess(limited["tokens"], forecast["tokens"])

    def test_only_what_is_asked_for_is_measured(self):
        store = self.measured("--only", "store")
        self.assertIn("store", store)
        self.assertNotIn("precisions", store)
        lengths = self.measured("--only", "lengths", "--lengths", "8,16", "--precision", "fp32")
        self.assertNotIn("store", lengths)
        self.assertEqual([of["length"] for of in lengths["precisions"]["fp32"]["lengths"]], [8, 16])
        data = self.measured("--only", "data", "--data", self.data, "--precision", "fp32", *WINDOWS)
        self.assertEqual(set(data["precisions"]["fp32"]), {"limit", "data"})
        self.assertNotIn("store", data)

    def test_people_get_a_table(self):
        text = self.bench("--data", self.data, "--precision", "fp32", *WINDOWS)
        for words in ("states of all layers", "32 tokens", "limit of fp32", "synced to the disk", "adapter-64-shared-skip",
                      "all of " + str(self.data)):  # fmt: skip
            self.assertIn(words, text)

    def test_ctrl_c_leaves_no_folder(self):
        process = subprocess.Popen(
            [PROGRAM, "bench", "--model", MODEL, "--only", "store", "--seconds", "3600", "--repeats", "1000", "--scratch",
             self.scratch],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # fmt: skip
        try:
            begin = time.monotonic()
            while not any(name.startswith("shard-") for _, _, names in os.walk(self.scratch) for name in names):
                self.assertIsNone(process.poll(), "it ended before it could be interrupted")
                self.assertLess(time.monotonic() - begin, SECONDS_TO_END)
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=SECONDS_TO_END)
        finally:
            process.kill()
        self.assertEqual(process.returncode, 130, errors)
        self.assertEqual(output, "")
        self.assertIn("stopped", errors.splitlines()[-1])
        self.assertEqual(list(self.scratch.iterdir()), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
