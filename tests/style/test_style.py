#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the tree to the rules, one test a rule: test_style.py ROOT"""
import sys

sys.dont_write_bytecode = True
from rules import check  # noqa: E402
from tap import Tap  # noqa: E402

RULES = ('function-length median-length p90-length file-length module boundary core dependency banned-call built-sql '
         'tab trailing-space columns contract spdx forbidden-word dead-link').split()


def main():
    tap = Tap()
    findings, figures = check(sys.argv[1])
    print(f'# {figures}')
    for rule in RULES:
        broken = [f'{place}: {what}' for name, place, what in findings if name == rule]
        tap.ok(rule, not broken, *broken)
    unknown = {name for name, _, _ in findings} - set(RULES)
    tap.ok('every finding belongs to a rule listed here', not unknown, unknown)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
