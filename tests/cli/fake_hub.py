"""A hub that lives in the test's process and misbehaves on demand, and the files that it serves. Standard library only."""

import hashlib
import http.server
import json
import re
import socket
import struct
import threading
import time

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_not_for_others"


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
        self.indirect = False  # small files come from another address of the same hub
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
        if hub.indirect and "/resolve/" in self.path:
            return self.empty(307, {"Location": f"/blobs/{name}", "X-Linked-Etag": f'"{git_blob(content)}"',
                                    "X-Linked-Size": str(len(content)), "X-Repo-Commit": hub.commit})  # fmt: skip
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
        if "/resolve/" in self.path:
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


def model_files(model):
    return {path.name: path.read_bytes() for path in model.iterdir() if path.name != "expected.safetensors"}


def sharded_files(model):
    """The model with its weights in two shards."""
    files = model_files(model)
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
