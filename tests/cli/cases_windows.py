"""Whose rules cut contexts and make answers, and padding: options that go together and those that do not. How it all
works together is in paper_test.py."""

from harness import Case
from samples import GOOD, model

INSPECT = "inspect dev.json --quiet --model model"
CUT = " --windows paper --max-length 64 --advance 16 --question-limit 8"
EXTRACT = "extract --quiet --model model --data dev.json --out store"
TRAIN = "train --quiet --model model --data dev.json --head last-layer --out heads"
FINETUNE = "finetune --quiet --model model --train dev.json --epochs 0.5 --out tuned"
PREDICT = "predict --quiet --run model --question 'Who built the mill?' --context 'Anna Keller built the mill.'"
EVAL = "eval --quiet --run model --data dev.json"
TSV = {"texts.tsv": "label\ttext\nyes\twho built the mill\nno\tanna keller\n"}


def case(says, command, more="", code=2):
    return Case(command + more, code, says, {**GOOD, **model()})


INSPECTING = [
    case("--windows paper --max-length 386 --advance 128 --question-limit 64", INSPECT, " --windows paper", 0),
    case('"training_windows": 2', INSPECT, CUT + " --json", 0),
    case("no option '--pad-to'", INSPECT, " --pad-to 400"),
    case("--doc-stride is given, but --windows paper has no use for it", INSPECT, " --windows paper --doc-stride 8"),
    case("--advance is given, but --windows hf has no use for it", INSPECT, " --advance 8"),
    case("--question-limit is given, but --windows hf has no use for it", INSPECT, " --question-limit 8"),
    case("--max-length 100 with --question-limit 64 leaves 33 pieces for the context, less than --advance 128", INSPECT,
         " --windows paper --max-length 100"),
    case("--windows is 'mine', one of these is needed: hf, paper", INSPECT, " --windows mine"),
]

EXTRACTING = [
    case("2 windows", EXTRACT, CUT + " --part train", 0),
    case("2 windows, 128 tokens", EXTRACT, CUT + " --part dev --pad-to 64", 0),
    case("2 windows, 128 tokens", EXTRACT, " --max-length 64 --doc-stride 16 --pad-to 64", 0),
    case("--windows paper needs --part train or --part dev", EXTRACT, CUT),
    case("--part is given, but --windows hf has no use for it", EXTRACT, " --max-length 64 --doc-stride 16 --part train"),
    case("--pad-to is 63, less than the 64 pieces that windows may have by --max-length", EXTRACT, CUT + " --part dev --pad-to 63"),
    case("--pad-to 65 is more than the 64 positions of the model", EXTRACT, CUT + " --part dev --pad-to 65"),
    case("--max-length 386 is more than the 64 positions of the model", EXTRACT, " --windows paper --part dev"),
    case("--pad-to is given, but --cls-only keeps rows that padding does not change", EXTRACT,
         CUT + " --part dev --pad-to 64 --cls-only --task answerability"),
    Case("extract --quiet --model model --data texts.tsv --out store --label-column label --text-column text --windows paper --part dev", 2,
         "--windows is given, which has no meaning for the task classification", {**model(), **TSV}),
    Case("extract --quiet --model model --data texts.tsv --out store --label-column label --text-column text --max-length 16 --pad-to 16", 0,
         "2 windows, 32 tokens", {**model(), **TSV}),
]

TRAINING = [
    case("piece EM", TRAIN, CUT + " --pad-to 64 --dev-data dev.json", 0),
    case("--windows is given without --data", "train --states store --out heads", " --windows paper"),
    case("--advance is given without --data", "train --states store --out heads", " --advance 8"),
    case("--question-limit is given without --data", "train --states store --out heads", " --question-limit 8"),
    case("--pad-to is given without --data", "train --states store --out heads", " --pad-to 64"),
    case("--pad-to is given, but --cls-only takes rows", TRAIN, " --task answerability --cls-only --max-length 64 --doc-stride 16 --pad-to 64"),
    case("--n-best is given, but the study's decoder", TRAIN, CUT + " --n-best 3"),
    case("last-layer", TRAIN, CUT + " --decoder hf --n-best 3", 0),
    case("piece EM", TRAIN, " --max-length 64 --doc-stride 16 --decoder paper --dev-data dev.json", 0),
    case("piece EM", FINETUNE, CUT + " --dev dev.json --pad-to 64", 0),
    case("--null-score is given, but the study's decoder", FINETUNE, CUT + " --null-score max"),
    case("--max-length 386 is more than the 64 positions", FINETUNE, " --windows paper"),
    case("--decoder is 'best', one of these is needed: auto, hf, paper", FINETUNE, " --decoder best"),
]

ANSWERING = [
    case("probability of the start times that of the end", PREDICT, CUT, 0),
    case("probability of the start times that of the end", PREDICT, " --decoder paper", 0),
    case("null score", PREDICT, CUT + " --decoder hf", 0),
    case("null score", PREDICT, " --pad-to 64", 0),
    case("--null-threshold is given, but the study's decoder", PREDICT, CUT + " --null-threshold 1"),
    case("--doc-stride is given, but the windows are of the rule paper", PREDICT, CUT + " --doc-stride 3"),
    case("--question-limit is given, but the windows are of the rule hf", PREDICT, " --question-limit 3"),
    case("--pad-to 65 is more than the 64 positions", PREDICT, " --pad-to 65"),
    case("over WordPieces, as the study scored", EVAL, CUT, 0),
    case("--windows is given without --run, which it applies to", "eval --data dev.json --predictions p.json", " --windows paper"),
    case("--pad-to is given without --run, which it applies to", "eval --data dev.json --predictions p.json", " --pad-to 64"),
    case("--windows is given with --states, which has settled it", "eval --states store --run model", " --windows paper"),
    case("--pad-to is given with --states, which has settled it", "eval --states store --run model", " --pad-to 64"),
]

CASES = INSPECTING + EXTRACTING + TRAINING + ANSWERING
