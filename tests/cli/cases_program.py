"""The program as a whole: its verbs, its options and --config files; eval stands for all verbs."""

from harness import Case
from samples import GOOD

EVAL = "eval --data dev.json --predictions p.json"


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
    Case(EVAL + " --seed", 2, "error: --seed has no value", GOOD),
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

CASES = PROGRAM + OPTIONS
