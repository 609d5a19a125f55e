"""fetch: its options, catalogs of data sets, and the names of fetched data in other verbs. The network is not asked for
anything here; fetch_test.py and fetch_faults_test.py have a server."""

import json

from cases_program import EVAL, config
from harness import Case
from samples import GOOD, model

FETCH = "fetch --endpoint http://127.0.0.1:9 --cache cache"
CATALOG = {"lh": {"sources": [{"url": "https://example.org/a.json", "bytes": 1, "sha256": "0" * 64, "name": "a.json"}]}}


def catalog(says, text):
    return Case("fetch --list --catalog c.json", 1, says, {"c.json": text if isinstance(text, str) else json.dumps(text)})


def source(**changes):
    """A catalog with one source; a change to None takes a key away."""
    changed = {**CATALOG["lh"]["sources"][0], **changes}
    return {"lh": {"sources": [{key: value for key, value in changed.items() if value is not None}]}}


FETCHING = [
    Case("fetch --list", 0, "squad2"),
    Case("fetch --list --catalog c.json", 0, "lh", {"c.json": json.dumps(CATALOG)}),
    Case("fetch --help", 0, "fetch [NAME…]"),
    Case("fetch", 2, "bertvision fetch needs NAME"),
    Case("fetch ''", 2, "bertvision fetch needs NAME"),
    Case("fetch --list squad2", 2, "--list is given together with the name 'squad2'"),
    Case(FETCH + " org/a/b", 2, "'org/a/b' is no name of a model"),
    Case(FETCH + " ../secret", 2, "'../secret' is no name of a model"),
    Case(FETCH + " 'org/a b'", 2, "'org/a b' is no name of a model"),
    Case(FETCH + " org/a@", 2, "'org/a@' is no name of a model"),
    Case(FETCH + " org/a@../b", 2, "'org/a@../b' is no name of a model"),
    Case(FETCH + " squad2/train", 2, "which is fetched as a whole: bertvision fetch squad2"),
    Case(FETCH + " org/a", 1, "cannot reach '127.0.0.1'"),
    Case(FETCH + " org/a --revision ''", 2, "--revision is ''"),
    Case(FETCH + " org/a --revision ../b", 2, "--revision is '../b'"),
    Case(FETCH + " org/a@v1 --revision v2", 2, "--revision is given, and 'org/a@v1' names one too"),
    Case(FETCH + " squad2 --revision v2", 2, "--revision is given, but no model"),
    Case("fetch org/a --endpoint hub.example", 2, "--endpoint is 'hub.example', an address with http:// or https:// is needed"),
    Case("fetch org/a --endpoint ftp://hub.example", 2, "--endpoint is 'ftp://hub.example'"),
    Case("fetch org/a --endpoint https://anna:secret@hub.example", 2, "--endpoint holds a user name or password"),
    Case("fetch org/a --endpoint https://hub.example/?a=b", 2, "no '?' and no '#' are allowed"),
    Case("fetch squad2 --mirror nowhere", 2, "--mirror is 'nowhere'"),
    Case(FETCH + " org/a --token-file nowhere", 1, "cannot open 'nowhere'"),
    Case(FETCH + " org/a --token-file t", 2, "t is empty, a token is needed", {"t": "\n"}),
    Case(FETCH + " org/a --token-file t", 2, "t holds more than one word", {"t": "hf_a\nhf_b\n"}),
    Case("fetch --list --catalog nowhere", 1, "cannot open 'nowhere'"),
    catalog("c.json: not valid JSON", "{"),
    catalog("the top level is array", []),
    catalog("the data set's name 'a/b' is not one of", {"a/b": CATALOG["lh"]}),
    catalog("'lh.sources' is missing", {"lh": {}}),
    catalog("'lh.sources' is empty", {"lh": {"sources": []}}),
    catalog("'lh.sources[0].url' is missing", source(url=None)),
    catalog("'lh.sources[0].bytes' is -1", source(bytes=-1)),
    catalog("'lh.sources[0].sha256' is 'abc', 64 digits 0-9a-f are needed", source(sha256="abc")),
    catalog("names the file '../a', a plain name", source(name="../a")),
    catalog("needs either 'name' (a file) or 'members' (a zip archive)", source(name=None)),
    catalog("two files named 'a.json'", {"lh": {"sources": CATALOG["lh"]["sources"] * 2}}),
    Case("inspect squad2/test --model model", 2, "it has: squad2/dev, squad2/train", model()),
    Case("inspect squad2 --model model", 2, "'squad2' is a data set, a part of it is needed", model()),
    Case(EVAL.replace("dev.json", "squad2"), 2, "a part of it is needed: squad2/dev, squad2/train", GOOD),
    Case(EVAL.replace("dev.json", "cola/dev-x"), 2, "'cola/dev-x' is no part of the data set", GOOD),
    Case("eval --config c.toml --predictions p.json", 2, "a part of it is needed", config("data = 'squad2'")),
]

CASES = FETCHING
