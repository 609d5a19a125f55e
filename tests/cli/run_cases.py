"""The entry point: run_cases.py PROGRAM [WORDS]; see harness.py for what is checked."""

import pathlib
import sys

import cases
import harness


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    words = sys.argv[2] if len(sys.argv) > 2 else ""
    return harness.run(program, cases.CASES, {}, words)


if __name__ == "__main__":
    sys.exit(main())
