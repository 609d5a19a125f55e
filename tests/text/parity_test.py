#!/usr/bin/env python3
"""Compares our tokenizer with Hugging Face `tokenizers`: ids and offsets, no difference allowed.

    parity_test.py PROGRAM MODEL_FOLDER [DATA_FOLDER]

PROGRAM is tests/text/tokenize_lines. Texts: every Unicode code point alone, between letters and after a letter with
marks; generated strings of everything that is hard; broken UTF-8; all text of DATA_FOLDER where it is there. Each is
cut with accents and case stripped, cased, and with the other combinations of options.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import WordPiece

CODE_POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Characters for which the text cleaning does something of its own, by kind.
KINDS = [
    "abcxyzABCXYZ019",
    "\u0300\u0301\u0308\u0323\u0327\u0331\u0345\u0334\u0338\u05b0\u05bc\u0651\u064b\u0e38\u0f71\u0f72\u3099",
    "\u302e\u302f\U0001d165\U0001d16d\u1b44\ua953\U000111c0\u20d0\u0b57\u0dcf\u09be\u0cd5",  # spacing marks, some combining
    "éèñüåçÉÈÑÜÅÇİıßẞſǅǄΐΰϓΆΣςσΩK\u212b\u1e9b\u1fb7\u1f82\u01d5\u1ea5\u0958\u0f43\u2adc\ufb1d",
    "\u0344\u0340\u0341\u0343\u0374\u037e\u0387\u1fef\u2126\u2000\u2329\U0001d15e\U0001d1bb\U0001109a",
    "가각힣한글\u1100\u1161\u11a8",
    "中文字\u3400\uf900\ufa0e\ufa30\U00020000\U0002f800\U0002f81a\u3042\u30ab\u30ac\uff76\uff9e",
    " \t\n\r\x0b\x0c\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000",
    "\x00\x01\x1f\x7f\x80\x9f\xad\u200b\u200c\u200d\u2060\ufeff\u061c\u180e\ufffd\ufffe\ufff9\ue000\U000f0000\U0010ffff\u0378",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡«·»¿–—“”…‰′※⁂。、！？～€£©°±×÷",
    "😀👍🏽👨\u200d👩\u200d👧🇩🇪\U0001f1fa\ufe0f\U0001e000\U00010400\U00010428\U0001e900\U00016e40\U00010c80",
    "абвАБВЙйЁёαβγΑΒΓאבגابתकखกขขกกაბႠⴀᲐᎠꭰ",
]


def build(vocab, **options):
    unk = Tokenizer(WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    unk.normalizer = normalizers.BertNormalizer(**options)
    unk.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    unk.decoder = decoders.WordPiece()
    unk.add_special_tokens([t for t in SPECIAL if t in vocab])
    return unk


def nasty_strings(count, rng):
    for _ in range(count):
        kinds = rng.sample(KINDS, rng.randint(1, 4))
        text = "".join(rng.choice(rng.choice(kinds)) for _ in range(rng.randint(1, 24)))
        if rng.random() < 0.1:
            at = rng.randint(0, len(text))
            text = text[:at] + rng.choice(SPECIAL + ["[sep]", "[SEP", "[[SEP]]", "##ing", "[unused1]"]) + text[at:]
        if rng.random() < 0.03:
            text = text * rng.randint(5, 40)  # around and over the limit of 100 characters a word
        yield text
    marks = KINDS[1] + KINDS[2] + KINDS[4]
    for _ in range(count // 4):  # rows of marks: canonical order
        yield "".join(rng.choice("aé가 ") + "".join(rng.choices(marks, k=rng.randint(0, 6))) for _ in range(4))
    for _ in range(count // 4):  # anything beside anything
        yield "".join(chr(rng.choice([rng.randrange(0x3000), rng.randrange(0xD800), rng.randrange(0xE000, 0x110000)]))
                      for _ in range(rng.randint(1, 12)))
    for n in (99, 100, 101):
        yield from ("a" * n, "é" * n, "e\u0301" * n, "a\u200b" * n, "中" * n, "ﬀ" * n)


def code_point_strings():
    """Every code point alone, between letters and among marks; many to a text, each between spaces."""
    for start in range(0, len(CODE_POINTS), 64):
        group = CODE_POINTS[start : start + 64]
        yield " ".join(group)
        yield " ".join(f"a{c}b" for c in group)
        if group[0] < "\u3400" or "\ua000" <= group[0] < "\uac00" or "\uf900" <= group[0] < "\U0001f000":
            yield " ".join(f"Xe\u0323{c}\u0316\u0301{c}Y" for c in group)


def broken_bytes(count, rng):
    for _ in range(count):
        data = bytearray("aé中😀 b[SEP]".encode() * rng.randint(1, 3))
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(data))
            if rng.random() < 0.5:
                data[at] = rng.choice([0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xA0, 0xF0, 0xF4, 0x90, 0xF5, 0xFF])
            else:
                del data[at]
                if not data:
                    data = bytearray(b"\xe2\x82")
        yield bytes(data)


def data_texts(folder):
    for path in sorted(folder.glob("squad2/*.json")):
        for article in json.loads(path.read_text())["data"]:
            for paragraph in article["paragraphs"]:
                yield paragraph["context"]
                yield from (qa["question"] for qa in paragraph["qas"])
    for path in sorted(folder.glob("glue/*/*")):
        yield from path.read_text(errors="replace").split("\n")


def ours(program, folder, texts, mode):
    data = b"".join(b"%d\n%s" % (len(t), t) for t in texts)
    return subprocess.run([program, folder, mode], input=data, stdout=subprocess.PIPE, check=True).stdout.split(b"\n")


def compare(name, program, folder, reference, texts, mode="special"):
    raw = [t if isinstance(t, bytes) else t.encode() for t in texts]
    lines = ours(program, folder, raw, mode)
    decoded = [t.decode(errors="replace") if isinstance(t, bytes) else t for t in texts]
    pieces = different = 0
    encodings = reference.encode_batch(decoded, add_special_tokens=False)
    for text, line, encoding in zip(decoded, lines, encodings):
        expected = f"{encoding.ids} {encoding.offsets}".encode()
        pieces += len(encoding.ids)
        if line != expected:
            different += 1
            if different <= 5:
                print(f"{name}: {ascii(text[:200])}\n  expected {expected[:300]}\n  found    {line[:300]}")
    assert len(lines) == len(texts) + 1, "a line is missing"
    print(f"{name}: {len(texts):,} texts, {pieces:,} pieces, {different} different")
    return different


def write_model(folder, tokenizer):
    """With padding and truncation set, which must not matter."""
    folder.mkdir()
    tokenizer.enable_padding(length=7)
    tokenizer.enable_truncation(5)
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return str(folder)


def with_characters(vocab):
    """The vocabulary and, as pieces of both kinds, every character that cleaning makes or changes, and all others
    that are not one of very many alike, so that [UNK] hides no difference."""
    clean = normalizers.BertNormalizer(handle_chinese_chars=False, strip_accents=False, lowercase=False)
    lower = normalizers.Lowercase()
    strip = normalizers.NFD()
    characters = set()
    for c in CODE_POINTS:
        changed = lower.normalize_str(c) + strip.normalize_str(c)
        alike = "\u3400" <= c < "\ua000" or "\uac00" <= c < "\ud800" or c >= "\U00017000"
        if changed != c + c or not alike:
            characters.update(x for x in c + changed if clean.normalize_str(x) != "")
    vocab = dict(vocab)
    for c in sorted(characters):
        for piece in (c, "##" + c):
            vocab.setdefault(piece, len(vocab))
    return vocab


def main():
    program, model = sys.argv[1], Path(sys.argv[2])
    data = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    rng = random.Random(7)
    words = (model / "vocab.txt").read_text(encoding="utf-8").split("\n")
    vocab = {w: i for i, w in enumerate(words) if w}
    everything = with_characters(vocab)
    nasty = list(nasty_strings(8000, rng))
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        run = lambda name, folder, *rest: compare(name, program, folder, *rest)
        for name, lower, strip, chinese, clean in [("uncased", True, True, True, True), ("cased", False, False, True, True),
                                                   ("lower-only", True, False, False, True),
                                                   ("strip-only", False, True, True, False)]:
            reference = build(everything, lowercase=lower, strip_accents=strip, handle_chinese_chars=chinese,
                              clean_text=clean)
            folder = write_model(Path(scratch) / name, reference)
            failures += run(f"{name}, hard strings", folder, reference, nasty)
            if name in ("uncased", "cased"):
                failures += run(f"{name}, code points", folder, reference, list(code_point_strings()))
                failures += run(f"{name}, broken UTF-8", folder, reference, list(broken_bytes(2000, rng)))
        plain = build(everything, lowercase=True, strip_accents=True)
        plain.encode_special_tokens = True
        failures += run("special tokens as text", str(Path(scratch) / "uncased"), plain, nasty, "plain")
        reference = build(vocab)
        failures += run("model folder, hard strings", str(model), reference, nasty)
        if data and data.is_dir():
            texts = list(data_texts(data))
            cased = build(vocab, lowercase=False, strip_accents=False)
            failures += run("model folder, real text", str(model), reference, texts)
            failures += run("cased, real text", write_model(Path(scratch) / "real", cased), cased, texts)
        else:
            print(f"SKIPPED: real text, {data or 'BERTVISION_DATA'} is not there")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
