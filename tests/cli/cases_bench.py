"""bench: what it cannot measure, before it measures anything; the figures themselves are bench_test.py's."""

from harness import Case
from samples import GOOD, RTE, model

BENCH = "bench --quiet --model model --seconds 1 --repeats 1"


def benching(says, code=2, more="", **files):
    return Case(BENCH + more, code, says, {**GOOD, **model(), **files})


BENCHES = [
    benching("states of all layers", 0, " --only lengths --precision fp32"),
    benching("--only data needs --data", more=" --only data"),
    benching("--limit is given without --data, which it goes with", more=" --limit 3"),
    benching("--max-length is given without --data, which it goes with", more=" --max-length 32"),
    benching("--task is given without --data, which it goes with", more=" --task rte"),
    benching("--text-column is given", more=" --data dev.json --text-column a"),
    benching("--lengths: found 65, the model model has 64 positions", more=" --lengths 32,65"),
    benching("--lengths is '3'", more=" --lengths 3"),
    benching("cannot open 'nowhere.json'", 1, " --data nowhere.json"),
    benching("more than the 64 positions of the model", more=" --data dev.json"),
    benching("all of rte.tsv", 0, " --only data --data rte.tsv --task rte --max-length 64 --precision fp32", **{"rte.tsv": RTE}),
    benching("cannot make a scratch folder in 'nowhere': No such file", 1, " --only store --scratch nowhere"),
    benching("cannot make a scratch folder in 'dev.json': Not a directory", 1, " --only store --scratch dev.json"),
    benching("unexpected argument 'dev.json'", more=" dev.json"),
    Case("bench --model nowhere", 1, "model 'nowhere' is not a folder"),
]

CASES = BENCHES
