"""Every way to use the program wrongly that a test stands for, one line each, and a few right ones beside them.

Case(command, exit code, words it must print, files): a failure prints one line on standard error.
"""

from harness import Case
from samples import question, squad

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

CASES = PROGRAM + OPTIONS + SCORES + DATA
