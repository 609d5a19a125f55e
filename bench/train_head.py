"""Training of a head for one epoch: `bertvision train` on a store against the original system's way on HDF5.

Both sides extract states of the same questions (kept in --work and used again), then train in turn, --repeat
times. The original way is slow, so it may stop after --max-windows windows of its random order. Its two ways of
reading have rows of their own: one h5py selection a batch, and one read a window. Files are as the system's
memory holds them; --cold has it forget them before every run.
"""
import hashlib
import os
import shutil

import harness


def stores(options):
    """Our store and the HDF5 file of the same questions."""
    data, model = os.path.realpath(options.data), os.path.realpath(options.model)
    identity = f"{data} {os.stat(data).st_mtime_ns} {model} {options.limit} {options.codec}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:12]
    store, h5 = options.work / f"store-{name}", options.work / f"states-{name}.h5"
    common = ["--model", model, "--data", data, "--limit", options.limit]
    harness.run([options.program, "extract", *common, "--out", store, "--codec", options.codec, "--precision", "bf16",
                 "--json", "--quiet"])
    if not h5.exists():
        partial = h5.with_suffix(".partial")
        harness.run([options.peers_python, harness.BENCH / "original_way.py", "extract", *common, "--states", partial])
        partial.rename(h5)
    return store, h5


def ours(options, store, h5):
    out = options.work / "run"
    shutil.rmtree(out, ignore_errors=True)
    return store, [options.program, "train", "--states", store, "--head", options.head, "--epochs", 1, "--out", out,
                   "--json", "--quiet"]


def original(read):
    def command(options, store, h5):
        return h5, [options.peers_python, harness.BENCH / "original_way.py", "train", "--states", h5, "--head",
                    options.head, "--read", read, "--max-windows", options.max_windows]

    return command


def facts_of(result, name):
    """Windows trained on and seconds of training: ours gives a list of heads, the original way one object."""
    if isinstance(result, list):
        metrics = harness.value(result[0], "metrics", name)
        seconds = harness.value(metrics, "train_runtime", name)
        return {"seconds": seconds, "windows": round(seconds * harness.value(metrics, "train_samples_per_second", name))}
    return {key: harness.value(result, key, name) for key in ("windows", "seconds")}


WAYS = {"bertvision": ours, "original way, read by batch": original("batch"),
        "original way, read by window": original("window")}


def measure(options, store, h5):
    runs = {name: [] for name in WAYS}
    for _ in range(options.repeat):
        for name, way in WAYS.items():
            source, command = way(options, store, h5)
            if options.cold:
                harness.drop_from_cache(source)
            result, wall = harness.run_json(command)
            share = None if isinstance(result, list) else result.get("reading_share")
            runs[name].append({**facts_of(result, name), "reading_share": share, "process_seconds": wall})
    return runs


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--data", required=True, help="SQuAD file")
    parser.add_argument("--head", choices=["adapter-64-shared-skip", "learned-pooling"], default="adapter-64-shared-skip")
    parser.add_argument("--limit", type=int, default=1000, help="only the first so many questions; 0: all (default 1000)")
    parser.add_argument("--max-windows", type=int, default=128, help="of the original way; 0: a whole epoch (default 128)")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--codec", default="bf16")
    parser.add_argument("--cold", action="store_true", help="have the system forget the files before every run")
    options = harness.checked(parser.parse_args())
    runs = measure(options, *stores(options))
    rates = {name: harness.summary([run["windows"] / run["seconds"] for run in of_way]) for name, of_way in runs.items()}
    ratio = {name: rates["bertvision"]["median"] / rate["median"] for name, rate in rates.items() if name != "bertvision"}
    rows = []
    for name, of_way in runs.items():
        share = of_way[0]["reading_share"]
        rate = f"{rates[name]['median']:,.1f} ({rates[name]['min']:,.1f}..{rates[name]['max']:,.1f})"
        rows.append([name, of_way[0]["windows"], rate,
                     "-" if share is None else f"{share:.0%}", f"{ratio[name]:.1f}" if name in ratio else "-"])
    files = "files dropped from memory before" if options.cold else "files as the system holds them"
    print(f"{options.head}, one epoch, batch 16, {options.repeat} runs each, medians (min..max); {files}; our codec "
          f"{options.codec}\n")
    print(harness.table(["", "windows", "windows/s", "reading", "ours is times faster"], rows))
    harness.finish(options, {"head": options.head, "cold": options.cold, "runs": runs, "windows_per_second": rates,
                             "ratio": ratio})


if __name__ == "__main__":
    main()
