# SPDX-License-Identifier: MIT
"""Test Anything Protocol on standard output, which leaves the machine line by line."""
import sys
import time
import traceback


def say(text):
    for line in str(text).splitlines():
        print('# ' + line, flush=True)


def recovery(what, seconds):
    say(f'recovery {what} {seconds:.1f} s')


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def run(self, name, function, *arguments):
        """One test: passed if FUNCTION returns. Says how long it took; what it raised, if it failed."""
        start = time.monotonic()
        self.count += 1
        try:
            function(*arguments)
            passed = True
        except Exception as error:  # whatever it is, the next test is to run
            passed = False
            say(traceback.format_exc())
            say(str(error).partition('\n')[0] or type(error).__name__)  # last: scripts/test tells it
        print(f'{"ok" if passed else "not ok"} {self.count} - {name}', flush=True)
        say(f'took {time.monotonic() - start:.1f} s')
        self.failed += not passed
        return passed

    def end(self):
        print(f'1..{self.count}', flush=True)
        sys.exit(1 if self.failed else 0)
