#!/usr/bin/env python3
"""Compares our windows of the study's own path with an independent statement of its rules: words cut at five kinds of
white space, each tokenized by itself with Hugging Face `tokenizers`, windows a stride apart, labels narrowed to the
answer's pieces, answers that are not in their words dropped. No difference is allowed.

    paper_window_parity_test.py PROGRAM MODEL_FOLDER [DATA_FOLDER] [--check-transformers]

PROGRAM is tests/features/window_lines. --check-transformers compares the statement itself with the code that the study
used (transformers.data.processors.squad, in releases before 5), by hand; it was done with 4.57.1.
"""

import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer

from squad_files import squad, write

WORDS = ["the", "Queen's", "café", "naïve", "1945", "中文", "가나", "e\u0301", "—", "unaffable", "😀", "(born", "1812)",
         "İstanbul", "...", "Ørsted", "a\u0323\u0301b", "well-known", "x" * 120, "two\u00a0parts", "$5,000", "\u200b"]
SPACES = [" "] * 12 + ["  ", "\n", "\t", "\r\n", "\u202f", "\u2003"]


class Reference:
    def __init__(self, tokenizer, max_length, stride, limit):
        self.tokenizer, self.max_length, self.stride, self.limit = tokenizer, max_length, stride, limit
        self.contexts = {}

    def encode(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False)

    def context(self, text):
        """Words as (begin, end), first piece of each, pieces as (id, begin, end)."""
        if text not in self.contexts:
            words = [m.span() for m in re.finditer("[^ \t\r\n\u202f]+", text)]
            first, pieces = [], []
            for encoding, (begin, _) in zip(
                    self.tokenizer.encode_batch([text[b:e] for b, e in words], add_special_tokens=False), words):
                first.append(len(pieces))
                pieces += [(i, begin + b, begin + e) for i, (b, e) in zip(encoding.ids, encoding.offsets)]
            self.contexts[text] = words, first + [len(pieces)], pieces
        return self.contexts[text]

    def label(self, text, answer):
        """(first, last) piece; () for an answer that has none; None for one that is dropped."""
        words, first, pieces = self.context(text)
        begin, end = answer[1], answer[1] + len(answer[0]) - 1
        a = sum(w[0] <= begin for w in words) - 1
        b = sum(w[0] <= end for w in words) - 1
        if a < 0 or " ".join(answer[0].split()) not in " ".join(text[w[0]:w[1]] for w in words[a:b + 1]):
            return None
        start, stop = first[a], first[b + 1] - 1
        if stop < start:
            return ()
        wanted = self.encode(answer[0]).ids
        for s in range(start, stop + 1):
            for e in range(stop, s - 1, -1):
                if [p[0] for p in pieces[s:e + 1]] == wanted:
                    return s, e
        return start, stop

    def windows(self, question, text, answer, training):
        label = self.label(text, answer) if training and answer else ()
        if label is None:
            return
        cls, sep = self.tokenizer.token_to_id("[CLS]"), self.tokenizer.token_to_id("[SEP]")
        q = self.encode(question)
        ids, offsets = q.ids[:self.limit], q.offsets[:self.limit]
        pieces = self.context(text)[2]
        room = self.max_length - len(ids) - 3
        for begin in range(0, max(len(pieces), 1), self.stride):
            inside = pieces[begin:begin + room]
            start = end = 0
            if label and begin <= label[0] and label[1] < begin + len(inside):
                start, end = (x - begin + len(ids) + 2 for x in label)
            yield ([cls] + ids + [sep] + [p[0] for p in inside] + [sep], [0] * (len(ids) + 2) + [1] * (len(inside) + 1),
                   [(0, 0)] + offsets + [(0, 0)] + [p[1:] for p in inside] + [(0, 0)], start, end)
            if begin + room >= len(pieces):
                return


def generated(count, rng):
    """(question, context, (answer, code point) or None); answers are words, parts of words, and stretches of text."""
    for _ in range(count):
        context = "".join(rng.choice(WORDS) + rng.choice(SPACES) for _ in range(rng.randint(1, 500)))
        begin = rng.randrange(len(context))
        answer = context[begin:begin + rng.randint(1, 40)]
        kind = rng.random()
        if kind < 0.6:
            words = [m.span() for m in re.finditer("[^ ]+", context)]
            i = rng.randrange(len(words))
            begin, end = words[i][0], words[min(i + rng.randint(0, 5), len(words) - 1)][1]
            answer = context[begin:end]
        question = " ".join(rng.choice(WORDS[:5]) for _ in range(rng.choice([1, 5, 12, 90])))
        yield question, context, None if kind > 0.95 else (answer, begin)


def compare(name, program, model, tokenizer, examples, max_length, stride, limit, training):
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "data.json"
        write(path, examples)
        mode = "train" if training else "dev"
        found = subprocess.run([program, model, path, str(max_length), str(stride), str(limit), mode],
                               stdout=subprocess.PIPE, check=True, text=True).stdout.split("\n")[:-1]
    reference = Reference(tokenizer, max_length, stride, limit)
    expected = [f"{i} {ids} {types} {offsets} {start} {end}" for i, (q, c, a) in enumerate(examples)
                for ids, types, offsets, start, end in reference.windows(q, c, a, training)]
    different = [(e, f) for e, f in zip(expected, found) if e != f]
    kept = len({line.split(" ", 1)[0] for line in expected})
    labelled = sum(not line.endswith(" 0 0") for line in expected)
    print(f"{name}, {max_length}/{stride}/{limit}, {mode}: {len(examples):,} questions, {len(examples) - kept:,} dropped, "
          f"{len(expected):,} windows, {labelled:,} with a label, {len(different)} different")
    for e, f in different[:3]:
        print(f"  expected {e[:400]}\n  found    {f[:400]}")
    if len(expected) != len(found):
        print(f"  found {len(found)} windows")
    return len(different) + abs(len(expected) - len(found))


def check_transformers(model, reference, examples):
    """Compares the statement above with transformers' own code and its slow tokenizer."""
    from transformers import BertTokenizer
    from transformers.data.processors import squad

    squad.squad_convert_example_to_features_init(BertTokenizer(str(Path(model) / "vocab.txt")))
    windows = dropped = 0
    for question, context, answer in examples:
        if not reference.context(context)[2]:
            continue  # no window there, one here
        example = squad.SquadExample("id", question, context, *(answer or (None, None)), "t", is_impossible=not answer)
        theirs = squad.squad_convert_example_to_features(
            example, reference.max_length, reference.stride, reference.limit, "max_length", True)
        ours = list(reference.windows(question, context, answer, True))
        assert len(theirs) == len(ours), (question, context, answer)
        for t, (ids, _, _, start, end) in zip(theirs, ours):
            label = t.start_position, t.end_position
            assert t.input_ids[:len(ids)] == ids and not any(t.input_ids[len(ids):]), (question, context)
            # An answer without pieces is an empty span there.
            assert label == (start, end) or label[1] < label[0], (label, start, end, answer)
        windows += len(ours)
        dropped += not ours
    print(f"transformers: {windows:,} windows of {len(examples):,} questions agree, {dropped:,} dropped")


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    program, model = arguments[:2]
    data = Path(arguments[2]) if len(arguments) > 2 else None
    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    examples = list(generated(250, random.Random(23)))
    failures = 0
    for sizes in [(386, 128, 64), (100, 10, 20), (64, 61 - 7, 7)]:
        for training in (True, False):
            failures += compare("generated", program, model, tokenizer, examples, *sizes, training)
    real = list(squad(data)) if data and data.is_dir() else []
    if real:
        failures += compare("SQuAD", program, model, tokenizer, real, 386, 128, 64, True)
        failures += compare("SQuAD", program, model, tokenizer, real, 386, 128, 64, False)
    else:
        print(f"SKIPPED: SQuAD, {data or 'BERTVISION_DATA'} is not there")
    if "--check-transformers" in sys.argv:
        check_transformers(model, Reference(tokenizer, 386, 128, 64), examples + real)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
