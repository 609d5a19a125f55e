#!/usr/bin/env bash
# The whole idea on a small scale, in a few minutes: the study plans/demo.toml, then a few questions.
# Safe to run again: what is finished is not repeated. Results are in demo/out; `rm -r demo/out` starts over.
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/bertvision

step() { printf '\n== %s\n' "$*"; }
# Shown so that it can be pasted: words with spaces in quotes.
run() {
  local word shown='$ bertvision'
  for word in "$@"; do
    case $word in *[[:space:]]*) shown+=" \"$word\"" ;; *) shown+=" $word" ;; esac
  done
  printf '%s\n' "$shown"
  "$program" "$@"
}

step "The data: short passages with questions, written for this demo"
run inspect demo/data/dev.json

step "The study: fine-tune MiniLM a little and longer, extract the states of all layers, train heads on them, compare"
run study plans/demo.toml

step "Ask something"
context="The old lighthouse on the island was built in 1851 by Anna Lund, an engineer from Bergen. It burned rapeseed oil until 1907, when electricity came."
for question in "Who built the lighthouse?" "When was the lighthouse built?" "What did the lighthouse burn?"; do
  run predict --run demo/out/spans/heads/bert-1/epoch-4/seed-1/learned-pooling --question "$question" --context "$context" --n-best 3
done
run predict --run demo/out/types/heads/bert-1/epoch-1/seed-1/adapter-mean --text "When was the lighthouse built?"

cat <<'TEXT'

What this shows and what it cannot: 742 training questions teach a small model the task only in outline, and
the dev set's 168 questions leave intervals of several points (the page has them), so small differences between
rows are noise. That heads cost seconds and a thousandth of the parameters is real at any scale; how they compare
on full data is for full data to say. Kinds of answers are easier to learn: there, heads on the states after one
epoch come most of the way to four epochs of fine-tuning.
The pages with charts and answers: demo/out/spans/report/report.html and demo/out/types/report/report.html.
TEXT
