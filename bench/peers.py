"""All hidden states of all windows, nothing written: `bertvision` beside Hugging Face transformers, ONNX Runtime and
OpenVINO, for MiniLM and for a model of BERT-base's shape with random weights; and cutting texts into windows beside
Hugging Face tokenizers. Medians of --repeat passes in turn; loading is not counted on any side.

Rates count real tokens, not padding. A peer that is not installed, or fails, has a dash and its message under the table.
"""
import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys

import harness

# (name, group, what bertvision's --precision is or None for a peer): peers of a group are set beside each other.
WAYS = [("hf-fp32", "fp32", None), ("onnxruntime-fp32", "fp32", None), ("openvino-fp32", "fp32", None),
        ("bertvision-fp32", "fp32", "fp32"), ("hf-bf16", "bf16, int8", None), ("onnxruntime-int8", "bf16, int8", None),
        ("openvino-bf16", "bf16, int8", None), ("bertvision-bf16", "bf16, int8", "bf16")]  # fmt: skip
# The tool, what it makes, and the ways that need it.
ONNX_FILES = [("export", "model.onnx", ["onnxruntime-fp32", "onnxruntime-int8", "openvino-fp32", "openvino-bf16"]),
              ("quantize", "int8.onnx", ["onnxruntime-int8"])]  # fmt: skip
MODELS = ["minilm", "bert-base"]
# More than any pass takes, so that bertvision computes the whole file.
UNHURRIED = 80_000


class Failure(Exception):
    pass


def some_of(names):
    """For argparse: a list with commas of these names."""

    def chosen(text):
        found = text.split(",")
        unknown = [name for name in found if name not in names]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {','.join(names)}")
        return found

    return chosen


class Peer:
    """A child process of peer_way.py; start waits until it has loaded."""

    def __init__(self, options, log, *arguments, environment=None):
        command = [options.peers_python, "-B", harness.BENCH / "peer_way.py", *arguments]
        print("+ " + " ".join(map(str, command)), file=sys.stderr, flush=True)
        with open(log, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, text=True, env={**os.environ, **(environment or {})})
        self.log = log
        self.facts = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"it ended with exit code {self.process.wait()}; see {self.log}")
        facts = json.loads(line)
        if "error" in facts:
            raise Failure(facts["error"])
        return facts

    def seconds(self):
        try:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        except OSError:
            pass  # answer says how it ended
        return self.answer()["seconds"]

    def end(self):
        with contextlib.suppress(OSError):  # where it has ended already
            self.process.stdin.close()
        self.process.wait()


def tool(options, name, *arguments):
    """Runs a tool of peer_way.py to its end; its error is a Failure."""
    command, log = [options.peers_python, "-B", harness.BENCH / "peer_way.py", name, *arguments], options.work / f"{name}.log"
    with open(log, "w", encoding="utf-8") as errors:
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=errors, text=True)
    if done.returncode:
        said = done.stdout.strip().splitlines()
        why = json.loads(said[-1])["error"] if said else f"it ended with exit code {done.returncode}; see {log}"
        raise Failure(f"{name}: {why}")


def prepared(options, work, model):
    """Makes the ONNX files that are needed and not there yet: {way: message} of those that cannot run."""
    broken = {}
    for name, file, users in ONNX_FILES:
        if (work / file).exists() or not set(users) & set(options.only):
            continue
        try:
            tool(options, name, "--model", model, "--onnx", work)
        except Failure as failure:
            (work / file).unlink(missing_ok=True)
            broken = {**{user: str(failure) for user in users if user in options.only}, **broken}
    return broken


def bench(options, *arguments):
    command = [options.program, "bench", "--data", options.data, "--repeats", 1, "--json", "--quiet", *arguments]
    return harness.run_json(command)[0]


class Ours:
    """bertvision in one precision; a pass loads anew, but what is timed is the second pass over all windows."""

    def __init__(self, options, model, precision):
        self.options, self.model, self.precision, self.facts = options, model, precision, {}

    def seconds(self):
        result = bench(self.options, "--model", self.model, "--limit", self.options.limit, "--only", "data", "--precision",
                       self.precision, "--seconds", UNHURRIED, *thread_option())  # fmt: skip
        rates = result["precisions"][self.precision]["data"]
        self.facts = {"windows": rates["windows"], "tokens": rates["tokens"], "threads": result["machine"]["threads"],
                      "share_of_limit": rates["share_of_limit"]}  # fmt: skip
        return rates["tokens"] / rates["tokens_per_second"]

    def end(self):
        pass


def thread_option():
    count = os.environ.get("OMP_NUM_THREADS")
    return ["--threads", count] if count else []


def started(options, name, precision, work, model):
    if precision:
        return Ours(options, model, precision)
    return Peer(options, work / f"{name}.log", name, "--model", model, "--onnx", work, "--data", options.data, "--limit",
                options.limit)  # fmt: skip


def in_turn(ways, repeat, failures):
    """Seconds of each way, one pass after the other; a way that fails is taken out, with its message in failures."""
    seconds = {name: [] for name in ways}
    for _ in range(repeat):
        for name in list(ways):
            try:
                seconds[name].append(ways[name].seconds())
            except Failure as failure:
                failures[name] = str(failure)
                del ways[name], seconds[name]
    return seconds


def same_work(facts):
    """The windows and tokens that all ways agree on."""
    if not facts:
        raise SystemExit("error: nothing ran: no peer and not bertvision")
    seen = {(fact["windows"], fact["tokens"]) for fact in facts.values()}
    if len(seen) != 1:
        raise SystemExit(f"error: not all ways saw the same windows and tokens: "
                         f"{ {name: (fact['windows'], fact['tokens']) for name, fact in facts.items()} }")  # fmt: skip
    return seen.pop()


def off_by(facts, name):
    """The largest difference of the sample from that of transformers in fp32, over its largest value; None without."""
    sample, wanted = (facts.get(way, {}).get("sample") for way in (name, "hf-fp32"))
    if sample is None or wanted is None:
        return None
    pairs = [(a, b) for row, other in zip(sample, wanted) for a, b in zip(row, other)]
    return max(abs(a - b) for a, b in pairs) / max(abs(b) for _, b in pairs)


def measure(options, title, model):
    work = options.work / title
    work.mkdir(parents=True, exist_ok=True)
    failures, ways = prepared(options, work, model), {}
    for name, _, precision in WAYS:
        if name in failures or name not in options.only:
            continue
        try:
            ways[name] = started(options, name, precision, work, model)
        except Failure as failure:
            failures[name] = str(failure)
    running = dict(ways)
    seconds = in_turn(running, options.repeat, failures)
    for way in ways.values():
        way.end()
    facts = {name: way.facts for name, way in running.items()}
    windows, tokens = same_work(facts)
    rates = {name: harness.summary([tokens / value for value in values]) for name, values in seconds.items()}
    result = {name: {**facts[name], "tokens_per_second": rates[name], "over_best_peer": over_best_peer(rates, name),
                     "off_by": off_by(facts, name)} for name in rates}  # fmt: skip
    return {"model": str(model), "windows": windows, "tokens": tokens, "ways": result, "failures": failures}


def over_best_peer(rates, name):
    """The rate over that of the fastest peer of its group; None where none ran."""
    group = next(of_group for way, of_group, _ in WAYS if way == name)
    peers = [rates[way]["median"] for way, of_group, ours in WAYS if of_group == group and not ours and way in rates]
    return rates[name]["median"] / max(peers) if peers else None


def row_of(name, of_way):
    rate, ratio, off = of_way["tokens_per_second"], of_way["over_best_peer"], of_way["off_by"]
    return [name, f"{rate['median']:,.0f}", f"{rate['min']:,.0f}..{rate['max']:,.0f}", "-" if ratio is None else f"{ratio:.2f}",
            f"{off:.0e}" if off else "-", ", ".join(str(value) for value in of_way.get("setting", {}).values())]  # fmt: skip


def work_of(result, options):
    return f"{result['windows']:,} windows, {result['tokens']:,} tokens, {options.repeat} timed passes each, medians"


def print_states(title, result, options):
    rows = [row_of(name, result["ways"][name]) if name in result["ways"] else [name, *"----", ""]
            for name, _, _ in WAYS if name in options.only]  # fmt: skip
    print(f"\n{title}, states of all layers: {work_of(result, options)}\n")
    print(harness.table(["", "tokens/s", "min..max", "x best peer", "off by", "best setting"], rows))
    for name, message in result["failures"].items():
        print(f"{name}: {message}")


class Tokenizers(Peer):
    def __init__(self, options, name, count):
        super().__init__(options, options.work / f"{name}-{count}.log", name, "--model", options.model, "--data", options.data,
                         "--limit", options.text_limit,
                         environment={"TOKENIZERS_PARALLELISM": "true", "RAYON_NUM_THREADS": str(count)})  # fmt: skip


class OurCutting:
    """Loads anew for each pass; what is timed is the only pass over all texts, while theirs are warm."""

    def __init__(self, options, count):
        self.options, self.count, self.facts = options, count, {}

    def seconds(self):
        result = bench(self.options, "--model", self.options.model, "--limit", self.options.text_limit, "--only", "lengths",
                       "--lengths", 4, "--precision", "fp32", "--seconds", 1, "--threads", self.count)["forecast"]  # fmt: skip
        self.facts = {"windows": result["windows"], "tokens": result["tokens"]}
        return result["cut_seconds"]

    def end(self):
        pass


# What is done to the texts, and by whom: (name, tool of peer_way.py or None for bertvision).
CUTTING = [("tokenizers, pairs to windows", "tokenizers"), ("tokenizers, each text once, not cut", "tokenizers-once"),
           ("bertvision, texts to windows", None)]  # fmt: skip


def measure_cutting(options):
    failures, ways = {}, {}
    for count in (1, 2):
        for what, name in CUTTING:
            title = f"{what}, {count} thread{'s' * (count > 1)}"
            try:
                ways[title] = Tokenizers(options, name, count) if name else OurCutting(options, count)
            except Failure as failure:
                failures[title] = str(failure)
    running = dict(ways)
    seconds = in_turn(running, options.repeat, failures)
    for way in ways.values():
        way.end()
    windows, tokens = same_work({title: way.facts for title, way in running.items()})
    rates = {title: harness.summary([tokens / value for value in values]) for title, values in seconds.items()}
    return {"windows": windows, "tokens": tokens, "tokens_per_second": rates, "failures": failures}


def print_cutting(result, options):
    rows = [[title, f"{rate['median']:,.0f}", f"{rate['min']:,.0f}..{rate['max']:,.0f}"]
            for title, rate in result["tokens_per_second"].items()]  # fmt: skip
    print(f"\ncutting texts into windows: {work_of(result, options)}\n")
    print(harness.table(["", "tokens/s", "min..max"], rows))
    for title, message in result["failures"].items():
        print(f"{title}: {message}")


def base_model(options):
    """The folder of the BERT-base-shaped model, made once."""
    folder = options.work / "bert-base-random"
    if not (folder / "model.safetensors").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        tool(options, "random-bert", "--model", options.model, "--onnx", folder)
    return folder


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--data", required=True, help="SQuAD file")
    parser.add_argument("--limit", type=int, default=400, help="only the first so many questions; 0: all (default 400)")
    parser.add_argument("--text-limit", type=int, default=0, help="the same for cutting texts into windows (default: all)")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--models", type=some_of(MODELS), default=MODELS,
                        help=f"some of {','.join(MODELS)}; minilm is what --model names")
    names = [name for name, _, _ in WAYS]
    parser.add_argument("--only", type=some_of(names), default=names, help=f"only these ways, of {','.join(names)}")
    options = harness.checked(parser.parse_args())
    content = {"limit": options.limit, "repeat": options.repeat, "states": {}}
    for title in options.models:
        try:
            model = options.model if title == "minilm" else base_model(options)
        except Failure as failure:
            sys.exit(f"error: no model of BERT-base's shape: {failure}")
        content["states"][title] = measure(options, title, model)
        print_states(title, content["states"][title], options)
        harness.finish(options, content)  # a long run leaves what it has
    content["cutting"] = measure_cutting(options)
    print_cutting(content["cutting"], options)
    harness.finish(options, content)


if __name__ == "__main__":
    main()
