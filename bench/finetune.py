"""Fine-tuning for spans: `bertvision finetune` beside Hugging Face transformers, same data, recipe and seeds.

On the answerable questions of both files, as SQuAD 1.1; the filtered files are written into --work. A seed means
different random numbers on the two sides, so what is compared is the spread over seeds. Prints exact match, F1
and dev loss per checkpoint as mean (min..max), and training speed.
"""
import json
import shutil

import harness
import squad


def ours(options, train, dev, seed):
    out = options.work / f"finetuned-{seed}"
    shutil.rmtree(out, ignore_errors=True)
    points, _ = harness.run_json([options.program, "finetune", "--task", "squad", "--model", options.model, "--train", train,
                                  "--dev", dev, "--epochs", options.epochs, "--checkpoints", options.checkpoints, "--lr",
                                  options.lr, "--batch-size", options.batch_size, "--seed", seed, "--precision", "fp32",
                                  "--out", out, "--json", "--quiet"])
    flat = []
    for point in points:
        metrics = harness.value(point, "metrics", "bertvision")
        exact = metrics.get("exact_match", metrics.get("exact"))
        flat.append({"epoch": point["epoch"], "step": point["step"], "exact_match": exact, "f1": metrics["f1"],
                     "loss": metrics["loss"], "train_seconds": point["train_seconds"]})
    return flat


def reference(options, train, dev, seed):
    output, _ = harness.run([options.peers_python, harness.BENCH / "finetune_reference.py", "--model", options.model, "--train",
                             train, "--dev", dev, "--epochs", options.epochs, "--checkpoints", options.checkpoints, "--lr",
                             options.lr, "--batch-size", options.batch_size, "--seed", seed])
    return [json.loads(line) for line in output.splitlines()]


WAYS = {"bertvision": ours, "transformers": reference}


def print_comparison(runs, batch_size):
    plans = {tuple((point["epoch"], point["step"]) for point in run) for of_way in runs.values() for run in of_way}
    if len(plans) > 1:
        raise SystemExit(f"error: not all runs were scored at the same (epoch, step): {sorted(plans)}")
    rows = []
    for number in range(len(plans.pop())):
        for name, of_way in runs.items():
            points = [run[number] for run in of_way]
            speed = [point["step"] * batch_size / point["train_seconds"] for point in points]
            rows.append([f"{points[0]['epoch']:g}", name, points[0]["step"]] +
                        [harness.spread([point[key] for point in points], digits)
                         for key, digits in (("exact_match", 1), ("f1", 1), ("loss", 3))] + [harness.spread(speed, 1)])
    print(harness.table(["epoch", "", "step", "EM", "F1", "dev loss", "windows/s so far"], rows))


def data_files(options):
    files = [options.work / name for name in ("train-answerable.json", "dev-answerable.json")]
    for source, target in zip((options.train, options.dev), files):
        squad.write_answerable(source, target)
    return files


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--train", required=True, help="SQuAD file")
    parser.add_argument("--dev", required=True, help="SQuAD file")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", default="3")
    parser.add_argument("--checkpoints", default="0.3,1,2,3")
    parser.add_argument("--lr", default="2e-4")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--only", choices=WAYS, help="run one side alone")
    options = harness.checked(parser.parse_args())
    train, dev = data_files(options)
    ways = {options.only: WAYS[options.only]} if options.only else WAYS
    runs = {name: [] for name in ways}
    for seed in (int(part) for part in options.seeds.split(",")):
        for name, way in ways.items():
            runs[name].append(way(options, train, dev, seed))
            harness.finish(options, {"seeds": options.seeds, "runs": runs})  # a long run leaves what it has
    print(f"seeds {options.seeds}, rate {options.lr}, batch {options.batch_size}; mean (min..max) over the seeds\n")
    print_comparison(runs, options.batch_size)


if __name__ == "__main__":
    main()
