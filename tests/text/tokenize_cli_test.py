#!/usr/bin/env python3
"""Runs `bertvision tokenize` on lines and on pairs and compares every list with Hugging Face `tokenizers`.

    tokenize_cli_test.py BERTVISION MODEL_FOLDER
"""

import json
import random
import subprocess
import sys

from tokenizers import Tokenizer

from parity_test import nasty_strings

program, model = sys.argv[1], sys.argv[2]
reference = Tokenizer.from_file(f"{model}/tokenizer.json")
reference.no_padding()
reference.no_truncation()


def run(lines, *options):
    result = subprocess.run([program, "tokenize", "--model", model, *options], input="\n".join(lines).encode() + b"\n",
                            stdout=subprocess.PIPE, check=True)
    return result.stdout


def same(name, output, encodings):
    found = [json.loads(line) for line in output.decode().split("\n")[:-1]]
    expected = [{"ids": e.ids, "type_ids": e.type_ids, "offsets": [list(o) for o in e.offsets]} for e in encodings]
    assert len(found) == len(expected), name
    for f, e in zip(found, expected):
        assert f == e, (name, f, e)
    print(f"{name}: {len(found):,} lines equal")


strings = [s.translate({9: " ", 10: " ", 13: " "}) for s in nasty_strings(4000, random.Random(5))] + ["", " "]
output = run(strings, "--threads", "2")
same("lines", output, reference.encode_batch(strings))
assert run(strings, "--threads", "1") == output, "threads change the output"
pairs = list(zip(strings, reversed(strings)))
same("pairs", run(["\t".join(p) for p in pairs], "--pair"), reference.encode_batch(pairs))
reference.encode_special_tokens = True
same("plain special tokens", run(strings, "--plain-special-tokens"), reference.encode_batch(strings))
for lines, wanted in [(["a\tb", "no tab"], "line 2 has no tab"), (["a\tb\tc"], "line 1 has more than one tab")]:
    failed = subprocess.run([program, "tokenize", "--model", model, "--pair"], input="\n".join(lines), text=True,
                            capture_output=True)
    assert failed.returncode == 1 and wanted in failed.stderr and failed.stderr.count("\n") == 1, failed.stderr
