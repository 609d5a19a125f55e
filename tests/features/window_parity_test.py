#!/usr/bin/env python3
"""Compares our windows with Hugging Face `tokenizers` (truncation only_second, stride, overflowing tokens) and our
labels with the rule by character offsets that question-answering training uses there. No difference is allowed.

    window_parity_test.py PROGRAM MODEL_FOLDER [DATA_FOLDER]

PROGRAM is tests/features/window_lines.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer

from squad_files import squad, write

WORDS = ["the", "Queen's", "café", "naïve", "1945", "中文", "가나", "e\u0301", "\u200b", "—", "unaffable", "😀", "[SEP]",
         "İstanbul", "x" * 120, "...", "\n", "Ørsted", "a\u0323\u0301b"]


def generated(count, rng):
    """(question, context, (answer, code point) or None)"""
    for _ in range(count):
        words = [rng.choice(WORDS) for _ in range(rng.randint(1, 400))]
        context = " ".join(words)
        begin = rng.randrange(len(words))
        answer = " ".join(words[begin : begin + rng.randint(1, 12)])
        at = len(" ".join(words[:begin])) + (begin > 0)
        question = " ".join(rng.choice(WORDS[:5]) for _ in range(rng.randint(1, 12)))
        blank = not context.strip() or not answer.strip(" \n\u200b")
        yield question, "leer " * blank + context, None if blank else (answer, at)


def label(encoding, answer):
    """First answer, fully inside the window's context, else (0, 0)."""
    context = [i for i, s in enumerate(encoding.sequence_ids) if s == 1]
    if not answer or not context:
        return 0, 0
    begin, end = answer[1], answer[1] + len(answer[0])
    offsets = encoding.offsets
    if offsets[context[0]][0] > begin or offsets[context[-1]][1] < end:
        return 0, 0
    start = max(i for i in context if offsets[i][0] <= begin)
    stop = min(i for i in context if offsets[i][1] >= end)
    while offsets[start - 1] == offsets[start]:
        start -= 1
    while offsets[stop + 1] == offsets[stop]:
        stop += 1
    return start, stop


def expected_lines(tokenizer, examples, max_length, stride):
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, stride=stride, strategy="only_second")
    encodings = tokenizer.encode_batch([(q, c) for q, c, _ in examples])
    for i, (encoding, (_, _, answer)) in enumerate(zip(encodings, examples)):
        for window in [encoding] + encoding.overflowing:
            start, end = label(window, answer)
            yield f"{i} {window.ids} {window.type_ids} {window.offsets} {start} {end}"


def compare(name, program, model, tokenizer, examples, max_length, stride):
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "data.json"
        write(path, examples)
        found = subprocess.run([program, model, path, str(max_length), str(stride)], stdout=subprocess.PIPE,
                               check=True, text=True).stdout.split("\n")[:-1]
    expected = list(expected_lines(tokenizer, examples, max_length, stride))
    different = [(e, f) for e, f in zip(expected, found) if e != f]
    labelled = sum(not line.endswith(" 0 0") for line in expected)
    print(f"{name}, {max_length}/{stride}: {len(examples):,} questions, {len(expected):,} windows, "
          f"{labelled:,} with a label, {len(different)} different")
    for e, f in different[:3]:
        print(f"  expected {e[:400]}\n  found    {f[:400]}")
    if len(expected) != len(found):
        print(f"  found {len(found)} windows")
    return len(different) + abs(len(expected) - len(found))


def main():
    program, model = sys.argv[1], sys.argv[2]
    data = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    examples = list(generated(400, random.Random(11)))
    failures = 0
    for max_length, stride in [(384, 128), (100, 0), (64, 17), (512, 384)]:
        failures += compare("generated", program, model, tokenizer, examples, max_length, stride)
    if data and data.is_dir():
        real = list(squad(data))
        failures += compare("SQuAD", program, model, tokenizer, real, 384, 128)
        failures += compare("SQuAD", program, model, tokenizer, real[::4], 128, 50)
    else:
        print(f"SKIPPED: SQuAD, {data or 'BERTVISION_DATA'} is not there")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
