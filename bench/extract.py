"""Extraction of all hidden states to disk: `bertvision extract` in bf16 against the original system's way.

Both run in turn on the same windows, --repeat times. "Work" counts computing and writing, "process" everything
from the program's start to its end. Rates are in real tokens, padding not counted.
"""
import shutil

import harness


def ours(options):
    out = options.work / "store"
    shutil.rmtree(out, ignore_errors=True)
    result, wall = harness.run_json([options.program, "extract", "--model", options.model, "--data", options.data,
                                     "--out", out, "--codec", options.codec, "--precision", options.precision,
                                     "--limit", options.limit, "--json", "--quiet"])
    shutil.rmtree(out)
    return result, wall


def original(options):
    out = options.work / "states.h5"
    result, wall = harness.run_json([options.peers_python, harness.BENCH / "original_way.py", "extract", "--model",
                                     options.model, "--data", options.data, "--states", out, "--limit", options.limit])
    out.unlink()
    return result, wall


WAYS = {"bertvision": ours, "original way": original}


def measure(options):
    runs = {name: [] for name in WAYS}
    for _ in range(options.repeat):
        for name, way in WAYS.items():
            result, wall = way(options)
            facts = {key: harness.value(result, key, name) for key in ("windows", "tokens", "seconds", "bytes")}
            runs[name].append({**facts, "process_seconds": wall})
    same = {(run["windows"], run["tokens"]) for of_way in runs.values() for run in of_way}
    if len(same) > 1:
        raise SystemExit(f"error: the two sides did not see the same windows and tokens: {sorted(same)}")
    return runs


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--data", required=True, help="SQuAD file")
    parser.add_argument("--limit", type=int, default=400, help="only the first so many questions; 0: all (default 400)")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--codec", default="bf16")
    parser.add_argument("--precision", default="bf16")
    options = harness.checked(parser.parse_args())
    runs = measure(options)
    tokens = runs["bertvision"][0]["tokens"]
    rates, rows = {}, []
    for name, of_way in runs.items():
        work = harness.summary([run["seconds"] for run in of_way])
        process = harness.summary([run["process_seconds"] for run in of_way])
        rates[name] = {"work": tokens / work["median"], "process": tokens / process["median"]}
        rows.append([name, f"{work['median']:.2f} ({work['min']:.2f}..{work['max']:.2f})", f"{rates[name]['work']:,.0f}",
                     f"{process['median']:.2f}", f"{rates[name]['process']:,.0f}", f"{of_way[0]['bytes'] / 2**20:,.0f}"])
    ratio = {key: rates["bertvision"][key] / rates["original way"][key] for key in ("work", "process")}
    rows.append(["ratio", "", f"{ratio['work']:.1f}", "", f"{ratio['process']:.1f}", ""])
    print(f"{runs['bertvision'][0]['windows']:,} windows, {tokens:,} tokens, {options.repeat} runs each, medians "
          f"(min..max); ours: precision {options.precision}, codec {options.codec}\n")
    print(harness.table(["", "work s", "tokens/s", "process s", "tokens/s", "MiB"], rows))
    harness.finish(options, {"runs": runs, "tokens_per_second": rates, "ratio": ratio})


if __name__ == "__main__":
    main()
