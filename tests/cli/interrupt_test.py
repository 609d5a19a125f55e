"""One Ctrl-C ends every verb that has nothing to save, also where it waits for input or computes something without
steps. Standard library only. Run: interrupt_test.py BERTVISION SOURCE_FOLDER"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
MODEL = SOURCE / "tests/fixtures/bert/qa"
SECONDS_TO_END = 20


def questions(count):
    """Data and predictions whose bootstrap takes minutes."""
    qas = [{"id": str(i), "question": "who?", "answers": [{"text": "king", "answer_start": 4}]} for i in range(count)]
    data = {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "the king", "qas": qas}]}]}
    return json.dumps(data), json.dumps({str(i): "king" if i % 3 else "the" for i in range(count)})


class Interrupt(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="bertvision-interrupt-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def ends(self, arguments, wait_for=None):
        """Starts it with a standard input that never ends, and sends one SIGINT when it is at work."""
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.folder, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # fmt: skip
        try:
            # It opens its input only once it runs; what it does after that takes far longer than a second.
            time.sleep(1)
            self.assertIsNone(process.poll(), "it ended before it could be interrupted")
            process.send_signal(signal.SIGINT)
            process.wait(SECONDS_TO_END)
            self.assertIn(process.returncode, (-signal.SIGINT, 130))
        finally:
            process.kill()
            process.communicate()

    def test_tokenize_that_waits_for_input(self):
        self.ends(["tokenize", "--model", MODEL])

    def test_predict_that_waits_for_input(self):
        self.ends(["predict", "--run", MODEL, "--data", "-"])

    def test_inspect_that_waits_for_input(self):
        self.ends(["inspect", "-", "--model", MODEL])

    def test_the_bootstrap_of_eval(self):
        data, predictions = questions(20_000)
        (self.folder / "dev.json").write_text(data)
        (self.folder / "p.json").write_text(predictions)
        self.ends(["eval", "--data", "dev.json", "--predictions", "p.json", "--resamples", "1000000"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
