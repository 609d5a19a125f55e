"""bertvision fetch against a hub that lives in this process and misbehaves on demand. Standard library only.

Run: fetch_test.py BERTVISION SOURCE_FOLDER
"""

import concurrent.futures
import hashlib
import http.server
import io
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

from kill_test import squad

PROGRAM, SOURCE = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
MODEL = SOURCE / "tests/fixtures/bert/qa"
NAME = "org/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_not_for_others"
SECONDS = 120


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Hub(http.server.ThreadingHTTPServer):
    """Files of one model, large ones behind a redirect to another port, as the hub does it. What is to go wrong stands in
    `faults`: {path: [fault, ...]}, taken one a GET (or a HEAD where a fault's name begins with "head")."""

    daemon_threads = True

    def __init__(self, files, storage=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.storage = files, storage
        self.faults, self.seen, self.lock = {}, [], threading.Lock()
        self.needs_token, self.gated, self.pace = False, False, 0.0
        self.commit = COMMIT
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fault(self, path, head):
        with self.lock:
            waiting = self.faults.get(path, [])
            for fault in waiting:
                if fault.startswith("head") == head:
                    waiting.remove(fault)
                    return fault
        return ""

    def gets(self, name):
        """Range headers ('' for none) of the GETs of a file."""
        return [entry["range"] for entry in self.seen if entry["method"] == "GET" and entry["path"].endswith("/" + name)]

    def handle_error(self, request, client_address):
        pass  # clients that were killed

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.answer(head=True)

    def do_GET(self):
        self.answer(head=False)

    def answer(self, head):
        hub = self.server
        with hub.lock:
            hub.seen.append({"method": self.command, "path": self.path, "range": self.headers.get("Range", ""),
                             "token": self.headers.get("Authorization", "")})  # fmt: skip
        found = re.fullmatch(r"/(?:data|blobs|\w+/[\w-]+/resolve/[\w.%-]+)/(.+)", self.path)
        name = found.group(1) if found else ""
        fault = hub.fault(name, head)
        status = re.search(r"status-(\d+)", fault)
        if status:
            retry = {"Retry-After": "0"} if status.group(1) == "429" else {}
            return self.empty(int(status.group(1)), retry)
        if hub.needs_token and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.empty(401, {"X-Error-Code": "GatedRepo" if hub.gated else "RepoNotFound"})
        if self.path.startswith("/old/"):
            return self.empty(307, {"Location": self.path.replace("/old/", "/org/")})
        if not self.path.startswith(("/org/tiny/", "/data/", "/blobs/")):
            return self.empty(404, {"X-Error-Code": "RepoNotFound"})
        if "/resolve/" in self.path and not re.search(rf"/resolve/(main|{hub.commit}|v1|refs%2Fpr%2F1)/", self.path):
            return self.empty(404, {"X-Error-Code": "RevisionNotFound"})
        if name not in hub.files:
            return self.empty(404, {"X-Error-Code": "EntryNotFound"})
        self.serve(name, hub.files[name], fault, head)

    def empty(self, status, headers=None):
        self.send_response(status)
        for key, value in {"Content-Length": "0", **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()

    def serve(self, name, content, fault, head):
        hub = self.server
        if hub.storage and name.endswith(".safetensors"):
            digest = "0" * 64 if fault == "head-hash" else sha256(content)
            size = str(10**17) if fault == "head-huge" else str(len(content))
            return self.empty(302, {"Location": f"{hub.storage.url}/blobs/{name}", "X-Linked-Etag": f'"{digest}"',
                                    "X-Linked-Size": size, "X-Repo-Commit": hub.commit, "ETag": '"0-1"'})  # fmt: skip
        etag = "" if fault == "head-no-hash" else f'W/"{git_blob(content)}"'
        begin = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and "no-ranges" not in fault:
            begin = int(asked.group(1))
        if begin and begin >= len(content):
            return self.empty(416, {"Content-Range": f"bytes */{len(content)}"})
        body = content[begin:]
        if fault == "corrupt":
            body = bytes([body[0] ^ 1]) + body[1:]
        self.send_response(206 if begin else 200)
        if begin:
            shift = 1 if fault == "wrong-range" else 0
            self.send_header("Content-Range", f"bytes {begin + shift}-{len(content) - 1}/{len(content)}")
        lie = {"claims-more": 1000, "claims-less": -10}.get(fault, 0)
        if fault == "no-length":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body) + lie))
        if etag:
            self.send_header("ETag", etag)
        self.send_header("X-Repo-Commit", "evil/../../x" if fault == "head-commit" else hub.commit)
        self.end_headers()
        if head:
            return
        breaks = fault in ("break", "break no-ranges", "reset", "no-length")
        self.send(body[: len(body) // 2] if breaks else body)
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if breaks or fault == "claims-more":
            self.close_connection = True

    def send(self, body):
        if not self.server.pace:
            self.wfile.write(body)
            return
        for at in range(0, len(body), 4096):
            self.wfile.write(body[at : at + 4096])
            self.wfile.flush()
            time.sleep(self.server.pace)


def model_files():
    return {path.name: path.read_bytes() for path in MODEL.iterdir() if path.name != "expected.safetensors"}


def sharded_files():
    """The model with its weights in two shards."""
    files = model_files()
    whole = files.pop("model.safetensors")
    size = struct.unpack("<Q", whole[:8])[0]
    header, data = json.loads(whole[8 : 8 + size]), whole[8 + size :]
    header.pop("__metadata__", None)
    names, index = sorted(header), {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        shard = f"model-0000{number}-of-00002.safetensors"
        entries, content = {}, b""
        for name in part:
            begin, end = header[name]["data_offsets"]
            entries[name] = {**header[name], "data_offsets": [len(content), len(content) + end - begin]}
            content += data[begin:end]
            index[name] = shard
        text = json.dumps(entries).encode()
        text += b" " * (-len(text) % 8)
        files[shard] = struct.pack("<Q", len(text)) + text + content
    files["model.safetensors.index.json"] = json.dumps({"metadata": {}, "weight_map": index}).encode()
    return files


class Fetching(unittest.TestCase):
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

    # Models

    def test_a_model_is_laid_out_as_the_hubs_library_lays_it_out(self):
        result = self.fetch()[0]
        self.assert_whole()
        self.assertEqual((result["name"], result["kind"], result["commit"]), (NAME, "model", COMMIT))
        size = sum(len(content) for content in model_files().values())
        self.assertEqual((result["bytes"], result["received"]), (size, size))
        self.assertEqual(result["folder"], str(self.repository / "snapshots" / COMMIT))

    def test_what_is_there_is_not_fetched_again(self):
        self.fetch()
        before = len(self.storage.seen)
        self.assertEqual(self.fetch()[0]["received"], 0)
        self.assertEqual(len(self.storage.seen), before)

    def test_a_fetched_model_is_used_by_its_name(self):
        self.fetch(NAME + "@v1")
        self.fetch()
        squad(self.folder / "dev.json", 3, 1)
        for name in (NAME, NAME + "@v1", NAME + "@" + COMMIT, MODEL):
            done = subprocess.run(self.command("tokenize", "--model", name), input="who built it\n", capture_output=True,
                                  text=True, timeout=SECONDS, env=self.environment)  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout, getattr(self, "tokens", done.stdout))
            self.tokens = done.stdout
        for name in (NAME, MODEL):
            done = self.start("extract", "--model", name, "--data", "dev.json", "--out", f"s{len(str(name))}",
                              "--max-length", 48, "--doc-stride", 8, "--quiet")  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_sharded_models_are_fetched_and_read(self):
        self.hub.files = self.storage.files = sharded_files()
        self.fetch()
        self.assert_whole(sharded_files())
        squad(self.folder / "dev.json", 3, 1)
        states = {}
        for name in (NAME, MODEL):
            out = self.folder / f"store-{len(states)}"
            done = self.start("extract", "--model", name, "--data", "dev.json", "--out", out, "--max-length", 48,
                              "--doc-stride", 8, "--precision", "fp32", "--quiet")  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            states[name] = [path.read_bytes() for path in sorted(out.glob("*.safetensors"))]
        self.assertEqual(*states.values())

    def test_indices_that_point_elsewhere_are_refused(self):
        self.hub.files = self.storage.files = sharded_files()
        for shard in ("../../../x.safetensors", "/etc/x.safetensors", "a/b.safetensors"):
            self.hub.files["model.safetensors.index.json"] = json.dumps({"weight_map": {"a": shard}}).encode()
            self.refused("is not the plain name")
        self.hub.files["model.safetensors.index.json"] = b'{"weight_map": {"a": "gone.safetensors"}}'
        self.refused("the hub has no gone.safetensors")
        self.assertFalse((self.repository / "refs/main").exists())

    def test_models_without_safetensors_are_refused(self):
        self.hub.files.pop("model.safetensors")
        self.refused("no shards")
        self.hub.files["pytorch_model.bin"] = b"pickle"
        self.refused("only pytorch_model.bin")
        self.assertFalse(self.repository.exists())

    def test_revisions(self):
        self.fetch("--revision", "refs/pr/1", NAME)
        self.assertEqual((self.repository / "refs/refs/pr/1").read_bytes(), COMMIT.encode())
        self.assertFalse((self.repository / "refs/main").exists())
        self.fetch("--revision", COMMIT, NAME)
        self.assertFalse((self.repository / "refs" / COMMIT).exists())
        self.refused("has no revision 'v7'", "fetch", NAME + "@v7")

    def test_a_model_that_changes_gets_a_second_snapshot(self):
        self.fetch()
        self.hub.commit = "f" * 40
        self.hub.files["config.json"] = model_files()["config.json"] + b"\n"
        self.fetch()
        self.assertEqual((self.repository / "refs/main").read_text(), "f" * 40)
        snapshots = sorted(path.name for path in (self.repository / "snapshots").iterdir())
        self.assertEqual(snapshots, [COMMIT, "f" * 40])
        self.assertEqual(self.storage.gets("model.safetensors"), [""])

    def test_renamed_models_are_followed(self):
        self.fetch("old/tiny")
        self.assertTrue((self.cache / "models--old--tiny/refs/main").exists())

    def test_the_table(self):
        done = self.start("fetch", NAME)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(self.repository / "snapshots" / COMMIT), done.stdout)
        for title in ("name", "files", "bytes", "where"):
            self.assertIn(title, done.stdout.splitlines()[0])

    # A network that misbehaves

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

    # Who may read what

    def test_the_token_goes_to_the_hub_and_nowhere_else(self):
        self.hub.needs_token = True
        self.fetch(HF_TOKEN=TOKEN)
        self.assertTrue(all(entry["token"] == f"Bearer {TOKEN}" for entry in self.hub.seen))
        self.assertTrue(self.storage.seen)
        self.assertTrue(all(entry["token"] == "" for entry in self.storage.seen))
        self.assert_whole()

    def test_a_saved_token_is_used(self):
        self.hub.needs_token = True
        self.home.mkdir()
        (self.home / "token").write_text(TOKEN + "\n")
        self.fetch()
        (self.home / "token").write_text("another")
        (self.folder / "mine").write_text(TOKEN)
        self.fetch(NAME, "--token-file", self.folder / "mine")

    def test_private_gated_and_missing_models_are_told_apart(self):
        self.hub.needs_token = True
        self.refused("set HF_TOKEN")
        errors = self.refused("the token may not see it", HF_TOKEN="hf_other")
        self.assertNotIn("hf_other", errors)
        self.hub.gated = True
        self.refused(f"is gated: accept its conditions at {self.hub.url}/{NAME} and set HF_TOKEN")
        self.hub.needs_token = False
        self.hub.faults["config.json"] = ["head-status-401", "head-status-403"]
        self.refused("the token was refused", HF_TOKEN="hf_other")
        self.refused("the token lacks the right to read it", HF_TOKEN="hf_other")
        self.refused("there is no model 'google-bert/bert-base-uncasd'", "fetch", "google-bert/bert-base-uncasd")
        self.refused("nearest known: google-bert/bert-base-uncased", "fetch", "google-bert/bert-base-uncasd")
        self.refused("squad2", "fetch", "squad")

    # The place

    def test_offline(self):
        self.refused("HF_HUB_OFFLINE is set, and model 'org/tiny' at 'main' is not in the cache", HF_HUB_OFFLINE="1")
        self.refused("data set 'squad2' is not in the cache", "fetch", "squad2", HF_HUB_OFFLINE="yes")
        self.fetch()
        before = len(self.hub.seen)
        self.assertEqual(self.fetch(HF_HUB_OFFLINE="1")[0]["commit"], COMMIT)
        self.assertEqual(len(self.hub.seen), before)

    def test_caches_that_cannot_be_written_are_named(self):
        (self.folder / "file").write_text("in the way")
        self.refused("file", "fetch", NAME, "--cache", self.folder / "file")
        self.refused("/proc/none", "fetch", NAME, "--cache", "/proc/none")

    def test_what_does_not_fit_the_disk_is_not_begun(self):
        self.hub.faults["model.safetensors"] = ["head-huge"]
        self.refused("are free at")
        self.assertEqual(self.storage.gets("model.safetensors"), [])

    def test_the_cache_may_be_elsewhere(self):
        self.fetch(NAME, "--cache", self.folder / "here")
        self.assertTrue((self.folder / "here/models--org--tiny/refs/main").exists())
        self.fetch(HF_HUB_CACHE=str(self.folder / "there"))
        self.assertTrue((self.folder / "there/models--org--tiny/refs/main").exists())
        self.assertFalse(self.cache.exists())

    # Data sets

    def catalog(self):
        """A data set of a file and a zip archive, served under /data."""
        for part, seed in (("train", 1), ("dev", 2)):
            squad(self.folder / f"{part}.json", 4, seed)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("lh/dev.json", (self.folder / "dev.json").read_bytes())
            zipped.writestr("../evil.json", "{}")
        self.hub.files["train.json"] = (self.folder / "train.json").read_bytes()
        self.hub.files["rest.zip"] = archive.getvalue()
        sources = []
        for name, more in (("train.json", {"name": "train.json"}), ("rest.zip", {"members": {"dev.json": "lh/dev.json"}})):
            content = self.hub.files[name]
            sources.append({"url": f"{self.hub.url}/data/{name}", "bytes": len(content), "sha256": sha256(content), **more})
        path = self.folder / "catalog.json"
        path.write_text(json.dumps({"lighthouses": {"about": "of lighthouses", "sources": sources}}))
        return path

    def test_data_sets_are_fetched_unpacked_and_used_by_name(self):
        catalog = self.catalog()
        result = self.fetch("lighthouses", "--catalog", catalog, HF_TOKEN=TOKEN)[0]
        self.assertEqual([file["name"] for file in result["files"]], ["dev.json", "train.json"])
        self.assertTrue(all(entry["token"] == "" for entry in self.hub.seen))
        repository = self.cache / "datasets--bertvision--lighthouses"
        self.assertEqual((repository / "refs/main").read_text(), result["commit"])
        for part in ("train", "dev"):
            content = (self.folder / f"{part}.json").read_bytes()
            link = repository / "snapshots" / result["commit"] / f"{part}.json"
            self.assertEqual(os.readlink(link), f"../../blobs/{sha256(content)}")
            self.assertEqual(link.read_bytes(), content)
        self.assertEqual(len(list((repository / "blobs").iterdir())), 2)
        before = len(self.hub.seen)
        self.assertEqual(self.fetch("lighthouses", "--catalog", catalog)[0]["received"], 0)
        self.assertEqual(len(self.hub.seen), before)
        reports = [self.start("inspect", path, "--model", MODEL, "--max-length", 48, "--doc-stride", 8, "--json")
                   for path in ("lighthouses/dev", self.folder / "dev.json")]  # fmt: skip
        counts = []
        for done in reports:
            self.assertEqual(done.returncode, 0, done.stderr)
            counts.append({key: value for key, value in json.loads(done.stdout).items() if key != "file"})
        self.assertEqual(*counts)

    def test_missing_data_sets_name_the_command(self):
        self.refused("'bertvision fetch squad2' gets it", "inspect", "squad2/train")
        self.refused("it has: squad2/dev, squad2/train", "inspect", "squad2/test", code=2)

    def test_archives_without_a_member_and_other_files_leave_no_data_set(self):
        catalog = self.catalog()
        text = catalog.read_text()
        catalog.write_text(text.replace("lh/dev.json", "lh/gone.json"))
        self.refused("the archive gives no 'lh/gone.json'", "fetch", "lighthouses", "--catalog", catalog)
        catalog.write_text(text.replace("rest.zip", "train.json"))
        self.refused("wrong length", "fetch", "lighthouses", "--catalog", catalog, "--cache", self.folder / "other")
        self.assertFalse((self.cache / "datasets--bertvision--lighthouses/refs/main").exists())

    def test_known_data_sets_are_asked_of_the_mirror_and_checked(self):
        self.refused("answers 404", "fetch", "squad2", "--mirror", self.hub.url + "/data")
        self.assertEqual(self.hub.seen[-1]["path"], "/data/squad2/train-v2.0.json")
        self.hub.files["squad2/train-v2.0.json"] = b"{}"
        self.refused("wrong length", "fetch", "squad2", "--mirror", self.hub.url + "/data")
        self.refused("answers 404", "fetch", "cola", "--mirror", self.hub.url + "/data/")
        self.assertEqual(self.hub.seen[-1]["path"], "/data/cola/CoLA.zip")

    def test_the_list(self):
        done = self.start("fetch", "--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = json.loads(self.start("fetch", "--list", "--json").stdout)
        names = [entry["name"] for entry in listed]
        self.assertEqual(len(names), 11)
        for name in names:
            self.assertIn(name, done.stdout)
        self.assertEqual(self.hub.seen, [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
