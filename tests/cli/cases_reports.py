"""report on the files of a small run: tables, the page, and files that are not what they should be."""

import json

from harness import Case
from samples import GOOD


def head_run(state="finished", **changes):
    """The files of a small head's run; each keyword replaces one of them."""
    run = {"format": 1, "version": "0.1.0", "verb": "train", "command": [], "state": state, "resumed": []}
    run |= {part: {} for part in ("options", "seeds", "inputs", "machine")}
    files = {"run": json.dumps(run), "head": '{"name": "small", "parameters": 7}', "all_results": '{"eval_f1": 50}'}
    return {f"runs/a/{name}.json": text for name, text in {**files, **changes}.items()}


REPORT = "report --runs runs"

REPORTS = [
    Case("report", 2, "bertvision report needs --runs"),
    Case("report --runs ''", 2, "--runs names no folder"),
    Case("report --runs nowhere", 1, "'nowhere' is not a folder"),
    Case("report --runs empty", 1, "empty: no finished run", {"empty": None}),
    Case(REPORT, 0, "50.00", head_run()),
    Case(REPORT + " --json", 0, '"parameters": 7', head_run()),
    Case(REPORT + " --single-runs", 0, "50.00", head_run()),
    Case(REPORT + " --out table.md --format markdown", 0, "", head_run()),
    Case(REPORT + " --out page.html", 0, "page.html: ", head_run()),
    Case(REPORT + " --out pages", 0, "50.00", head_run()),
    Case(REPORT + " --out file", 1, "file", head_run() | {"file": "mine"}),
    Case(REPORT + " --answers 5", 2, "--answers is for the page", head_run()),
    Case(REPORT + " --out t.md --data dev.json", 2, "ending in .html; it is 't.md'", head_run() | GOOD),
    Case(REPORT + " --out page.html --data gone.json", 1, "gone.json", head_run()),
    Case(REPORT + " --out page.html", 1, "key 'layers' is missing", head_run() | {"runs/a/head.safetensors": "none"}),
    Case(REPORT + " --out page.html", 1, "trainer_state.json", head_run(trainer_state="{}")),
    Case(REPORT + " --out page.html", 1, "run.json", head_run(run="{}")),
]

CASES = REPORTS
