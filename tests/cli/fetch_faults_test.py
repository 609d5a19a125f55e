"""bertvision fetch over a network that misbehaves: broken connections, lies, kills. Standard library only.

Run: fetch_faults_test.py BERTVISION SOURCE_FOLDER
"""

import concurrent.futures
import signal
import socket
import subprocess
import sys
import time
import unittest

from fake_hub import COMMIT, git_blob, sha256
from fetch_case import NAME, SECONDS, FetchCase, model_files


class Faults(FetchCase):
    def test_broken_connections_are_resumed(self):
        whole = len(model_files()["model.safetensors"])
        self.storage.faults["model.safetensors"] = ["break", "break"]
        self.assertEqual(self.fetch()[0]["received"], sum(map(len, model_files().values())))
        first = whole // 2
        second = first + (whole - first) // 2
        self.assertEqual(self.storage.gets("model.safetensors"), ["", f"bytes={first}-", f"bytes={second}-"])
        self.assert_whole()

    def test_reset_connections_are_tried_again(self):
        self.storage.faults["model.safetensors"] = ["reset", "reset"]
        self.fetch()
        self.assertEqual(len(self.storage.gets("model.safetensors")), 3)
        self.assert_whole()

    def test_a_server_that_never_gets_further_is_given_up(self):
        self.storage.faults["model.safetensors"] = ["break"] + ["break no-ranges"] * 9
        self.refused("the connection to '127.0.0.1' broke")
        self.assertLess(len(self.storage.gets("model.safetensors")), 9)

    def test_servers_that_ignore_ranges_send_the_file_from_its_beginning(self):
        self.storage.faults["model.safetensors"] = ["break", "no-ranges"]
        self.fetch()
        self.assertEqual(len(self.storage.gets("model.safetensors")), 2)
        self.assert_whole()

    def test_ranges_that_do_not_fit_are_refused(self):
        self.storage.faults["model.safetensors"] = ["break", "wrong-range"]
        self.refused("Content-Range")
        self.fetch()
        self.assert_whole()

    def test_busy_servers_are_asked_again(self):
        self.storage.faults["model.safetensors"] = ["status-500", "status-429", "status-503"]
        self.hub.faults["vocab.txt"] = ["head-status-502"]
        self.fetch()
        self.assert_whole()

    def test_a_body_that_ends_early_without_a_length_is_resumed(self):
        self.storage.faults["model.safetensors"] = ["no-length"]
        self.fetch()
        self.assertEqual(len(self.storage.gets("model.safetensors")), 2)
        self.assert_whole()

    def test_wrong_lengths_are_refused(self):
        for fault in ("claims-more", "claims-less"):
            self.storage.faults["model.safetensors"] = [fault]
            self.refused("wrong length")
            self.assertFalse(any(name.endswith(".incomplete") for name in self.blobs()))
        self.fetch()
        self.assert_whole()

    def test_corrupt_bodies_leave_nothing(self):
        self.hub.faults["vocab.txt"] = ["corrupt"]
        self.refused("org/tiny: vocab.txt: wrong hash")
        self.assertEqual(self.blobs(), [git_blob(model_files()["config.json"])])
        self.storage.faults["model.safetensors"] = ["corrupt"]
        self.refused("org/tiny: model.safetensors: wrong hash")
        self.assertNotIn(sha256(model_files()["model.safetensors"]), self.blobs())
        self.assertFalse(any(name.endswith(".incomplete") for name in self.blobs()))
        self.assertFalse((self.repository / "refs/main").exists())
        done = self.start("tokenize", "--model", NAME)
        self.assertIn("bertvision fetch org/tiny", done.stderr)
        self.fetch()
        self.assert_whole()

    def test_parts_of_two_files_are_fetched_again(self):
        content = model_files()["model.safetensors"]
        (self.repository / "blobs").mkdir(parents=True)
        (self.repository / "blobs" / (sha256(content) + ".incomplete")).write_bytes(b"x" * 1000)
        done = self.start("fetch", NAME)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the parts do not fit together", done.stderr)
        self.assertEqual(self.storage.gets("model.safetensors"), ["bytes=1000-", ""])
        self.assert_whole()

    def test_a_part_that_is_longer_than_the_file_is_dropped(self):
        content = model_files()["model.safetensors"]
        (self.repository / "blobs").mkdir(parents=True)
        (self.repository / "blobs" / (sha256(content) + ".incomplete")).write_bytes(content + b"x")
        self.fetch()
        self.assertEqual(self.storage.gets("model.safetensors"), [""])
        self.assert_whole()

    def test_servers_that_are_no_hub_are_named(self):
        self.hub.faults["config.json"] = ["head-no-hash"]
        self.refused("gives no hash for config.json")
        self.hub.faults["config.json"] = ["head-commit"]
        self.refused("gives no commit for config.json")
        self.assertFalse(self.repository.exists())

    def test_unreachable_hubs_are_named_at_once(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        begin = time.monotonic()
        self.refused("cannot reach '127.0.0.1'", "fetch", NAME, "--endpoint", f"http://127.0.0.1:{port}")
        self.assertLess(time.monotonic() - begin, 30)

    def test_two_at_once_share_the_work(self):
        self.storage.pace = 0.01
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for result in pool.map(lambda _: self.fetch(), range(2)):
                self.assertEqual(result[0]["commit"], COMMIT)
        self.assert_whole()
        self.assertEqual(self.storage.gets("model.safetensors"), [""])

    def interrupt(self, number):
        """Starts a slow fetch, sends the signal in the middle of the weights, gives back the exit code."""
        self.storage.pace = 0.3
        process = subprocess.Popen(self.command("fetch", NAME), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env=self.environment, text=True)  # fmt: skip
        part = self.repository / "blobs" / (sha256(model_files()["model.safetensors"]) + ".incomplete")
        end = time.monotonic() + SECONDS
        while not (part.exists() and part.stat().st_size >= 8192) and time.monotonic() < end:
            time.sleep(0.005)
        process.send_signal(number)
        _, errors = process.communicate(timeout=SECONDS)
        self.storage.pace = 0
        self.assertTrue(part.exists())
        self.assertFalse((self.repository / "refs/main").exists())
        return process.returncode, errors, part.stat().st_size

    def assert_resumed(self, size):
        self.fetch()
        self.assertEqual(self.storage.gets("model.safetensors"), ["", f"bytes={size}-"])
        self.assert_whole()

    def test_a_killed_fetch_goes_on_where_it_was(self):
        code, _, size = self.interrupt(signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        self.assert_resumed(size)

    def test_ctrl_c_keeps_what_has_arrived(self):
        code, errors, size = self.interrupt(signal.SIGINT)
        self.assertEqual(code, 130, errors)
        self.assertIn("interrupted; the same command goes on", errors)
        self.assert_resumed(size)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
