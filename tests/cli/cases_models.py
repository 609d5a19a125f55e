"""Backbones in: extract reads all of one, finetune trains it."""

import struct

import samples
from harness import Case
from samples import GOOD, RTE, UNANNOTATED, model, weights

EXTRACT = "extract --quiet --model model --data dev.json --out store --max-length 64 --doc-stride 16"


def extracting(says, code=1, more="", **changes):
    """A backbone's own faults, seen by the verb that reads all of it; changes as for samples.model."""
    return Case(EXTRACT + more, code, says, {**GOOD, **model(**changes)})


F32_ROW = ("F32", [samples.CONFIG["hidden_size"]], b"\0" * 4 * samples.CONFIG["hidden_size"])
LAYER_NORM = "bert.encoder.layer.1.output.LayerNorm.weight"


def header(text, data=b""):
    return struct.pack("<Q", len(text)) + text.encode() + data


# A model whose index names a shard that is not there.
SHARDED = {name: content for name, content in model().items() if name != "model/model.safetensors"}
SHARDED["model/model.safetensors.index.json"] = '{"weight_map": {"a": "model-1.safetensors"}}'

BACKBONE = [
    extracting("2 windows", 0),
    extracting("config.json: 'hidden_size' is string, a whole number is needed", content=None, config={"hidden_size": "16"}),
    extracting("config.json: key 'hidden_size' is missing", config={"hidden_size": None}),
    extracting("hidden_size 16 is not a multiple of num_attention_heads 3", config={"num_attention_heads": 3}),
    extracting("config.json: 'num_hidden_layers' is 0, allowed is 1 to 1000", config={"num_hidden_layers": 0}),
    extracting("config.json: 'num_hidden_layers' is 1000000000, allowed is 1 to 1000", config={"num_hidden_layers": 10**9}),
    extracting("model_type is 'roberta'; only BERT", config={"model_type": "roberta"}),
    extracting("hidden_act is 'softplus', supported are gelu, ", config={"hidden_act": "softplus"}),
    extracting("word_embeddings.weight' has shape [100, 16], config.json asks for [100, 32]", config={"hidden_size": 32}),
    extracting("16 of 53 weights are missing (encoder.layer.2.attention.self.query.weight, ", config={"num_hidden_layers": 3}),
    extracting("config.json asks for [50, 16]", config={"vocab_size": 50}),
    extracting("model.safetensors: the file is empty", content=b""),
    extracting("model.safetensors: only 7 bytes", content=b"\0" * 7),
    extracting("its data ends at byte 28616, the file has only 28580 bytes of data", content=samples.WEIGHTS[:-100]),
    extracting("4 bytes stand behind the last tensor", content=samples.WEIGHTS + b"more"),
    extracting("the header claims 9223372036854775808 bytes", content=struct.pack("<Q", 2**63) + b"{}"),
    extracting("the header does not start with '{{'", content=header("not json")),
    extracting("tensor 'x': its place [0, 4) does not hold the 8 bytes of its shape", content=header('{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("tensor 'x': the shape holds '-1'", content=header('{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("tensor 'x': dtype 'F99' is not supported", content=header('{"x": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("tensor 'x': its shape has more elements than can be counted", content=header('{"x": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("1 of 37 weights are missing (encoder.layer.1.output.LayerNorm.weight)", content=weights(**{LAYER_NORM: None})),
    extracting(f"'{LAYER_NORM}' has shape [8], config.json asks for [16]", content=weights(**{LAYER_NORM: ("F32", [8], b"\0" * 32)})),
    extracting(f"'{LAYER_NORM}' is Long, F32, F16 or BF16 is needed", content=weights(**{LAYER_NORM: ("I64", [16], b"\0" * 128)})),
    extracting("are ignored: bert.extra.weight", 0, content=weights(**{"bert.extra.weight": F32_ROW})),
    Case(EXTRACT, 1, "shard 'model-1.safetensors' is not beside it", {**GOOD, **SHARDED}),
    Case(EXTRACT, 1, "'../model.safetensors' is not the plain name of a .safetensors file", {**GOOD, **SHARDED,
        "model/model.safetensors.index.json": '{"weight_map": {"a": "../model.safetensors"}}'}),
    extracting(f"'{LAYER_NORM}': 16 of 16 values are NaN or infinite, the first at element 0", content=weights(**{LAYER_NORM: ("F32", [16], struct.pack("<16f", *[float("nan")] * 16))})),
    Case(EXTRACT.replace("64", "65"), 2, "more than the 64 positions of the model", {**GOOD, **model()}),
    extracting("--layers is '-2'", 2, " --layers -2"),
    extracting("layers: found -1, allowed are 0 to 2", 2, " --layers -1"),
    extracting("layers: found 3, allowed are 0 to 2", 2, " --layers 3"),
    extracting("--codec is 'f64', one of these is needed", 2, " --codec f64"),
    extracting("int8 is tried on a sample first, for which 1 examples are too few", 2, " --codec int8"),
    extracting("--max-cost is '101'", 2, " --codec int8 --max-cost 101"),
    extracting("--disk-budget is 'some', a size like 20G or 500M is needed", 2, " --disk-budget some"),
    extracting("is the least there is, the disk budget is", 1, " --disk-budget 2K"),
    extracting("--precision is 'fp64', one of these is needed", 2, " --precision fp64"),
    Case("extract --data dev.json --model model", 2, "--out is required (or --estimate)", {**GOOD, **model()}),
    Case(EXTRACT.replace("--out store", "--out dev.json/store"), 1, "cannot create folder 'dev.json/store': Not a directory", {**GOOD, **model()}),
    Case(EXTRACT.replace("--out store", "--out /proc/none/store"), 1, "cannot create folder '/proc/none/store': No such file", {**GOOD, **model()}),
    Case(EXTRACT, 2, "store: it holds 'thesis.tex'", {**GOOD, **model(), "store/thesis.tex": "ten years of work"}),
    Case(EXTRACT, 1, "store/index.json: not valid JSON at line 1, column 1", {**GOOD, **model(), "store/index.json": "{"}),
]

FINETUNE = "finetune --quiet --model model --train dev.json --out run --max-length 64 --doc-stride 16 --epochs 1"

TUNED = "finetune --quiet --model model --train rte.tsv --dev rte.tsv --out run --max-length 64 --recipe paper-rte-base"


def finetuning(says, code=2, more="", files=None, command=FINETUNE):
    return Case(command + more, code, says, {**GOOD, **model(), **(files or {})})


FINETUNING = [
    finetuning("epoch-1", 0),
    finetuning("--lr is '2'", more=" --lr 2"),
    finetuning("--batch-size is '0'", more=" --batch-size 0"),
    finetuning("--epochs is given 2 times", more=" --epochs 2"),
    finetuning("--checkpoints is '0'", more=" --checkpoints 0,1"),
    finetuning("--task is 'glue', one of these is needed", more=" --task glue"),
    finetuning("--recipe 'sgd' is unknown; there are default, paper-tf, paper-torch; and tuned: paper-TASK-base of rte, mrpc", more=" --recipe sgd"),
    finetuning("--recipe 'paper-rte-bse' is unknown; did you mean paper-rte-base", more=" --recipe paper-rte-bse"),
    finetuning("--recipe 'paper-ap-rte-base' is unknown", more=" --recipe paper-ap-rte-base"),
    finetuning("--recipe paper-rte-base is a run of the task rte, the data is of squad", more=" --recipe paper-rte-base --task squad"),
    finetuning("--recipe paper-rte-base is a run of the task rte, the data is of cola", more=" --recipe paper-rte-base --task cola"),
    finetuning("tuned on a backbone of width 768, this one has 16", 0, command=TUNED, files={"rte.tsv": RTE}),
    finetuning("--max-length 250 is more than the 64 positions of the model", command=TUNED.replace(" --max-length 64", ""), files={"rte.tsv": RTE}),
    finetuning("'run' holds 'thesis.tex' but no run.json", files={"run/thesis.tex": "ten years of work"}),
    finetuning("run/run.json: not valid JSON at line 1, column 1", 1, files={"run/run.json": "{"}),
    finetuning("cannot open 'nowhere.json'", 1, " --dev nowhere.json"),
    finetuning("cannot create folder 'dev.json/run': Not a directory", 1, command=FINETUNE.replace("--out run", "--out dev.json/run")),
    finetuning("cannot create folder '/proc/none/run': No such file", 1, command=FINETUNE.replace("--out run", "--out /proc/none/run")),
    finetuning("some questions have no gold answer", 1, files={"dev.json": UNANNOTATED}),
    finetuning("some questions have no gold answer", 1, " --dev blank.json", files={"blank.json": UNANNOTATED}),
    finetuning("'qa_outputs.weight' has shape [3, 16], config.json asks for [2, 16]", 1, files=model(content=weights(**{"qa_outputs.weight": ("F32", [3, 16], b"\0" * 192)}))),
]

CASES = BACKBONE + FINETUNING
