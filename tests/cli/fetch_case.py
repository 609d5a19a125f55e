"""What the tests of bertvision fetch share. Standard library only."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import fake_hub
from fake_hub import Hub, git_blob, sha256

PROGRAM, SOURCE = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
MODEL = SOURCE / "tests/fixtures/bert/qa"
NAME = "org/tiny"
SECONDS = 120


def model_files():
    return fake_hub.model_files(MODEL)


def sharded_files():
    return fake_hub.sharded_files(MODEL)


class FetchCase(unittest.TestCase):
    """A fresh home, a hub and the storage that it redirects to, and what every test does with them."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bertvision-fetch-"))
        self.home = self.folder / "home"
        self.cache = self.home / "hub"
        self.repository = self.cache / "models--org--tiny"
        self.storage = Hub(model_files())
        self.hub = Hub(model_files(), self.storage)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "HF_HOME": str(self.home), "HF_ENDPOINT": self.hub.url,
            **{name: value for name, value in os.environ.items() if name.startswith(("ASAN", "LSAN", "UBSAN", "LD_"))},
        }  # fmt: skip

    def tearDown(self):
        self.hub.stop()
        self.storage.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *arguments):
        return [PROGRAM, *map(str, arguments)]

    def start(self, *arguments, **environment):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=SECONDS, cwd=self.folder,
                              env={**self.environment, **environment})  # fmt: skip

    def fetch(self, *names, **environment):
        done = self.start("fetch", "--json", *(names or (NAME,)), **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, says, *arguments, code=1, **environment):
        done = self.start(*(arguments or ("fetch", "--quiet", NAME)), **environment)
        self.assertEqual(done.returncode, code, done.stderr)
        lines = [line for line in done.stderr.splitlines() if "error: " in line]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertEqual(done.stderr.splitlines()[-1], lines[0])
        self.assertIn(says, lines[0])
        self.assertEqual(done.stdout, "")
        return done.stderr

    def blobs(self):
        return sorted(path.name for path in self.repository.glob("blobs/*"))

    def assert_whole(self, files=None):
        """The snapshot is that of huggingface_hub: relative links to blobs named by their hash, and a bare refs/main."""
        files = files or model_files()
        self.assertEqual((self.repository / "refs/main").read_bytes(), self.hub.commit.encode())
        snapshot = self.repository / "snapshots" / self.hub.commit
        self.assertEqual({path.name for path in snapshot.iterdir()}, set(files))
        hashes = []
        for name, content in files.items():
            large = name.endswith(".safetensors")
            hashes.append(sha256(content) if large else git_blob(content))
            self.assertEqual(os.readlink(snapshot / name), f"../../blobs/{hashes[-1]}")
            self.assertEqual((snapshot / name).read_bytes(), content)
        self.assertEqual(self.blobs(), sorted(hashes))
