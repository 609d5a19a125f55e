#!/usr/bin/env bash
# The whole idea on a small scale, in a few minutes: fine-tune a BERT, a little and four times as long, extract
# the states of all its layers, train small heads on them in seconds, and compare. (The data is so small that an
# epoch here is less than a hundredth of one on SQuAD.)
# Safe to run again: what is finished is not repeated. Results are in demo/out; `rm -r demo/out` starts over.
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/bertvision
out=demo/out
train=demo/data/train.json
dev=demo/data/dev.json
fraction=1
end=4
heads=adapter-64-shared-skip,adapter-386-shared-skip,learned-pooling,last-layer
mkdir -p "$out"

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
run inspect "$dev"

step "Fine-tune MiniLM for $end epochs; keep it after a quarter of them too"
run finetune --model minilm --train $train --dev $dev --epochs $end --checkpoints $fraction --out $out/finetune

for epoch in $fraction $end; do
  backbone=$out/finetune/epoch-$epoch
  step "Extract the states of all layers of $backbone, and train heads on them"
  run extract --model "$backbone" --data $train --out "$out/states-$epoch/train"
  run extract --model "$backbone" --data $dev --out "$out/states-$epoch/dev"
  run train --states "$out/states-$epoch/train" --dev-states "$out/states-$epoch/dev" --head $heads --epochs 5 \
    --out "$out/heads-$epoch"
done

step "Fine-tuned BERT and the heads on its states, by the official SQuAD 2.0 scores on $dev"
run report --runs "$out/finetune,$out/heads-$fraction,$out/heads-$end" --out $out/report

step "The same for labels: what kind of answer does a question ask for? (from the question alone)"
run finetune --task answer-type --model minilm --train $train --dev $dev --epochs $end --checkpoints $fraction --out $out/types
for part in train dev; do
  run extract --task answer-type --model $out/types/epoch-$fraction --data demo/data/$part.json --cls-only --out $out/types-states/$part
done
run train --states $out/types-states/train --dev-states $out/types-states/dev --head tiny-tenney,adapter-mean,cls-last-layer \
  --out $out/types-heads
run report --runs "$out/types,$out/types-heads"

step "Ask something"
context="The old lighthouse on the island was built in 1851 by Anna Lund, an engineer from Bergen. It burned rapeseed oil until 1907, when electricity came."
for question in "Who built the lighthouse?" "When was the lighthouse built?" "What did the lighthouse burn?"; do
  run predict --run "$out/heads-$end/learned-pooling" --question "$question" --context "$context" --n-best 3
done
run predict --run "$out/types-heads/adapter-mean" --text "When was the lighthouse built?"

cat <<'TEXT'

What this shows and what it cannot: 742 training questions teach a small model the task only in outline, and
the dev set's 168 questions leave intervals of several points (`bertvision eval` prints them), so small
differences between rows are noise. That heads cost seconds and a thousandth of the parameters is real at any
scale; how they compare on full data is for full data to say. Kinds of answers are easier to learn: there, heads
on the states after one epoch come most of the way to four epochs of fine-tuning.
The page with charts and answers: demo/out/report/report.html.
TEXT
