"""Text in: data files, predictions, tokenizers, windows."""

import json

import samples
from cases_program import EVAL
from harness import Case
from samples import GOOD, model, question, squad


def good_with(**changes):
    """GOOD with files replaced: good_with(dev='[]') replaces dev.json."""
    return {**GOOD, **{f"{name}.json": content for name, content in changes.items()}}


SCORES = [
    Case(EVAL, 0, "exact", GOOD),
    Case(EVAL + " --null-odds odds.json --json", 0, '"best_f1"', GOOD),
    Case("eval --data nowhere.json --predictions p.json", 1, "cannot open 'nowhere.json': No such file", GOOD),
    Case("eval --data . --predictions p.json", 1, "it is a folder, a file is needed", GOOD),
    Case(EVAL, 1, "p.json: not valid JSON at line 1", good_with(p="{'q1': 1}")),
    Case(EVAL, 1, "p.json: not valid JSON at line 1, column 12: the file ends too early", good_with(p='{"q1": "Anna')),
    Case(EVAL, 1, "p.json: the top level is array", good_with(p='["Anna Keller"]')),
    Case(EVAL, 1, "p.json: 'q1' is null, a string is needed", good_with(p='{"q1": null, "q2": ""}')),
    Case(EVAL, 1, "p.json: 1 of the 2 questions of dev.json are missing: 'q2'", good_with(p='{"q1": ""}')),
    Case(EVAL, 1, "probably belongs to other data", good_with(p='{"x": ""}')),
    Case(EVAL, 1, "p.json: the id 'q1' stands in it twice", good_with(p='{"q1": "", "q1": "a", "q2": ""}')),
    Case(EVAL + " --null-odds odds.json", 1, "odds.json: 'q2' is string, a number is needed", good_with(odds='{"q1": 1, "q2": "2"}')),
    Case(EVAL + " --null-odds odds.json", 1, "odds.json: not valid JSON: a number is out of range", good_with(odds='{"q1": 1e999, "q2": 2}')),
    Case(EVAL + " --null-odds odds.json", 1, "odds.json: not valid JSON at line 1, column 7", good_with(odds='{"q1": NaN, "q2": 2}')),
    Case(EVAL + " --null-threshold 1", 2, "--null-threshold is given without --null-odds", GOOD),
]


def data_case(says, content, code=1):
    """The data file's own faults, which every verb that reads one reports alike."""
    return Case(EVAL, code, says, good_with(dev=content))


DATA = [
    data_case("dev.json: not valid JSON at line 1, column 0: the file ends too early", ""),
    data_case("dev.json: not valid JSON at line 1, column 200: the file ends too early", squad()[:200]),
    data_case("nested deeper than 200 levels", "[" * 100000),
    data_case("dev.json: the top level is array, an object with key 'data' is needed", "[]"),
    data_case("'data' is missing", "{}"),
    data_case("dev.json: it holds no questions", '{"data": []}'),
    data_case("dev.json: 'data' is object, an array is needed", '{"data": {"paragraphs": 1}}'),
    data_case("'data[0].paragraphs' is string, an array is needed", '{"data": [{"title": "x", "paragraphs": "none"}]}'),
    data_case("'data[0].paragraphs[0].context' is number, a string is needed", squad(context=7)),
    data_case("'data[0].paragraphs[0].context' is empty", squad(context="")),
    data_case("'data[0].paragraphs[0].qas[0].question' is null, a string is needed", squad(question(text=None))),
    data_case("'data[0].paragraphs[0].qas[0].id' is number, a string is needed", squad(question(identifier=5))),
    data_case("'data[0].paragraphs[0].qas[0].id' is empty", squad(question(identifier=""))),
    data_case("'data[0].paragraphs[0].qas[1].id' is 'q1', which an earlier question has", squad(question(), question())),
    data_case("answers[0].answer_start' is string, a whole number is needed", squad(question(start="5"))),
    data_case("answers[0].answer_start' is number, a whole number is needed", squad(question(start=5.5))),
    data_case("nor exactly once in the context: 1; first ids: q1; --skip-bad-answers", squad(question(answer="Nobody Atall", start=3))),
    data_case("nor exactly once in the context: 1; first ids: q1; --skip-bad-answers", squad(question(start=-2, answer="e"))),
    data_case("is impossible, but its 'answers' are not empty", squad(question(is_impossible=True))),
    data_case("qas[0].is_impossible' is string, true or false is needed", squad(question(is_impossible="no"))),
    data_case("dev.json: byte 84 is not valid UTF-8", squad().encode().replace(b"mill", b"m\xffll")),
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
    Case("tokenize --model nowhere", 1, "model 'nowhere' is not a folder, not 'minilm', and not in the Hugging Face cache"),
    Case("tokenize --model no/such-model", 1, "model 'no/such-model' is not a folder"),
    Case(TOKENIZE, 1, "model: has neither tokenizer.json nor vocab.txt", {"model/config.json": "{}"}),
    Case(TOKENIZE, 1, "model/vocab.txt: holds no pieces", model(vocab="")),
    Case(TOKENIZE, 1, "vocab.txt: piece '[UNK]' (for unknown words) is missing from its 2 pieces", model(vocab="mill\nriver\n")),
    Case(TOKENIZE, 1, "vocab.txt: piece 'mill' stands at line 79 and at line 101", model(vocab=VOCAB_LINES + "mill\n")),
    Case(TOKENIZE, 1, "vocab.txt: line 101 is not UTF-8", model(vocab=VOCAB_LINES.encode() + b"m\xffll\n")),
    Case(TOKENIZE, 1, "tokenizer.json: not valid JSON at line 1, column 10", {**model(), "model/tokenizer.json": '{"model": '}),
    Case(TOKENIZE, 1, "tokenizer.json: the tokenizer is of kind BPE", {**model(), "model/tokenizer.json": '{"model": {"type": "BPE"}}'}),
    Case(TOKENIZE, 1, "tokenizer_config.json: the top level is array, an object is needed", {**model(), "model/tokenizer_config.json": "[1]"}),
]

# A megabyte of context: words, one word, an accent upon an accent, and nothing but accents, which no piece holds.
LONG_CONTEXTS = {
    "mill " * 200_000: 5_000,  # 56 pieces beside the question, 40 further each time
    "x" * 1_000_000: 1,
    "e" + "\u0301" * 500_000: 1,
    "\u0301" * 500_000: 1,
}


def long_line(context):
    return json.dumps({"question": "Who built the mill?", "context": context}, ensure_ascii=False)


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
    Case(INSPECT + " --max-length 16 --doc-stride 16", 2, "--doc-stride 16 with --max-length 16: windows would never advance", INSPECTED),
    Case("inspect - --model model", 1, "standard input:2: 'question' is number", INSPECTED, stdin=b'{"question": "who", "context": "mill"}\n{"question": 1}\n'),
    Case("inspect - --model model", 1, "standard input: it holds no questions", INSPECTED, stdin=b""),
] + [
    Case("inspect - --model model --max-length 64 --doc-stride 16 --json", 0, f'"windows": {windows}', model(), stdin=long_line(context).encode())
    for context, windows in LONG_CONTEXTS.items()
]

CASES = SCORES + DATA + TOKENIZER + WINDOWS
