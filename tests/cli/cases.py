"""Every way to use the program wrongly that a test stands for, one line each, and a few right ones beside them.

Case(command, exit code, words it must print, files): a failure prints one line on standard error. One file a theme.
Numbers and choices out of their bounds are not here: bounds_test.py makes those cases from --help.
"""

import cases_analysis
import cases_bench
import cases_fetch
import cases_heads
import cases_models
import cases_program
import cases_reports
import cases_runs
import cases_stores
import cases_text
import cases_windows

THEMES = (cases_program, cases_text, cases_models, cases_runs, cases_stores, cases_analysis, cases_fetch, cases_heads,
          cases_reports, cases_windows, cases_bench)
CASES = [case for theme in THEMES for case in theme.CASES]
