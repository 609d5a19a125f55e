"""ensemble and analyze, and what eval keeps for them."""

from cases_models import header
from cases_program import EVAL
from cases_runs import training
from harness import Case
from samples import GOOD, model

KEPT = [
    Case("eval --data dev.json --run model --quiet --out kept", 0, "exact", {**GOOD, **model()}),
    Case("eval --data dev.json --run model --quiet --out kept", 2, "kept", {**GOOD, **model(), "kept/thesis.tex": "ten years of work"}),
    Case(EVAL + " --out kept", 2, "--out is given without --run", GOOD),
    Case("eval --states store --predictions p.json", 2, "--states is given without --run", GOOD),
    Case("eval --data dev.json --states store --run model", 2, "--data and --states are both given", GOOD),
    Case("eval --states store --run model", 1, "store", {**GOOD, **model()}),
    Case("eval --states store --run model --precision bf16", 2, "--precision is given with --states", {**GOOD, **model()}),
]

COMBINING = [
    Case("ensemble", 2, "bertvision ensemble needs --runs"),
    Case("ensemble --runs nowhere,else", 1, "no run at 'nowhere'"),
    Case("ensemble --runs dev.json", 1, "no run at 'dev.json': not a folder", GOOD),
    Case("ensemble --runs model", 1, "it was never evaluated", model()),
    Case("ensemble --runs a,b --mode mean", 2, "--mode is 'mean', one of these is needed"),
    Case("ensemble --runs a,b --weights 1,2", 2, "--weights is given with --mode max"),
    Case("ensemble --runs a,b --mode weighted --weights 1,-2", 2, "--weights is '-2'"),
    Case("ensemble --runs a", 1, "a/logits.safetensors", {"a/logits.safetensors": "{"}),
    Case("ensemble --runs a", 1, "the metadata has no 'format'", {"a/logits.safetensors": header('{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"\0" * 4)}),
    Case("ensemble --runs a", 1, "'format' is 'else'", {"a/logits.safetensors": header('{"__metadata__": {"format": "else"}}')}),
    Case("ensemble --runs a", 1, "format version 2", {"a/logits.safetensors": header('{"__metadata__": {"format": "bertvision-logits", "version": "2"}}')}),
    Case("ensemble --runs a", 1, "there is no tensor 'start'", {"a/logits.safetensors": header('{"__metadata__": {"format": "bertvision-logits", "version": "1"}}')}),
    Case("ensemble --runs a", 1, "format version 2", {"a/logits.safetensors": header('{"__metadata__": {"format": "bertvision-text-logits", "version": "2"}}')}),
    Case("ensemble --runs a", 1, "the metadata has no 'task'", {"a/logits.safetensors": header('{"__metadata__": {"format": "bertvision-text-logits", "version": "1"}}')}),
    Case("analyze", 2, "bertvision analyze needs --runs"),
    Case("analyze --help", 0, "risk-coverage"),
    Case("analyze --runs nowhere", 1, "no run at 'nowhere'"),
    Case("analyze --runs a --what second-bset", 2, "unknown analysis 'second-bset'; nearest: second-best"),
    Case("analyze --runs a --what layer-ablation", 2, "--what layer-ablation needs --states"),
    Case("analyze --runs a --what compare --states store", 2, "--states is given without --what layer-ablation"),
    Case("analyze --runs a --substitute zero", 2, "--substitute is given without --states"),
    Case("analyze --runs model --what layers", 1, "no head among the runs", model()),
    Case("analyze --runs a --bins 0", 2, "--bins is '0'"),
    training("--fraction is '1.5'", more=" --fraction 1.5"),
    training("last-layer", 0, " --fraction 0 --dev-data dev.json"),
]

CASES = KEPT + COMBINING
