#!/usr/bin/env python3
"""Writes src/text/unicode_tables.cc: what the reference tokenizer knows about Unicode.

The reference is the `tokenizers` package, version PIN below (pip install tokenizers==PIN). It mixes frozen Unicode
tables of several ages, so no other library agrees with it on every code point. This script therefore asks it about
each code point and writes down the answers:

    python3 scripts/generate_unicode_tables.py src/text/unicode_tables.cc

Everything that is assumed (the Hangul formula, that lower-casing sees one character at a time, that canonical order
is decided by a rank per character) is checked here and fails loudly when a later version behaves otherwise.
"""

import sys
import unicodedata

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer, Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer

PIN = "0.23.3"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL = range(0xAC00, 0xD7A4)
REMOVED, SPACE, PUNCTUATION, MARK, CJK = 1, 2, 4, 8, 16  # as in unicode_tables.h


def bert(**on):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return BertNormalizer(**{**options, **on}).normalize_str


nfd = NFD().normalize_str
lower = Lowercase().normalize_str
clean = bert(clean_text=True)
strip = bert(strip_accents=True)
cjk = bert(handle_chinese_chars=True)
split = BertPreTokenizer().pre_tokenize_str


def flags_of(code):
    c = chr(code)
    flags = 0
    cleaned = clean(f"a{c}b")
    parts = len(split(f"a{c}b"))
    if cleaned == "ab":
        flags |= REMOVED
    elif cleaned == "a b":
        assert parts == 2, hex(code)
    else:
        assert cleaned == f"a{c}b", hex(code)
    if parts == 2:
        flags |= SPACE
    elif parts == 3:
        flags |= PUNCTUATION
    if nfd(c) == c and strip(c) == "":
        flags |= MARK
    if cjk(c) == f" {c} ":
        flags |= CJK
    else:
        assert cjk(c) == c, hex(code)
    return flags


def runs(values):
    """[(first, last, value)] of a {code: value} with equal values in a row; zero values are left out."""
    out = []
    for code in sorted(values):
        value = values[code]
        if not value:
            continue
        if out and out[-1][1] == code - 1 and out[-1][2] == value:
            out[-1][1] = code
        else:
            out.append([code, code, value])
    return out


def combining_ranks():
    """0 for starters; otherwise the place of the character's combining class among all classes, from 1.

    Two marks in a row change places exactly when the second has the lower, non-zero class."""
    swaps = lambda x, y: nfd("a" + x + y) != "a" + nfd(x) + nfd(y)
    lowest, highest = "\u0334", "\u0345"  # of classes 1 and 240
    marks = [chr(c) for c in CODE_POINTS if swaps(highest, chr(c)) or swaps(chr(c), lowest)]
    samples = {}  # of each class one mark that the reference knows; Python's own classes only propose
    for mark in marks:
        samples.setdefault(unicodedata.combining(mark), mark)
    samples.pop(0, None)  # marks that only the reference knows
    order = [samples[k] for k in sorted(samples)]
    assert order[0] == lowest and order[-1] == highest
    ranks = {}
    for mark in marks:
        above = sum(swaps(sample, mark) for sample in order)  # classes that are higher than the mark's own
        below = sum(swaps(mark, sample) for sample in order)
        if nfd(mark) == mark:
            assert above + below == len(order) - 1, hex(ord(mark))
            ranks[ord(mark)] = len(order) - above
    return ranks


def lower_runs(mapping):
    """[(first, last, step, delta)]: code points first, first+step, …, last map to code + delta."""
    out = []
    for code in sorted(mapping):
        delta = mapping[code] - code
        if out:
            first, last, step, previous = out[-1]
            gap = code - last
            if previous == delta and (gap == step or (first == last and gap <= 2)):
                out[-1] = [first, code, gap, delta]
                continue
        out.append([code, code, 1, delta])
    return out


def decompositions():
    """({code: (a, b)}, {code: a}); the full decomposition follows by decomposing a again."""
    full = {c: nfd(chr(c)) for c in CODE_POINTS if nfd(chr(c)) != chr(c)}
    for code in HANGUL:
        s = code - 0xAC00
        jamo = [0x1100 + s // 588, 0x1161 + s % 588 // 28] + ([0x11A7 + s % 28] if s % 28 else [])
        assert full.pop(code) == "".join(map(chr, jamo)), hex(code)
    by_text = {text: code for code, text in full.items() if len(text) > 1}
    pairs = {c: (ord(t[0]) if len(t) == 2 else by_text[t[:-1]], ord(t[-1])) for c, t in full.items() if len(t) > 1}
    singles = {c: ord(t) for c, t in full.items() if len(t) == 1}
    return pairs, singles


def rows(items, width=110):
    lines, line = [], "   "
    for item in items:
        text = f" {item},"
        if len(line) + len(text) > width:
            lines.append(line)
            line = "   "
        line += text
    return "\n".join(lines + [line])


def table(kind, name, items):
    return (f"static const {kind} {name}Data[] = {{\n{rows(items)}\n}};\n"
            f"const std::span<const {kind}> {name}({name}Data);\n")


def consecutive(codes):
    return [f"{{0x{a:X}, {b - a + 1}}}" for a, b, _ in runs({c: 1 for c in codes})]


def main():
    if tokenizers.__version__ != PIN:
        sys.exit(f"tokenizers {tokenizers.__version__} is installed, the tables are made from {PIN}")
    flags = {c: flags_of(c) for c in CODE_POINTS}
    for code in CODE_POINTS:  # One character at a time: neighbours change nothing.
        c = chr(code)
        assert lower(f"A{c}A") == f"a{lower(c)}a" and lower(f"Σ{c}") == f"σ{lower(c)}", hex(code)
    lowered = {c: lower(chr(c)) for c in CODE_POINTS if lower(chr(c)) != chr(c)}
    assert {c: t for c, t in lowered.items() if len(t) > 1} == {0x130: "i\u0307"}  # in unicode.cc as a special case
    lowers = lower_runs({c: ord(t) for c, t in lowered.items() if len(t) == 1})
    ranks = combining_ranks()
    pairs, singles = decompositions()
    flat = [f"0x{x:X}" for c in sorted(pairs) for x in pairs[c]]
    parts = [
        f"// Generated by scripts/generate_unicode_tables.py from tokenizers {PIN}; not edited by hand.\n"
        '#include "text/unicode_tables.h"\n\nnamespace bv::unicode {\n\n// clang-format off',
        table("FlagRange", "kFlagRanges", [f"{{0x{a:X}, 0x{b:X}, {v}}}" for a, b, v in runs(flags)]),
        table("RankRange", "kRankRanges", [f"{{0x{a:X}, 0x{b:X}, {v}}}" for a, b, v in runs(ranks)]),
        table("LowerRange", "kLowerRanges", [f"{{0x{a:X}, 0x{b:X}, {s}, {d}}}" for a, b, s, d in lowers]),
        table("CodeRun", "kPairRuns", consecutive(pairs)),
        table("char32_t", "kPairs", flat),
        table("CodeRun", "kSingleRuns", consecutive(singles)),
        table("char32_t", "kSingles", [f"0x{singles[c]:X}" for c in sorted(singles)]),
        "// clang-format on\n\n}  // namespace bv::unicode",
    ]
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
