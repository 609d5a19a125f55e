"""One peer at work, for peers.py: loads once, then does its work each time a line comes in on standard input. A JSON
object a line on standard output: first what was loaded, then the seconds of each pass; or {"error": …}.

A way of computing all hidden states gets the windows sorted by length, in batches of about as many tokens (padding counted),
each padded to its longest window. It first tries its settings on a part of the windows and keeps the fastest; then it
computes all windows once, so that no shape is new later. tokenizers cuts the questions into windows, tokenizers-once encodes
each text once and cuts nothing; their threads are RAYON_NUM_THREADS.

Three tools come first: random-bert makes a folder with a BERT-base-shaped model, export an ONNX file, quantize its int8 one.
"""
import argparse
import importlib.metadata
import json
import os
import pathlib
import shutil
import sys
import time

import numpy as np

import squad

BATCH_TOKENS = (1024, 2048, 4096, 8192)
# Tokens of the windows on which settings are tried.
TRIAL_TOKENS = 12_000


def threads():
    return int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))


def batches(windows, batch_tokens):
    """ids, types and mask of each batch, [B, T] i64; longest windows first."""
    rows, made = sorted(windows, key=lambda window: -len(window.ids)), []
    while rows:
        longest = len(rows[0].ids)
        count = max(1, batch_tokens // longest)
        chosen, rows = rows[:count], rows[count:]
        arrays = [np.zeros((len(chosen), longest), np.int64) for _ in range(3)]
        for row, window in enumerate(chosen):
            for array, values in zip(arrays, (window.ids, window.types, [1] * len(window.ids))):
                array[row, :len(values)] = values
        made.append(arrays)
    return made


class Batched:
    """A peer with nothing to set but the size of its batches."""

    @staticmethod
    def settings():
        return [{"batch_tokens": tokens} for tokens in BATCH_TOKENS]

    def use(self, setting):
        pass


class HuggingFace(Batched):
    def __init__(self, options, precision):
        import torch
        from transformers import BertModel

        self.torch = torch
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.model = BertModel.from_pretrained(options.model, dtype=dtype, add_pooling_layer=False).eval()

    def run(self, batch_list):
        with self.torch.inference_mode():
            for batch in batch_list:
                ids, types, mask = map(self.torch.from_numpy, batch)
                states = self.model(input_ids=ids, token_type_ids=types, attention_mask=mask,
                                    output_hidden_states=True).hidden_states
        return states[-1].float().numpy()


class OnnxRuntime(Batched):
    def __init__(self, options, precision):
        import onnxruntime

        self.runtime = onnxruntime
        session = onnxruntime.SessionOptions()
        session.intra_op_num_threads = threads()
        session.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        path = options.onnx / {"fp32": "model.onnx", "int8": "int8.onnx"}[precision]
        self.session = onnxruntime.InferenceSession(path, session, providers=["CPUExecutionProvider"])
        self.outputs = [output.name for output in self.session.get_outputs()]

    def run(self, batch_list):
        for ids, types, mask in batch_list:
            feeds = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
            # As values of the runtime, so that no state is copied for numpy.
            values = {name: self.runtime.OrtValue.ortvalue_from_numpy(array) for name, array in feeds.items()}
            states = self.session.run_with_ort_values(self.outputs, values)
        return states[-1].numpy()


class OpenVino:
    HINTS = ({"PERFORMANCE_HINT": "LATENCY"}, {"PERFORMANCE_HINT": "THROUGHPUT"},
             {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": "streams"})  # fmt: skip

    def __init__(self, options, precision):
        import openvino

        self.openvino = openvino
        self.core = openvino.Core()
        self.model = self.core.read_model(options.onnx / "model.onnx")
        self.precision = {"fp32": "f32", "bf16": "bf16"}[precision]
        self.compiled_with, self.queue = None, None

    @classmethod
    def settings(cls):
        hints = [{**hint, "NUM_STREAMS": str(threads())} if "NUM_STREAMS" in hint else hint for hint in cls.HINTS]
        return [{"batch_tokens": tokens, **hint} for hint in hints for tokens in BATCH_TOKENS]

    def use(self, setting):
        hint = {name: value for name, value in setting.items() if name != "batch_tokens"}
        if hint != self.compiled_with:
            config = {**hint, "INFERENCE_PRECISION_HINT": self.precision, "INFERENCE_NUM_THREADS": str(threads())}
            self.queue = self.openvino.AsyncInferQueue(self.core.compile_model(self.model, "CPU", config))
            self.compiled_with = hint

    def run(self, batch_list):
        last = {}

        def keep(request, number):
            if number == len(batch_list) - 1:
                last["states"] = request.get_output_tensor(len(request.output_tensors) - 1).data.copy()

        self.queue.set_callback(keep)
        for number, (ids, types, mask) in enumerate(batch_list):
            inputs = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
            self.queue.start_async(inputs, number, share_inputs=True)
        self.queue.wait_all()
        return last["states"]


# Name: class, precision, the packages that it needs.
WAYS = {
    "hf-fp32": (HuggingFace, "fp32", ["transformers", "torch"]),
    "hf-bf16": (HuggingFace, "bf16", ["transformers", "torch"]),
    "onnxruntime-fp32": (OnnxRuntime, "fp32", ["onnxruntime"]),
    "onnxruntime-int8": (OnnxRuntime, "int8", ["onnxruntime"]),
    "openvino-fp32": (OpenVino, "fp32", ["openvino"]),
    "openvino-bf16": (OpenVino, "bf16", ["openvino"]),
}


def spread(windows, tokens):
    """Windows of about so many tokens, of all lengths."""
    total = sum(len(window.ids) for window in windows)
    step = max(1, total // tokens)
    return sorted(windows, key=lambda window: len(window.ids))[::step]


def seconds_of(way, batch_list):
    begin = time.perf_counter()
    way.run(batch_list)
    return time.perf_counter() - begin


def best_setting(way, windows):
    part, timed = spread(windows, TRIAL_TOKENS), []
    for setting in way.settings():
        way.use(setting)
        batch_list = batches(part, setting["batch_tokens"])
        way.run(batch_list)
        timed.append((seconds_of(way, batch_list), len(timed), setting))
    return min(timed)[2]


# What libraries print goes to standard error; standard output is the caller's alone.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(**facts):
    print(json.dumps(facts), file=ANSWERS, flush=True)


def serve(options):
    kind, precision, packages = WAYS[options.way]
    windows = squad.windows(options.model, squad.read(options.data, options.limit))
    way = kind(options, precision)
    setting = best_setting(way, windows)
    way.use(setting)
    batch_list = batches(windows, setting["batch_tokens"])
    way.run(batch_list)
    # The last state of the longest window's first pieces, for a look whether all ways compute the same.
    sample = way.run(batch_list[:1])[0, :16]
    say(way=options.way, windows=len(windows), tokens=sum(len(window.ids) for window in windows), setting=setting,
        padded=sum(ids.size for ids, _, _ in batch_list), threads=threads(), sample=sample.tolist(),
        versions={name: importlib.metadata.version(name) for name in packages})  # fmt: skip
    for _ in sys.stdin:
        say(seconds=seconds_of(way, batch_list))


def tokenize(options, once):
    """once: every question and every context by itself and each context once, with no windows cut; else pairs to windows."""
    import tokenizers

    pairs = [(question.text, question.context) for question in squad.read(options.data, options.limit)]
    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(options.model) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(squad.MAX_LENGTH, stride=squad.DOC_STRIDE, strategy="only_second")
    cut = tokenizer.encode_batch(pairs)
    windows = [window for encoding in cut for window in (encoding, *encoding.overflowing)]
    say(windows=len(windows), tokens=sum(len(window.ids) for window in windows),
        versions={"tokenizers": importlib.metadata.version("tokenizers")})  # fmt: skip
    del cut, windows
    if once:
        tokenizer.no_truncation()
    texts = [text for text, _ in pairs] + sorted({text for _, text in pairs}) if once else pairs
    for _ in sys.stdin:
        begin = time.perf_counter()
        tokenizer.encode_batch(texts)
        say(seconds=time.perf_counter() - begin)


def export(options):
    """model.onnx with the states of all layers as outputs, in their order."""
    import torch
    from transformers import BertModel

    class AllStates(torch.nn.Module):
        def __init__(self, bert):
            super().__init__()
            self.bert = bert

        def forward(self, input_ids, token_type_ids, attention_mask):
            # The mask as BERT's first exports had it: one row a window, which the runtimes' fusions look for.
            added = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -10000.0
            return self.bert(input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=added,
                             output_hidden_states=True).hidden_states

    bert = BertModel.from_pretrained(options.model, add_pooling_layer=False, attn_implementation="eager").eval()
    names = ["input_ids", "token_type_ids", "attention_mask"]
    example = tuple(torch.ones((2, 16), dtype=torch.int64) for _ in names)
    outputs = [f"states_{layer}" for layer in range(bert.config.num_hidden_layers + 1)]
    axes = {name: {0: "windows", 1: "tokens"} for name in names + outputs}
    options.onnx.mkdir(parents=True, exist_ok=True)
    with torch.inference_mode():
        torch.onnx.export(AllStates(bert), example, str(options.onnx / "model.onnx"), input_names=names, output_names=outputs,
                          dynamic_axes=axes, opset_version=17, dynamo=False)


def quantize(options):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(options.onnx / "model.onnx", options.onnx / "int8.onnx", weight_type=QuantType.QInt8)


def random_bert(options):
    """--model's vocabulary under 12 layers, 768 wide, of random weights, in the folder --onnx."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(1)
    with open(pathlib.Path(options.model) / "config.json", encoding="utf-8") as file:
        vocabulary = json.load(file)["vocab_size"]
    BertModel(BertConfig(vocab_size=vocabulary)).save_pretrained(options.onnx)
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        source = pathlib.Path(options.model) / name
        if source.exists():
            shutil.copy(source, options.onnx / name)


TOOLS = {
    "tokenizers": lambda options: tokenize(options, once=False),
    "tokenizers-once": lambda options: tokenize(options, once=True),
    "export": export,
    "quantize": quantize,
    "random-bert": random_bert,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=[*WAYS, *TOOLS])
    parser.add_argument("--model", required=True, help="Hugging Face folder")
    parser.add_argument("--onnx", type=pathlib.Path, help="folder of the ONNX files, or of the model that is made")
    parser.add_argument("--data", help="SQuAD file")
    parser.add_argument("--limit", type=int, default=0, help="only the first so many questions")
    options = parser.parse_args()
    try:
        (TOOLS.get(options.way) or serve)(options)
    except Exception as error:  # whatever a peer throws is a dash in the table, not the end of the comparison
        say(error=f"{type(error).__name__}: {error}".splitlines()[0])
        sys.exit(1)


if __name__ == "__main__":
    main()
