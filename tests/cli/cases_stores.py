"""Folders that should be stores and are not; stores that were made for real stand in lifecycle_test.py."""

import json

from harness import Case
from samples import GOOD


def stored(verb, says, code=1, **files):
    """A folder that should be a store, seen by a verb that reads one; each keyword is a file of it."""
    return Case(f"{verb} store", code, says, {f"store/{name.replace('_', '.')}": text for name, text in files.items()})


def store_index(**changes):
    return json.dumps({"format": "bertvision-store", "version": 1, "checksum": "0" * 16, **changes})


STORES = [
    Case("verify", 2, "bertvision verify needs PATH", {}),
    Case("verify nowhere", 1, "there is no folder 'nowhere'", {}),
    Case("verify dev.json", 1, "a store is a folder with an index.json", GOOD),
    stored("verify", "it has no index.json", readme_txt="mine"),
    stored("verify", "store is unfinished; run the same extract command again", journal_jsonl=""),
    stored("inspect", "store is unfinished; run the same extract command again", journal_jsonl=""),
    stored("inspect", "a folder without index.json", readme_txt="mine"),
    stored("verify", "index.json: not valid JSON", index_json="{"),
    stored("inspect", "index.json: not valid JSON", index_json="{"),
    stored("verify", "'format' is 'else'", index_json=store_index(format="else")),
    stored("inspect", "format version 2, this program reads version 1", index_json=store_index(version=2)),
    stored("verify", "does not fit its checksum", index_json=store_index()),
    stored("inspect", "does not fit its checksum", index_json=store_index()),
]

CASES = STORES
