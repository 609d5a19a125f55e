"""Classification and regression: `bertvision` beside transformers and PyTorch on GLUE's files, same recipes and seeds.

For every task and seed both sides fine-tune a BERT, score it after --checkpoint epochs and at the end, and train two heads
on the states of the checkpoint: the control on the last [CLS] state, and the study's AP head over all states. A seed means
different random numbers on the two sides, so what is compared is the spread over seeds: mean (min..max) of the task's
first metric.
"""
import json
import shutil

import glue_files
import harness

def scored(system, seed, metric, value):
    return {"system": system, "seed": seed, "metric": metric, "score": value}


def heads_of(options, task, seed, model, train, dev, more, head_options):
    """Scores of heads on states that are extracted with `more`: {head: metrics}."""
    stores = []
    for name, data in (("train", train), ("dev", dev)):
        store = options.work / f"states-{name}"
        shutil.rmtree(store, ignore_errors=True)
        harness.run([options.program, "extract", "--task", task, "--model", model, "--data", data, "--out", store, "--quiet", *more])
        stores.append(store)
    out = options.work / "heads"
    shutil.rmtree(out, ignore_errors=True)
    results, _ = harness.run_json([options.program, "train", "--states", stores[0], "--dev-states", stores[1], "--seed", seed,
                                   "--out", out, "--json", "--quiet", *head_options])
    return {result["head"]: result["metrics"] for result in results}


def ours(options, task, train, dev, seed):
    out, metric = options.work / "tuned", glue_files.metric(task)
    shutil.rmtree(out, ignore_errors=True)
    points, _ = harness.run_json([options.program, "finetune", "--task", task, "--model", options.model, "--train", train, "--dev",
                                  dev, "--epochs", options.epochs, "--checkpoints", options.checkpoint, "--lr", options.lr, "--seed",
                                  seed, "--precision", "fp32", "--out", out, "--json", "--quiet"])
    found = [scored(f"BERT, epoch {point['epoch']:g}", seed, metric, point["metrics"][metric]) for point in points]
    model = out / f"epoch-{options.checkpoint}"
    rows = heads_of(options, task, seed, model, train, dev, ["--cls-only"], ["--head", "cls-last-layer"])
    found.append(scored("last-layer head", seed, metric, rows["cls-last-layer"][f"eval_{metric}"]))
    texts = heads_of(options, task, seed, model, train, dev, [], ["--head", "ap"])
    found.append(scored("AP head", seed, metric, texts["ap"][f"eval_{metric}"]))
    return found


def reference(options, task, train, dev, seed):
    output, _ = harness.run([options.peers_python, harness.BENCH / "glue_reference.py", "--model", options.model, "--task", task,
                             "--train", train, "--dev", dev, "--epochs", options.epochs, "--checkpoint", options.checkpoint, "--lr",
                             options.lr, "--seed", seed])
    return [json.loads(line) for line in output.splitlines()]


WAYS = {"bertvision": ours, "transformers": reference}


def print_table(results):
    rows = []
    for task, of_task in results.items():
        for system in dict.fromkeys(one["system"] for found in of_task.values() for one in found):
            for way, found in of_task.items():
                values = [one["score"] for one in found if one["system"] == system]
                rows.append([f"{task}: {system}", way, glue_files.metric(task), harness.spread(values, 4) if values else "-"])
    print(harness.table(["task: system", "", "metric", "mean (min..max)"], rows))


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--glue", required=True, help="folder with RTE/train.tsv and the like")
    parser.add_argument("--tasks", default="rte,mrpc,sts-b,cola,sst-2", help="of " + ", ".join(glue_files.TASKS))
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--checkpoint", type=int, default=1)
    parser.add_argument("--lr", default="5e-5")
    parser.add_argument("--only", choices=WAYS, help="run one side alone")
    options = harness.checked(parser.parse_args())
    results = {}
    for task in options.tasks.split(","):
        train, dev = (f"{options.glue}/{name}" for name in glue_files.files(task))
        results[task] = {way: [] for way in WAYS if options.only in (None, way)}
        for seed in (int(part) for part in options.seeds.split(",")):
            for way, found in results[task].items():
                found += WAYS[way](options, task, train, dev, seed)
                harness.finish(options, {"seeds": options.seeds, "results": results})  # a long run leaves what it has
    print_table(results)


if __name__ == "__main__":
    main()
