"""Every option of every verb, as --help tells of it: a number beyond either bound, a word in place of a number and a word
that is no choice are wrong usage, and the message names the option, what was found and what is allowed.

Nothing is listed here: a new verb or option is tested because its help shows it. An option that reads the same in several
verbs, bounds and all, is tried with the first of them: starting the program costs most of the time. Standard library only.
Usage: bounds_test.py PROGRAM
"""

import os
import pathlib
import re
import subprocess
import sys

import harness
from harness import Case

# An option's line: name, what stands for its value, explanation; the facts stand in the last brackets.
OPTION = re.compile(r"  (--[a-z0-9-]+)(?: (\S+))?(?: {2,}(.*))?")
NUMBERS = {"N": "a whole number", "X": "a number"}


def help_of(program, *arguments):
    done = subprocess.run([program, *arguments, "--help"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def verbs(program):
    return re.findall(r"^  ([a-z]+) ", help_of(program).split("Verbs:")[1].split("\n\n")[0], re.MULTILINE)


def options(text):
    """(name, placeholder, explanation) of each; a long left column has its explanation on the next line."""
    lines = re.sub(r"\n {20,}", "  ", text).splitlines()
    return [match.groups("") for match in map(OPTION.fullmatch, lines) if match]


def bounds(explanation):
    """The bounds as they are printed, and the texts of low and high where there is such a limit."""
    facts = explanation.rpartition("(")[2].rstrip(")").split("; ")
    for fact in facts:
        between = re.fullmatch(r"(\S+) to (\S+)", fact)
        if between:
            return fact, *between.groups()
        least = re.fullmatch(r"at least (\S+)", fact)
        if least:
            return fact, least[1], None
    return "", None, None


def beyond(kind, low, high):
    """Values on the wrong side of each bound, and what is no number at all."""
    read = int if kind == "N" else float
    if low is not None:
        yield str(read(low) - 1)
    if high is not None:
        yield str(read(high) + 1) if kind == "N" else str(read(high) * 1.001)
    elif kind == "N":
        yield str(2**63)
    yield "x"


def cases_of(verb, name, placeholder, explanation):
    kind = placeholder.removesuffix(",…")
    if kind in NUMBERS:
        printed, low, high = bounds(explanation)
        wanted = f"{NUMBERS[kind]} is needed" + (f": {printed}" if printed else "")
        return [Case(f"{verb} {name} {value}", 2, f"{name} is '{value}', {wanted}") for value in beyond(kind, low, high)]
    if re.fullmatch(r"[a-z0-9_|-]+", kind):
        allowed = ", ".join(kind.split("|"))
        return [Case(f"{verb} {name} {value}", 2, f"{name} is '{value}', one of these is needed: {allowed}")
                for value in ("no-such", allowed.split(", ")[0].upper())]  # fmt: skip
    if not kind:
        return [Case(f"{verb} {name}=no-such", 2, f"{name} is 'no-such', true or false is needed")]
    assert kind.isupper(), f"{verb} {name}: what kind of value is {placeholder!r}?"
    return []


def main():
    # With it set, verbs of long work need not start themselves again to set how their threads wait.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    program = str(pathlib.Path(sys.argv[1]).resolve())
    seen = {}
    for verb in verbs(program):
        found = options(help_of(program, verb))
        assert len(found) >= 4, f"{verb}: the help shows {len(found)} options, four belong to every verb"
        for option in found:
            if option[0] != "--help":  # wins over whatever else is wrong
                seen.setdefault(option, verb)
    numeric = sum(option[1].removesuffix(",…") in NUMBERS for option in seen)
    # The help's form may change; then this reader of it must change too, and not pass for lack of cases.
    assert numeric > 30, f"only {numeric} numeric options were found"
    cases = [case for option, verb in seen.items() for case in cases_of(verb, *option)]
    print(f"{numeric} different numeric options, {len(cases)} cases")
    return harness.run(program, cases, {})


if __name__ == "__main__":
    sys.exit(main())
