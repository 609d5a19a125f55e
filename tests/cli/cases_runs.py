"""Runs out and in: train makes heads, predict and eval use what was trained."""

import json
import struct

from cases_program import EVAL
from cases_text import LONG_CONTEXTS, long_line
from harness import Case
from samples import GOOD, RTE, UNANNOTATED, model, question, squad, weights

TRAIN = "train --quiet --data dev.json --model model --max-length 64 --doc-stride 16 --head last-layer --out heads"

TUNED = "train --quiet --data rte.tsv --model model --max-length 64 --recipe paper-ap-rte-base --out heads"


def training(says, code=2, more="", files=None, command=TRAIN):
    return Case(command + more, code, says, {**GOOD, **model(), **(files or {})})


TRAINING = [
    training("last-layer", 0),
    training("last-layer", 0, " --dev-data dev.json --json --precision fp32"),
    training("needs --out", command="train --data dev.json"),
    training("holds index.json", files={"heads/index.json": "{}"}),
    training("holds run.json", files={"heads/run.json": "{}"}),
    training("--states or --data is needed", command="train --out heads"),
    training("--states and --data are both given", more=" --states store"),
    training("--dev-states is given without --states", more=" --dev-states store"),
    training("--allow-other-backbone is given without --states", more=" --allow-other-backbone"),
    training("--dev-data is given without --data", command="train --states store --dev-data dev.json --out heads"),
    training("--model is given without --data", command="train --states store --model model --out heads"),
    training("--max-length is given without --data", command="train --states store --max-length 64 --out heads"),
    training("there is no folder 'store'", 1, command="train --states store --out heads"),
    training("store/index.json: not valid JSON at line 1, column 1", 1, command="train --states store --out heads", files={"store/index.json": "{"}),
    training("unknown head 'adapter-65-shared'; did you mean adapter-64-shared or ", command=TRAIN.replace("last-layer", "adapter-65-shared")),
    training("head 'layer-3': the layer must be a number from 0 (embeddings) to 2", command=TRAIN.replace("last-layer", "layer-3")),
    training("head 'layer-x': the layer must be a number from 0 (embeddings) to 2", command=TRAIN.replace("last-layer", "layer-x")),
    training("ap is a text head", command=TRAIN.replace("last-layer", "ap")),
    training("tiny-tenney is a row head", command=TRAIN.replace("last-layer", "all,tiny-tenney")),
    training("no head is named", command=TRAIN.replace("last-layer", "''")),
    training("--recipe 'fast' is unknown; there are auto, spans, rows, texts, paper-ap; and tuned: paper-ap-TASK-base of rte, mrpc", more=" --recipe fast"),
    training("--recipe 'paper-ap-qnli-larg' is unknown; did you mean paper-ap-", more=" --recipe paper-ap-qnli-larg"),
    training("--recipe paper-ap-rte-base is a run of the task rte, the data is of squad", more=" --recipe paper-ap-rte-base --task squad"),
    training("the recipe is the head ap-squad's, --head names 'last-layer'", more=" --recipe paper-ap"),
    training("ap-squad", 0, command=TRAIN.replace("--head last-layer", "--recipe paper-ap")),
    training("tuned on a backbone of width 768, this one has 16", 0, command=TUNED, files={"rte.tsv": RTE}),
    training("the recipe is the head ap's, which reads the states of all tokens; these are [CLS] rows", more=" --cls-only", command=TUNED, files={"rte.tsv": RTE}),
    training("the recipe is the head ap's, --head names 'detect-parts'", more=" --head detect-parts", command=TUNED, files={"rte.tsv": RTE}),
    training("--epochs is '0'", more=" --epochs 0"),
    training("--epochs is '1.5', a whole number is needed", more=" --epochs 1.5"),
    training("--batch-size is '0'", more=" --batch-size 0"),
    training("--lr is '-1'", more=" --lr -1"),
    training("--lr is 'fast'", more=" --lr fast"),
    training("--weight-decay is '2'", more=" --weight-decay 2"),
    training("--schedule is 'cosine', one of these is needed", more=" --schedule cosine"),
    training("--warmup is '1.1'", more=" --warmup 1.1"),
    training("--n-best is '0'", more=" --n-best 0"),
    training("--null-score is 'mean', one of these is needed", more=" --null-score mean"),
    training("--save-steps is '-1'", more=" --save-steps -1"),
    training("more than the 64 positions", command=TRAIN.replace("64", "65")),
    training("--doc-stride 60 with --max-length 64", command=TRAIN.replace("16", "60")),
    training("cannot open 'nowhere.json'", 1, " --dev-data nowhere.json"),
    training("some questions have no gold answer", 1, " --dev-data blank.json", files={"blank.json": UNANNOTATED}),
    training("model 'nowhere/model' is not a folder", 1, command=TRAIN.replace("--model model", "--model nowhere/model")),
    training("the tokenizer has 100 pieces, config.json a vocab_size of 20", 1, files=model(config={"vocab_size": 20}, content=weights(**{
        "bert.embeddings.word_embeddings.weight": ("F32", [20, 16], b"\0" * 1280)}))),
    training("'heads/last-layer' holds 'thesis.tex' but no run.json", files={"heads/last-layer/thesis.tex": "ten years of work"}),
    training("heads/last-layer/run.json: not valid JSON at line 1, column 1", 1, files={"heads/last-layer/run.json": "{"}),
    training("cannot create folder 'dev.json/heads': Not a directory", 1, command=TRAIN.replace("--out heads", "--out dev.json/heads")),
    training("cannot create folder '/proc/none/heads': No such file", 1, command=TRAIN.replace("heads", "/proc/none/heads")),
    training("the loss at step 1 is", 1, files=model(content=weights(**{
        "bert.encoder.layer.1.output.LayerNorm.weight": ("F32", [16], struct.pack("<16f", *[3e38] * 16))}))),
]

PREDICT = "predict --quiet --run model --question 'Who built the mill?' --context 'Anna Keller built the mill.'"
PREDICT_FILE = "predict --quiet --run model --data q.jsonl"
QUESTION = '{"question": "Who built the mill?", "context": "Anna Keller built the mill."}\n'
FINISHED_RUN = json.dumps({
    "format": 1, "version": "0.1.0", "verb": "train", "command": [], "state": "finished", "resumed": [], "options": {},
    "seeds": {}, "machine": {}, "inputs": {}})  # fmt: skip


def predicting(says, code=2, more="", files=None, command=PREDICT):
    return Case(command + more, code, says, {**GOOD, **model(), "q.jsonl": QUESTION, **(files or {})})


PREDICTING = [
    predicting("of the context", 0, " --null-threshold 1000"),
    predicting('"null_odds"', 0, " --json"),
    predicting('"id":"1"', 0, command=PREDICT_FILE),
    predicting("", 0, command=PREDICT_FILE + " --out answers"),
    predicting('"id":"q1"', 0, command="predict --quiet --run model --data dev.json",
               files={"dev.json": squad(question(answer="Nobody Atall", start=3))}),
    predicting("needs --run", command="predict --data q.jsonl"),
    predicting("--data, or --question and --context, are needed", command="predict --run model"),
    predicting("--data, or --question and --context, are needed", command="predict --run model --question Who"),
    predicting("--question is given together with --data", more=" --data q.jsonl"),
    predicting("--out is given without --data", more=" --out answers"),
    predicting("--question is empty", command=PREDICT.replace("Who built the mill?", " ")),
    predicting("--context is not UTF-8 at byte 2", command=PREDICT.replace("Anna Keller", "An\udcff")),
    predicting("no run at 'nowhere'", 1, command=PREDICT.replace("model", "nowhere")),
    predicting("no run at 'dev.json': not a folder", 1, command=PREDICT.replace("model", "dev.json")),
    predicting("empty: neither a head (head.json, run.json) nor a model (config.json)", 1, command=PREDICT.replace("model", "empty"), files={"empty": None}),
    predicting("no span output", 1, files=model(content=weights(**{"qa_outputs.weight": None, "qa_outputs.bias": None}))),
    predicting("--model is given, but model is a fine-tuned model", more=" --model minilm"),
    predicting("run.json is missing", 1, command=PREDICT.replace("model", "head"), files={"head/head.json": "{}"}),
    predicting("head/run.json: the top level is array, an object with key 'format' is needed", 1, command=PREDICT.replace("model", "head"),
               files={"head/head.json": "{}", "head/run.json": "[]"}),
    predicting("head: this run is not finished", 1, command=PREDICT.replace("model", "head"),
               files={"head/head.json": "{}", "head/run.json": FINISHED_RUN.replace("finished", "running")}),
    predicting("'inputs.backbone' is missing", 1, command=PREDICT.replace("model", "head"),
               files={"head/head.json": "{}", "head/run.json": FINISHED_RUN}),
    predicting("--precision is 'fp64', one of these is needed", more=" --precision fp64"),
    predicting("--max-length is '-1'", more=" --max-length -1"),
    predicting("more than the 64 positions", more=" --max-length 65"),
    predicting("windows would never advance", more=" --max-length 20"),
    predicting("q.jsonl:1: key 'context' is missing", 1, command=PREDICT_FILE, files={"q.jsonl": '{"question": "Who"}\n'}),
    predicting("q.jsonl:1: not valid JSON", 1, command=PREDICT_FILE, files={"q.jsonl": "Who?\n"}),
    predicting("cannot open 'nowhere'", 1, command="predict --run model --data nowhere"),
    predicting("'answers' holds 'thesis.tex' but no run.json", command=PREDICT_FILE + " --out answers", files={"answers/thesis.tex": "ten years of work"}),
    *(predicting('"id":"1"', 0, command=PREDICT_FILE, files={"q.jsonl": long_line(context)}) for context in LONG_CONTEXTS),
    predicting("cannot create folder 'q.jsonl/answers': Not a directory", 1, command=PREDICT_FILE + " --out q.jsonl/answers"),
    predicting("cannot create folder '/proc/none/answers': No such file", 1, command=PREDICT_FILE + " --out /proc/none/answers"),
    Case("eval --data dev.json --run model --quiet", 0, "exact", {**GOOD, **model()}),
    Case("eval --data dev.json", 2, "needs --predictions or --run", GOOD),
    Case(EVAL + " --run model", 2, "--predictions and --run are both given", GOOD),
    Case(EVAL + " --model minilm", 2, "--model is given without --run", GOOD),
    Case("eval --data dev.json --run model --null-odds odds.json", 2, "--null-odds is given without --predictions", GOOD),
    Case("eval --data dev.json --run nowhere", 1, "no run at 'nowhere'", GOOD),
]

REPORTS = [
    Case("report", 2, "bertvision report needs --runs"),
    Case("report --runs nowhere", 1, "'nowhere' is not a folder; a run, or a folder of runs, is needed"),
    Case("report --runs dev.json", 1, "'dev.json' is not a folder; a run, or a folder of runs, is needed", GOOD),
    Case("report --runs empty", 1, "empty: no finished run of finetune, train, ensemble or eval is in it", {"empty": None}),
    Case("report --runs model", 1, "model: no finished run of finetune, train, ensemble or eval is in it", model()),
    Case("report --runs run", 1, "run/run.json: not valid JSON at line 1, column 1", {"run/run.json": "{", "run/head.json": "{}"}),
    Case("report --runs runs", 1, "runs/a/run.json: the top level is array", {"runs/a/run.json": "[]"}),
    Case("report --runs empty --out", 2, "error: --out has no value"),
]

CASES = TRAINING + PREDICTING + REPORTS
