"""The program of examples/ answers as the verb does, and include/ needs the standard library alone.
Run: examples_test.py ANSWER BERTVISION SOURCE_FOLDER"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ANSWER, PROGRAM, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
MODEL = SOURCE / "tests/fixtures/bert/qa"
# The tiny model finds an answer in the first; the second is an accent alone, of which no piece is left.
CONTEXTS = ["the king was in the tower of the city", "\u0301"]
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def start(*command):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)


class Examples(unittest.TestCase):
    def test_answers_are_those_of_the_verb(self):
        kinds = set()
        for context in CONTEXTS:
            predict = start(PROGRAM, "predict", "--run", MODEL, "--question", "who?", "--context", context, "--json", "--quiet")
            wanted = json.loads(predict.stdout)
            done = start(ANSWER, MODEL, "who?", context)
            self.assertEqual(done.returncode, 0, done.stderr)
            kinds.add(bool(wanted["answer"]))
            if wanted["answer"]:
                place = f"{wanted['start']} to {wanted['end']}, score {wanted['score']:.6f}"
                self.assertEqual(done.stdout.splitlines(), [wanted["answer"], place])
            else:
                self.assertEqual(done.stdout, "no answer\n")
        self.assertEqual(kinds, {True, False}, "both kinds of answers must be seen")

    def test_failures_are_one_line(self):
        done = start(ANSWER, "nowhere", "who?", CONTEXTS[0])
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
        self.assertIn("no run at 'nowhere'", done.stderr)
        self.assertEqual(start(ANSWER).returncode, 2)

    def test_public_headers_include_only_the_standard_library(self):
        headers = sorted((SOURCE / "include").rglob("*.h"))
        self.assertTrue(headers)
        for header in headers:
            for name in re.findall(r"#\s*include\s*(\S+)", header.read_text()):
                self.assertRegex(name, r"^<[a-z_]+>$", header)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
