"""Every way to use the program wrongly that a test stands for, one line each, and a few right ones beside them.

Case(command, exit code, words it must print, files): a failure prints one line on standard error.
"""

import json
import struct

import samples
from harness import Case
from samples import model, question, squad, weights

# Good files that most cases start from; a later dictionary with the same name makes one of them bad.
GOOD = {
    "dev.json": squad(),
    "p.json": '{"q1": "Anna Keller", "q2": ""}',
    "odds.json": '{"q1": -3.5, "q2": 4}',
}
EVAL = "eval --data dev.json --predictions p.json"


def good_with(**changes):
    """GOOD with files replaced: good_with(dev='[]') replaces dev.json."""
    return {**GOOD, **{f"{name}.json": content for name, content in changes.items()}}


def config(text):
    return {**GOOD, "c.toml": text}


PROGRAM = [
    Case("--help", 0, "Verbs:"),
    Case("--version", 0, "bertvision "),
    Case("eval --help", 0, "--predictions FILE"),
    Case("eval -h", 0, "--predictions FILE"),
    Case("eval --no-such --help", 0, "--predictions FILE"),
    Case("", 2, "a verb is needed"),
    Case("evla", 2, "unknown verb 'evla'; nearest: eval"),
    Case("''", 2, "unknown verb ''"),
    Case("--data dev.json eval", 2, "the verb comes first, found '--data'"),
    Case("--help", 1, "cannot write the results", stdout="full"),
    Case("eval --help", 1, "cannot write the results", stdout="full"),
    Case(EVAL, 1, "cannot write the results", GOOD, stdout="full"),
    Case("--help", 0, "", stdout="closed"),
    Case(EVAL, 0, "", GOOD, stdout="closed"),
]

OPTIONS = [
    Case("eval", 2, "bertvision eval needs --data"),
    Case("eval --data dev.json", 2, "bertvision eval needs --predictions", GOOD),
    Case(EVAL + " --dta x", 2, "no option '--dta'; nearest: --data", GOOD),
    Case(EVAL + " --null_odds odds.json", 2, "no option '--null_odds'; nearest: --null-odds", GOOD),
    Case(EVAL + " -x", 2, "no option '-x'", GOOD),
    Case(EVAL + " stray", 2, "unexpected argument 'stray'", GOOD),
    Case(EVAL + " -- stray", 2, "unexpected argument 'stray'", GOOD),
    Case(EVAL + " --", 0, "exact", GOOD),
    Case(EVAL + " --data dev.json", 2, "--data is given 2 times", GOOD),
    Case(EVAL + " --json --json", 2, "--json is given 2 times", GOOD),
    Case(EVAL + " --json=perhaps", 2, "--json is 'perhaps', true or false is needed", GOOD),
    Case(EVAL + " --seed", 2, "--seed", GOOD),
    Case(EVAL + " --seed=", 2, "--seed= has no value", GOOD),
    Case(EVAL + " --seed ''", 2, "--seed is '', a whole number is needed", GOOD),
    Case(EVAL + " --seed --json", 2, "--seed has no value: --json follows", GOOD),
    Case(EVAL + " --seed 1.5", 2, "--seed is '1.5', a whole number is needed", GOOD),
    Case(EVAL + " --seed 7up", 2, "--seed is '7up'", GOOD),
    Case(EVAL + " --seed -1", 2, "--seed is '-1', a whole number is needed: at least 0", GOOD),
    Case(EVAL + " --seed 99999999999999999999", 2, "--seed is '99999999999999999999'", GOOD),
    Case(EVAL + " --resamples 1000001", 2, "a whole number is needed: 0 to 1000000", GOOD),
    Case(EVAL + " --null-odds odds.json --null-threshold nan", 2, "--null-threshold is 'nan', a number is needed", GOOD),
    Case(EVAL + " --null-odds odds.json --null-threshold=1,5", 2, "--null-threshold is '1,5'", GOOD),
    Case(EVAL + " --quiet --verbose", 2, "--quiet and --verbose exclude each other", GOOD),
    Case("eval --data '' --predictions p.json", 2, "--data is empty", GOOD),
    Case(EVAL + " --config c.toml", 1, "cannot open 'c.toml': No such file", GOOD),
    Case(EVAL + " --config c.toml", 2, "c.toml: not valid TOML at line 2", config("seed = 1\nseed 2\n")),
    Case(EVAL + " --config c.toml", 2, "c.toml: not valid TOML at line 2", config("seed = 1\nseed = 2\n")),
    Case(EVAL + " --config c.toml", 2, "c.toml: 'sead' is no option of bertvision eval; nearest: seed", config("sead = 1")),
    Case(EVAL + " --config c.toml", 2, "c.toml: 'seed' is string, a whole number is needed", config("seed = 'one'")),
    Case(EVAL + " --config c.toml", 2, "c.toml: 'seed' is '-1'", config("[eval]\nseed = -1")),
    Case(EVAL + " --config c.toml", 2, "c.toml: [evil] is no verb; nearest: eval", config("[evil]\nseed = 1")),
    Case(EVAL + " --config c.toml", 2, "a date or time at line 1", config("seed = 2020-01-01")),
    Case("eval --config c.toml", 0, "exact", config('data = "dev.json"\n[eval]\npredictions = "p.json"')),
]

SCORES = [
    Case(EVAL, 0, "exact", GOOD),
    Case(EVAL + " --null-odds odds.json --json", 0, '"best_f1"', GOOD),
    Case("eval --data nowhere.json --predictions p.json", 1, "cannot open 'nowhere.json': No such file", GOOD),
    Case("eval --data . --predictions p.json", 1, "it is a folder, a file is needed", GOOD),
    Case(EVAL, 1, "p.json: not valid JSON at line 1", good_with(p="{'q1': 1}")),
    Case(EVAL, 1, "p.json: not valid JSON", good_with(p='{"q1": "Anna')),
    Case(EVAL, 1, "p.json: the top level is array", good_with(p='["Anna Keller"]')),
    Case(EVAL, 1, "p.json: 'q1' is null, a string is needed", good_with(p='{"q1": null, "q2": ""}')),
    Case(EVAL, 1, "p.json: 1 of the 2 questions of dev.json are missing: 'q2'", good_with(p='{"q1": ""}')),
    Case(EVAL, 1, "probably belongs to other data", good_with(p='{"x": ""}')),
    Case(EVAL, 1, "p.json: the id 'q1' stands in it twice", good_with(p='{"q1": "", "q1": "a", "q2": ""}')),
    Case(EVAL + " --null-odds odds.json", 1, "odds.json: 'q2' is string, a number is needed", good_with(odds='{"q1": 1, "q2": "2"}')),
    Case(EVAL + " --null-odds odds.json", 1, "odds.json: not valid JSON", good_with(odds='{"q1": 1e999, "q2": 2}')),
    Case(EVAL + " --null-odds odds.json", 1, "odds.json: not valid JSON", good_with(odds='{"q1": NaN, "q2": 2}')),
    Case(EVAL + " --null-threshold 1", 2, "--null-threshold is given without --null-odds", GOOD),
]


def data_case(says, content, code=1):
    """The data file's own faults, which every verb that reads one reports alike."""
    return Case(EVAL, code, says, good_with(dev=content))


DATA = [
    data_case("dev.json: not valid JSON", ""),
    data_case("dev.json: not valid JSON", squad()[:200]),
    data_case("nested deeper than 200 levels", "[" * 100000),
    data_case("dev.json:", "[]"),
    data_case("'data' is missing", "{}"),
    data_case("dev.json:", '{"data": []}'),
    data_case("dev.json:", '{"data": {"paragraphs": 1}}'),
    data_case("data[0].paragraphs", '{"data": [{"title": "x", "paragraphs": "none"}]}'),
    data_case("context", squad(context=7)),
    data_case("context", squad(context="")),
    data_case("question", squad(question(text=None))),
    data_case("id", squad(question(identifier=5))),
    data_case("id", squad(question(identifier=""))),
    data_case("q1", squad(question(), question())),
    data_case("answer_start", squad(question(start="5"))),
    data_case("answer_start", squad(question(start=5.5))),
    data_case("q1", squad(question(answer="Nobody Atall", start=3))),
    data_case("q1", squad(question(start=-2, answer="e"))),
    data_case("is impossible, but its 'answers' are not empty", squad(question(is_impossible=True))),
    data_case("is_impossible", squad(question(is_impossible="no"))),
    data_case("UTF-8", squad().encode().replace(b"mill", b"m\xffll")),
]

TOKENIZE = "tokenize --model model"
VOCAB_LINES = "\n".join(samples.VOCAB) + "\n"

TOKENIZER = [
    Case(TOKENIZE, 0, '{{"ids":[2,', model(), stdin=b"Who built the mill?\n"),
    Case(TOKENIZE, 0, "", model(), stdin=b""),
    Case(TOKENIZE, 0, '{{"ids":[2,', model(), stdin=b"mill \xff\xfe \xed\xa0\x80\n"),
    Case(TOKENIZE, 0, '{{"ids":[2,', model(), stdin=b"a\0b"),
    Case(TOKENIZE, 0, '{{"ids":[2,', model(), stdin=b"x" * 1_000_000),
    Case(TOKENIZE, 0, '{{"ids":[2,', model(vocab=VOCAB_LINES.replace("\n", "\r\n")), stdin=b"mill\n"),
    Case(TOKENIZE + " --pair", 1, "line 2 has no tab", model(), stdin=b"who\tmill\nwho\n"),
    Case(TOKENIZE + " --pair", 1, "line 1 has more than one tab", model(), stdin=b"a\tb\tc\n"),
    Case(TOKENIZE + " --threads 0", 2, "--threads is '0'", model()),
    Case("tokenize --model nowhere", 1, "nowhere"),
    Case("tokenize --model no/such-model", 1, "no/such-model"),
    Case(TOKENIZE, 1, "vocab.txt", {"model/config.json": "{}"}),
    Case(TOKENIZE, 1, "vocab.txt", model(vocab="")),
    Case(TOKENIZE, 1, "vocab.txt", model(vocab="mill\nriver\n")),
    Case(TOKENIZE, 1, "vocab.txt", model(vocab=VOCAB_LINES + "mill\n")),
    Case(TOKENIZE, 1, "vocab.txt", model(vocab=VOCAB_LINES.encode() + b"m\xffll\n")),
    Case(TOKENIZE, 1, "tokenizer.json", {**model(), "model/tokenizer.json": '{"model": '}),
    Case(TOKENIZE, 1, "tokenizer.json", {**model(), "model/tokenizer.json": '{"model": {"type": "BPE"}}'}),
    Case(TOKENIZE, 1, "tokenizer_config.json", {**model(), "model/tokenizer_config.json": "[1]"}),
]

INSPECT = "inspect dev.json --model model"
INSPECTED = {**GOOD, **model()}

WINDOWS = [
    Case(INSPECT + " --max-length 32 --doc-stride 8", 0, "2", INSPECTED),
    Case(INSPECT + " --max-length 32 --doc-stride 8 --json", 0, "{{", INSPECTED),
    Case("inspect", 2, "bertvision inspect needs PATH"),
    Case("inspect dev.json other.json --model model", 2, "unexpected argument 'other.json'", INSPECTED),
    Case("inspect nowhere.json --model model", 1, "cannot open 'nowhere.json'", INSPECTED),
    Case(INSPECT + " --max-length 7", 2, "--max-length is '7', a whole number is needed: 8 to", INSPECTED),
    Case(INSPECT + " --max-length 99999999999", 2, "--max-length is '99999999999'", INSPECTED),
    Case(INSPECT + " --doc-stride -1", 2, "--doc-stride is '-1'", INSPECTED),
    Case(INSPECT + " --max-length 16 --doc-stride 16", 2, "16", INSPECTED),
    Case("inspect - --model model", 1, "standard input:2: 'question' is number", INSPECTED, stdin=b'{"question": "who", "context": "mill"}\n{"question": 1}\n'),
    Case("inspect - --model model", 1, "standard input", INSPECTED, stdin=b""),
]

EXTRACT = "extract --quiet --model model --data dev.json --out store --max-length 64 --doc-stride 16"


def extracting(says, code=1, more="", **changes):
    """A backbone's own faults, seen by the verb that reads all of it; changes as for samples.model."""
    return Case(EXTRACT + more, code, says, {**GOOD, **model(**changes)})


F32_ROW = ("F32", [samples.CONFIG["hidden_size"]], b"\0" * 4 * samples.CONFIG["hidden_size"])
LAYER_NORM = "bert.encoder.layer.1.output.LayerNorm.weight"


def header(text, data=b""):
    return struct.pack("<Q", len(text)) + text.encode() + data


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

UNANNOTATED = squad({"id": "q1", "question": "Who?", "answers": [], "is_impossible": False})

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

TRAIN = "train --quiet --data dev.json --model model --max-length 64 --doc-stride 16 --head last-layer --out heads"


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
    training("store", 1, command="train --states store --out heads"),
    training("index.json", 1, command="train --states store --out heads", files={"store/index.json": "{"}),
    training("adapter-64-shared", command=TRAIN.replace("last-layer", "adapter-65-shared")),
    training("layer-3", command=TRAIN.replace("last-layer", "layer-3")),
    training("layer-x", command=TRAIN.replace("last-layer", "layer-x")),
    training("ap is a text head", command=TRAIN.replace("last-layer", "ap")),
    training("tiny-tenney is a row head", command=TRAIN.replace("last-layer", "all,tiny-tenney")),
    training("no head is named", command=TRAIN.replace("last-layer", "''")),
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
    training("nowhere", 1, command=TRAIN.replace("--model model", "--model nowhere/model")),
    training("a vocab_size of", 1, files=model(config={"vocab_size": 20}, content=weights(**{
        "bert.embeddings.word_embeddings.weight": ("F32", [20, 16], b"\0" * 1280)}))),
    training("heads/last-layer", files={"heads/last-layer/thesis.tex": "ten years of work"}),
    training("run.json", 1, files={"heads/last-layer/run.json": "{"}),
    training("dev.json", 1, command=TRAIN.replace("--out heads", "--out dev.json/heads")),
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
    predicting("needs --run", command="predict --data q.jsonl"),
    predicting("--data, or --question and --context, are needed", command="predict --run model"),
    predicting("--data, or --question and --context, are needed", command="predict --run model --question Who"),
    predicting("--question is given together with --data", more=" --data q.jsonl"),
    predicting("--out is given without --data", more=" --out answers"),
    predicting("--question is empty", command=PREDICT.replace("Who built the mill?", " ")),
    predicting("--context is not UTF-8 at byte 2", command=PREDICT.replace("Anna Keller", "An\udcff")),
    predicting("no run at 'nowhere'", 1, command=PREDICT.replace("model", "nowhere")),
    predicting("no run at 'dev.json': not a folder", 1, command=PREDICT.replace("model", "dev.json")),
    predicting("neither a head", 1, command=PREDICT.replace("model", "empty"), files={"empty": None}),
    predicting("no span output", 1, files=model(content=weights(**{"qa_outputs.weight": None, "qa_outputs.bias": None}))),
    predicting("--model is given, but model is a fine-tuned model", more=" --model minilm"),
    predicting("run.json is missing", 1, command=PREDICT.replace("model", "head"), files={"head/head.json": "{}"}),
    predicting("head/run.json", 1, command=PREDICT.replace("model", "head"),
               files={"head/head.json": "{}", "head/run.json": "[]"}),
    predicting("not finished", 1, command=PREDICT.replace("model", "head"),
               files={"head/head.json": "{}", "head/run.json": FINISHED_RUN.replace("finished", "running")}),
    predicting("'inputs.backbone' is missing", 1, command=PREDICT.replace("model", "head"),
               files={"head/head.json": "{}", "head/run.json": FINISHED_RUN}),
    predicting("--precision is 'int8', one of these is needed", more=" --precision int8"),
    predicting("--max-length is '-1'", more=" --max-length -1"),
    predicting("more than the 64 positions", more=" --max-length 65"),
    predicting("windows would never advance", more=" --max-length 20"),
    predicting("q.jsonl", 1, command=PREDICT_FILE, files={"q.jsonl": '{"question": "Who"}\n'}),
    predicting("q.jsonl", 1, command=PREDICT_FILE, files={"q.jsonl": "Who?\n"}),
    predicting("cannot open 'nowhere'", 1, command="predict --run model --data nowhere"),
    predicting("answers", command=PREDICT_FILE + " --out answers", files={"answers/thesis.tex": "ten years of work"}),
    Case("eval --data dev.json --run model --quiet", 0, "exact", {**GOOD, **model()}),
    Case("eval --data dev.json", 2, "needs --predictions or --run", GOOD),
    Case(EVAL + " --run model", 2, "--predictions and --run are both given", GOOD),
    Case(EVAL + " --model minilm", 2, "--model is given without --run", GOOD),
    Case("eval --data dev.json --run model --null-odds odds.json", 2, "--null-odds is given without --predictions", GOOD),
    Case("eval --data dev.json --run nowhere", 1, "no run at 'nowhere'", GOOD),
]


def stored(verb, says, code=1, **files):
    """A folder that should be a store, seen by a verb that reads one; each keyword is a file of it."""
    return Case(f"{verb} store", code, says, {f"store/{name.replace('_', '.')}": text for name, text in files.items()})


def store_index(**changes):
    return json.dumps({"format": "bertvision-store", "version": 1, "checksum": "0" * 16, **changes})


STORES = [
    Case("verify", 2, "PATH", {}),
    Case("verify nowhere", 1, "there is no folder 'nowhere'", {}),
    Case("verify dev.json", 1, "a store is a folder with an index.json", GOOD),
    stored("verify", "it has no index.json", readme_txt="mine"),
    stored("verify", "store is unfinished; run the same extract command again", journal_jsonl=""),
    stored("inspect", "store is unfinished; run the same extract command again", journal_jsonl=""),
    stored("inspect", "a folder without index.json", readme_txt="mine"),
    stored("verify", "index.json: not valid JSON", index_json="{"),
    stored("inspect", "index.json: not valid JSON", index_json="{"),
    stored("verify", "'format' is 'else'", index_json=store_index(format="else")),
    stored("inspect", "format version 2, this program reads version 1", index_json=store_index(version=2)),
    stored("verify", "does not fit its checksum", index_json=store_index()),
    stored("inspect", "does not fit its checksum", index_json=store_index()),
]

HEADS = [
    Case("heads", 0, "adapter-386-shared-skip"),
    Case("heads lp-1xn-cnn --backbone bert-large", 0, "311,324"),
    Case("heads ap --json --tokens 128 --backbone bert-large", 0, '"parameters": 950402'),
    Case("heads xception-abbr --outputs 1 --batch-size 64", 0, "263,041"),
    Case("heads adapter-46-shared", 2, "did you mean adapter-64-shared"),
    Case("heads sesquipedalian", 2, "unknown head 'sesquipedalian'; `bertvision heads` lists them"),
    Case("heads layer-7", 2, "from 0 (embeddings) to 6"),
    Case("heads ap detect-parts", 2, "unexpected argument 'detect-parts'"),
    Case("heads --tokens 0", 2, "--tokens is '0'"),
    Case("heads --outputs 0", 2, "--outputs is '0'"),
    Case("heads --backbone nowhere/model", 1, "nowhere"),
]

CASES = PROGRAM + OPTIONS + SCORES + DATA + TOKENIZER + WINDOWS + BACKBONE + FINETUNING + TRAINING + PREDICTING + STORES + HEADS
