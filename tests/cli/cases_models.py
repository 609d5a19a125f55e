"""Backbones in: extract reads all of one, finetune trains it."""

import struct

import samples
from harness import Case
from samples import GOOD, UNANNOTATED, model, weights

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
    extracting("config.json", content=None, config={"hidden_size": "16"}),
    extracting("config.json", config={"hidden_size": None}),
    extracting("config.json", config={"num_attention_heads": 3}),
    extracting("config.json", config={"num_hidden_layers": 0}),
    extracting("config.json", config={"num_hidden_layers": 10**9}),
    extracting("roberta", config={"model_type": "roberta"}),
    extracting("hidden_act", config={"hidden_act": "softplus"}),
    extracting("embeddings", config={"hidden_size": 32}),
    extracting("layer.2", config={"num_hidden_layers": 3}),
    extracting("config.json asks for [50, 16]", config={"vocab_size": 50}),
    extracting("model.safetensors", content=b""),
    extracting("model.safetensors", content=b"\0" * 7),
    extracting("model.safetensors", content=samples.WEIGHTS[:-100]),
    extracting("model.safetensors", content=samples.WEIGHTS + b"more"),
    extracting("model.safetensors", content=struct.pack("<Q", 2**63) + b"{}"),
    extracting("model.safetensors", content=header("not json")),
    extracting("model.safetensors", content=header('{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("model.safetensors", content=header('{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("model.safetensors", content=header('{"x": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("model.safetensors", content=header('{"x": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}}', b"\0" * 4)),
    extracting("encoder.layer.1.output.LayerNorm.weight", content=weights(**{LAYER_NORM: None})),
    extracting(LAYER_NORM, content=weights(**{LAYER_NORM: ("F32", [8], b"\0" * 32)})),
    extracting(LAYER_NORM, content=weights(**{LAYER_NORM: ("I64", [16], b"\0" * 128)})),
    extracting("are ignored: bert.extra.weight", 0, content=weights(**{"bert.extra.weight": F32_ROW})),
    Case(EXTRACT, 1, "shard 'model-1.safetensors' is not beside it", {**GOOD, **SHARDED}),
    Case(EXTRACT, 1, "'../model.safetensors' is not the plain name of a .safetensors file", {**GOOD, **SHARDED,
        "model/model.safetensors.index.json": '{"weight_map": {"a": "../model.safetensors"}}'}),
    extracting("NaN", content=weights(**{LAYER_NORM: ("F32", [16], struct.pack("<16f", *[float("nan")] * 16))})),
    Case(EXTRACT.replace("64", "65"), 2, "more than the model's 64 positions", {**GOOD, **model()}),
    extracting("--layers is '-1'", 2, " --layers -1"),
    extracting("3", 2, " --layers 3"),
    extracting("--codec is 'f64', one of these is needed", 2, " --codec f64"),
    extracting("--precision is 'fp64', one of these is needed", 2, " --precision fp64"),
    Case("extract --data dev.json --model model", 2, "--out", {**GOOD, **model()}),
    Case(EXTRACT.replace("--out store", "--out dev.json/store"), 1, "dev.json", {**GOOD, **model()}),
    Case(EXTRACT.replace("--out store", "--out /proc/none/store"), 1, "/proc/none", {**GOOD, **model()}),
    Case(EXTRACT, 2, "store: it holds 'thesis.tex'", {**GOOD, **model(), "store/thesis.tex": "ten years of work"}),
    Case(EXTRACT, 1, "index.json", {**GOOD, **model(), "store/index.json": "{"}),
]

FINETUNE = "finetune --quiet --model model --train dev.json --out run --max-length 64 --doc-stride 16 --epochs 1"


def finetuning(says, code=2, more="", files=None):
    return Case(FINETUNE + more, code, says, {**GOOD, **model(), **(files or {})})


FINETUNING = [
    finetuning("epoch-1", 0),
    finetuning("--lr is '2'", more=" --lr 2"),
    finetuning("--batch-size is '0'", more=" --batch-size 0"),
    finetuning("--epochs is given 2 times", more=" --epochs 2"),
    finetuning("--checkpoints is '0'", more=" --checkpoints 0,1"),
    finetuning("--task is 'glue', one of these is needed", more=" --task glue"),
    finetuning("--recipe is 'sgd', one of these is needed", more=" --recipe sgd"),
    finetuning("run", files={"run/thesis.tex": "ten years of work"}),
    finetuning("run.json", 1, files={"run/run.json": "{"}),
    finetuning("cannot open 'nowhere.json'", 1, " --dev nowhere.json"),
    finetuning("some questions have no gold answer", 1, files={"dev.json": UNANNOTATED}),
    finetuning("some questions have no gold answer", 1, " --dev blank.json", files={"blank.json": UNANNOTATED}),
    finetuning("qa_outputs", 1, files=model(content=weights(**{"qa_outputs.weight": ("F32", [3, 16], b"\0" * 192)}))),
]

CASES = BACKBONE + FINETUNING
