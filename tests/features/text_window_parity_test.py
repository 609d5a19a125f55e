#!/usr/bin/env python3
"""Compares our windows of texts and pairs of texts with Hugging Face `tokenizers` (truncation longest_first): ids,
type ids and offsets, over generated pairs of all proportions and over GLUE's files. No difference is allowed.

    text_window_parity_test.py PROGRAM MODEL_FOLDER [DATA_FOLDER]

PROGRAM is tests/features/text_window_lines.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer

WORDS = ["the", "Queen's", "café", "naïve", "1945", "中文", "가나", "e\u0301", "\u200b", "—", "unaffable", "😀", "[SEP]",
         "İstanbul", "x" * 120, "...", "\n", "Ørsted", "a\u0323\u0301b", "\"", "\t", "\r", "\u2028"]

# The official files by hand, so that the readers are compared too: (task, file, header lines, column of the text or
# columns of the two texts).
GLUE = [
    ("sst-2", "SST-2/train.tsv", 1, [0]), ("sst-2", "SST-2/dev.tsv", 1, [0]), ("cola", "CoLA/train.tsv", 0, [3]),
    ("cola", "CoLA/dev.tsv", 0, [3]), ("mrpc", "MRPC/msr_paraphrase_train.txt", 1, [3, 4]),
    ("mrpc", "MRPC/msr_paraphrase_test.txt", 1, [3, 4]), ("rte", "RTE/train.tsv", 1, [1, 2]),
    ("rte", "RTE/dev.tsv", 1, [1, 2]), ("sts-b", "STS-B/train.tsv", 1, [7, 8]), ("sts-b", "STS-B/dev.tsv", 1, [7, 8]),
    ("wnli", "WNLI/train.tsv", 1, [1, 2]), ("wnli", "WNLI/dev.tsv", 1, [1, 2]),
]


def generated(rng):
    """Pairs of all proportions: empty, equal, one long, both long."""
    def text(words):
        return " ".join(rng.choice(WORDS) for _ in range(words))

    lengths = [0, 1, 2, 3, 7, 20, 60, 61, 62, 130, 400]
    pairs = [(text(a), text(b)) for a in lengths for b in lengths]
    pairs += [(text(rng.randint(0, 100)), text(rng.randint(0, 100))) for _ in range(300)]
    same = text(90)
    return pairs + [(same, same), (same + " the", same), (same, same + " the")]


def rows(path, header, columns):
    lines = path.read_bytes().decode("utf-8-sig").split("\n")[header:]
    for line in lines:
        if line.rstrip("\r"):
            fields = line.removesuffix("\r").split("\t")
            yield tuple(fields[c] for c in columns)


def compare(name, run, tokenizer, task, path, texts, max_length):
    found = subprocess.run(run + [task, path, str(max_length)], stdout=subprocess.PIPE, check=True,
                           text=True).stdout.split("\n")[:-1]
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, strategy="longest_first")
    inputs = [t if len(t) == 2 else t[0] for t in texts]
    expected = [f"{i} {e.ids} {e.type_ids} {e.offsets}" for i, e in enumerate(tokenizer.encode_batch(inputs))]
    different = [(e, f) for e, f in zip(expected, found) if e != f]
    print(f"{name}, {max_length}: {len(texts):,} texts, {len(different)} different")
    for e, f in different[:3]:
        print(f"  expected {e[:400]}\n  found    {f[:400]}")
    if len(expected) != len(found):
        print(f"  found {len(found)} windows")
    return len(different) + abs(len(expected) - len(found))


def main():
    program, model = sys.argv[1], sys.argv[2]
    data = Path(sys.argv[3]) / "glue" if len(sys.argv) > 3 else None
    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    run = [program, model]
    failures = 0
    pairs = generated(random.Random(5))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "texts.jsonl"
        path.write_text("".join(json.dumps({"text": a, "text_b": b}) + "\n" for a, b in pairs))
        for max_length in [*range(4, 12), 64, 127, 128, 512]:
            failures += compare("generated pairs", run, tokenizer, "pair", path, pairs, max_length)
        for max_length in [3, 4, 5, 128, 512]:
            failures += compare("generated texts", run, tokenizer, "text", path, [(a,) for a, _ in pairs], max_length)
    if data and data.is_dir():
        for task, file, header, columns in GLUE:
            texts = list(rows(data / file, header, columns))
            for max_length in [128, 16]:
                failures += compare(file, run, tokenizer, task, data / file, texts, max_length)
    else:
        print(f"SKIPPED: GLUE, {data or 'BERTVISION_DATA'} is not there")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
