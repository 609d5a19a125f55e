"""bertvision fetch against a local hub: what lands where, who may read it, and that names stand for it afterwards.
Standard library only. Run: fetch_test.py BERTVISION SOURCE_FOLDER
"""

import io
import json
import os
import subprocess
import sys
import unittest
import zipfile

from fake_hub import COMMIT, TOKEN, sha256
from fetch_case import MODEL, NAME, SECONDS, FetchCase, model_files, sharded_files
from kill_test import squad


class Models(FetchCase):
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

    def test_small_files_may_lie_behind_a_redirect_of_the_hub(self):
        self.hub.indirect, self.hub.needs_token = True, True
        self.fetch(HF_TOKEN=TOKEN)
        self.assertTrue(all(entry["token"] == f"Bearer {TOKEN}" for entry in self.hub.seen))
        self.assert_whole()

    def test_the_table(self):
        done = self.start("fetch", NAME)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(self.repository / "snapshots" / COMMIT), done.stdout)
        for title in ("name", "files", "bytes", "where"):
            self.assertIn(title, done.stdout.splitlines()[0])


class Access(FetchCase):
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


class Caches(FetchCase):
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


class DataSets(FetchCase):
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
